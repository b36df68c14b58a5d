-- ARGV: as holdSeats in common.lua. Returns the copy, or nil when nothing fits.
return holdSeats(1)
