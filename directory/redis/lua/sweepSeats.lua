-- ARGV: now. Returns how many held seats were freed.
return sweepSeats(instant(ARGV[1]))
