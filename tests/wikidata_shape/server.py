"""`oxigraph serve` on loopback, with the Wikidata fixture and 500,000 invented entities."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.wikidata_shape import generator

ENTITIES = 500_000
_PLANTED = Path(__file__).parent / "planted.ttl"
_OXIGRAPH = str(Path(sys.executable).parent / "oxigraph")


def prepare_store(fixture: Path, entities: int = ENTITIES) -> Path:
    """A store with the data, made once for each version of them and kept in the temporary directory."""
    made = (fixture, _PLANTED, Path(generator.__file__))
    source = b"".join(path.read_bytes() for path in made) + str(entities).encode()
    directory = (
        Path(tempfile.gettempdir()) / f"onrecord-wikidata-shape-{hashlib.sha256(source).hexdigest()[:16]}"
    )
    with open(directory.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            draft = directory.with_suffix(".tmp")
            shutil.rmtree(draft, ignore_errors=True)
            data = directory.with_suffix(".nt")
            with data.open("w", encoding="utf-8") as out:
                generator.write_entities(entities, out)
            _run("load", "--location", str(draft), "--file", str(data), str(fixture), str(_PLANTED))
            data.unlink()
            draft.rename(directory)
    return directory


@contextmanager
def serve_oxigraph(location: Path) -> Iterator[str]:
    """The URL of the SPARQL endpoint of `oxigraph serve-read-only` on that store."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [_OXIGRAPH, "serve-read-only", "--location", str(location), "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                assert process.poll() is None, process.stderr.read().decode()
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


def _run(*arguments: str) -> None:
    done = subprocess.run([_OXIGRAPH, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
