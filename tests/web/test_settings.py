"""The settings that the web depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from onrecord.config import Settings, read_settings
from onrecord.errors import SettingError


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "https:///graph",
        "http://:8000/",
        "http://[::1",
        "http://[half]/",
        "http://a:port/",
        "http://a:99999/",
        "http://a b/",
        "http://a/<script>",
        "http://a/\n",
        "ftp://a/",
        "example.org/graph",
        "//example.org",
    ],
)
def test_a_public_address_that_is_none_is_refused_with_its_value_and_a_remedy(url: str) -> None:
    with pytest.raises(SettingError) as refused:
        Settings(public_url=url)
    assert f'--public-url "{url}"' in refused.value.detail
    assert "http:// or https://" in refused.value.detail
    assert "host" in refused.value.detail
    with pytest.raises(SettingError):
        read_settings({}, {"ONRECORD_PUBLIC_URL": url})


@pytest.mark.parametrize(
    "url", ["", "http://a", "https://example.org/graph/", "http://[::1]:8000", "http://127.0.0.1:8000/a/b"]
)
def test_a_public_address_of_the_web_is_taken(url: str) -> None:
    assert Settings(public_url=url).public_url == url


def test_texts_of_articles_are_shown_to_this_machine_alone() -> None:
    assert Settings(source=Path("/texts")).source == Path("/texts")
    for wrong in ({"host": "0.0.0.0"}, {"public_url": "https://example.org"}):
        with pytest.raises(SettingError, match="works on this machine alone"):
            Settings(source=Path("/texts"), **wrong)  # type: ignore[arg-type]
