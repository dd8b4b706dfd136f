"""The commit of a folder's repository, if git knows one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_PATIENCE = 10.0
_PARTS = ("ontology", "triples", "queries")


def folder_commit(folder: Path) -> str:
    """The commit that `folder` is checked out at; with `+changes` when its files are not as committed.

    Empty without git, without a repository, or when git does not answer.
    """
    commit = _ask_git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None or not _COMMIT.fullmatch(commit.strip()):
        return ""
    changed = _ask_git(folder, "status", "--porcelain", "--untracked-files=normal", "--", *_PARTS)
    return "" if changed is None else commit.strip() + ("+changes" if changed.strip() else "")


def _ask_git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    # A folder comes from others: nothing that its configuration names is run, and its index is not written.
    command = [git, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None
