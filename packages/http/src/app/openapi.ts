// The OpenAPI 3.1 document, from the same schemas that requests are checked by.
import type { Api } from './route.ts'

/** Made once; it is the same for every caller. */
export function openApiDocument(app: Api, basePath: string): ReturnType<Api['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'MCPVault',
      version: '1',
      description:
        'Secrets of MCP servers. No answer but that of revealSecret has a value. Writes of one secret take If-Match with ' +
        'the revision of its ETag, and If-None-Match: * to create only.',
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
  })
}
