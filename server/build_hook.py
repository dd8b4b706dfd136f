"""hatchling hook: bundle the front end from npm, and ship the folder inside the wheel as `onrecord/builtin`.

An editable install finds the repository's own folders, so nothing is copied.
ONRECORD_FRONT_END says what the bundle is worth: `auto` (the default) warns
where it cannot be built, since every page works without it, and gives a dead
network seconds only; `required` fails; `skip` builds none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODES = ("auto", "required", "skip")
SOURCES = ("build.mjs", "package-lock.json", "package.json", "tsconfig.json")
VENDOR = "server/onrecord/web/static/vendor"
PATIENCE = 120.0
"""Seconds for all of it where the bundle is not required."""


class FolderHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the bundle for every target, and adds ontology/, triples/ and queries/ to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        mode = os.environ.get("ONRECORD_FRONT_END", "auto")
        if mode not in MODES:
            raise SystemExit(f'ONRECORD_FRONT_END has the value "{mode}"; known: {", ".join(MODES)}.')
        if mode != "skip" and not is_built(root):
            failure = build_front_end(root, is_required=mode == "required")
            if failure and mode == "required":
                raise SystemExit(failure)
            if failure:
                self.app.display_warning(f"{failure} The pages work without it, with plain forms.")
        if self.target_name != "wheel" or version == "editable":
            return
        for name in ("ontology", "triples", "queries"):
            source = root / name
            for path in sorted(source.rglob("*")):
                if path.is_file():
                    target = f"onrecord/builtin/{path.relative_to(root).as_posix()}"
                    build_data["force_include"][str(path)] = target


def is_built(root: Path) -> bool:
    """Whether the bundle that lies there is of the sources that lie there (also in an unpacked sdist)."""
    told = root / VENDOR / "SOURCES"
    return told.is_file() and told.read_text().strip() == digest_sources(root / "server" / "frontend")


def build_front_end(root: Path, *, is_required: bool) -> str:
    """Install what the lock file names and bundle; returns why that failed, or nothing."""
    frontend = root / "server" / "frontend"
    npm = shutil.which("npm")
    if npm is None:
        return "The scripts of the pages were not bundled: there is no npm (Debian: apt install npm)."
    install = [npm, "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline"]
    if not is_required:
        install += ["--fetch-retries=0", "--fetch-timeout=10000"]
    for command in (install, [npm, "run", "build"]):
        try:
            done = subprocess.run(
                command,
                cwd=frontend,
                capture_output=True,
                text=True,
                check=False,
                timeout=None if is_required else PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return f"The scripts of the pages were not bundled: {' '.join(command[1:3])} took too long."
        if done.returncode:
            told = " ".join((done.stderr or done.stdout).split())[-400:]
            return f"The scripts of the pages were not bundled: {' '.join(command[1:3])} failed: {told}."
    return ""


def digest_sources(frontend: Path) -> str:
    """SHA-256 over names and contents of everything that decides the bundle, as build.mjs makes it."""
    sources = [path.relative_to(frontend).as_posix() for path in frontend.glob("src/**/*") if path.is_file()]
    total = hashlib.sha256()
    for name in sorted([*SOURCES, *sources]):
        total.update(name.encode() + b"\0" + hashlib.sha256((frontend / name).read_bytes()).digest())
    return total.hexdigest()
