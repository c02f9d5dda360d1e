// Reads the ids of promises: the rows of the contract page, its list of what is not built, and the titles of tests.

/** What the page says: an id for each row, and the ids that it lists as not built yet, both in the order of the page. */
export interface Promises {
  readonly rows: readonly string[]
  readonly notBuilt: readonly string[]
}

/** Reads the page. A page without the heading of the list is a fault of the page. */
export function readPromises(page: string): Promises {
  const [tables = '', list] = page.split('\n## Not built yet\n')
  if (list === undefined) throw new Error('the page has no list of what is not built yet')
  return {
    rows: [...tables.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, id = '']) => id),
    notBuilt: [...list.matchAll(/\b[A-Z]\d+\b/g)].map(([id]) => id),
  }
}

/** The ids with which titles in the text of a test begin: strings that start with one or more ids in brackets. */
export function promisesProved(test: string): readonly string[] {
  return [...test.matchAll(/['"`]((?:\[[A-Z]\d+\])+)/g)].flatMap(([, ids = '']) => ids.match(/[A-Z]\d+/g) ?? [])
}

/** Whether a file may have titles of tests: tests, and the suites that the test kit holds every store to. */
export function hasTitles(path: string): boolean {
  return /^(?:(?:packages|examples)\/[^/]+\/test|packages\/testkit\/src|test)\/.+\.ts$/.test(path)
}
