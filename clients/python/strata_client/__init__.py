"""A client for Strata in asyncio, written from docs/reference/protocol.md."""

from .client import Client
from .errors import ProtocolError, StrataError
from .matchmaker import Matchmaker, Seat, SessionSource
from .wire.snapshot import Entity, Snapshot
from .world import World

__all__ = ["Client", "Entity", "Matchmaker", "ProtocolError", "Seat", "SessionSource", "Snapshot", "StrataError", "World"]
