"""The pages on which people read the graph without a query, and how their templates write values."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from onrecord.web import claims_routes, drawn_routes, entities_routes, search_routes, vocabulary


def install(app: Flask) -> None:
    """Add the pages to `app`."""
    app.add_template_filter(tell_moment, "moment")
    app.add_template_filter(group_digits, "thousands")
    app.add_template_filter(gather_options, "as_options")
    for module in (claims_routes, drawn_routes, search_routes, vocabulary, entities_routes):
        app.register_blueprint(module.blueprint)


def tell_moment(moment: str) -> str:
    """An xsd:dateTime as people read it; midnight at either end of a day is the day.

    >>> tell_moment("2018-03-28T23:59:59Z"), tell_moment("2018-03-28T10:30:00Z")
    ('2018-03-28', '2018-03-28 10:30:00Z')
    """
    day, _, clock = moment.partition("T")
    return day if clock in ("", "00:00:00Z", "23:59:59Z") else f"{day} {clock}"


def group_digits(number: str) -> str:
    """A whole number with its digits in groups; what is none stays as it is.

    >>> group_digits("113000"), group_digits("many")
    ('113,000', 'many')
    """
    return f"{int(number):,}" if number.removeprefix("-").isdecimal() else number


def gather_options(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names and values as `url_for` takes them; a name may come several times.

    >>> gather_options([("relation", "a"), ("relation", "b")])
    {'relation': ['a', 'b']}
    """
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
