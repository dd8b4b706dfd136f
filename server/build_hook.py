"""hatchling hook: ship the folder inside the wheel, as `onrecord/builtin`.

An editable install finds the repository's own folders, so nothing is copied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FolderHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ontology/, triples/ and queries/ to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        for name in ("ontology", "triples", "queries"):
            source = Path(self.root, name)
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    target = f"onrecord/builtin/{path.relative_to(self.root).as_posix()}"
                    build_data["force_include"][str(path)] = target
