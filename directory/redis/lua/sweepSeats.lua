-- ARGV: now. Returns how many held seats were freed.
return sweepSeats(tonumber(ARGV[1]))
