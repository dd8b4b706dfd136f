"""`onrecord dump`, `backup`, `restore`: what comes back is what was there, owners and tokens included."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord, sentence
from tests.conftest import LiveServer, serve

from onrecord.errors import StoreDamagedError
from onrecord.identity.roles import Identity
from onrecord.identity.tokens import TokenBook
from onrecord.saved import parse
from onrecord.saved.team import QueryShelf
from onrecord.store.archive import restore


@pytest.fixture(scope="module")
def folder() -> Path:
    return Path(__file__).resolve().parent.parent / "second-folder"


def quads(store: Path, *options: str) -> list[str]:
    answer = onrecord("dump", "--store", store, *options)
    assert answer.returncode == 0, answer.stderr
    return sorted(answer.stdout.splitlines())


def test_what_is_restored_is_what_was_backed_up_while_serving(folder: Path, tmp_path: Path) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    (tmp_path / "own.nt").write_text('<urn:a> <urn:p> "ü" .\n_:x <urn:p> _:y .\n')
    secret = onrecord("token", "create", "--name", "ines", "--store", store).stdout.strip()
    with serve(folder, store):
        loading = onrecord("load", tmp_path / "own.nt", "--graph", "urn:mine", "--store", store)
        assert loading.returncode == 0, loading.stderr
        before = quads(store)
        answer = onrecord("backup", tmp_path / "backup", "--store", store)
        assert answer.returncode == 0, answer.stderr
        assert onrecord("load", tmp_path / "own.nt", "--store", store).returncode == 0
        assert len(quads(store)) == len(before) + 2
    assert onrecord("restore", tmp_path / "backup", "--store", other).returncode == 0
    assert quads(other) == before
    assert TokenBook(other).find(secret) is not None
    with serve(folder, other) as server:  # the folder has not changed, so nothing is built
        assert "generation 2" in server.banner
        owned = server.sparql("SELECT ?g { GRAPH ?g { ?s a ?c } FILTER(?g != <urn:mine>) } LIMIT 1")[0]["g"]
        refused = onrecord("load", tmp_path / "own.nt", "--graph", owned, "--store", other)
        assert "belongs to the folder" in sentence(refused)
        assert onrecord("load", tmp_path / "own.nt", "--store", other).returncode == 0
    assert len(quads(other)) == len(before) + 2


def test_what_a_team_saved_is_backed_up_with_every_version(tmp_path: Path) -> None:
    store, other = tmp_path / "store", tmp_path / "other"
    (tmp_path / "b.nt").write_text("<urn:b> <urn:p> <urn:c> .")
    assert onrecord("load", tmp_path / "b.nt", "--store", store).returncode == 0
    who = Identity("ines", "editor")
    first, second = (parse("x", "x.rq", f"#+ summary: {n}.\nASK {{ ?s ?p {n} }}\n") for n in (1, 2))
    record = QueryShelf(store).create(first, who, "team")
    QueryShelf(store).add_version(second, who, record.revision)
    assert onrecord("backup", tmp_path / "backup", "--store", store).returncode == 0
    QueryShelf(store).rename("x", "y", who)
    assert onrecord("restore", tmp_path / "backup", "--store", other).returncode == 0
    shelf = QueryShelf(other)
    (found,) = shelf.records()
    assert found.name == "x"
    assert [v.text for v in shelf.history(found)[0]] == [second.text, first.text]
    shelf.rename("x", "z", who)


def test_a_dump_is_of_one_generation_and_one_graph_if_asked(tmp_path: Path) -> None:
    store = tmp_path / "store"
    (tmp_path / "a.nq").write_text("<urn:a> <urn:p> 1 <urn:g> .".replace(" 1 ", ' "1" '))
    for graph in ("urn:h", ""):
        (tmp_path / "b.nt").write_text(f'<urn:b{graph}> <urn:p> "2" .')
        assert onrecord("load", tmp_path / "b.nt", "--graph", graph, "--store", store).returncode == 0
    assert onrecord("load", tmp_path / "a.nq", "--store", store).returncode == 0
    assert quads(store, "--graph", "urn:g") == ['<urn:a> <urn:p> "1" .']
    assert quads(store, "--graph", "") == ['<urn:b> <urn:p> "2" .']
    assert quads(store, "--generation", "2") == ['<urn:burn:h> <urn:p> "2" <urn:h> .']
    assert "urn:burn:h" in onrecord("dump", "--store", store, "--format", "trig").stdout
    assert "urn:a" in onrecord("dump", "--store", store, "--format", "rdfxml", "--graph", "urn:g").stdout


def test_what_cannot_be_dumped_is_told(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert "no generation" in sentence(onrecord("dump", "--store", store))
    (tmp_path / "b.nt").write_text("<urn:b> <urn:p> <urn:c> .")
    assert onrecord("load", tmp_path / "b.nt", "--store", store).returncode == 0
    assert "no generation 77; known: " in sentence(onrecord("dump", "--store", store, "--generation", "77"))
    assert "--graph" in sentence(onrecord("dump", "--store", store, "--format", "turtle"))
    assert "known: " in sentence(onrecord("dump", "--store", store, "--format", "docx"))
    assert "no graph <urn:x>" in sentence(onrecord("dump", "--store", store, "--graph", "urn:x"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup of a store with one triple and a token."""
    (tmp_path / "b.nt").write_text("<urn:b> <urn:p> <urn:c> .")
    assert onrecord("load", tmp_path / "b.nt", "--store", tmp_path / "first").returncode == 0
    assert onrecord("token", "create", "--store", tmp_path / "first").returncode == 0
    assert onrecord("backup", tmp_path / "saved", "--store", tmp_path / "first").returncode == 0
    return tmp_path / "saved"


def test_nothing_is_overwritten(saved: Path, tmp_path: Path) -> None:
    assert "there already" in sentence(onrecord("backup", saved, "--store", tmp_path / "first"))
    assert "already" in sentence(onrecord("restore", saved, "--store", tmp_path / "first"))
    assert "no backup" in sentence(onrecord("restore", tmp_path, "--store", tmp_path / "second"))


def test_a_spoilt_backup_restores_nothing(saved: Path, tmp_path: Path) -> None:
    for path in sorted(p for p in saved.rglob("*") if p.is_file() and p.name != "backup.json"):
        data = path.read_bytes()
        path.write_bytes(data + b"x")
        with pytest.raises(StoreDamagedError, match=path.name):
            restore(saved, tmp_path / "second", lambda text: None)
        path.unlink()
        with pytest.raises(StoreDamagedError, match=path.name):
            restore(saved, tmp_path / "second", lambda text: None)
        path.write_bytes(data)
    assert not (tmp_path / "second" / "store.json").exists()
    assert onrecord("restore", saved, "--store", tmp_path / "second").returncode == 0


def test_a_backup_is_its_owners_alone(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def test_a_server_keeps_its_store_to_itself(saved: Path, tmp_path: Path) -> None:
    with serve(None, tmp_path / "busy", "--empty") as server:
        assert isinstance(server, LiveServer)
        assert "in use by process" in sentence(onrecord("restore", saved, "--store", tmp_path / "busy"))
