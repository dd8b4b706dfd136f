"""Pages as a reader's browser gets them, and a small way to look into them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from tests.conftest import LiveServer

PAGE = {"Accept": "text/html"}
ARTICLE = "/article/343dbc8f"

Show = Callable[..., str]


def words_of(page: str) -> str:
    """The text of a page, its tags taken out, white space run together."""
    without = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


def articles_of(page: str) -> list[str]:
    """The claim cards of a page, as HTML."""
    return re.findall(r'<article class="claim.*?</article>', page, flags=re.DOTALL)


@pytest.fixture(scope="session")
def show(live_server: LiveServer) -> Show:
    """`show(path)` is the page at `path`, which must be there."""

    def get(path: str, language: str = "en") -> str:
        response = live_server.get(path, {**PAGE, "Accept-Language": language})
        assert response.status == 200, response.text
        return response.text

    return get
