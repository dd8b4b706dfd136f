"""Scripts come from the bundle alone, are small, carry their licences, and can be missing."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from tests.conftest import REPOSITORY, LiveServer

from onrecord.web.bundle import Script, read_bundle

FRONT_END = REPOSITORY / "server" / "frontend"
MOST_FIRST_BYTES = 300_000


@pytest.fixture(scope="module")
def build_hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_hook", REPOSITORY / "server" / "build_hook.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_page_loads_more_than_300_kb_at_first(bundle: dict[str, Script], static: Path) -> None:
    styles = sum(len(gzip.compress(path.read_bytes())) for path in static.glob("*.css"))
    for name, script in bundle.items():
        scripts = sum(len(gzip.compress((static / file).read_bytes())) for file in script.first)
        assert scripts + styles < MOST_FIRST_BYTES, name


def test_the_bundle_is_of_the_sources_that_lie_here(
    bundle: dict[str, Script], static: Path, build_hook: ModuleType
) -> None:
    """Fails after a change in server/frontend until `npm run build` was run there."""
    assert build_hook.is_built(REPOSITORY)


def test_every_package_in_the_bundle_has_its_licence_told(bundle: dict[str, Script], static: Path) -> None:
    told = (static / "vendor" / "LICENSES.txt").read_text(encoding="utf-8")
    packages = json.loads((FRONT_END / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in packages.items():
        if name != "esbuild":  # builds the bundle, and is no part of it
            assert f"\n{name} {version} (" in told
    assert told.count("Permission is hereby granted") >= 5


def test_the_lock_file_names_no_registry_and_every_package_by_its_hash() -> None:
    lock = json.loads((FRONT_END / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: told for name, told in lock["packages"].items() if name}
    assert packages
    assert all(
        "resolved" not in told and told["integrity"].startswith("sha512-") for told in packages.values()
    )


def test_scripts_are_served_compressed_and_kept_for_a_year(
    live_server: LiveServer, bundle: dict[str, Script]
) -> None:
    page = live_server.get("/sparql", {"Accept": "text/html"})
    address = re.search(r'<script type="module" src="([^"]+)"></script>', page.text)
    assert address is not None
    script = live_server.get(address[1], {"Accept-Encoding": "gzip"})
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["cache-control"] == "public, max-age=31536000"
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(gzip.decompress(script.body)) > 100_000
    again = live_server.get(address[1], {"If-None-Match": script.headers["etag"], "Accept-Encoding": "gzip"})
    assert again.status == 304
    assert live_server.get("/static/vendor/LICENSES.txt").status == 200


def test_no_page_may_run_or_style_anything_inline(live_server: LiveServer) -> None:
    for path in ("/", "/sparql", "/claims", "/nothing-here"):
        policy = live_server.get(path, {"Accept": "text/html"}).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"editor": {}}', '{"editor": null}'])
def test_a_bundle_that_is_absent_or_damaged_is_none(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "vendor").mkdir()
        (tmp_path / "vendor" / "manifest.json").write_text(manifest)
    assert read_bundle(tmp_path) == {}


def test_a_build_without_npm_goes_on_and_says_why(
    build_hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "there is no npm" in build_hook.build_front_end(REPOSITORY, is_required=False)


def test_a_build_without_a_network_goes_on_and_says_why(
    build_hook: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is absent")
    frontend = tmp_path / "server" / "frontend"
    frontend.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FRONT_END / name, frontend)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    said = build_hook.build_front_end(tmp_path, is_required=False)
    assert "ci --ignore-scripts failed" in said
    assert "127.0.0.1" in said
