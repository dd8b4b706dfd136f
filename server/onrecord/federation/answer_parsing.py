"""From a whole HTTP response to solutions, or to the error that says what to do about it.

Nothing of an answer is used before all of it was read and parsed: endpoints
run into their time limits after they have said 200, and the answer then ends
in the middle, or in a Java stack trace.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import pyoxigraph

from onrecord.errors import (
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteRefusedError,
    RemoteTimeoutError,
    RemoteTooLargeError,
)
from onrecord.federation.breaker import read_retry_after
from onrecord.federation.exchange import RawResponse
from onrecord.federation.solutions import Row, Solutions, Term, read_solutions

ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.7"
"""What is asked for; both forms carry every kind of RDF term."""

_JSON = ("application/sparql-results+json", "application/json")
_XML = ("application/sparql-results+xml", "application/xml", "text/xml")
_TIMEOUT_WORDS = re.compile(
    rb"java\.util\.concurrent\.TimeoutException|QueryTimeoutException|Operation timed out|"
    rb"execution time .{0,40}exceeds|S1T00|CancellationException.{0,80}time",
    re.IGNORECASE | re.DOTALL,
)
_BLANK_OR_TEXT = re.compile(r'<[^<>\s]*>|"(?:[^"\\]|\\.)*"|_:([^\s)]+)')


@dataclass(frozen=True)
class Failure:
    """A response that is no answer: the error, and what it means for the next request.

    `may_retry` allows one more attempt, `asks_pause` is the time that the
    host asked for (None: it did not ask), `is_host_failing` counts for the
    circuit breaker.
    """

    error: RemoteError
    may_retry: bool = False
    asks_pause: bool = False
    pause: float | None = None
    is_host_failing: bool = False


def read_answer(url: str, response: RawResponse, now: float) -> Solutions | Failure:
    """The solutions in `response`, or why there are none. `now` is in seconds since 1970."""
    if response.status != 200:
        return _read_refusal(url, response, now)
    media_type = response.content_type.partition(";")[0].strip().lower()
    if media_type in _JSON:
        format = pyoxigraph.QueryResultsFormat.JSON
    elif media_type in _XML:
        format = pyoxigraph.QueryResultsFormat.XML
    else:
        what = "a web page" if media_type == "text/html" else f'"{_printable(media_type) or "no type"}"'
        return Failure(
            RemoteAnswerError(
                f"{url}: it answers with {what} where SPARQL results in JSON or XML were asked for. "
                "Check that the address is that of the SPARQL endpoint itself.",
                url,
            )
        )
    try:
        solutions = read_solutions(response.body, format)
    except ValueError as error:
        if _TIMEOUT_WORDS.search(response.body[-20_000:]):
            return Failure(_timeout(url))
        return Failure(
            RemoteAnswerError(
                f"{url}: its answer is cut or malformed and nothing of it is used "
                f"({_printable(str(error))}). Ask for less, or try again later.",
                url,
            )
        )
    return rename_blank_nodes(solutions, "r" + secrets.token_hex(6))


def rename_blank_nodes(solutions: Solutions, mark: str) -> Solutions:
    """`solutions` with `mark` before every blank node's label, so that those of two responses never meet.

    >>> rename_blank_nodes(Solutions(("x",), ((Term('_:b1'),), (Term('"_:b1"'),))), "r1").rows
    (('_:r1b1',), ('"_:b1"',))
    """
    if not any(term is not None and "_:" in term for row in solutions.rows for term in row):
        return solutions

    def rename(term: Term | None) -> Term | None:
        if term is None or "_:" not in term:
            return term
        return Term(_BLANK_OR_TEXT.sub(lambda m: f"_:{mark}{m[1]}" if m[1] is not None else m[0], term))

    rows: tuple[Row, ...] = tuple(tuple(rename(term) for term in row) for row in solutions.rows)
    return Solutions(solutions.variables, rows)


def _read_refusal(url: str, response: RawResponse, now: float) -> Failure:
    status = response.status
    pause = read_retry_after(response.retry_after, now)
    if status == 429 or (status == 503 and pause is not None):
        wait = f"for {pause:.0f} s" if pause is not None else "and tells no time"
        error = RemoteBusyError(
            f"{url}: it asks us to wait {wait} (HTTP {status}). Until then this server does not ask it. "
            "Try again later.",
            url,
            retry_after=None if pause is None else max(1, round(pause)),
        )
        return Failure(error, asks_pause=True, pause=pause)
    if 300 <= status < 400:
        to = f" to {_printable(response.location)}" if response.location else ""
        return Failure(
            RemoteRefusedError(
                f"{url}: it sends us elsewhere{to}, and redirects are not followed. "
                "Write the endpoint's own address.",
                url,
            )
        )
    if status in (413, 414, 431):
        return Failure(
            RemoteTooLargeError(
                f"{url}: the request is too large for it (HTTP {status}). Send fewer bindings.", url
            )
        )
    if status in (408, 504) or (status >= 500 and _TIMEOUT_WORDS.search(response.body[:200_000])):
        return Failure(_timeout(url))
    if status == 403:
        return Failure(
            RemoteRefusedError(
                f"{url}: it refuses this server (HTTP 403). It is not asked again; whoever runs it "
                "may have banned this address: look into --federation-contact and its terms of use.",
                url,
            ),
            is_host_failing=True,
        )
    if 400 <= status < 500:
        return Failure(
            RemoteRefusedError(
                f"{url}: it refuses the query (HTTP {status}){_quoted(response)}. Send it the SERVICE "
                "group alone to see what it does not accept.",
                url,
            )
        )
    if status >= 500:
        return Failure(
            RemoteAnswerError(f"{url}: it failed (HTTP {status}){_quoted(response)}. Try again later.", url),
            may_retry=status in (500, 502, 503),
            is_host_failing=True,
        )
    return Failure(
        RemoteAnswerError(
            f"{url}: it answers HTTP {status}, and only 200 is an answer. Check the address.", url
        )
    )


def _timeout(url: str) -> RemoteTimeoutError:
    return RemoteTimeoutError(
        f"{url}: the query ran into the endpoint's own time limit; what came is not used. "
        "Ask for less: more selective patterns, fewer bindings.",
        url,
    )


def _quoted(response: RawResponse) -> str:
    """The first line of a plain message; pages and traces tell people nothing."""
    if not response.content_type.lower().startswith("text/plain"):
        return ""
    lines = response.body[:2000].decode(errors="replace").strip().splitlines()
    said = _printable(lines[0])[:160] if lines else ""
    return f', saying "{said}"' if said else ""


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:300]).strip()
