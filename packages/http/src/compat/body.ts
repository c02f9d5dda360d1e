// The body of an older system's call, checked as that of any other.
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Env } from '../app/route.ts'
import { invalidRequest } from '../app/validation.ts'
import { invalidField } from '../http-error.ts'
import { readJsonText } from '../safety/body.ts'

/** Throws for a body that is not as the schema says. */
export async function bodyOf<T extends z.ZodType>(c: Context<Env>, schema: T): Promise<z.output<T>> {
  const parsed = schema.safeParse(parse(await readJsonText(c.req.raw, c.env.shared.config.limits)))
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidField(undefined, 'must be JSON.')
  }
}
