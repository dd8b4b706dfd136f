"""The scripts that the build bundled from npm, if it did: which file a page names, and what that loads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = "vendor"
"""Below the static files; git ignores it."""


@dataclass(frozen=True)
class Script:
    """A bundled entry: its file, and the files that are loaded before it runs, itself among them.

    Names are relative to the static files. They change with their content.
    """

    file: str
    first: tuple[str, ...]


def read_bundle(static: Path) -> dict[str, Script]:
    """Entry -> its script, of the bundle below the directory `static`; empty where there is none."""
    try:
        manifest = json.loads((static / DIRECTORY / "manifest.json").read_text(encoding="utf-8"))
        return {
            name: Script(
                f"{DIRECTORY}/{told['file']}", tuple(f"{DIRECTORY}/{file}" for file in told["first"])
            )
            for name, told in manifest.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
