// Every script; those that find secrets and those of data keys are in files of their own. All their keys come in KEYS, and in a cluster the keys of one run are in one slot.
import { createHash } from 'node:crypto'
import { activeDataKey, insertDataKey, removeDataKey, replaceDataKeys } from './data-key-scripts.ts'
import { findScope, findVersions, isLost } from './find-scripts.ts'
import { keepOutcome } from './outcome-script.ts'

export interface Script {
  readonly sha: string
  readonly text: string
}

// Keeps the number of a scope's names beside its secrets, so that it is noticed when only one of the two keys is gone.
const countNames = `
local function count_names(added)
  if added ~= 0 then redis.call('HSET', KEYS[1], 'n', tonumber(redis.call('HGET', KEYS[1], 'n') or '0') + added) end
end
`

// Appends audit rows, or none when a row is stored in the place of one of them. Their keys begin at KEYS[k]: streams,
// stream times, stream info, then the stream of each run of consecutive rows, then each part of a list. Their
// arguments begin at ARGV[a]: number of runs; for each run its stream, first and last time, first and last sequence,
// number of rows, (sequence, row)...; then for each part of a list its number of members, (0, member)... The caller
// limits how many arguments one command gets.
const appendRows = `
local function append_rows(k, a)
  local runs, arg = tonumber(ARGV[a]), a + 1
  for run = 1, runs do
    if redis.call('ZCOUNT', KEYS[k + 2 + run], ARGV[arg + 3], ARGV[arg + 4]) > 0 then return false end
    arg = arg + 6 + 2 * tonumber(ARGV[arg + 5])
  end
  arg = a + 1
  for run = 1, runs do
    local stream, first_at, last_at, sequence = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 4]
    local rows = arg + 6
    arg = rows + 2 * tonumber(ARGV[arg + 5])
    redis.call('ZADD', KEYS[k + 2 + run], unpack(ARGV, rows, arg - 1))
    redis.call('ZADD', KEYS[k], 0, stream)
    local last = redis.call('ZSCORE', KEYS[k + 1], stream)
    if not last or tonumber(last_at) > tonumber(last) then redis.call('ZADD', KEYS[k + 1], last_at, stream) end
    local info = redis.call('HMGET', KEYS[k + 2], 'f' .. stream, 's' .. stream)
    if not info[1] or tonumber(first_at) < tonumber(info[1]) then redis.call('HSET', KEYS[k + 2], 'f' .. stream, first_at) end
    if not info[2] or tonumber(sequence) > tonumber(info[2]) then redis.call('HSET', KEYS[k + 2], 's' .. stream, sequence) end
  end
  for key = k + 3 + runs, #KEYS do
    local members = arg + 1
    arg = members + 2 * tonumber(ARGV[arg])
    redis.call('ZADD', KEYS[key], unpack(ARGV, members, arg - 1))
  end
  return true
end
`

// KEYS: secrets, names, outcome, lists..., audit keys... ARGV: name, revision wanted, revision, record, counters of an
// insert, current version, listed, kept versions, member, number of lists, names of lists, number of envelopes,
// (version, envelope)..., audit arguments. Answers 1, 0 for another revision, -1 for a row that is stored already.
const putSecret = `${keepOutcome}${countNames}${appendRows}
local known = redis.call('GET', KEYS[3])
if known then return tonumber(known) end
local name, wanted = ARGV[1], ARGV[2]
local stored = redis.call('HGET', KEYS[1], 'v' .. name) or '0'
if stored ~= wanted then return done(KEYS[3], 0) end
local lists, envelopes = tonumber(ARGV[10]), tonumber(ARGV[12])
local rows = 13 + 2 * envelopes
if tonumber(ARGV[rows]) > 0 and not append_rows(4 + lists, rows) then return -1 end
local kept = ARGV[8]
for version in string.gmatch(redis.call('HGET', KEYS[1], 'l' .. name) or '', '%d+') do
  if not string.find(kept, ',' .. version .. ',', 1, true) then
    redis.call('HDEL', KEYS[1], 'e' .. name .. '\\n' .. version)
  end
end
for index = 1, envelopes do
  local at = 13 + 2 * (index - 1)
  redis.call('HSET', KEYS[1], 'e' .. name .. '\\n' .. ARGV[at], ARGV[at + 1])
end
local current = redis.call('HGET', KEYS[1], 'e' .. name .. '\\n' .. ARGV[6])
if current then redis.call('HSET', KEYS[1], 'c' .. name, current) else redis.call('HDEL', KEYS[1], 'c' .. name) end
local named = redis.call('HGET', KEYS[1], 'i' .. name) or '\\n'
for list in string.gmatch(ARGV[11], '[^\\n]+') do
  if not string.find(named, '\\n' .. list .. '\\n', 1, true) then named = named .. list .. '\\n' end
end
redis.call('HSET', KEYS[1], 'r' .. name, ARGV[4], 'v' .. name, ARGV[3], 'l' .. name, kept, 'i' .. name, named,
  'm' .. name, ARGV[9])
if wanted == '0' then redis.call('HSET', KEYS[1], 'u' .. name, ARGV[5]) end
if ARGV[7] == '1' then count_names(redis.call('ZADD', KEYS[2], 0, name)) else count_names(-redis.call('ZREM', KEYS[2], name)) end
for index = 1, lists do redis.call('ZADD', KEYS[3 + index], 0, ARGV[9]) end
return done(KEYS[3], 1)
`

// KEYS: secrets, names, outcome, audit keys... ARGV: name, revision wanted, audit arguments. Answers the outcome as
// above, then the lists that had the secret, and its member there.
const removeSecret = `${keepOutcome}${countNames}${appendRows}
local known = redis.call('GET', KEYS[3])
if known then return { tonumber(known) } end
local name = ARGV[1]
local revision = redis.call('HGET', KEYS[1], 'v' .. name)
local is_damaged = not string.match(revision or '', '^%d+$') and redis.call('HEXISTS', KEYS[1], 'r' .. name) == 1
if revision ~= ARGV[2] and not (ARGV[2] == 'NaN' and is_damaged) then return { done(KEYS[3], 0) } end
if tonumber(ARGV[3]) > 0 and not append_rows(4, 3) then return { -1 } end
local lists, member = redis.call('HGET', KEYS[1], 'i' .. name), redis.call('HGET', KEYS[1], 'm' .. name)
for version in string.gmatch(redis.call('HGET', KEYS[1], 'l' .. name) or '', '%d+') do
  redis.call('HDEL', KEYS[1], 'e' .. name .. '\\n' .. version)
end
for _, field in ipairs({ 'r', 'v', 'l', 'i', 'm', 'u', 'c' }) do redis.call('HDEL', KEYS[1], field .. name) end
count_names(-redis.call('ZREM', KEYS[2], name))
return { done(KEYS[3], 1), lists, member }
`

// KEYS: secrets. ARGV: name, marker of the id within the record's member, uses, time.
const touch = `
local member = redis.call('HGET', KEYS[1], 'm' .. ARGV[1])
if not member or not string.find(member, ARGV[2], 1, true) then return 0 end
local uses, last = string.match(redis.call('HGET', KEYS[1], 'u' .. ARGV[1]) or '0 ', '^(%d+) (.*)$')
if last == '' or tonumber(ARGV[4]) > tonumber(last) then last = ARGV[4] end
redis.call('HSET', KEYS[1], 'u' .. ARGV[1], string.format('%d', tonumber(uses) + tonumber(ARGV[3])) .. ' ' .. last)
return 1
`

// KEYS: lists. ARGV: command, member.
const editLists = `
for _, key in ipairs(KEYS) do
  if ARGV[1] == 'ZADD' then redis.call('ZADD', key, 0, ARGV[2]) else redis.call('ZREM', key, ARGV[2]) end
end
return 1
`

const appendAudit = `${appendRows}
return append_rows(1, 1) and 1 or -1
`

// KEYS: stream times, stream info, stream of each... ARGV: ids. Answers first time, last time, last sequence and last
// row of each; no row where it is gone, so that verification finds that.
const streamInfos = `
local found = {}
for index, id in ipairs(ARGV) do
  local info, last_at = redis.call('HMGET', KEYS[2], 'f' .. id, 's' .. id), redis.call('ZSCORE', KEYS[1], id)
  local row = info[2] and redis.call('ZRANGEBYSCORE', KEYS[2 + index], info[2], info[2])[1]
  found[index] = { info[1], last_at, info[2], row or false }
end
return found
`

// KEYS: stream, lists of the stored row..., lists of the new one... ARGV: sequence, stored row, row, number of lists of
// the stored row, its member, member. Replaces a row, unless another one is stored by now, and moves it in the lists.
const redactAudit = `
if redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])[1] ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[3])
local last = 1 + tonumber(ARGV[4])
for index = 2, last do redis.call('ZREM', KEYS[index], ARGV[5]) end
for index = last + 1, #KEYS do redis.call('ZADD', KEYS[index], 0, ARGV[6]) end
return 1
`

// KEYS: lock. ARGV: holder, milliseconds. The holder of a lock may acquire it again.
const acquireLock = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

const renewLock = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`

const releaseLock = `
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0
`

const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text, 'utf8').digest('hex') })

export const scripts = Object.freeze({
  putSecret: scriptOf(putSecret),
  removeSecret: scriptOf(removeSecret),
  findScope: scriptOf(findScope),
  findVersions: scriptOf(findVersions),
  isLost: scriptOf(isLost),
  touch: scriptOf(touch),
  insertDataKey: scriptOf(insertDataKey),
  replaceDataKeys: scriptOf(replaceDataKeys),
  removeDataKey: scriptOf(removeDataKey),
  activeDataKey: scriptOf(activeDataKey),
  editLists: scriptOf(editLists),
  appendAudit: scriptOf(appendAudit),
  streamInfos: scriptOf(streamInfos),
  redactAudit: scriptOf(redactAudit),
  acquireLock: scriptOf(acquireLock),
  renewLock: scriptOf(renewLock),
  releaseLock: scriptOf(releaseLock),
})
