// A service that cannot be had here, and how to get it.

/** The error for a service that none of the ways gives. */
export interface ServiceMissing extends Error {
  readonly service: string
}

export interface MissingService {
  readonly service: string
  /** How a person gets it. */
  readonly remedy: string
}

export function serviceMissing({ service, remedy }: MissingService): ServiceMissing {
  const error = new Error(`No ${service} could be found, installed or run in a container. ${remedy}`)
  return Object.assign(error, { service })
}

export function isServiceMissing(error: unknown): error is ServiceMissing {
  return error instanceof Error && 'service' in error
}
