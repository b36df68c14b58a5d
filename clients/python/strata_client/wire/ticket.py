"""Checks tickets, for a proxy in front of game servers and for tests. A client hands tickets on as they are. Needs the extra `tickets`."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..errors import StrataError

_AUDIENCE = "strata:server"


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    holder: dict[str, Any]
    copy: str
    expires: int
    """In ms since 1970."""
    move: str | None
    permit: str | None


def verify_ticket(token: str, keys: list[dict[str, str]], now: int) -> Ticket:
    """`keys`: accepted public keys (JWK). `now`: ms since 1970. Raises StrataError with TICKET_INVALID or TICKET_EXPIRED."""
    parts = token.split(".")
    if len(parts) != 3:
        raise _invalid("it is no JWT")
    head, body = _object(parts[0]), _object(parts[1])
    if head.get("alg") != "EdDSA":
        raise _invalid("its algorithm is not EdDSA")
    kid = head.get("kid")
    candidates = [key for key in keys if kid is None or kid == _thumbprint(key)]
    if not any(_signed_by(key, f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2])) for key in candidates):
        raise _invalid("no accepted key signed it")
    audience, expires, holder = body.get("aud"), body.get("exp"), body.get("holder")
    if audience != _AUDIENCE:
        raise _invalid("it is for another audience")
    if isinstance(expires, bool) or not isinstance(expires, (int, float)) or not isinstance(body.get("jti"), str) or not isinstance(holder, dict):
        raise _invalid("it has no id, no deadline or no owner")
    if body.get("sub") != holder.get("character"):
        raise _invalid("its subject is another character than its holder")
    if expires * 1000 <= now:
        raise StrataError("TICKET_EXPIRED", "the ticket has expired; enter again", True)
    return Ticket(body["jti"], holder, str(body.get("copy")), round(expires * 1000), body.get("move"), body.get("permit"))


def _signed_by(key: dict[str, str], content: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(_decoded(key["x"])).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _thumbprint(key: dict[str, str]) -> str:
    members = json.dumps({name: key[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decoded(part))
    except ValueError as error:
        raise _invalid("it is not readable") from error
    if not isinstance(value, dict):
        raise _invalid("it is not readable")
    return value


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _invalid(problem: str) -> StrataError:
    return StrataError("TICKET_INVALID", f"the ticket is not valid: {problem}", False)
