"""Axe on one page: with all rules, or with those alone that a change of looks or of language can break."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

OF_LOOKS = ("color-contrast", "link-in-text-block", "scrollable-region-focusable")
"""Rules of axe that depend on colours and widths; the others read the document, which stays the same."""
OF_LANGUAGE = (
    *OF_LOOKS,
    *("html-has-lang", "html-lang-valid", "valid-lang", "document-title", "empty-heading"),
    *("link-name", "button-name", "label", "image-alt", "svg-img-alt"),
)
"""Those that depend on the words of a page as well; the elements are the same in each language."""


def find_violations(page: Page, axe: str, name: str, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds on `page` as it stands, by `rules` alone where some are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    results = page.evaluate("options => axe.run(options)", options)
    return [
        f"{name}: {violation['id']}: {node['html'][:160]}"
        for violation in results["violations"]
        for node in violation["nodes"][:3]
    ]
