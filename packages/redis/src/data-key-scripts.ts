// The scripts of data keys: those of a scope are one hash.
import { keepOutcome } from './outcome-script.ts'

// KEYS: data keys of the scope. ARGV: id, row. Answers the row that is active afterwards; false for an id in use.
export const insertDataKey = `
local active = redis.call('HGET', KEYS[1], 'active')
if active then return redis.call('HGET', KEYS[1], 'r' .. active) end
if redis.call('HEXISTS', KEYS[1], 'r' .. ARGV[1]) == 1 then return false end
redis.call('HSET', KEYS[1], 'active', ARGV[1], 'r' .. ARGV[1], ARGV[2], 'v' .. ARGV[1], ARGV[3])
return ARGV[2]
`

// KEYS: outcome, then of each row its data keys, lists... ARGV: number of rows, channel, then of each row: id, row,
// revision, revision wanted, active, message, member, number of lists. Answers the outcome of each: 1, 0 for another
// revision, -1 for another active key, -2 where several are replaced and this one failed.
export const replaceDataKeys = `${keepOutcome}
local known = redis.call('GET', KEYS[1])
if known then return known end
local function replace(k, a)
  local id, active = ARGV[a], redis.call('HGET', KEYS[k], 'active')
  if redis.call('HGET', KEYS[k], 'v' .. id) ~= ARGV[a + 3] then return 0 end
  if ARGV[a + 4] == '1' and active and active ~= id then return -1 end
  for list = 1, tonumber(ARGV[a + 7]) do redis.call('ZADD', KEYS[k + list], 0, ARGV[a + 6]) end
  if ARGV[a + 4] == '1' then redis.call('HSET', KEYS[k], 'active', id)
  elseif active == id then redis.call('HDEL', KEYS[k], 'active') end
  redis.call('HSET', KEYS[k], 'r' .. id, ARGV[a + 1], 'v' .. id, ARGV[a + 2])
  if ARGV[a + 5] ~= '' then redis.call('PUBLISH', ARGV[2], ARGV[a + 5]) end
  return 1
end
local rows, k, a, outcomes = tonumber(ARGV[1]), 2, 3, {}
for row = 1, rows do
  local ok, outcome = true, nil
  if rows == 1 then outcome = replace(k, a) else ok, outcome = pcall(replace, k, a) end
  outcomes[row] = ok and outcome or -2
  k, a = k + 1 + tonumber(ARGV[a + 7]), a + 8
end
return done(KEYS[1], table.concat(outcomes, ' '))
`

// KEYS: data keys. ARGV: id, channel, message.
export const removeDataKey = `
local row = redis.call('HGET', KEYS[1], 'r' .. ARGV[1])
if not row then return false end
if redis.call('HGET', KEYS[1], 'active') == ARGV[1] then redis.call('HDEL', KEYS[1], 'active') end
redis.call('HDEL', KEYS[1], 'r' .. ARGV[1], 'v' .. ARGV[1])
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return row
`

// KEYS: data keys. Answers the active row.
export const activeDataKey = `
local active = redis.call('HGET', KEYS[1], 'active')
return active and redis.call('HGET', KEYS[1], 'r' .. active)
`
