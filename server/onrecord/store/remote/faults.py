"""What a refusal of the remote engine means to whoever asked: never a 500 of ours."""

from __future__ import annotations

import json
import re

from onrecord.errors import (
    EngineFaultError,
    OnrecordError,
    QueryEvaluationError,
    QueryTimeoutError,
    TooBusyError,
    TooLargeError,
)
from onrecord.store.remote.transport import EngineResponse

_TIMEOUT_WORDS = re.compile(
    rb"timeout|timed out|time limit|execution time .{0,60}exceeds|S1T00|S1TAT|cancelled",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_SENTENCE = 400
_MOST_PAUSE = 3600


def read_refusal(url: str, response: EngineResponse) -> OnrecordError:
    """The error for a response that is none of 200, 201 and 204; reads the beginning of its body."""
    status = response.status
    body = response.read_refusal()
    said = quote_sentence(response.media_type, body)
    if 300 <= status < 400:
        return EngineFaultError(
            f"The engine at {url} sends us elsewhere, and redirects are not followed. Name its own address."
        )
    if status in (401, 403):
        return EngineFaultError(
            f"The engine at {url} refuses this server (HTTP {status}){said}. Whoever runs it looks into "
            "--engine-credentials and what that user may do."
        )
    if status in (404, 405):
        return EngineFaultError(
            f"The engine at {url} has nothing there for this (HTTP {status}). Check the addresses that "
            "--engine, --engine-update and --engine-graph-store name."
        )
    if status in (408, 504) or (status >= 500 and _TIMEOUT_WORDS.search(body)):
        return QueryTimeoutError(f"The engine at {url} ran into its own time limit. Ask for less.")
    if status in (429, 503):
        error = TooBusyError(f"The engine at {url} asks to wait (HTTP {status}). Try again in a moment.")
        pause = response.header("Retry-After")
        if pause.isdecimal() and int(pause) <= _MOST_PAUSE:
            error.retry_after = int(pause)
        return error
    if status in (413, 414):
        return TooLargeError(f"The request is too large for the engine at {url}. Send a shorter one.")
    if 400 <= status < 500:
        return QueryEvaluationError(f"The engine at {url} does not accept this{said}.")
    if status >= 500:
        return EngineFaultError(f"The engine at {url} fails (HTTP {status}){said}.")
    return EngineFaultError(f"The engine at {url} answers HTTP {status}, and only 200 is an answer.")


def quote_sentence(media_type: str, body: bytes) -> str:
    """What the remote says in plain words or a JSON message, as a clause; empty for pages and traces.

    >>> quote_sentence("text/plain", b"error at 1:7: expected WHERE\\n\\nstack")
    ', saying "error at 1:7: expected WHERE"'
    >>> quote_sentence("application/json", b'{"exception": "Unknown prefix"}')
    ', saying "Unknown prefix"'
    >>> quote_sentence("text/html", b"<h1>It works!</h1>")
    ''
    """
    text = body.decode(errors="replace").strip()
    if media_type in ("application/json", "application/problem+json"):
        try:
            document = json.loads(text)
        except ValueError:
            return ""
        found = (
            [document.get(k) for k in ("detail", "message", "exception", "error")]
            if isinstance(document, dict)
            else []
        )
        text = next((f for f in found if isinstance(f, str) and f.strip()), "")
    elif media_type != "text/plain":
        return ""
    first = text.strip().splitlines()[0] if text.strip() else ""
    printable = "".join(c if c.isprintable() else " " for c in first)[:_LONGEST_SENTENCE].strip().rstrip(".")
    return f', saying "{printable}"' if printable else ""
