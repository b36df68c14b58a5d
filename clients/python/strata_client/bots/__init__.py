"""Bots that walk and gather in the sample game, and measure what they receive."""
