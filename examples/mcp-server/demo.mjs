// The demo's entry: its help, which needs nothing, or the story, which needs the built packages.
import { help } from './src/help.mjs'

const [first] = process.argv.slice(2)
if (first === undefined) {
  const { tellStory } = await import('./src/tell-story.mjs')
  await tellStory()
} else if (first === '--help' || first === '-h') {
  process.stdout.write(help)
} else {
  process.stderr.write(`There is no option "${first}".\n\n${help}`)
  process.exitCode = 2
}
