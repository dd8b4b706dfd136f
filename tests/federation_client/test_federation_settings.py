"""From options and environment to the allow-list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import environment

from onrecord.config import Settings, read_settings
from onrecord.errors import SettingError
from onrecord.federation.configuration import open_federation, read_endpoints
from onrecord.identity.roles import ANONYMOUS, ROLES, Identity, limit_federation, may


def test_the_environment_names_several_endpoints_with_spaces_between() -> None:
    settings = read_settings({}, {"ONRECORD_FEDERATE": "wikidata http://127.0.0.1:7878"})
    assert settings.federate == ("wikidata", "http://127.0.0.1:7878")


def test_the_option_wins_over_the_environment_and_absence_is_no_option() -> None:
    environ = {"ONRECORD_FEDERATE": "wikidata"}
    assert read_settings({"federate": ("dbpedia",)}, environ).federate == ("dbpedia",)
    assert read_settings({"federate": ()}, environ).federate == ("wikidata",)


@pytest.mark.parametrize(
    "contact", ["desk@example.org", "mailto:desk+kg@example.org", "https://example.org/contact?x=1"]
)
def test_a_contact_is_a_mail_address_or_a_url(contact: str) -> None:
    assert Settings(federation_contact=contact).federation_contact == contact


@pytest.mark.parametrize(
    "contact",
    ["me", "a@b\r\nX-Evil: 1", "a b@example.org", "https://a/(x)", "ä@example.org", "@", "ftp://a/"],
)
def test_what_is_no_contact_is_refused(contact: str) -> None:
    with pytest.raises(SettingError, match="federation-contact"):
        Settings(federation_contact=contact)


def test_to_federate_needs_a_contact() -> None:
    with pytest.raises(SettingError, match="--federation-contact"):
        read_endpoints(Settings(federate=("wikidata",)))
    assert not read_endpoints(Settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("federation_requests", 0),
        ("federation_megabytes", 0),
        ("federation_client_requests", -1),
        ("federation_cache_megabytes", 0),
        ("federation_timeout", 0.0),
        ("federation_cache_hours", -1.0),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_option(name: str, value: float) -> None:
    with pytest.raises(SettingError, match="--" + name.replace("_", "-")):
        Settings(**{name: value})


def test_settings_reach_the_client(tmp_path: Path) -> None:
    made = open_federation(
        Settings(
            federate=("wikidata",),
            federation_contact="desk@example.org",
            federation_requests=3,
            federation_megabytes=2,
            federation_timeout=9.0,
            federation_client_requests=7,
            federation_cache_hours=2.0,
            federation_cache_megabytes=5,
        ),
        tmp_path,
    ).settings
    assert made.directory == tmp_path / "federation" and made.contact == "desk@example.org"
    allowance = made.allowance
    assert (allowance.requests, allowance.size, allowance.seconds) == (3, 2 << 20, 9.0)
    assert (allowance.client_requests, made.cache_seconds, made.cache_size) == (7, 7200.0, 5 << 20)


def test_serve_refuses_an_endpoint_that_it_does_not_know(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "onrecord", "serve", "--port", "0", "--store", str(tmp_path / "store")]
    command += ["--federate", "wikidatta", "--federation-contact", "desk@example.org"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment())
    assert told.returncode == 1 and "known: wikidata" in told.stderr and "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("federating", "let_in"),
    [
        ("open", ["", "reader", "editor", "admin"]),
        ("token", ["reader", "editor", "admin"]),
        ("editor", ["editor", "admin"]),
    ],
)
def test_who_may_federate_is_set_by_one_setting(federating: str, let_in: list[str]) -> None:
    known = [Identity(role, role, ROLES[role], "t1") for role in ROLES]
    found = [i.role for i in (ANONYMOUS, *known) if may(limit_federation(i, federating), "federate")]
    assert found == let_in
    assert all(may(limit_federation(i, federating), "query") for i in (ANONYMOUS, *known))
