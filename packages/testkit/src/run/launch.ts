// What a program of the machine and an image of a container have in common: both are started on a folder.

/** An image that has the server. */
export interface ContainerImage {
  readonly image: string
  /** The program in the image that is started; the image's own start script where there is none. */
  readonly entrypoint?: string
  /** Capabilities of Linux that the program insists on. */
  readonly capabilities?: readonly string[]
}

/** The path of a program of the machine, or an image. */
export type Program = string | ContainerImage

export interface Account {
  readonly uid: number
  readonly gid: number
}

/** One start of a program. */
export interface Launch {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Whom it runs as; the user of the tests where there is none. */
  readonly user?: Account | undefined
  /** Its working folder; a container has it at the same path. */
  readonly folder: string
  /** Where its output goes. */
  readonly logPath: string
}

export interface Ending {
  /** Absent when there is none, such as after a signal. */
  readonly code?: number | undefined
  /** How it ended, for errors. */
  readonly how: string
}

/** A program that was started. */
export interface Launched {
  /** The process of the machine; absent for a container. */
  readonly pid?: number | undefined
  /** Resolves once it has ended; never rejects. */
  readonly ended: Promise<Ending>
  /** Ends it; by SIGKILL when it goes on for 20 seconds. */
  end(signal: NodeJS.Signals): Promise<void>
}

export const stopLimitMs = 20_000

export function isImage(program: Program): program is ContainerImage {
  return typeof program !== 'string'
}
