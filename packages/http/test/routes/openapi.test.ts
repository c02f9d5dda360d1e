// The OpenAPI document: it is well formed, and every call does what it says for requests good and bad.

import { fc } from '@mcpvault/testkit/property'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canary, createHost, type Host } from '../support/host.ts'
import { hostile, type Schema, valid } from '../support/schema.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }>
  >
}

interface Document {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Call {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

let host: Host
let document: Document
let calls: readonly Call[]
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })

beforeAll(async () => {
  host = createHost()
  document = JSON.parse(await (await host.send('owner', 'GET', '/api/v1/openapi.json')).text())
  calls = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  ajv.addVocabulary(['components', 'paths', 'openapi', 'info', 'servers', 'example', 'discriminator'])
  ajv.addSchema({ $id: 'https://app.test/openapi', components: document.components })
})
afterAll(() => host.vault.close())

const resolve = (ref: string): Schema => document.components.schemas[ref.replace('#/components/schemas/', '')] ?? {}

/** Refs are those of the whole document. */
function compile(schema: Schema): ValidateFunction {
  return ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"https://app.test/openapi#/components')),
  )
}

describe('the OpenAPI document', () => {
  it('is of version 3.1, below the base path, and names each call once', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.servers).toEqual([{ url: '/vault' }])
    const ids = calls.map(({ operation }) => operation.operationId)
    expect(ids.length).toBeGreaterThan(20)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has schemas that compile, each operation with its parameters, a success and a failure', () => {
    for (const { path, operation } of calls) {
      const parameters = operation.parameters ?? []
      const inPath = parameters.filter((each) => each.in === 'path' && each.required).map(({ name }) => name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
      const content = [operation.requestBody, ...Object.values(operation.responses)].flatMap((each) =>
        Object.values(each?.content ?? {}),
      )
      for (const schema of [...content.map((each) => each.schema), ...parameters.map((each) => each.schema)]) {
        expect(() => compile(schema)).not.toThrow()
      }
      expect(Object.keys(operation.responses)).toContain('200')
      expect(operation.responses['4XX']).toBeDefined()
    }
  })

  it('takes no unknown field in any body, and names a value in no answer but that of revealSecret', () => {
    for (const { operation } of calls) {
      const body = operation.requestBody?.content['application/json']?.schema
      const schema = body?.$ref === undefined ? body : resolve(body.$ref)
      if (schema !== undefined) expect(schema.additionalProperties).toBe(false)
    }
    const withValue = calls.filter(({ operation }) => {
      const texts = JSON.stringify(operation.responses) + JSON.stringify([...refsOf(operation.responses)].map(resolve))
      return /"(value|fields)":\{/.test(texts)
    })
    expect(withValue.map(({ operation }) => operation.operationId)).toEqual(['revealSecret'])
  })
})

function* refsOf(part: unknown): Generator<string> {
  for (const [, ref] of JSON.stringify(part).matchAll(/"\$ref":"([^"]+)"/g)) {
    if (ref === undefined) continue
    yield ref
    yield* refsOf(resolve(ref))
  }
}

const operationIds = [
  'me',
  'requireSecrets',
  'health',
  'listSecrets',
  'describeSecret',
  'setSecret',
  'patchSecret',
  'revealSecret',
  'listVersions',
  'restoreVersion',
  'destroySecret',
  'activateSecret',
  'deactivateSecret',
  'undeleteSecret',
  'deleteSecret',
  'listGrants',
  'shareSecret',
  'unshareSecret',
  'listEvents',
  'exportEvents',
  'verifyAudit',
]

describe('every call', () => {
  it('is driven', () => {
    expect(calls.map(({ operation }) => operation.operationId).sort()).toEqual([...operationIds].sort())
  })

  it.each(operationIds)('%s answers good and bad requests as the document says, and never with a fault', async (id) => {
    const call = calls.find(({ operation }) => operation.operationId === id)
    if (call === undefined) throw new Error(`There is no operation ${id}.`)
    const validators = new Map(
      Object.entries(call.operation.responses).map(([status, { content }]) => [
        status,
        compile(content['application/json']?.schema ?? {}),
      ]),
    )
    await host.client('owner').set({ server: 'github', name: 'token' }, { value: { a: canary } })
    await fc.assert(
      fc.asyncProperty(requests(call), async ({ user, path, body }) => {
        const response = await host.send(user, call.method, path, body === undefined ? {} : { json: body })
        const { status } = response
        const text = await response.text()
        expect([status, status >= 500 && text]).toEqual([status, false])
        if (id !== 'revealSecret') expect(text).not.toContain(canary)
        if (id === 'exportEvents' && status === 200) return
        const validate = validators.get(`${status}`) ?? validators.get(`${String(status)[0]}XX`)
        expect([validate?.(JSON.parse(text)), validate?.errors]).toEqual([true, null])
      }),
      { numRuns: 40 },
    )
    expect(JSON.stringify(host.logged)).not.toContain(canary)
  })

  // A monitor may put a number there against caches.
  const strict = operationIds.filter((id) => id !== 'health')
  it.each(strict)('%s takes no parameter that it does not know', async (id) => {
    const call = calls.find(({ operation }) => operation.operationId === id)
    if (call === undefined) throw new Error(`There is no operation ${id}.`)
    const path = call.path.replace('{server}', 'github').replace('{name}', 'token').replace('{principal}', 'reader')
    const { requestBody } = call.operation
    expect((await host.send('owner', call.method, `${path}?owners=admin`, requestBody && { json: {} })).status).toBe(
      400,
    )
    if (requestBody === undefined) return
    expect((await host.send('owner', call.method, path, { json: { nobodyKnowsThis: 1 } })).status).toBe(400)
  })
})

interface Sent {
  readonly user: string
  readonly path: string
  readonly body: unknown
}

/** Some as the document says, some not; often about a secret that is there. */
function requests({ path, operation }: Call): fc.Arbitrary<Sent> {
  const { parameters = [], requestBody } = operation
  const schema = requestBody?.content['application/json']?.schema
  const body =
    schema === undefined ? fc.constant(undefined) : fc.oneof(valid(schema, resolve), hostile(schema, resolve))
  const known = fc.constantFrom('github', 'token', 'reader')
  const parts = parameters.filter((each) => each.in === 'path')
  const segments = fc.tuple(
    ...parts.map(({ name, schema: of }) =>
      fc.oneof(fc.constant({ server: 'github', name: 'token' }[name] ?? 'reader'), known, valid(of, resolve)),
    ),
  )
  const query = fc.record(
    Object.fromEntries(
      parameters
        .filter((each) => each.in === 'query')
        .map(({ name, schema: of }) => [name, fc.oneof(valid(of, resolve), fc.string())]),
    ),
    { requiredKeys: [] },
  )
  const user = fc.constantFrom('owner', 'owner', 'stranger', 'role', 'operator')
  return fc.tuple(user, segments, query, body).map(([who, values, search, sent]) => {
    const filled = parts.reduce(
      (text, { name }, index) => text.replace(`{${name}}`, () => encode(`${values[index]}`)),
      path,
    )
    const params = new URLSearchParams()
    for (const [name, value] of Object.entries(search))
      for (const each of [value].flat()) params.append(name, `${each}`)
    return { user: who, path: params.size === 0 ? filled : `${filled}?${params}`, body: sent }
  })
}

function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : 'x'
}
