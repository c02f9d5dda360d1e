// Says which field of a request is not as its schema says, without a word of what was sent.
import type { z } from 'zod'
import { invalidField } from '../http-error.ts'

type Issue = z.core.$ZodIssue

/** The error for a request that does not match; what is wrong first is what it says. */
export function invalidRequest({ issues }: z.core.$ZodError): Error {
  const [issue] = issues
  return issue === undefined ? invalidField(undefined, 'does not match its schema.') : errorOf(issue)
}

function errorOf(issue: Issue): Error {
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys
    const field = nameOf(key)
    return invalidField(field, field === undefined ? 'must have only known fields.' : 'is not a known field.')
  }
  return invalidField(nameOf(issue.path[0]), problemOf(issue))
}

/** The name of a field; undefined for one that does not look like a name, which may be a misplaced value. */
function nameOf(part: PropertyKey | undefined): string | undefined {
  return typeof part === 'string' && /^[A-Za-z]{1,32}$/.test(part) ? part : undefined
}

function problemOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}.`
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty.' : `must be at least ${issue.minimum}.`
    case 'too_big':
      return issue.origin === 'string'
        ? `must be at most ${issue.maximum} characters.`
        : `must be at most ${issue.maximum}.`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}.`
    case 'invalid_format':
      return `must be ${issue.format === 'datetime' ? 'an instant, such as 2026-01-31T12:00:00Z' : `a valid ${issue.format}`}.`
    case 'custom':
      // The message of a rule of the schemas, which is fixed.
      return issue.message
    default:
      return 'does not match its schema.'
  }
}

function article(type: string): string {
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`
}
