"""A web front: the process that the supervisor starts to speak HTTP.

granian serves ASGI here because it was the one server tried that breaks a
failed stream visibly, reports a client that leaves at once, and answers from
cache faster than the engine's own server.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LOGGING_CONFIG, LogLevels

from onrecord.config import Settings, setting_rows
from onrecord.folder import Folder
from onrecord.logs import RequestLog, configure_logs, logging_of_gateway
from onrecord.store.names import NameIndexes
from onrecord.store.state import StateDirectory
from onrecord.supervision.asking import Asker
from onrecord.supervision.choosing import open_engine
from onrecord.supervision.client import SupervisedEngine
from onrecord.supervision.counters import Counters
from onrecord.supervision.stopping import StoppingMark
from onrecord.supervision.supervisor import Plan
from onrecord.web.app import create_app
from onrecord.web.asgi import Front
from onrecord.web.connections import (
    FEW_OPEN,
    IDLE_MILLISECONDS,
    MOST_OPEN,
    most_connections,
    most_open_files,
)
from onrecord.web.links import path_prefix
from onrecord.web.recording import Recorded

_PLAN = "ONRECORD_FRONT_PLAN"
_PARENT = "ONRECORD_FRONT_PARENT"
_PR_SET_PDEATHSIG = 1


def write_plan(plan: Plan) -> tuple[str, ...]:
    """Write down what a front needs into the runtime directory; returns the command that starts it."""
    settings = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(plan.settings).items()}
    document = {
        "settings": settings,
        "folder": str(plan.folder) if plan.folder is not None else None,
        "runtime": str(plan.runtime),
        "state": str(plan.store),
        "supervisor": os.getpid(),
    }
    path = plan.runtime / "front.json"
    path.write_text(json.dumps(document))
    return (sys.executable, "-m", "onrecord.web.front", str(path))


def create_front() -> Recorded:
    """The ASGI application of one granian worker."""
    die_with_parent(int(os.environ[_PARENT]))
    settings, folder, runtime, state = _read_plan(Path(os.environ[_PLAN]))
    configure_logs(settings.log_format)
    engine = open_engine(settings, folder, runtime, state)
    counters = Counters(runtime)
    stopping = StoppingMark(runtime)
    if isinstance(engine, SupervisedEngine):
        indexes = NameIndexes(StateDirectory(state).generations, settings.union_default_graph)
        app = create_app(engine, folder, settings, state, counters, indexes)
        front = Front(
            app, settings, counters, stopping.is_set, Asker(runtime, lambda: engine.generation().number)
        )
        engine.say_hello()
    else:
        app = create_app(engine, folder, settings, state, counters)
        front = Front(app, settings, counters, stopping.is_set)
    detail = settings.request_log
    log = RequestLog(settings.log_format) if detail != "off" else None
    return Recorded(front, counters, path_prefix(settings.public_url), log, detail)


def main() -> None:
    die_with_parent(int(json.loads(Path(sys.argv[1]).read_text())["supervisor"]))
    os.environ[_PLAN] = sys.argv[1]
    os.environ[_PARENT] = str(os.getpid())
    settings, _, _, _ = _read_plan(Path(sys.argv[1]))
    open_files = most_open_files()
    if open_files < FEW_OPEN:
        print(
            f"onrecord: At most {open_files} files may be open here, so "
            f"{most_connections(open_files)} clients may be connected; raise it (ulimit -n {MOST_OPEN}).",
            file=sys.stderr,
        )
    Granian(
        "onrecord.web.front:create_front",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_MILLISECONDS),
        # granian's own bound is 1,024, and those beyond it wait unheard.
        backpressure=most_connections(open_files),
        workers=settings.fronts,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        log_dictconfig={**LOGGING_CONFIG, **logging_of_gateway(settings.log_format)},
    ).serve()


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent` ends (Linux); exits when that has happened already.

    Without its supervisor it can answer nothing. A gentle signal would leave it waiting for
    its clients, and in the way of the next server.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _read_plan(path: Path) -> tuple[Settings, Folder | None, Path, Path]:
    document = json.loads(path.read_text())
    given = document["settings"]
    for row in setting_rows():
        if row.type is Path and given[row.name] is not None:
            given[row.name] = Path(given[row.name])
        elif row.type is tuple:
            given[row.name] = tuple(given[row.name])
    folder = Folder(Path(document["folder"])) if document["folder"] is not None else None
    return Settings(**given), folder, Path(document["runtime"]), Path(document["state"])


if __name__ == "__main__":
    main()
