"""Nothing outside the allow-list is ever reached: schemes, names, addresses, certificates."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from collections.abc import Callable

import pytest
import trustme
from tests.federation_client.conftest import (
    QUERY,
    Loopback,
    MisbehavingServer,
    answer,
    status,
)

from onrecord.errors import EndpointRefusedError, RemoteUnreachableError, SettingError
from onrecord.federation.address import is_public
from onrecord.federation.client import Federation
from onrecord.federation.endpoints import Endpoints

Make = Callable[..., Federation]
Start = Callable[..., MisbehavingServer]
WIKIDATA = "https://query.wikidata.org/sparql"
QLEVER = "https://qlever.dev/api/wikidata"

NOT_PUBLIC = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::7f00:1",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "100::1",
]
PUBLIC = [
    "91.198.174.192",
    "185.15.59.224",
    "8.8.8.8",
    "2620:0:862:ed1a::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_known_name_that_leads_inside_is_not_connected_to(
    address: str, federation: Make, loopback: Loopback
) -> None:
    loopback.names["query.wikidata.org"] = [address]
    with pytest.raises(EndpointRefusedError, match="no address of the public internet"):
        federation("wikidata").asking().select(WIKIDATA, QUERY, None)
    assert not loopback.connected


def test_one_bad_address_among_good_ones_refuses_the_name(federation: Make, loopback: Loopback) -> None:
    loopback.names["query.wikidata.org"] = ["91.198.174.192", "127.0.0.1"]
    with pytest.raises(EndpointRefusedError):
        federation("wikidata").asking().select(WIKIDATA, QUERY, None)
    assert not loopback.connected


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    misbehaving: Start, federation: Make, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers differently the second time is never asked a second time."""
    server = misbehaving(answer("one"))
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    monkeypatch.setattr(loopback, "resolve", lambda host, port: next(answers))
    made = federation(f"http://graph.test:{server.port}")
    made.asking().select(f"http://graph.test:{server.port}/sparql", QUERY, None)
    assert loopback.connected == [("127.0.0.1", server.port)]
    assert server.requests[0].headers["host"] == f"graph.test:{server.port}"


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"])
def test_a_listed_name_never_leads_to_where_a_cloud_keeps_its_secrets(
    address: str, federation: Make, loopback: Loopback
) -> None:
    loopback.names["graph.test"] = [address]
    with pytest.raises(EndpointRefusedError):
        federation("http://graph.test").asking().select("http://graph.test/sparql", QUERY, None)
    assert not loopback.connected


def test_a_redirect_is_not_followed(misbehaving: Start, federation: Make, loopback: Loopback) -> None:
    inside = misbehaving(answer("secret"))
    outside = misbehaving(status(302, Location=inside.url))
    with pytest.raises(Exception, match="redirects are not followed"):
        federation(outside, inside).asking().select(outside.url, QUERY, None)
    assert not inside.requests and loopback.connected == [("127.0.0.1", outside.port)]


REFUSED = [
    "http://127.0.0.1:1/sparql",
    "http://localhost/sparql",
    "http://[::1]/sparql",
    "http://2130706433/sparql",
    "http://127.1/sparql",
    "http://0x7f.1/sparql",
    "file:///etc/passwd",
    "ftp://query.wikidata.org/sparql",
    "gopher://query.wikidata.org/",
    "unix:///var/run/docker.sock",
    "https://query.wikidata.org.evil.test/sparql",
    "https://query.wikidata.org@evil.test/sparql",
    "https://user:secret@query.wikidata.org/sparql",
    "https://query.wikidata.org:444/sparql",
    "https://query.wikidata.org/other",
    "https://query.wikidata.org/sparql?timeout=1",
    "https://evil.test/?https://query.wikidata.org/sparql",
    "https://query.wikidata.org\\@evil.test/",
    "https://query.wikidata.org/sparql\r\nX: y",
    "http://evil.test:99999/",
    "http://127.0.0.1./sparql",
    "http://0177.0.0.1/sparql",
    "http://LOCALHOST./sparql",
    "http://[::ffff:127.0.0.1]/sparql",
    "http://[::ffff:7f00:1]:80/sparql",
    "http://[fe80::1%25eth0]/sparql",
    "http://\u2460\u2461\u2466.0.0.1/sparql",
    "https://query%2ewikidata.org/sparql",
    "https://query.wikidata.org%00.evil.test/sparql",
    "https://query.wikidata.org%2f@evil.test/sparql",
    "https://example.org%20.evil.test/",
    "https://ex\u0430mple.org/sparql",
    "https://example.org.evil.test./",
    "https://example.org:80/",
    "https://example.org:0/",
    "https://example.org:-1/",
    "https://user@example.org/",
    "https://:@example.org/",
    "https:example.org/",
    "//example.org/sparql",
    "data:,x",
    "jar:https://example.org/",
    "javascript:https://example.org/",
    "https:///sparql",
    "urn:x",
    "sparql",
    "",
]


@pytest.mark.parametrize("iri", REFUSED)
def test_what_is_not_listed_is_refused_before_anything_is_resolved(
    iri: str, federation: Make, loopback: Loopback
) -> None:
    asking = federation("wikidata", "https://example.org").asking()
    for call in (
        lambda: asking.check(iri),
        lambda: asking.recall(iri, QUERY, None),
        lambda: asking.select(iri, QUERY, None),
    ):
        with pytest.raises(EndpointRefusedError):
            call()
    assert not loopback.lookups and not loopback.connected


@pytest.mark.parametrize(
    "iri",
    ["https://example.org./sparql", "https://EXAMPLE.org:443/sparql", "https://example\u3002org/sparql"],
)
def test_another_spelling_of_a_listed_host_leads_to_that_host_alone(
    iri: str, federation: Make, loopback: Loopback
) -> None:
    with pytest.raises(RemoteUnreachableError):
        federation("https://example.org").asking().select(iri, QUERY, None)
    assert loopback.lookups == ["example.org"]


def test_nothing_is_allowed_by_default_and_the_refusal_names_the_setting() -> None:
    with pytest.raises(EndpointRefusedError, match=r"--federate wikidata$"):
        Endpoints(()).targets(WIKIDATA)
    with pytest.raises(EndpointRefusedError, match=r"--federate https://example\.org:8443$"):
        Endpoints(()).targets("https://EXAMPLE.org:8443/sparql?x=1")


def test_an_origin_allows_its_paths_and_no_other_port_scheme_or_host() -> None:
    allowed = Endpoints(("https://example.org",))
    assert allowed.is_allowed("https://example.org/sparql")
    assert allowed.is_allowed("https://EXAMPLE.org:443/other?default=x")
    for other in ("http://example.org/", "https://example.org:444/", "https://a.example.org/"):
        assert not allowed.is_allowed(other)


@pytest.mark.parametrize(
    "iri",
    [
        WIKIDATA,
        "https://query.wikidata.org/bigdata/namespace/wdq/sparql",
        "https://w3id.org/onrecord/service/wikidata",
    ],
)
def test_wikidata_is_known_by_its_addresses_and_its_name(iri: str) -> None:
    assert [t.url for t in Endpoints(("wikidata",)).targets(iri)] == [WIKIDATA]


def test_several_endpoints_of_one_dataset_stand_in_the_order_of_the_options() -> None:
    targets = Endpoints(("wikidata-qlever", "wikidata")).targets(WIKIDATA)
    assert [t.url for t in targets] == [QLEVER, WIKIDATA]
    assert [t.url for t in Endpoints(("wikidata", "wikidata-qlever")).targets(QLEVER)] == [QLEVER]


def test_a_known_name_may_stand_at_another_address() -> None:
    (target,) = Endpoints(("wikidata=http://127.0.0.1:7878/query",)).targets(WIKIDATA)
    assert (target.url, target.private_allowed) == ("http://127.0.0.1:7878/query", True)


def test_the_next_endpoint_answers_when_the_first_asks_for_a_pause(
    misbehaving: Start, federation: Make
) -> None:
    first = misbehaving(status(429, Retry_After="3600"))
    second = misbehaving(answer("one"))
    made = federation(f"wikidata={first.url}", f"wikidata-qlever={second.url}")
    for _ in range(2):
        assert made.asking().select(WIKIDATA, QUERY, None).provenance.url == second.url
    assert (len(first.requests), len(second.requests)) == (1, 2)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("wikidatta", "known: wikidata, wikidata-qlever"),
        ("file:///etc", "only http and https"),
        ("https://example.org/sparql", "Write --federate https://example.org,"),
        ("https://user@example.org", "user name"),
        ("example.org", "no origin"),
        ("wikidatta=http://127.0.0.1/", "not known"),
        ("wikidata=nowhere", "no origin"),
    ],
)
def test_a_wrong_value_of_federate_is_told_with_its_remedy(value: str, said: str) -> None:
    with pytest.raises(SettingError) as raised:
        Endpoints((value,))
    assert said in raised.value.detail and value in raised.value.detail


# -- certificates ------------------------------------------------------------------------------


def secure(server: MisbehavingServer, authority: trustme.CA, name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def secured(misbehaving: Start, authority: trustme.CA, name: str) -> MisbehavingServer:
    server = MisbehavingServer(answer("one"))
    secure(server, authority, name)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def test_a_certificate_for_the_name_is_accepted(
    misbehaving: Start, federation: Make, loopback: Loopback, authority: trustme.CA
) -> None:
    server = secured(misbehaving, authority, "graph.test")
    loopback.names["graph.test"] = ["127.0.0.1"]
    loopback.to_port = server.port
    made = federation("https://graph.test", tls=trusting(authority))
    got = made.asking().select("https://graph.test/sparql", QUERY, None)
    server.shutdown()
    server.server_close()
    assert got.solutions.rows and loopback.connected == [("127.0.0.1", 443)]
    assert server.requests[0].headers["host"] == "graph.test"


@pytest.mark.parametrize(
    ("name", "is_trusted"),
    [("graph.test", False), ("other.test", True)],
    ids=["unknown authority", "other name"],
)
def test_a_bad_certificate_is_refused_and_nothing_sent(
    name: str,
    is_trusted: bool,
    misbehaving: Start,
    federation: Make,
    loopback: Loopback,
    authority: trustme.CA,
) -> None:
    server = secured(misbehaving, authority, name)
    loopback.names["graph.test"] = ["127.0.0.1"]
    loopback.to_port = server.port
    made = federation("https://graph.test", tls=trusting(authority if is_trusted else trustme.CA()))
    with pytest.raises(RemoteUnreachableError, match="certificate is not accepted"):
        made.asking().select("https://graph.test/sparql", QUERY, None)
    server.shutdown()
    server.server_close()
    assert not server.requests


def test_a_port_without_tls_is_told(misbehaving: Start, federation: Make, loopback: Loopback) -> None:
    server = misbehaving(answer("one"))
    loopback.names["graph.test"] = ["127.0.0.1"]
    loopback.to_port = server.port
    with pytest.raises(RemoteUnreachableError, match="no secure connection"):
        federation("https://graph.test").asking().select("https://graph.test/sparql", QUERY, None)


def test_a_name_that_does_not_exist_is_told(federation: Make, loopback: Loopback) -> None:
    with pytest.raises(RemoteUnreachableError, match=r"query\.wikidata\.org has no address"):
        federation("wikidata").asking().select(WIKIDATA, QUERY, None)
    assert loopback.lookups == ["query.wikidata.org"] and not loopback.connected
