// A change stream whose server is gone without a word is noticed and opened again, and polling goes on.
import { startProxy } from '@mcpvault/testkit'
import { silenceSuite } from '@mcpvault/testkit/history'
import { describeOnEach } from './support/deployments.ts'
import { clientOn, freshStore } from './support/stores.ts'

describeOnEach(
  (name) => name,
  ({ name, standalone, server, client }) =>
    silenceSuite(name, {
      everyMs: standalone ? 2_000 : 200,
      async open({ clock }) {
        const proxy = await startProxy(server())
        const proxied = await clientOn({ url: server().url.replace(String(server().port), String(proxy.port)) })
        const { store, open } = await freshStore(client(), { watch: true })
        const { watch } = await open({ client: proxied, clock })
        if (watch === undefined) throw new Error('The store does not listen.')
        return { store, listening: { watch }, proxy, close: () => proxied.close() }
      },
    }),
)
