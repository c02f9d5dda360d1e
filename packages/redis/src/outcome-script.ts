// The part of a script that keeps the outcome of its write, for a client that sends the write again.

/** How long the result of a write is kept for a client that sends it again, in milliseconds. */
const outcomeMs = 120_000

// Keeps the outcome of a write under its key.
export const keepOutcome = `
local function done(key, outcome)
  redis.call('SET', key, outcome, 'PX', ${outcomeMs})
  return outcome
end
`
