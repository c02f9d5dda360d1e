// Property tests with the same examples in each run, so that one fails for what was changed; with `MCPVAULT_LONG=1`, new ones.
import fc from 'fast-check'

if (process.env['MCPVAULT_LONG'] !== '1') fc.configureGlobal({ seed: 2_026 })

export { fc }
