// The scripts that find secrets.

// KEYS: secrets, names. ARGV: limit, strict. Answers name, current envelope, record, revision, member and counters of
// each. With strict, 0 when the names are not those of the secrets: one of the keys was evicted or deleted. A secret that
// has one of record and revision is damaged, and not lost.
export const findScope = `
local is_strict, found = ARGV[2] == '1', {}
local count = tonumber(redis.call('HGET', KEYS[1], 'n') or '0')
if is_strict and count ~= redis.call('ZCOUNT', KEYS[2], '-inf', '+inf') then return 0 end
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1)) do
  local fields = redis.call('HMGET', KEYS[1], 'c' .. name, 'r' .. name, 'v' .. name, 'm' .. name, 'u' .. name)
  if is_strict and not fields[2] and not fields[3] then return 0 end
  found[#found + 1] = { name, unpack(fields) }
end
return found
`

// KEYS: secrets, names. ARGV: name. Answers 1 when the scope lists the name and has no such secret.
export const isLost = `
local fields = redis.call('HMGET', KEYS[1], 'r' .. ARGV[1], 'v' .. ARGV[1])
if fields[1] or fields[2] then return 0 end
return redis.call('ZSCORE', KEYS[2], ARGV[1]) and 1 or 0
`

// KEYS: secrets. ARGV: name. Answers record, revision, member, counters, and version and envelope of each.
export const findVersions = `
local name = ARGV[1]
local found = redis.call('HMGET', KEYS[1], 'r' .. name, 'v' .. name, 'm' .. name, 'u' .. name)
for version in string.gmatch(redis.call('HGET', KEYS[1], 'l' .. name) or '', '%d+') do
  local envelope = redis.call('HGET', KEYS[1], 'e' .. name .. '\\n' .. version)
  if envelope then found[#found + 1], found[#found + 2] = version, envelope end
end
return found
`
