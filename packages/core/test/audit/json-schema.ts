// The few keywords of JSON Schema that the schema of events uses; an unknown keyword is an error of the test.

interface Schema {
  readonly [keyword: string]: unknown
}

/** What is wrong with the fields of an object, or nothing. */
export function check(schema: Schema, value: Readonly<Record<string, unknown>>): readonly string[] {
  const properties = schema['properties'] as Readonly<Record<string, Schema>>
  const required = schema['required'] as readonly string[]
  const missing = required.filter((name) => !(name in value)).map((name) => `${name} is missing`)
  const wrong = Object.entries(value)
    .filter(([name, field]) => properties[name] !== undefined && !fits(properties[name], field))
    .map(([name]) => `${name} is wrong`)
  return [...missing, ...wrong]
}

function fits(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, expected]) => {
    const test = keywords[keyword]
    if (test === undefined) throw new Error(`The test does not know ${keyword}.`)
    return test(expected as never, value)
  })
}

const keywords: Record<string, (expected: never, value: unknown) => boolean> = {
  type: (expected: string | readonly string[], value) => [expected].flat().some((name) => isType(name, value)),
  enum: (expected: readonly unknown[], value) => expected.includes(value),
  pattern: (expected: string, value) => typeof value === 'string' && new RegExp(expected).test(value),
  minimum: (expected: number, value) => typeof value === 'number' && value >= expected,
  minLength: (expected: number, value) => typeof value === 'string' && value.length >= expected,
  items: (expected: Schema, value) => Array.isArray(value) && value.every((item) => fits(expected, item)),
  format: (_: string, value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value),
}

function isType(name: string, value: unknown): boolean {
  if (name === 'null') return value === null
  if (name === 'integer') return Number.isInteger(value)
  if (name === 'array') return Array.isArray(value)
  return typeof value === name
}
