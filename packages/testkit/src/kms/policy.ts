// Evaluates policies of IAM and of keys: an explicit deny wins, then an allow counts, and anything else is refused.

/** One statement of a policy document. */
export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: { readonly AWS: string | readonly string[] }
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/** What is asked of a policy. */
export interface PolicyQuestion {
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** The condition keys of the request, each with its values. */
  readonly facts: Readonly<Record<string, readonly string[]>>
}

export type PolicyAnswer = 'allow' | 'deny' | 'silent'

/** What statements say of a request. Statements with a principal hold for that one alone. */
export function askPolicy(policy: PolicyDocument, question: PolicyQuestion): PolicyAnswer {
  const matching = policy.Statement.filter((statement) => matches(statement, question))
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'deny'
  return matching.some(({ Effect }) => Effect === 'Allow') ? 'allow' : 'silent'
}

function matches(statement: PolicyStatement, { principal, action, resource, facts }: PolicyQuestion): boolean {
  const { Principal, Action, Resource, Condition = {} } = statement
  return (
    (Principal === undefined || listOf(Principal.AWS).some((who) => who === '*' || who === principal)) &&
    listOf(Action).some((pattern) => isLike(pattern, action)) &&
    listOf(Resource).some((pattern) => isLike(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds({ operator, wanted: listOf(wanted), found: facts[key] ?? [] }),
      ),
    )
  )
}

interface ConditionCheck {
  readonly operator: string
  readonly wanted: readonly string[]
  readonly found: readonly string[]
}

function holds({ operator, wanted, found }: ConditionCheck): boolean {
  const [first] = found
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return first !== undefined && wanted.includes(first)
    case 'StringLike':
      return first !== undefined && wanted.some((pattern) => isLike(pattern, first))
    case 'Null':
      return wanted.includes(String(first === undefined))
    case 'ForAllValues:StringEquals':
      return found.every((value) => wanted.includes(value))
    default:
      throw new Error(`the endpoint does not know the condition operator ${operator}`)
  }
}

function isLike(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(text)
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
