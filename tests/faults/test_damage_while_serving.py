"""Files of the newest generation are spoiled under a running server: no wrong row, and it mends itself."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.conftest import Response
from tests.waiting import wait_until
from tests.writing.conftest import Written, serve_written

_TEXTS = 3_000
_WORDS = "ABCDEFGHIJKLMNOP"
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s <urn:text> ?o }"
_FILTER = 'SELECT (COUNT(*) AS ?n) WHERE { ?s <urn:text> ?o FILTER(CONTAINS(?o, "text")) }'
"""The engine takes a text that it cannot read for an error of the FILTER, and leaves the row out."""
_SUMS_SECONDS = 100
pytestmark = pytest.mark.timeout(300)
_LATER = "ASK { <urn:later> ?p ?o }"


def _largest(generation: Path) -> Path:
    return max(generation.glob("*.sst"), key=lambda path: path.stat().st_size)


def _flip_bytes(generation: Path) -> None:
    """In the file that holds the texts, which the live store shares."""
    for path in generation.glob("*.sst"):
        data = bytearray(path.read_bytes())
        for place in range(200, len(data) - 200, 400):
            data[place] ^= 0xFF
        with path.open("r+b") as file:
            file.write(data)


def _truncate(generation: Path) -> None:
    path = _largest(generation)
    os.truncate(path, path.stat().st_size // 2)


def _delete(generation: Path) -> None:
    _largest(generation).unlink()


def _spoil_current(generation: Path) -> None:
    """Nobody reads it while the generation is open, and no new worker can open it."""
    (generation / "CURRENT").write_text("MANIFEST-nonsense\n")


_DAMAGES: dict[str, Callable[[Path], None]] = {
    "bytes flipped": _flip_bytes,
    "file truncated": _truncate,
    "file deleted": _delete,
    "CURRENT spoiled": _spoil_current,
}


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    store = tmp_path_factory.mktemp("damage") / "store"
    with serve_written(None, store, "--empty", "--workers", "2") as written:
        yield written


@pytest.fixture
def newest(w: Written) -> Path:
    """The newest of two generations of the same texts, whose files have their sums and are their own.

    Only the newer one tells of <urn:later>.
    """
    w.update("DELETE WHERE { <urn:later> ?p ?o }")
    _write_texts(w)
    number = w.engine.generation().number
    _wait_for_sums(w, number)
    _make_own(w.store / "generations" / f"{number:06d}")
    w.update("INSERT DATA { <urn:later> <urn:p> <urn:o> }")
    number = w.engine.generation().number
    _wait_for_sums(w, number)
    return w.store / "generations" / f"{number:06d}"


def _write_texts(w: Written) -> None:
    lines = (f'<urn:s{n}> <urn:text> "text {n} {_WORDS * 4}" .' for n in range(_TEXTS))
    assert w.send("PUT", "/graphs?default", "\n".join(lines).encode(), "text/turtle").status < 300


def _wait_for_sums(w: Written, number: int) -> None:
    """Until the sums of generation `number` are taken, by a process that gives way to all others."""
    sums = w.store / "generations" / f"{number:06d}.sums"

    def tell() -> str:
        files = sorted(path.name for path in sums.parent.iterdir())
        return f"{files}\n{''.join(w.server.errors)}\n{_describe_children(w)}"

    wait_until(sums.exists, _SUMS_SECONDS, tell)


def _describe_children(w: Written) -> str:
    """Process number, name, state, processor time and niceness of each process of the server."""
    pid = w.server.process.pid
    told = ""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):
            told += Path(f"/proc/{child}/stat").read_text()
    return told


def _make_own(generation: Path) -> None:
    """Give `generation` its own copies of the files that it shares with others."""
    for path in generation.iterdir():
        copy = path.with_name(path.name + ".own")
        shutil.copy2(path, copy)
        os.rename(copy, path)


def _ask(w: Written, text: str) -> Response:
    return w.send("POST", "/sparql", text.encode(), "application/sparql-query", Accept="text/csv")


def _is_told(response: Response) -> bool:
    """Whether it is a refusal; a spoiled file can also end the worker that reads it."""
    codes = ("generation-damaged", "query-memory", "query-crash")
    return response.status == 503 and any(code in response.text for code in codes)


@pytest.mark.parametrize("damage", _DAMAGES.values(), ids=_DAMAGES.keys())
def test_damage_under_a_running_server_gives_no_wrong_row_and_is_mended(
    w: Written, newest: Path, damage: Callable[[Path], None]
) -> None:
    damage(newest)
    if damage is _spoil_current:
        _kill_workers(w)

    def is_mended() -> bool:
        for text in (_FILTER, _COUNT):
            answer = _ask(w, text)
            assert answer.text.split() == ["n", str(_TEXTS)] or _is_told(answer), answer.text
        return w.engine.generation().number > int(newest.name)

    wait_until(is_mended)
    number = w.engine.generation().number
    later = _ask(w, _LATER).text.strip()
    told = w.server.get("/health").text
    if damage in (_delete, _spoil_current):
        assert later == "true", "the live store has its own name for each file, so nothing was lost"
    if damage is _flip_bytes:
        assert later == "false", "the files were the live store's too, and the generation before serves"
    # A file that was cut off may have been compacted away in the live store.
    before = int(newest.name) - 1
    assert (f"generation {before} serves in its place" in told) == (later == "false"), told
    assert f"Generation {int(newest.name)} cannot be read" in "".join(w.server.errors)
    assert _ask(w, _FILTER).text.split() == ["n", str(_TEXTS)]
    w.update("INSERT DATA { <urn:after> <urn:p> <urn:o> }")
    assert w.engine.generation().number > number, "and it can be written again"
    assert list(w.store.glob(f"damaged-*/{newest.name}.json")), "what was there is kept"


def test_files_that_were_only_touched_are_compared_and_serve_on(w: Written, newest: Path) -> None:
    assert _ask(w, _FILTER).text.split() == ["n", str(_TEXTS)]
    for path in newest.glob("*.sst"):
        os.utime(path)
    for text in (_FILTER, _COUNT) * 4:
        assert _ask(w, text).text.split() == ["n", str(_TEXTS)]
    assert w.engine.generation().number == int(newest.name), "nothing had to be published again"


def _kill_workers(w: Written) -> None:
    """End what has the generation open, except the writer; the supervisor starts new ones."""
    pid, writer = w.server.process.pid, (w.store / "lock").read_text().strip()
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if child != writer and b"onrecord.web.front" not in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)


def test_a_restart_on_a_damaged_generation_serves_the_one_before_and_says_so(
    numbers: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with serve_written(numbers, store, "--workers", "1") as w:
        _write_texts(w)
        number = w.engine.generation().number
        _wait_for_sums(w, number)
        _make_own(store / "generations" / f"{number:06d}")
        w.update("INSERT DATA { <urn:later> <urn:p> <urn:o> }")
        _wait_for_sums(w, number + 1)
    _flip_bytes(store / "generations" / f"{number + 1:06d}")
    for _ in range(2):
        with serve_written(numbers, store, "--workers", "1") as w:
            assert _ask(w, _FILTER).text.split() == ["n", str(_TEXTS)]
            assert _ask(w, _LATER).text.strip() == "false"
            assert f"generation {number} serves in its place" in w.server.get("/health").text
