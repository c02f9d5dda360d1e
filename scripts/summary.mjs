// Prints the tests that failed in a run, then its closing line: how many tests passed and how many failed.
import { countTests } from './lib/summary.mjs'

const { passed, failures } = countTests()
for (const failure of failures) console.log(`FAILED ${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
