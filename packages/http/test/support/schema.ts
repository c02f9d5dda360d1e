// From a JSON Schema of the OpenAPI document to what it takes, and to what it does not.
import { fc } from '@mcpvault/testkit/property'

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
}

export type Resolve = (ref: string) => Schema

/** Values that the schema takes, of a size that a test can send. */
export function valid(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valid(resolve(schema.$ref), resolve)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((each) => valid(each, resolve)))
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type: string) => valid({ ...schema, type }, resolve)))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 2 ** 40, 2 ** 40) })
    case 'array': {
      const { items = {}, minItems: minLength = 0, maxItems = 4 } = schema
      return fc.array(valid(items, resolve), { minLength, maxLength: Math.min(maxItems, 4) })
    }
    case 'object':
      return objects(schema, resolve)
    default:
      return texts(schema)
  }
}

function texts({ format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const [min, max] = [new Date('1980-01-01T00:00:00Z'), new Date('2100-01-01T00:00:00Z')]
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString())
  }
  const size = { minLength, maxLength: Math.min(maxLength, 40) }
  return fc.oneof(
    fc.string(size),
    fc.string({ ...size, unit: 'binary' }),
    fc.constantFrom('token', 'github', 'reader', 'owner'),
  )
}

function objects(
  { properties = {}, required = [], additionalProperties }: Schema,
  resolve: Resolve,
): fc.Arbitrary<object> {
  const shape = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, valid(each, resolve)]))
  if (Object.keys(shape).length > 0) return fc.record(shape, { requiredKeys: [...required] })
  const of = typeof additionalProperties === 'object' ? valid(additionalProperties, resolve) : fc.string()
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), of, { minKeys: 1, maxKeys: 4 })
}

/** Anything that JSON can say, in places where the schema wants something else. */
export function hostile(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  const { properties = {} } = schema.$ref === undefined ? schema : resolve(schema.$ref)
  const names = Object.keys(properties)
  const field = names.length === 0 ? fc.string() : fc.oneof(fc.constantFrom(...names), fc.string())
  const changed = fc.tuple(valid(schema, resolve), field, fc.jsonValue({ maxDepth: 3 })).map(([body, name, value]) => {
    return typeof body === 'object' && body !== null ? { ...body, [name]: value } : body
  })
  return fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.dictionary(field, fc.jsonValue({ maxDepth: 2 })), changed)
}
