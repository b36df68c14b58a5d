-- ARGV: as holdSeats in common.lua. Returns the copy, or nil if no option has room.
return holdSeats(1)
