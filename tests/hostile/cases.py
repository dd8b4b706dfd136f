"""Hostile input, one case each: texts that never end, bytes that are no text, tricks with HTTP."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import zstandard
from tests.conformance.endpoints import Endpoint
from tests.hostile import clients
from tests.hostile.wire import Kind, Outcome, ask, exchange, request

SAFE: frozenset[Kind] = frozenset({"answer", "refused", "unavailable"})
OR_CLOSED: frozenset[Kind] = SAFE | {"closed"}
"""Where the bytes are no HTTP, ending the connection is an answer too."""
MUST_REFUSE: frozenset[Kind] = frozenset({"refused", "unavailable", "closed"})


@dataclass(frozen=True)
class Case:
    """One hostile thing to do, and which outcomes are safe."""

    group: str
    name: str
    send: Callable[[Endpoint], Outcome]
    safe: frozenset[Kind] = SAFE


def _text(group: str, name: str, text: str | bytes, safe: frozenset[Kind] = SAFE) -> Case:
    return Case(group, name, lambda endpoint: ask(endpoint, text), safe)


def _raw(
    name: str,
    build: Callable[[Endpoint], bytes],
    safe: frozenset[Kind] = OR_CLOSED,
    *,
    group: str = "headers",
) -> Case:
    return Case(group, name, lambda endpoint: exchange(endpoint, build(endpoint)), safe)


def _nest(before: str, after: str, times: int, middle: str = "") -> str:
    return before * times + middle + after * times


def _variables(triples: int) -> str:
    return " ".join(f"?s{i} ?p{i} ?o{i} ." for i in range(triples))


ANY = "(<urn:p:next>|!<urn:p:next>)"
DOUBLING = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))

TEXTS = (
    _text("cross products", "five patterns, counted", f"SELECT (COUNT(*) AS ?n) {{ {_variables(5)} }}"),
    _text("cross products", "sorted", f"SELECT * {{ {_variables(3)} }} ORDER BY ?o2 LIMIT 1"),
    _text("cross products", "distinct", f"SELECT DISTINCT * {{ {_variables(3)} }} OFFSET 900000000 LIMIT 1"),
    _text(
        "cross products",
        "grouped",
        f"SELECT ?s0 ?s1 ?s2 (COUNT(*) AS ?n) {{ {_variables(3)} }} GROUP BY ?s0 ?s1 ?s2",
    ),
    _text("cross products", "as one text", f"SELECT (GROUP_CONCAT(STR(?o0)) AS ?t) {{ {_variables(3)} }}"),
    _text(
        "path explosions",
        "three paths of any length",
        f"SELECT (COUNT(*) AS ?n) {{ ?a {ANY}* ?b . ?b {ANY}* ?c . ?c {ANY}* ?d }}",
    ),
    _text(
        "path explosions",
        "nested stars",
        f"SELECT (COUNT(*) AS ?n) {{ ?a ((({ANY}*)*)*)* ?b . ?c ((({ANY}*)*)*)* ?d }}",
    ),
    _text("path explosions", "a sequence of 500", f"ASK {{ ?a {'/'.join(['<urn:p:next>'] * 500)} ?b }}"),
    _text("regex bombs", "(a+)+$", f"ASK {{ FILTER(REGEX('{'a' * 30_000}!', '^(a+)+$')) }}"),
    _text("regex bombs", "counted repetitions", "ASK { FILTER(REGEX('a', '((a{1000}){1000}){1000}')) }"),
    _text(
        "regex bombs",
        "a pattern for each row",
        f"SELECT (COUNT(*) AS ?n) {{ {_variables(2)} "
        "FILTER(REGEX(STR(?o0), CONCAT('(.*', STR(?o1), ')+$'))) }",
    ),
    _text(
        "long values",
        "a text doubled 40 times",
        f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('aaaaaaaa' AS ?x0) {DOUBLING} }}",
    ),
    _text("nesting", "5,000 parentheses", f"ASK {{ FILTER({_nest('(', ')', 5_000, 'true')}) }}"),
    _text("nesting", "5,000 groups", f"ASK {_nest('{', '}', 5_000)}"),
    _text("nesting", "1,500 sub-selects", f"SELECT * {{ {_nest('{ SELECT * {', '} }', 1_500)} }}"),
    _text("nesting", "1,500 EXISTS", f"ASK {{ {_nest('FILTER EXISTS { ?s ?p ?o . ', '}', 1_500)} }}"),
    _text("nesting", "2,000 function calls", f"ASK {{ FILTER({_nest('STR(', ')', 2_000, '1')} = '1') }}"),
    _text("nesting", "20,000 signs", f"SELECT ({'!' * 20_000}true AS ?x) {{}}"),
    _text("nesting", "a sum of 20,000", f"SELECT ({'+'.join(['1'] * 20_000)} AS ?x) {{}}"),
    _text("nesting", "a union of 5,000", f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * 5_000)} }}"),
    _text(
        "nesting",
        "2,000 triple terms",
        f"ASK {{ BIND({_nest('<<( <urn:s> <urn:p> ', ' )>>', 2_000, '1')} AS ?t) }}",
    ),
    _text("nesting", "only opening brackets", "ASK { FILTER(" + "(" * 100_000),
    _text(
        "optimiser hangs",
        "a list of 250 items",
        f"ASK {{ ?s ?p ({' '.join(f'?i{i}' for i in range(250))}) }}",
    ),
    _text("optimiser hangs", "500 nested blank nodes", f"ASK {{ ?s ?p {_nest('[ ?q ', ' ]', 500, '1')} }}"),
    _text("optimiser hangs", "a pattern of 3,000 triples", f"ASK {{ {_variables(3_000)} }}"),
    _text(
        "optimiser hangs",
        "400 optional parts",
        f"SELECT * {{ ?s ?p ?o {' '.join(f'OPTIONAL {{ ?s ?p{i} ?o }}' for i in range(400))} }} LIMIT 1",
    ),
    _text("10 MB texts", "a comment", b"#" + b"x" * 10_000_000 + b"\nASK {}", MUST_REFUSE),
    _text("10 MB texts", "values", b"ASK { VALUES ?x { " + b"1 " * 5_000_000 + b"} }", MUST_REFUSE),
    _text("10 MB texts", "one name", b"ASK { ?s ?p <urn:" + b"x" * 10_000_000 + b"> }", MUST_REFUSE),
    _text("10 MB texts", "one string that never ends", b"ASK { ?s ?p '" + b"x" * 10_000_000, MUST_REFUSE),
    _text("not UTF-8", "a byte 0xFF", b"ASK { ?s ?p '\xff' }", MUST_REFUSE),
    _text("not UTF-8", "an overlong slash", b"ASK { ?s ?p '\xc0\xaf' }", MUST_REFUSE),
    _text("not UTF-8", "half a surrogate pair", b"ASK { ?s ?p '\xed\xa0\x80' }", MUST_REFUSE),
    _text("not UTF-8", "a character cut off", b"ASK { ?s ?p '\xe2\x82", MUST_REFUSE),
    _text("not UTF-8", "NUL in the text", b"ASK { ?s ?p '\x00' }"),
    _text("not UTF-8", "escaped half of a surrogate pair", "ASK { ?s ?p '\\uD800' }", MUST_REFUSE),
    _text("not UTF-8", "letters that change direction", "ASK { ?s ?p '\u202e' } # \u2066"),
)


def _body(
    name: str, headers: str, body: bytes, safe: frozenset[Kind] = MUST_REFUSE, group: str = "charsets"
) -> Case:
    return _raw(name, lambda e: request(e, "POST", headers=headers, body=body), safe, group=group)


QUERY = "Content-Type: application/sparql-query\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
ZEROS = b"\0" * 1_000_000


def _gzip_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(ZEROS) for _ in range(megabytes)), packer.flush()])


BODIES = (
    _body(
        "UTF-16 said", "Content-Type: application/sparql-query; charset=utf-16\r\n", "ASK {}".encode("utf-16")
    ),
    _body(
        "Latin-1 said",
        "Content-Type: application/sparql-query; charset=iso-8859-1\r\n",
        b"ASK { ?s ?p '\xe9' }",
    ),
    _body("an unknown charset", "Content-Type: application/sparql-query; charset=x-unknown\r\n", b"ASK {}"),
    _body("UTF-16 not said", QUERY, "ASK {}".encode("utf-16")),
    _body("a form that is not UTF-8", FORM, b"query=ASK+%7B+%3Fs+%3Fp+%27%FF%27+%7D"),
    _body("a broken escape", FORM, b"query=ASK%ZZ%7B%7D"),
    _body("no type", "", b"ASK {}"),
    _body("a type of 8 KB", f"Content-Type: {'a' * 8_000}/b\r\n", b"ASK {}"),
    _body("1 GB of zeros", QUERY + "Content-Encoding: gzip\r\n", _gzip_bomb(1_000), group="gzip bombs"),
    _body(
        "a bomb in a bomb",
        QUERY + "Content-Encoding: gzip, gzip\r\n",
        gzip.compress(_gzip_bomb(100)),
        group="gzip bombs",
    ),
    _body(
        "zeros in zstd",
        QUERY + "Content-Encoding: zstd\r\n",
        zstandard.compress(ZEROS * 200, 19),
        group="gzip bombs",
    ),
    _body("gzip that is none", QUERY + "Content-Encoding: gzip\r\n", b"ASK {}", group="gzip bombs"),
    _body(
        "gzip that breaks off",
        QUERY + "Content-Encoding: gzip\r\n",
        gzip.compress(b"ASK {}")[:-9],
        group="gzip bombs",
    ),
    _body(
        "gzip with a tail",
        QUERY + "Content-Encoding: gzip\r\n",
        gzip.compress(b"ASK {}") + b"ASK {}",
        OR_CLOSED,
        group="gzip bombs",
    ),
    _body("an unknown coding", QUERY + "Content-Encoding: br\r\n", b"ASK {}", group="gzip bombs"),
)


def _get(headers: str, target: str = "") -> Callable[[Endpoint], bytes]:
    def build(endpoint: Endpoint) -> bytes:
        path = urlsplit(endpoint.query).path
        return request(endpoint, target=target or f"{path}?query={quote('ASK {}')}", headers=headers)

    return build


def _post(headers: str, body: bytes, length: str | None = None) -> Callable[[Endpoint], bytes]:
    return lambda endpoint: request(endpoint, "POST", headers=QUERY + headers, body=body, length=length)


SMUGGLED = b"0\r\n\r\nGET /problems HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"

HEADERS = (
    _raw("two lengths that differ", _post("Content-Length: 3\r\n", b"ASK {}"), MUST_REFUSE),
    _raw("two lengths that agree", _post("Content-Length: 6\r\n", b"ASK {}")),
    _raw("a length and chunks", _post(CHUNKED, SMUGGLED)),
    _raw("a negative length", _post("", b"ASK {}", "-1"), MUST_REFUSE),
    _raw("a length with a sign", _post("", b"ASK {}", "+6"), MUST_REFUSE),
    _raw("a length of 20 digits", _post("", b"ASK {}", "9" * 20), MUST_REFUSE),
    _raw("a length of 1 TB", _post("", b"ASK {}", str(10**12)), MUST_REFUSE),
    _raw(
        "chunks of no number",
        lambda e: request(e, "POST", headers=QUERY + CHUNKED) + b"ZZ\r\nASK\r\n",
        MUST_REFUSE,
    ),
    _raw(
        "a chunk of 16 EB",
        lambda e: request(e, "POST", headers=QUERY + CHUNKED) + b"fffffffffffffffff\r\nA",
        MUST_REFUSE,
    ),
    _raw("an unknown transfer coding", _post("Transfer-Encoding: xchunked\r\n", b"ASK {}")),
    _raw("a header of 1 MB", _get(f"X-Long: {'x' * 1_000_000}\r\n"), MUST_REFUSE),
    _raw("10,000 headers", _get("".join(f"X-{i}: y\r\n" for i in range(10_000))), MUST_REFUSE),
    _raw("a target of 1 MB", _get("", "/sparql?query=" + "x" * 1_000_000), MUST_REFUSE),
    _raw("an Accept of 100 KB", _get(f"Accept: {','.join(['a/b;q=0.1'] * 10_000)}\r\n")),
    _raw("an Accept that backtracks", _get(f"Accept: {chr(34) + chr(92) * 60_000}\r\n")),
    _raw("a Cookie of 60 KB", _get(f"Cookie: {';'.join(f'a{i}=b' for i in range(6_000))}\r\n")),
    _raw("a Range of many", _get(f"Range: bytes={','.join(f'{i}-{i}' for i in range(3_000))}\r\n")),
    _raw(
        "an If-None-Match of many",
        _get(f"If-None-Match: {','.join(['W/' + chr(34) + 'x' + chr(34)] * 5_000)}\r\n"),
    ),
    _raw("a line feed alone before a header", _get("X-A: b\nSet-Cookie: c=d\r\n")),
    _raw("a folded header", _get("X-A: b\r\n c\r\n")),
    _raw("a space before the colon", _get("Content-Length : 5\r\n"), MUST_REFUSE),
    _raw("NUL in a header", _get("X-A: b\0c\r\n"), MUST_REFUSE),
    _raw("no Host", lambda e: b"GET /sparql HTTP/1.1\r\n\r\n"),
    _raw("two Hosts", _get("Host: evil.example\r\n")),
    _raw(
        "a Host with markup",
        lambda e: b"GET /sparql HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nAccept: text/turtle\r\n\r\n",
    ),
    _raw(
        "forwarded headers",
        _get(
            "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\n"
            "Forwarded: host=evil.example\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Prefix: /evil\r\n"
        ),
    ),
    _raw("another server's address as target", _get("", "http://evil.example/sparql")),
    _raw("dots in the path", _get("", "/static/../../../../etc/passwd")),
    _raw("escaped dots in the path", _get("", "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd")),
    _raw("NUL in the path", _get("", "/queries/%00"), MUST_REFUSE),
    _raw("bytes that are not UTF-8 in the path", _get("", "/queries/%ff%fe"), MUST_REFUSE),
    _raw("an unknown method", lambda e: request(e, "BREW"), MUST_REFUSE),
    _raw("a method of 10 KB", lambda e: request(e, "A" * 10_000), MUST_REFUSE),
    _raw("TRACE", lambda e: request(e, "TRACE", headers="Cookie: secret=1\r\n"), MUST_REFUSE),
    _raw(
        "CONNECT", lambda e: b"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\n\r\n", MUST_REFUSE
    ),
    _raw(
        "an upgrade",
        _get(
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n"
        ),
    ),
    _raw("the preface of HTTP/2", lambda e: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    _raw("HTTP/0.9", lambda e: b"GET /\r\n\r\n"),
    _raw("a TLS greeting", lambda e: bytes.fromhex("16030100a5010000a10303") + bytes(160)),
    _raw("noise", lambda e: bytes(range(256)) * 16 + b"\r\n\r\n"),
)

ANSWERED: frozenset[Kind] = frozenset({"answer"})

CLIENTS = (
    Case("slow clients", "one byte of the head a while", clients.dribble_head, ANSWERED),
    Case("slow clients", "a body that stops half-way", clients.stop_in_body, ANSWERED),
    Case("slow clients", "300 half-sent bodies", clients.stop_in_many_bodies, ANSWERED),
    Case("clients that stop reading", "nine million rows, none read", clients.read_nothing, ANSWERED),
    Case("clients that stop reading", "fifty at once", clients.read_nothing_by_many, ANSWERED),
    Case("clients that leave", "before the answer, 50 times", clients.leave_early, ANSWERED),
    Case("idle connections", "1,000, with 256 files allowed at first", clients.idle, ANSWERED),
)

CASES = (*TEXTS, *BODIES, *HEADERS, *CLIENTS)
