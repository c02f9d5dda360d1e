// Reads the ids of promises: the rows of the contract page, its lists of what is not built or in part, and the titles of tests.

/** What the page says: an id for each row, and those that it lists as built in part or not built, in the order of the page. */
export interface Promises {
  readonly rows: readonly string[]
  readonly inPart: readonly string[]
  readonly notBuilt: readonly string[]
}

/** Reads the page. A page without the headings of the lists is a fault of the page. */
export function readPromises(page: string): Promises {
  const [built = '', notBuilt] = page.split('\n## Not built yet\n')
  if (notBuilt === undefined) throw new Error('the page has no list of what is not built yet')
  const [tables = '', inPart] = built.split('\n## Built in part\n')
  if (inPart === undefined) throw new Error('the page has no list of what is built in part')
  return {
    rows: idsOfRows(tables),
    // What a row of it says may name other promises.
    inPart: idsOfRows(inPart),
    notBuilt: [...notBuilt.matchAll(/\b[A-Z]\d+\b/g)].map(([id]) => id),
  }
}

function idsOfRows(text: string): readonly string[] {
  return [...text.matchAll(/^\| ([A-Z]\d+) \|/gm)].map(([, id = '']) => id)
}

/** The ids with which titles in the text of a test begin: strings that start with one or more ids in brackets. */
export function promisesProved(test: string): readonly string[] {
  return [...test.matchAll(/['"`]((?:\[[A-Z]\d+\])+)/g)].flatMap(([, ids = '']) => ids.match(/[A-Z]\d+/g) ?? [])
}

/** Whether a file may have titles of tests: tests, and the suites that the test kit holds every store to. */
export function hasTitles(path: string): boolean {
  return /^(?:(?:packages|examples)\/[^/]+\/test|packages\/testkit\/src|test)\/.+\.ts$/.test(path)
}
