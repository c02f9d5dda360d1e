// Prints why tests of a run failed and which, then its closing line: how many passed and how many failed.
import { countTests, summaryOf } from './lib/summary.mjs'

console.log(summaryOf(countTests()))
