// Turns checks, each under the sentence that names it, into cases that any test runner can run.

interface Subject {
  /** Called once, after the case. */
  cleanup(): Promise<void>
}

/** Checks of one part of a contract. */
export interface CaseGroup<S extends Subject, Facts> {
  /** The part of the contract that the cases are about. */
  readonly about: string
  readonly requires?: (facts: Facts) => boolean
  /** What is checked, by the sentence that names it. */
  readonly cases: Readonly<Record<string, (subject: S) => Promise<void>>>
}

interface Case<S extends Subject, Facts> {
  readonly name: string
  readonly requires?: (facts: Facts) => boolean
  run(factory: () => Promise<S>): Promise<void>
}

/** The function that makes cases of one kind of subject: each makes one, tests it and cleans up. */
export function casesAbout<S extends Subject, Facts>(factsOf: (subject: S) => Facts) {
  return ({ about, requires, cases }: CaseGroup<S, Facts>): readonly Case<S, Facts>[] =>
    Object.entries(cases).map(([sentence, test]) => ({
      name: `${about}: ${sentence}`,
      ...(requires === undefined ? {} : { requires }),
      async run(factory) {
        const subject = await factory()
        try {
          if (requires?.(factsOf(subject)) !== false) await test(subject)
        } finally {
          await subject.cleanup()
        }
      },
    }))
}
