"""Bytes and tokens of the protocol, without a network."""
