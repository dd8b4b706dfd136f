"""`onrecord check`: what must be mended in a folder, each finding with file, line, term and remedy."""

from __future__ import annotations

from onrecord.checking.check import check_folder
from onrecord.checking.findings import Finding, Progress
from onrecord.checking.forms import FORMS, write_findings

__all__ = ["FORMS", "Finding", "Progress", "check_folder", "write_findings"]
