"""The log: lines of text or of JSON on standard error.

Neither texts of queries nor addresses of clients are in it, unless the
setting `request_log` asks for them.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LOGGER = "onrecord"
_FIELDS = "fields"
_MOST_WAITING = 10_000


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fields of the record.

    >>> record = logging.LogRecord("onrecord", logging.INFO, "", 0, "up", (), None)
    >>> json.loads(JsonLines().format(record))["message"]
    'up'
    """

    def format(self, record: logging.LogRecord) -> str:
        members: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            members["traceback"] = self.formatException(record.exc_info)
        return json.dumps(members | _fields_of(record), ensure_ascii=False)


class TextLines(logging.Formatter):
    """Lines as people read them: `onrecord: message`."""

    def format(self, record: logging.LogRecord) -> str:
        told = " ".join(f"{name}={_shown(value)}" for name, value in _fields_of(record).items())
        text = f"onrecord: {' '.join(filter(None, (record.getMessage(), told)))}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def configure_logs(form: str) -> None:
    """Have everything that is logged in this process go to standard error; `form` is text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def logging_of_gateway(form: str) -> dict[str, Any]:
    """The configuration (`logging.config`) that makes the web server's own log look like ours."""
    formatter = JsonLines if form == "json" else TextLines
    return {
        "formatters": {"generic": {"()": formatter}, "access": {"()": formatter}},
        "handlers": {
            name: {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
            for name in ("console", "access")
        },
    }


class RequestLog:
    """The lines of answered requests. Written by a thread of their own: a log that nobody reads stops nobody.

    What cannot be written in time is left out, and the log says so.
    """

    def __init__(self, form: str, fd: int = 2) -> None:
        self._is_json = form == "json"
        self._fd = fd
        self._waiting: queue.SimpleQueue[tuple[float, Mapping[str, object]]] = queue.SimpleQueue()
        self._left_out = 0
        threading.Thread(target=self._write, name="request-log", daemon=True).start()

    def note(self, fields: Mapping[str, object]) -> None:
        """Write a line with `fields`; returns at once."""
        if self._waiting.qsize() >= _MOST_WAITING:
            self._left_out += 1
            return
        self._waiting.put((time.time(), fields))

    def _write(self) -> None:
        while True:
            lines = [self._line(*self._waiting.get())]
            while len(lines) < _MOST_WAITING and not self._waiting.empty():
                lines.append(self._line(*self._waiting.get()))
            if self._left_out:
                lines.append(self._line(time.time(), {"left_out": self._left_out}))
                self._left_out = 0
            data = "".join(lines).encode("utf-8", "replace")
            try:
                while data:
                    data = data[os.write(self._fd, data) :]
            except OSError:
                return

    def _line(self, moment: float, fields: Mapping[str, object]) -> str:
        told = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
        if self._is_json:
            members = {"time": told, "level": "info", "logger": "onrecord.requests", **fields}
            return json.dumps(members, ensure_ascii=False) + "\n"
        return f"{told} " + " ".join(f"{name}={_shown(value)}" for name, value in fields.items()) + "\n"


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    found = record.__dict__.get(_FIELDS)
    return found if isinstance(found, dict) else {}


def _shown(value: object) -> str:
    """A value in a line of text; quoted where it would break the line or run into the next.

    >>> _shown(200), _shown("a b"), _shown("a\\nb")
    ('200', '"a b"', '"a\\\\nb"')
    """
    text = str(value)
    return text if text.isprintable() and " " not in text and '"' not in text else json.dumps(text)
