"""`onrecord token`: the last line is the token, and nothing else tells it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_serve import onrecord, sentence

from onrecord.identity.tokens import TokenBook


def test_the_token_stands_alone_on_the_last_line_and_the_store_is_made(tmp_path: Path) -> None:
    store = tmp_path / "deep" / "store"
    answer = onrecord("token", "create", "--role", "admin", "--name", "ines", "--store", store)
    assert answer.returncode == 0, answer.stderr
    found = TokenBook(store).find(answer.stdout.splitlines()[-1])
    assert found is not None
    assert (found.name, found.role, found.expires) == ("ines", "admin", None)
    assert answer.stdout.strip() not in answer.stderr


def test_a_list_tells_everything_but_the_token(tmp_path: Path) -> None:
    secret = onrecord("token", "create", "--expires", "30d", "--store", tmp_path).stdout.strip()
    listed = onrecord("token", "list", "--store", tmp_path).stdout
    head, row = listed.splitlines()
    assert head.split("\t") == ["id", "name", "role", "created", "expires", "last used"]
    assert row.split("\t")[2] == "editor"
    assert secret not in listed
    assert TokenBook(tmp_path).tokens()[0].digest not in listed


def test_a_folder_has_a_store_of_its_own(tmp_path: Path, repository: Path) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path)}
    folder = repository / "tests" / "second-folder"
    assert onrecord("token", "create", "--name", "ines", folder, **home).returncode == 0
    assert "ines" in onrecord("token", "list", folder, **home).stdout
    assert "ines" not in onrecord("token", "list", **home).stdout
    assert onrecord("token", "revoke", "ines", folder, **home).returncode == 0
    assert "ines" not in onrecord("token", "list", folder, **home).stdout


def test_what_goes_wrong_is_one_sentence(tmp_path: Path) -> None:
    assert "no token" in sentence(onrecord("token", "revoke", "nobody", "--store", tmp_path / "s"))
    assert "--expires" in sentence(
        onrecord("token", "create", "--expires", "soon", "--store", tmp_path / "s")
    )
    (tmp_path / "novel.txt").write_text("mine")
    assert "novel.txt" in sentence(onrecord("token", "create", "--store", tmp_path))
    assert not (tmp_path / "identity").exists()
