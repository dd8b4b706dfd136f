"""Whatever files a folder holds: each is one named graph, or the folder says which one to mend."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import FolderError, FolderSyntaxError
from onrecord.folder import Folder
from onrecord.terms import IriSpace

SPACE = "https://example.org/x/"
TRIPLE = "<https://example.org/a> <https://example.org/b> <https://example.org/c> ."


def make(path: Path, files: dict[str, str | bytes], iri_space: str = SPACE) -> Folder:
    description = f'<{SPACE}> <https://w3id.org/onrecord/ns#iriSpace> "{iri_space}" .'
    for name, content in {"ontology/dataset.ttl": description, **files}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return Folder(path)


def names(folder: Folder) -> list[str]:
    return [file.name for file in folder.files()]


def graphs(folder: Folder, name: str) -> set[str]:
    (file,) = (file for file in folder.files() if file.name == name)
    return {str(quad.graph_name) for quad in file.quads(folder.description.space)}


def read(folder: Folder) -> list[pyoxigraph.Quad]:
    return [quad for file in folder.files() for quad in file.quads(folder.description.space)]


def refusal(folder: Folder) -> str:
    """What the reading of the whole folder says."""
    with pytest.raises(FolderError) as caught:
        read(folder)
    return caught.value.detail


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (f"_:g {{ {TRIPLE} }}", "_:"),
        (f"[] {{ {TRIPLE} }}", "_:"),
        (TRIPLE, "DEFAULT"),
        (f"{TRIPLE} _:g {{ {TRIPLE} }}", "DEFAULT, _:"),
        (f"<x:g> {{ {TRIPLE} }} _:g {{ {TRIPLE} }}", "<x:g>, _:"),
        (f"<x:g> {{ {TRIPLE} }} <x:h> {{ {TRIPLE} }}", "<x:g>, <x:h>"),
    ],
)
def test_a_dataset_file_holds_one_graph_that_has_a_name(tmp_path: Path, text: str, held: str) -> None:
    folder = make(tmp_path, {"triples/a.trig": text})
    assert refusal(folder) == (
        f"triples/a.trig must hold exactly one named graph, but it holds {held}. "
        "Write each graph into a file of its own."
    )


def test_a_dataset_file_with_one_named_graph_is_read(tmp_path: Path) -> None:
    folder = make(tmp_path, {"triples/a.trig": f"<x:g> {{ {TRIPLE} }}"})
    assert graphs(folder, "triples/a.trig") == {"<x:g>"}


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("triples/articles/343dbc8f.ttl", "triples/articles/343dbc8f"),
        ("triples/it's_a-b.c~(1),d;e=f@g!$&+*:h.ttl", "triples/it's_a-b.c~(1),d;e=f@g!$&+*:h"),
        ("triples/Гута/غوطة-é.ttl", "triples/Гута/غوطة-é"),
        ("triples/a b.ttl", "triples/a%20b"),
        ('triples/<a>"\\^`{|}.nt', "triples/%3Ca%3E%22%5C%5E%60%7B%7C%7D"),
        ("triples/a?b#c[d].ttl", "triples/a%3Fb%23c%5Bd%5D"),
        ("triples/a%20b.ttl", "triples/a%2520b"),
        ("triples/a\tb\nc.ttl", "triples/a%09b%0Ac"),
        ("triples/\ue000.ttl", "triples/%EE%80%80"),
    ],
)
def test_any_file_name_gives_a_graph(tmp_path: Path, name: str, graph: str) -> None:
    assert graphs(make(tmp_path, {name: TRIPLE}), name) == {f"<{SPACE}graph/{graph}>"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_graph_of_any_name_is_an_iri(name: str) -> None:
    iri = IriSpace(SPACE).graph(name)
    assert pyoxigraph.NamedNode(iri).value == iri


def test_a_file_name_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    folder = make(tmp_path, {os.fsdecode(b"triples/a\xff.ttl"): TRIPLE})
    told = r"The name triples/a\xff.ttl is not UTF-8; rename the file."
    assert refusal(folder) == told
    with pytest.raises(FolderError) as caught:
        folder.digest()
    assert caught.value.detail == told


@pytest.mark.parametrize(
    "space", ["x:/ y/", "example.org/x/", "./", "http://[/", "1:/", "https://example.org/x", "x:/%4/"]
)
def test_an_iri_space_that_is_no_absolute_iri_is_told(tmp_path: Path, space: str) -> None:
    told = refusal(make(tmp_path, {}, space))
    assert told.startswith("ontology/dataset.ttl must tell exactly one rec:iriSpace, an absolute IRI")
    assert told.endswith(f"it tells {space}.")


def test_a_file_that_cannot_be_read_is_told_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path, {"triples/a.ttl": TRIPLE})
    assert len(folder.digest()) == 64
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "a.ttl":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal(folder) == "triples/a.ttl cannot be read: Permission denied."
    with pytest.raises(FolderError, match=r"^triples/a\.ttl cannot be read: Permission denied\.$"):
        folder.digest()


def test_a_directory_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path, {"triples/open/a.ttl": TRIPLE, "triples/shut/b.ttl": TRIPLE})
    scan = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert refusal(folder) == "The directory triples/shut cannot be read: Permission denied."


def test_a_file_in_place_of_a_directory_is_told_and_an_absent_one_is_empty(tmp_path: Path) -> None:
    folder = make(tmp_path, {})
    assert names(folder) == ["ontology/dataset.ttl"]
    (tmp_path / "triples").write_text("")
    assert refusal(folder) == "The directory triples cannot be read: Not a directory."


def test_links_to_files_are_followed_and_loops_end(tmp_path: Path) -> None:
    folder = make(tmp_path, {"triples/deep/a.ttl": TRIPLE})
    (tmp_path / "triples" / "deep" / "up").symlink_to(tmp_path / "triples", target_is_directory=True)
    (tmp_path / "triples" / "link.ttl").symlink_to(tmp_path / "triples" / "deep" / "a.ttl")
    (tmp_path / "triples" / "self.ttl").symlink_to(tmp_path / "triples" / "self.ttl")
    (tmp_path / "triples" / ".#a.ttl").symlink_to("nobody@nowhere")
    assert names(folder) == ["ontology/dataset.ttl", "triples/deep/a.ttl", "triples/link.ttl"]


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    folder = make(tmp_path, {"triples/a.ttl": TRIPLE})
    os.mkfifo(tmp_path / "triples" / "pipe.ttl")
    (tmp_path / "triples" / "zero.ttl").symlink_to("/dev/zero")
    (tmp_path / "triples" / "directory.ttl").mkdir()
    assert names(folder) == ["ontology/dataset.ttl", "triples/a.ttl"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["triples/a.ttl", "triples/a.nt", "triples/a.nq"])
def test_a_byte_order_mark_is_told_with_the_remedy(tmp_path: Path, name: str, encoding: str) -> None:
    folder = make(tmp_path, {name: TRIPLE.encode(encoding)})
    assert refusal(folder) == (
        f"{name}:1:1: The file starts with a byte order mark. Save it as UTF-8 without it, then start again."
    )
    with pytest.raises(FolderSyntaxError):
        folder.files()[-1].quads(folder.description.space)
