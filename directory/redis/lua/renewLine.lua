-- ARGV: id, keepUntil, now. Returns 1: renewed, 0: not in line.
if not redis.call('ZSCORE', base .. ':line', ARGV[1]) then return 0 end
redis.call('ZADD', base .. ':lineKeep', lapsesAt(ARGV[3], ARGV[2]), ARGV[1])
return 1
