// What the demo says of itself when it is asked.

export const help = `Usage: npm run demo [-- --help]

Runs one MCP server over HTTP with its users and one vault: isolation, a user
who is asked for a token in the browser, sharing, the database as a thief sees
it, the audit trail, and a tampered database that is detected. Each step is
checked; the exit code is 1 when one went wrong.

It uses a temporary folder, which is removed however the demo ends, free ports
of this machine alone, and no network. NO_COLOR=1 turns the colours off.
`
