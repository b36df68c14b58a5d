-- ARGV: now. Returns how many held seats lapsed.
return sweepSeats(tonumber(ARGV[1]))
