"""Power-loss order, as the kernel sees it: what a write needs is synced before anybody hears of it.

strace (Debian: `strace`) follows the writer. Where a process may not be traced, this fails and says so.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.writing.conftest import Write

_CALLS = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,sendto,sendmsg"


@contextmanager
def traced(pid: int, log: Path) -> Iterator[None]:
    """Write down the system calls of `pid` that bear on the order, until the block ends."""
    command = ["strace", "-f", "-y", "-s", "200", "-e", _CALLS, "-o", str(log), "-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    try:
        told = tracer.stderr.readline()
        assert "attached" in told, f"this machine does not let processes be traced (ptrace): {told}"
        yield
    finally:
        tracer.terminate()
        tracer.communicate()


def _completed(log: Path) -> list[str]:
    """The calls in the order in which they ended; one that another interrupted is put together."""
    calls, begun = [], {}
    for line in log.read_text().splitlines():
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>")
        elif resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
            calls.append(begun.pop(thread, "") + resumed.group(1))
        else:
            calls.append(call)
    return calls


def test_all_that_a_write_needs_is_synced_before_it_is_acknowledged(write: Write, tmp_path: Path) -> None:
    with write("--workers", "1") as w:
        w.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        before = {str(path) for path in w.store.glob("live-*/*.sst")}
        log = tmp_path / "calls"
        with traced(int((w.store / "lock").read_text()), log):
            number = w.update("INSERT DATA { <urn:a> <urn:n> 2 }").generation.number
    calls = _completed(log)
    assert not [call for call in calls if re.match(r"(fsync|fdatasync)\(", call) and not call.endswith("= 0")]

    def place(pattern: str) -> int:
        """Where the first call stands that matches."""
        return next(n for n, call in enumerate(calls) if re.search(pattern, call))

    name = f"{w.store}/generations/{number:06d}"
    told = place(r'sendto.*\\"written\\"')
    record = place(rf'rename.*"{name}\.json\.tmp", "{name}\.json"')
    moved = place(rf'rename.*"{name}\.tmp", "{name}"')
    linked = [n for n, call in enumerate(calls) if call.startswith("link") and ".sst" in call]
    # The data is on the disk before it gets its second name,
    made = {_linked_file(call) for call in calls} - {"", *before}
    synced = {m.group(1) for call in calls[: linked[0]] if (m := re.search(r"sync\(\d+<(.*\.sst)>", call))}
    assert made and made <= synced
    # all of the copy before it is named as a generation,
    assert linked[-1] < place(rf"fdatasync.*{name}\.tmp.*/MANIFEST") < moved
    assert place(rf"fdatasync.*{name}\.tmp.*/CURRENT") < moved
    assert place(rf"fsync\(\d+<{name}\.tmp>") < moved
    # its record before it has its name, and the names of both before anybody hears of it.
    assert moved < place(rf"fsync\(\d+<{name}\.json\.tmp>") < record
    assert record < place(rf"fsync\(\d+<{w.store}/generations>") < told


def _linked_file(call: str) -> str:
    """The file of data that `call` gives a second name, or nothing."""
    found = re.match(r'link[^"]*"([^"]*\.sst)"', call)
    return found.group(1) if found else ""
