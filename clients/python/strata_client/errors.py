"""Errors with the codes of docs/reference/errors.md."""

from __future__ import annotations

import re
from typing import Any

from .error_codes import CODES

_RETRYABLE = {code: retryable for code, retryable in CODES.values()}
_CODE = re.compile(r"^([A-Z_]+): ")


class StrataError(Exception):
    """An answer with a code of the catalogue, or UNREACHABLE, CLOSED or MOVE_FAILED, which only clients use."""

    def __init__(self, code: str, message: str, retryable: bool) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


class ProtocolError(ValueError):
    """The server sent bytes that this client cannot read. Close the connection and enter again."""


def unreachable(message: str) -> StrataError:
    return StrataError("UNREACHABLE", message, True)


def from_body(status: int, body: Any) -> StrataError:
    """The error of an HTTP answer: of the matchmaker, or of a server that refuses a join."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and isinstance(error.get("code"), str):
        return StrataError(error["code"], str(error.get("message", "")), error.get("retryable") is True)
    if isinstance(error, str):
        return from_text(error)
    return StrataError("UNREACHABLE", f"status {status} without an error code", status >= 500)


def from_text(text: str) -> StrataError:
    """The error of a text "CODE: message"."""
    found = _CODE.match(text)
    if found is None or found[1] not in _RETRYABLE:
        return unreachable(text or "no answer")
    return StrataError(found[1], text[found.end() :], _RETRYABLE[found[1]])


def from_close(close_code: int, ended: StrataError | None = None) -> StrataError:
    """The error of a close code. `ended`: what the server said before it closed."""
    row = CODES.get(close_code)
    if row is None:
        return unreachable(f"the connection closed ({close_code})")
    if ended is not None and ended.code == row[0]:
        return ended
    return StrataError(row[0], "the server closed the connection", row[1])


def from_ended(message: Any) -> StrataError:
    code = str(message.get("code", ""))
    return StrataError(code, str(message.get("message", "")), _RETRYABLE.get(code, True))
