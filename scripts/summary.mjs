// Prints the closing line of a test run: how many tests passed and how many failed.
import { countTests } from './lib/summary.mjs'

const { passed, failed } = countTests()
console.log(`${passed} passed, ${failed} failed`)
