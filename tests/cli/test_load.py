"""`onrecord load`: all files or nothing, with a server or without, and never into the folder's graphs."""

from __future__ import annotations

import gzip
import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord, sentence
from tests.conftest import LiveServer, environment, serve

from onrecord.errors import OnrecordError, WriteFailedError
from onrecord.identity.audit import AuditLog
from onrecord.store import writer
from onrecord.store.loading import Source
from onrecord.supervision.bulk import load

COUNT = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"

FILES = {
    "a.nt": b"<urn:a> <urn:p> <urn:b> .\n_:x <urn:p> <urn:b> .\n",
    "b.nq": b"<urn:a> <urn:p> <urn:c> <urn:g> .\n_:x <urn:p> <urn:b> .\n",
    "c.ttl": b"@prefix u: <urn:> . u:a u:p 1, 2 .",
    "d.trig": b"<urn:h> { <urn:a> <urn:p> 3 }",
    "e.rdf": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:x:">'
    b'<rdf:Description rdf:about="urn:a"><u:p>4</u:p></rdf:Description></rdf:RDF>',
    "f.jsonld": b'{"@id": "urn:a", "urn:p": 5}',
    "g.n3": b"<urn:a> <urn:p> 6 .",
    "h.nt.gz": gzip.compress(b"<urn:a> <urn:p> <urn:z> .\n"),
}
QUADS = 11


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in FILES]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Path]]:
    store = tmp_path_factory.mktemp("load") / "store"
    with serve(None, store, "--empty") as running:
        yield running, store


def count(server: LiveServer) -> int:
    return int(server.sparql(COUNT)[0]["n"])


def counted_alone(store: Path) -> int:
    answer = onrecord("query", COUNT, "--empty", "--store", store, "--format", "csv")
    assert answer.returncode == 0, answer.stderr
    return int(answer.stdout.splitlines()[1])


def test_every_format_is_loaded_without_a_server(files: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "store"
    answer = onrecord("load", *files, "--store", store)
    assert answer.returncode == 0, answer.stderr
    assert "generation 2" in answer.stdout
    assert counted_alone(store) == QUADS


def test_a_running_server_serves_what_is_loaded(files: list[Path], server: tuple[LiveServer, Path]) -> None:
    running, store = server
    before = count(running)
    answer = onrecord("load", *files, "--store", store)
    assert answer.returncode == 0, answer.stderr
    blank = 2  # the two blank nodes of the files are new each time
    assert count(running) in (before + QUADS, before + blank)
    assert running.sparql("SELECT ?o { GRAPH <urn:h> { <urn:a> <urn:p> ?o } }") == [{"o": "3"}]
    line = AuditLog(store).page(1).entries[0]
    assert line["method"] == "load"
    assert line["bytes"] == sum(path.stat().st_size for path in files)


def test_one_bad_file_and_nothing_is_loaded(files: list[Path], server: tuple[LiveServer, Path]) -> None:
    running, store = server
    before, generation = count(running), running.get("/sparql?query=ASK%7B%7D").headers["onrecord-generation"]
    bad = files[0].with_name("bad.nt")
    bad.write_text("<urn:q> <urn:p> <urn:b> .\n<urn:q> <urn:p .\n")
    told = sentence(onrecord("load", files[0], bad, "--store", store))
    assert f"{bad}:2:" in told
    assert count(running) == before
    assert running.get("/sparql?query=ASK%7B%7D").headers["onrecord-generation"] == generation
    assert onrecord("load", files[0], "--store", store).returncode == 0


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("cut.nt.gz", gzip.compress(b"<urn:a> <urn:p> <urn:z> .\n" * 1000)[:-9], "breaks off"),
        ("spoilt.nt.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 50, "cannot be read"),
        ("relative.ttl", b"<a> <urn:p> 1 .", "relative.ttl:1:1"),
        ("remote.jsonld", b'{"@context": "http://127.0.0.1:9/", "@id": "urn:a"}', "remote.jsonld"),
        ("binary.ttl", b"\x00\xff\xfe", "binary.ttl:1"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert told in sentence(onrecord("load", tmp_path / name, "--store", tmp_path / "store"))
    assert counted_alone(tmp_path / "store") == 0


def test_triples_go_where_graph_says_and_standard_input_is_read(tmp_path: Path) -> None:
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "onrecord",
            "load",
            "-",
            "--format",
            "ttl",
            "--graph",
            "urn:g",
            "--base",
            "http://example.org/",
            "--store",
            str(tmp_path / "store"),
        ],
        input=gzip.compress(b"<a> <b> <c> ."),
        capture_output=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert answer.returncode == 0, answer.stderr
    asked = "SELECT ?s { GRAPH <urn:g> { ?s ?p ?o } }"
    rows = onrecord("query", asked, "--empty", "--store", tmp_path / "store", "--format", "csv").stdout
    assert rows.splitlines()[1] == "http://example.org/a"


def test_what_is_asked_wrongly_is_told_before_anything_is_done(files: list[Path], tmp_path: Path) -> None:
    store = tmp_path / "s"
    assert "--format" in sentence(onrecord("load", "-", "--store", store))
    assert "--format" in sentence(onrecord("load", tmp_path / "x.csv", "--store", store))
    assert "Leave --graph out" in sentence(onrecord("load", files[1], "--graph", "urn:g", "--store", store))
    assert "No such file" in sentence(onrecord("load", tmp_path / "none.nt", "--store", store))
    assert "directory" in sentence(onrecord("load", tmp_path, "--format", "nt", "--store", store))
    assert "no scheme" in sentence(onrecord("load", files[0], "--graph", "g", "--store", store)).lower()


def test_the_graphs_of_the_folder_are_refused_and_kept(tmp_path: Path, repository: Path) -> None:
    folder, store = repository / "tests" / "second-folder", tmp_path / "store"
    (tmp_path / "own.ttl").write_text("<urn:a> <urn:p> 1 .")
    with serve(folder, store, "--default-graph", "plain") as server:
        owned = next(iter(server.sparql("SELECT ?g { GRAPH ?g { ?s a ?c } } LIMIT 1")))["g"]
        (tmp_path / "theirs.trig").write_text(f"<{owned}> {{ <urn:a> <urn:p> 1 }}")
        before = count(server)
        for answer in (
            onrecord("load", tmp_path / "own.ttl", "--graph", owned, "--store", store),
            onrecord("load", tmp_path / "own.ttl", tmp_path / "theirs.trig", "--store", store),
        ):
            assert "belongs to the folder" in sentence(answer)
        assert count(server) == before
    # Without a server the folder need not be named, and nothing of it is lost.
    assert onrecord("load", tmp_path / "own.ttl", "--graph", "urn:mine", "--store", store).returncode == 0
    assert "belongs to the folder" in sentence(
        onrecord("load", tmp_path / "own.ttl", "--graph", owned, "--store", store)
    )
    with serve(folder, store, "--default-graph", "plain") as server:
        assert count(server) == before + 1


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.nt"
    with path.open("w") as file:
        for n in range(300_000):
            file.write(f'<urn:item:{n}> <urn:p:{n % 7}> "{n} of many, to make the line longer" .\n')
    return path


def test_progress_is_told_with_rate_and_time_left(large: Path, tmp_path: Path) -> None:
    seen = []
    load(tmp_path / "store", [Source(str(large), "N_TRIPLES", shown="large.nt")], "a test", seen.append)
    assert seen[-1].done == seen[-1].total == large.stat().st_size
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert all(p.file == "large.nt" for p in seen)


def test_a_load_that_is_given_up_leaves_nothing_and_the_server_goes_on(
    large: Path, files: list[Path], server: tuple[LiveServer, Path]
) -> None:
    running, store = server
    before = count(running)
    command = [sys.executable, "-m", "onrecord", "load", str(large), str(large), "--store", str(store)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        # Where the tests run in the background of a shell, the signal would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    with process.stderr:
        assert "MB/s" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.wait(30) != 0
    assert onrecord("load", files[0], "--store", store).returncode == 0
    assert count(running) < before + 1000


def test_an_entity_bomb_ends_the_writer_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "abcdefghi"
    entities = '<!ENTITY a "' + "x" * 1000 + '">'
    entities += "".join(f'<!ENTITY {n} "{f"&{m};" * 10}">' for m, n in itertools.pairwise(names))
    (tmp_path / "bomb.rdf").write_text(
        f"<!DOCTYPE r [{entities}]>"
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:x:">'
        '<rdf:Description rdf:about="urn:a"><u:p>&i;</u:p></rdf:Description></rdf:RDF>'
    )
    monkeypatch.setattr(writer, "LOAD_MEMORY", 300 << 20)
    store = tmp_path / "store"
    source = Source(str(tmp_path / "bomb.rdf"), "RDF_XML", shown="bomb.rdf")
    with pytest.raises(OnrecordError) as caught:
        load(store, [source], "a test", lambda progress: None)
    assert isinstance(caught.value, WriteFailedError)
    assert counted_alone(store) == 0
