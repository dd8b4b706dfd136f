"""What a reader wants of a page: its languages and its number in a row of pages."""

from __future__ import annotations

import re

from flask import request

from onrecord.errors import ParameterError
from onrecord.web.site import Site

_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_MOST_LANGUAGES = 6
DEEPEST = 100_000
"""Rows that a reader may page past; what lies deeper is reached by a narrower question."""


def languages(site: Site) -> tuple[str, ...]:
    """Primary subtags, the best first: `_lang`, then Accept-Language, then the folder's own.

    Raises ParameterError for a `_lang` that is no language tag.
    """
    asked = request.args.get("_lang", "")
    if asked and _TAG.fullmatch(asked) is None:
        raise ParameterError(f'_lang "{asked[:40]}" is no language tag; a tag looks like en or ar.')
    primary = (_primary(asked),) if asked else accepted_languages()
    return tuple(dict.fromkeys((*primary, *site.languages)))


def refuse_unknown(*known: str) -> None:
    """Raises ParameterError for a parameter that is not among `known`; options begin with `_` and pass.

    What looks like a filter and filters nothing would show everybody's claims
    under somebody's name.
    """
    for name in request.args:
        if name not in known and not name.startswith("_"):
            takes = f"known: {', '.join(known)}" if known else "this page takes none"
            raise ParameterError(f'Parameter "{name[:40]}" is not known; {takes}.')


def accepted_languages() -> tuple[str, ...]:
    """Primary subtags of Accept-Language, the best first."""
    wanted = [tag for tag, q in request.accept_languages if q > 0 and tag != "*"][:_MOST_LANGUAGES]
    return tuple(dict.fromkeys(_primary(tag) for tag in wanted))


def kept_language() -> dict[str, str]:
    """What a link has to say so that the next page is in the language that this address names."""
    asked = request.args.get("_lang", "")
    return {"_lang": asked} if _TAG.fullmatch(asked) else {}


def asked_languages(site: Site) -> tuple[str, ...] | None:
    """As `languages`, where the address names one; None where it leaves it to the folder."""
    return languages(site) if kept_language() else None


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def page_number(size: int) -> int:
    """The page that `_page` names, 1 without it; `size` rows stand on each.

    Raises ParameterError for what is no page.
    """
    text = request.args.get("_page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and int(text) > 0):
        raise ParameterError(f'_page "{text[:40]}" is no page; pages are counted from 1.')
    if (int(text) - 1) * size > DEEPEST:
        raise ParameterError(
            f"_page {text} lies too deep; the last one is {DEEPEST // size + 1}. "
            "Ask a narrower question, or take the data as a whole."
        )
    return int(text)
