"""Reading SPARQL Protocol requests: what is understood, and what is refused with which status."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from onrecord.errors import MediaTypeError, MethodError, RequestError, TooLargeError
from onrecord.web.protocol import FORM, QUERY, UPDATE, ProtocolRequest, parse_form, read_request

LONGEST = 1000


def read(
    method: str = "GET",
    address: bytes = b"",
    body: bytes = b"",
    content_type: str | None = None,
    **environ: str,
) -> ProtocolRequest:
    built = EnvironBuilder(method=method, path="/sparql").get_environ()
    built["QUERY_STRING"] = address.decode("latin-1")
    if body or content_type:
        built["wsgi.input"] = io.BytesIO(body)
        built["CONTENT_LENGTH"] = str(len(body))
    built.pop("CONTENT_TYPE", None)
    if content_type is not None:
        built["CONTENT_TYPE"] = content_type
    return read_request(built | environ, LONGEST)


def test_a_query_is_read_from_the_address_a_form_and_a_body() -> None:
    assert read(address=b"query=ASK%20%7B%7D").query == "ASK {}"
    assert read("HEAD", address=b"query=ASK+%7B%7D").query == "ASK {}"
    assert read("POST", body=b"query=ASK+%7B%7D", content_type=FORM).query == "ASK {}"
    assert read("POST", body=b"ASK {}", content_type=QUERY).query == "ASK {}"
    assert read("POST", body="\ufeffASK {}".encode(), content_type=QUERY).query == "ASK {}"
    assert read("POST", body="ASK { ?s ?p '\u0645' }".encode(), content_type=f"{QUERY}; charset=UTF-8").query


def test_the_dataset_stands_in_the_address_or_in_the_form_and_keys_repeat() -> None:
    address = b"default-graph-uri=http%3A%2F%2Fe%2F1&default-graph-uri=http://e/2&named-graph-uri=http://e/3"
    assert read(address=b"query=x&" + address).default_graphs == ("http://e/1", "http://e/2")
    direct = read("POST", address=address, body=b"x", content_type=QUERY)
    assert direct.named_graphs == ("http://e/3",)
    form = read(
        "POST",
        address=b"default-graph-uri=http://e/1",
        body=b"query=x&named-graph-uri=http://e/3",
        content_type=FORM,
    )
    assert (form.default_graphs, form.named_graphs) == (("http://e/1",), ("http://e/3",))


def test_no_dataset_is_not_an_empty_dataset() -> None:
    assert read(address=b"query=x").default_graphs is None
    assert read(address=b"query=x&default-graph-uri=").default_graphs is None


@pytest.mark.parametrize(
    "iri", [b"relative", b"http://e/%3E", b"http://e/a%20b", b"http://e/%00", b"%3Cscript%3E"]
)
def test_a_graph_that_is_no_absolute_iri_is_refused(iri: bytes) -> None:
    with pytest.raises(RequestError, match="not an absolute IRI"):
        read(address=b"query=x&default-graph-uri=" + iri)


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        (RequestError, {"address": b"query=a&query=b"}),
        (RequestError, {"address": b"query=a&query="}),
        (RequestError, {"method": "POST", "body": b"query=a&query=b", "content_type": FORM}),
        (RequestError, {"method": "POST", "address": b"query=a", "body": b"query=b", "content_type": FORM}),
        (RequestError, {"method": "POST", "address": b"query=a", "body": b"b", "content_type": QUERY}),
        (RequestError, {"method": "POST", "body": b"query=a&update=b", "content_type": FORM}),
        (MethodError, {"address": b"update=CLEAR%20ALL"}),
        (MethodError, {"method": "PUT", "body": b"query=a", "content_type": FORM}),
        (MediaTypeError, {"method": "POST", "body": b"ASK {}", "content_type": "text/plain"}),
        (MediaTypeError, {"method": "POST", "body": b"ASK {}"}),
        (MediaTypeError, {"method": "POST", "body": b"ASK {}", "content_type": "\x00;;;="}),
        (
            MediaTypeError,
            {"method": "POST", "body": b"query=a", "content_type": "multipart/form-data; boundary=x"},
        ),
        (
            MediaTypeError,
            {"method": "POST", "body": "ASK {}".encode("utf-16"), "content_type": f"{QUERY}; charset=UTF-16"},
        ),
        (MediaTypeError, {"method": "POST", "body": b"query=a", "content_type": f"{FORM}; charset=latin1"}),
        (
            RequestError,
            {"method": "POST", "body": b"\x1f\x8b", "content_type": QUERY, "HTTP_CONTENT_ENCODING": "gzip"},
        ),
        (
            MediaTypeError,
            {"method": "POST", "body": b"\x8b", "content_type": QUERY, "HTTP_CONTENT_ENCODING": "br"},
        ),
        (RequestError, {"method": "POST", "body": b"ASK { '\xff' }", "content_type": QUERY}),
        (RequestError, {"method": "POST", "body": b"query=%FF", "content_type": FORM}),
        (RequestError, {"address": b"query=%FF%FE"}),
        (RequestError, {"address": b"query=\xff"}),
        (RequestError, {"address": b"query=%ED%A0%80"}),
        (RequestError, {"address": b"query=%zz"}),
        (RequestError, {"address": b"query=50%"}),
        (RequestError, {"address": b"query=50%2"}),
        (RequestError, {"address": b"que%8ry=a"}),
        (TooLargeError, {"address": b"query=" + b"a" * (LONGEST + 1)}),
        (TooLargeError, {"method": "POST", "body": b"a" * (LONGEST + 1), "content_type": QUERY}),
        (TooLargeError, {"method": "POST", "body": b"query=" + b"a" * (LONGEST + 1), "content_type": FORM}),
        (TooLargeError, {"method": "POST", "body": b"x=" + b"a" * 100_000, "content_type": FORM}),
    ],
)
def test_what_is_not_one_clear_text_is_refused(kind: type[RequestError], request_: dict[str, object]) -> None:
    with pytest.raises(kind) as caught:
        read(**request_)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert caught.value.detail.endswith(".")


def test_updates_are_read_as_updates() -> None:
    assert read("POST", body=b"update=CLEAR+ALL", content_type=FORM).update == "CLEAR ALL"
    assert read("POST", body=b"CLEAR ALL", content_type=UPDATE).update == "CLEAR ALL"


def test_nothing_asked_is_nothing_read() -> None:
    assert read().query is None
    assert read("POST", content_type=FORM).query is None


def test_a_body_too_long_is_refused_without_being_read() -> None:
    class Unreadable(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the body was read")

    built = EnvironBuilder(method="POST", path="/sparql").get_environ()
    built |= {"CONTENT_TYPE": QUERY, "CONTENT_LENGTH": "10000000000", "wsgi.input": Unreadable()}
    with pytest.raises(TooLargeError):
        read_request(built, LONGEST)


def test_a_body_of_unstated_length_is_read_to_the_bound_and_no_further() -> None:
    endless = io.BytesIO(b"a" * 1_000_000)
    built = EnvironBuilder(method="POST", path="/sparql").get_environ()
    built.pop("CONTENT_LENGTH", None)
    built |= {"CONTENT_TYPE": QUERY, "wsgi.input": endless, "wsgi.input_terminated": True}
    with pytest.raises(TooLargeError):
        read_request(built, LONGEST)
    assert endless.tell() <= LONGEST + 1


def test_the_formats_asked_for_are_kept_in_order() -> None:
    found = read(address=b"query=x&format=tsv&format=text/tab-separated-values&results=tsv")
    assert found.formats == {"format": ("tsv", "text/tab-separated-values"), "results": ("tsv",)}


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_every_form_reads_back_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    assert list(parse_form(urlencode(pairs).encode(), "form")) == pairs


@given(st.binary(max_size=60))
def test_no_bytes_whatever_do_more_than_be_refused(data: bytes) -> None:
    with suppress(RequestError):
        assert read(address=data).update is None
