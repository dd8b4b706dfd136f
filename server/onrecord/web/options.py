"""Options of a saved query's address: everything that begins with an underscore."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from onrecord.errors import ParameterError

MOST_ROWS_A_PAGE = 100_000
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True)
class ResultOptions:
    """What is asked of the result beyond its parameters.

    `labels` are languages, the preferred one first; empty means those of the
    folder, None no label columns. `limit` and `offset` cut a page out of the
    ordered rows. `federation` is "offline" for what is kept of other endpoints' answers alone.
    """

    labels: tuple[str, ...] | None = None
    evidence: bool = False
    limit: int | None = None
    offset: int = 0
    generation: str = ""
    federation: str = ""

    @property
    def changes_rows(self) -> bool:
        """Whether the result is another than the engine writes by itself."""
        return self.labels is not None or self.evidence or self.is_paged

    @property
    def is_paged(self) -> bool:
        return self.limit is not None or self.offset > 0

    def pairs(self, **changed: int | str) -> list[tuple[str, str]]:
        """The options as they stand in an address, some of them changed.

        >>> ResultOptions(labels=("ar", "en"), limit=10).pairs(offset=10)
        [('_labels', 'ar,en'), ('_limit', '10'), ('_offset', '10')]
        """
        told: list[tuple[str, str]] = []
        if self.labels is not None:
            told.append(("_labels", ",".join(self.labels) or "1"))
        if self.evidence:
            told.append(("_evidence", "1"))
        limit, offset = changed.get("limit", self.limit), changed.get("offset", self.offset)
        generation = changed.get("generation", self.generation)
        told += [("_limit", str(limit))] if limit is not None else []
        told += [("_offset", str(offset))] if offset else []
        told += [("_generation", str(generation))] if generation else []
        told += [("_federation", self.federation)] if self.federation else []
        return told


NO_OPTIONS = ResultOptions()


def read_options(pairs: Sequence[tuple[str, str]]) -> ResultOptions:
    """The options among `pairs`, each a name that begins with an underscore, and its text.

    Raises ParameterError, naming option, value and remedy.

    >>> read_options([("_labels", "ar,en"), ("_limit", "20")])
    ResultOptions(labels=('ar', 'en'), evidence=False, limit=20, offset=0, generation='', federation='')
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in _KNOWN:
            raise ParameterError(f'Option "{name[:60]}" is not known; known: {", ".join(_KNOWN)}.')
        if name in found:
            raise ParameterError(f'Option "{name}" is given twice. Give it once.')
        found[name] = value.strip()
    limit = _count("_limit", found["_limit"], 1) if found.get("_limit") else None
    return ResultOptions(
        labels=_languages(found.get("_labels", "")),
        evidence=_boolean("_evidence", found.get("_evidence", "")),
        limit=limit,
        offset=_count("_offset", found["_offset"], 0) if found.get("_offset") else 0,
        generation=found.get("_generation", ""),
        federation=found.get("_federation", ""),
    )


def refuse_row_options(options: ResultOptions, name: str) -> None:
    """Raises ParameterError for options that need rows; `name` is the query, which has none."""
    if options.changes_rows:
        raise ParameterError(
            f"_labels, _evidence, _limit and _offset are for results that have rows; {name} has none."
        )


def address_query(values: Sequence[tuple[str, str]], options: Sequence[tuple[str, str]] = ()) -> str:
    """`?...` of an address; empty when there is nothing to say."""
    pairs = [*values, *options]
    return f"?{urlencode(pairs)}" if pairs else ""


_KNOWN = ("_labels", "_evidence", "_limit", "_offset", "_generation", "_federation")


def _languages(text: str) -> tuple[str, ...] | None:
    if text.lower() in _NO:
        return None
    if text.lower() in _YES:
        return ()
    languages = tuple(part.strip().lower() for part in text.split(","))
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            raise ParameterError(
                f'Option "_labels" has the value "{text[:60]}". Write languages such as en or ar,en, or 1 '
                "for those of the folder."
            )
    return languages


def _boolean(name: str, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ParameterError(f'Option "{name}" has the value "{text[:60]}". Write 1 or 0.')


def _count(name: str, text: str, least: int) -> int:
    # ASCII digits only: int() would take others, and a hundred thousand of them.
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text):
        value = int(text)
        if value > MOST_ROWS_A_PAGE:
            raise ParameterError(
                f'Option "{name}" has the value "{text}"; the most is {MOST_ROWS_A_PAGE}. Without options, '
                "JSON, XML, CSV and TSV have every row."
            )
        return value
    raise ParameterError(
        f'Option "{name}" has the value "{text[:60]}". Write a whole number from {least} up.'
    )
