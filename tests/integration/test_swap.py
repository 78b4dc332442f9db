"""New builds under load: real gunicorn, two workers, and no request is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lookup.bucket import Bucket
from precompute.publish.push import push
from tests.planted_cache import write_planted_cache
from tests.serving import load, running

CLIENTS = 4
SWAPS = 20

pytestmark = pytest.mark.slow


def test_twenty_new_builds_under_load_lose_no_request(tmp_path: Path) -> None:
    write_planted_cache(tmp_path, n=40)
    with running(tmp_path) as app:
        with load(app, CLIENTS) as statuses:
            for swap in range(SWAPS):
                app.wait_for(write_planted_cache(tmp_path, n=41 + swap).folder)
        assert "refused" not in app.ready()
    assert statuses.keys() == {200}
    assert statuses.total() > SWAPS * CLIENTS


def test_a_build_from_afar_arrives_under_load_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    shared, cache = tmp_path / "shared", tmp_path / "cache"
    bucket = Bucket.open(shared.as_uri())
    write_planted_cache(cache, n=40)
    push(cache, bucket)
    with running(shared.as_uri(), CACHE_HOME=str(tmp_path / "home"), CACHE_CHECK_SECONDS="1") as app:
        with load(app, CLIENTS) as statuses:
            for n in (45, 50):
                build = write_planted_cache(cache, n=n).folder
                push(cache, bucket)
                app.wait_for(build)
            push_broken(cache, shared)
            # Each worker looks by itself: one may hear of the broken build before it has moved over to the one before.
            ready = app.wait_until(lambda _, ready: "refused" in ready and ready["build"] == build)
        assert ready["products"] == 50
        assert "terms.parquet" in ready["refused"]
    assert statuses.keys() == {200}


def push_broken(cache: Path, shared: Path) -> None:
    """Make a build live of which one file never arrived."""
    folder = write_planted_cache(cache, n=55).folder
    shutil.copytree(cache / folder, shared / folder)
    (shared / folder / "terms.parquet").unlink()
    shutil.copy(cache / "manifest.json", shared)
