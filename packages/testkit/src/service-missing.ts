// The error for a service that is not available here, with the way to get it.

/** None of the ways gives the service. */
export interface ServiceMissing extends Error {
  readonly service: string
}

export interface MissingService {
  readonly service: string
  /** What to do to get it. */
  readonly remedy: string
}

export function serviceMissing({ service, remedy }: MissingService): ServiceMissing {
  const error = new Error(`${service} could not be found, installed or run in a container. ${remedy}`)
  return Object.assign(error, { service })
}

export function isServiceMissing(error: unknown): error is ServiceMissing {
  return error instanceof Error && 'service' in error
}
