"""The encoder in float32 beside the lookup tables: taken where it is the build's own, and nowhere else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import onnx
import pytest

from dashboard import wording
from dashboard.app import create_app
from dashboard.navigation import Location
from dashboard.pages import picture
from dashboard.pages.picture import Subject, answer
from dashboard.store import Build, Store
from lookup import schema
from lookup.encoder import decode
from lookup.manifest import DamagedCache, FileEntry
from tests.drawn import of_type, text_of
from tests.planted_cache import write_planted_cache
from tests.planted_encoder import add_encoder, encoder
from tests.republish import republish

PRECISION = {"signals": {"encoder": {"precision": "int8"}}}


def named(name: str) -> bytes:
    """The planted encoder under a name of its own."""
    model = onnx.load_from_string(encoder())
    onnx.helper.set_model_props(model, {"untrained": "true", "network": name})
    return model.SerializeToString()


def entry(content: bytes) -> FileEntry:
    return FileEntry(len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def full(tmp_path: Path) -> Path:
    path = tmp_path / schema.FULL_ENCODER
    path.write_bytes(named("full"))
    return path


@pytest.fixture
def cache_dir(tmp_path: Path, full: Path) -> Path:
    """A deployed encoder, and a note of the full one."""
    folder = tmp_path / "cache"
    write_planted_cache(folder)
    add_encoder(folder)
    republish(folder, settings=PRECISION, full_encoder=entry(full.read_bytes()))
    return folder


def seen(build: Build) -> str:
    """What the Picture page says of a product's picture."""
    row = build.cache.row_of("item-009")
    content = build.cache.thumbnail(row) if row is not None else None
    assert content is not None
    return text_of(answer(build, Subject(decode(content)))[1])


def test_the_builds_own_is_asked_about_pictures(cache_dir: Path, full: Path, caplog: pytest.LogCaptureFixture) -> None:
    build = Build.open(cache_dir, full)
    assert build.cache.has_full_encoder
    assert build.cache.encoder.metadata["network"] == "full"
    assert wording.NETWORKS_ASKED["float32"] in seen(build)
    assert not caplog.records


def test_without_one_nothing_is_missed(cache_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    build = Build.open(cache_dir)
    assert not build.cache.has_full_encoder
    assert wording.NETWORKS_ASKED["int8"] in seen(build)
    assert not caplog.records


@pytest.mark.parametrize("content", [None, b"", named("other"), named("full")[:-1]])
def test_a_strange_one_is_left_alone_in_one_line(
    cache_dir: Path, full: Path, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    full.unlink()
    if content is not None:
        full.write_bytes(content)
    build = Build.open(cache_dir, full)
    assert not build.cache.has_full_encoder
    assert "network" not in build.cache.encoder.metadata
    assert wording.NETWORKS_ASKED["int8"] in seen(build)
    [warned] = caplog.messages
    assert str(full) in warned


def test_a_build_that_notes_none_has_none(cache_dir: Path, full: Path, caplog: pytest.LogCaptureFixture) -> None:
    republish(cache_dir, full_encoder=None, settings={})
    build = Build.open(cache_dir, full)
    assert not build.cache.has_full_encoder
    assert not any(said in seen(build) for said in wording.NETWORKS_ASKED.values())
    assert len(caplog.messages) == 1


def test_pictures_are_taken_where_the_deployed_one_was_too_large(cache_dir: Path, full: Path) -> None:
    republish(cache_dir, without={schema.ENCODER})
    for network, takes in ((None, False), (full, True)):
        with create_app(cache_dir, network).server.test_request_context():
            assert bool(of_type(picture.layout(Location("/picture", {})).body, "Upload")) is takes


def test_the_next_build_brings_its_own(cache_dir: Path, full: Path) -> None:
    store = Store(cache_dir, clock=iter(range(0, 1000, 2)).__next__, full_encoder=full)
    old = store.build
    full.with_suffix(".new").write_bytes(named("next"))
    full.with_suffix(".new").replace(full)
    republish(cache_dir, full_encoder=entry(full.read_bytes()), shop={"name": "Next", "currency": ""})
    store.refresh()
    assert store.build.shop == "Next"
    assert store.build.cache.encoder.metadata["network"] == "next"
    assert old.cache.encoder.metadata["network"] == "full", "a request that began with the old build ends with it"


def test_one_that_changes_before_it_is_read_is_damage_until_the_next_look(cache_dir: Path, full: Path) -> None:
    store = Store(cache_dir, clock=iter(range(0, 10_000, 40)).__next__, full_encoder=full)
    with full.open("r+b") as file:
        file.write(b"broken")
    with pytest.raises(DamagedCache, match="sha256"):
        seen(store.build)
    assert store.damage is not None
    store.refresh()
    assert store.damage is None
    assert wording.NETWORKS_ASKED["int8"] in seen(store.build)
