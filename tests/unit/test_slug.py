"""``python -m precompute slug``, over a small tree with one made-up package, so that no network is needed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from lookup.manifest import DamagedCache, Manifest
from precompute.errors import BadInput
from precompute.slug import Part, Slug, build_slug, check_budget

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SITE = f"app/.heroku/python/lib/python{PYTHON}/site-packages"
FILES = {
    "Procfile": "web: shopkeeper\n",
    ".python-version": f"{PYTHON}\n",
    ".slugignore": "/tests\n*.md\n",
    ".gitignore": "/secret.env\n",
    "README.md": "read me\n",
    "secret.env": "KEY=1\n",
    "app/main.py": "print('served')\n",
    "app/notes.md": "notes\n",
    "tests/test_app.py": "assert True\n",
    "cache/manifest.json": "of an older build\n",
}


def write_wheel(folder: Path) -> Path:
    """A package with one module, one data file and nothing to depend on."""
    files = {
        "shopkeeper.py": b"GREETING = 'hello'\n",
        "shopkeeper-1.0.data/data/share/shopkeeper/words.txt": bytes(range(256)) * 400,
        "shopkeeper-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: shopkeeper\nVersion: 1.0\n",
        "shopkeeper-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {name: base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=") for name, content in files.items()}
    record = "".join(f"{name},sha256={digests[name].decode()},{len(content)}\n" for name, content in files.items())
    path = folder / "shopkeeper-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
        wheel.writestr("shopkeeper-1.0.dist-info/RECORD", record + "shopkeeper-1.0.dist-info/RECORD,,\n")
    return path


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git work tree that nothing was committed to yet."""
    root, wheels = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheels")
    for name, content in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(content)
    wheel = write_wheel(wheels)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (root / "requirements.txt").write_text(f"--no-index\n--find-links {wheels}\nshopkeeper==1.0 --hash=sha256:{digest}\n")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


@pytest.fixture(scope="module")
def built(tree: Path, planted: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Slug, Path]:
    out = tmp_path_factory.mktemp("slug") / "slug.tar.gz"
    return build_slug(tree, planted, out), out


def members(slug: Path) -> set[str]:
    with tarfile.open(slug) as archive:
        return set(archive.getnames())


def test_it_holds_what_git_would_push_less_what_slugignore_names(built: tuple[Slug, Path]) -> None:
    code = {name for name in members(built[1]) if not name.startswith(("app/.heroku", "app/cache"))}
    assert code == {
        "app/Procfile",
        "app/.python-version",
        "app/.slugignore",
        "app/.gitignore",
        "app/requirements.txt",
        "app/app/main.py",
    }


def test_it_holds_the_given_tables_and_not_those_of_the_tree(built: tuple[Slug, Path], planted: Path) -> None:
    manifest = Manifest.read(planted)
    tables = {name for name in members(built[1]) if name.startswith("app/cache/")}
    assert tables == {"app/cache/manifest.json"} | {f"app/cache/{manifest.folder}/{name}" for name in manifest.files}
    with tarfile.open(built[1]) as archive:
        packed = archive.extractfile("app/cache/manifest.json")
        assert packed is not None
        assert packed.read() == (planted / "manifest.json").read_bytes()
    assert {part.name for part in built[0].parts if part.kind == "tables"} == {*manifest.files, "manifest.json"}


def test_a_package_owns_its_modules_and_its_data_files(built: tuple[Slug, Path]) -> None:
    assert f"{SITE}/shopkeeper.py" in members(built[1])
    assert f"{SITE}/share/shopkeeper/words.txt" in members(built[1])
    (package,) = [part for part in built[0].parts if part.kind == "packages"]
    assert package.name == "shopkeeper"
    assert package.bytes > 256 * 400


def test_the_parts_add_up_to_the_file(built: tuple[Slug, Path]) -> None:
    slug, out = built
    of_the_file = sum(part.slug_bytes for part in slug.parts if part.kind != "runtime")
    # The tar's last two empty blocks, padded to 10,240 bytes, and gzip's trailer belong to no part.
    assert 0 < out.stat().st_size - of_the_file < 200
    with gzip.open(out) as content, tarfile.open(fileobj=content) as archive:
        on_disk = sum(member.size for member in archive.getmembers())
    assert on_disk == sum(part.bytes for part in slug.parts)
    assert slug.to_json()["slug_bytes"] == slug.slug_bytes > of_the_file


def test_what_is_packed_runs(built: tuple[Slug, Path], tmp_path: Path) -> None:
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    code = "import shopkeeper; print(shopkeeper.GREETING)"
    environment = {"PYTHONPATH": str(tmp_path / SITE)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "hello\n"


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        ("--no-index\nnosuchshopkeeper==1.0\n", "nosuchshopkeeper==1.0"),
        ("--no-index\n--find-links {wheels}\nshopkeeper==1.0 --hash=sha256:" + "0" * 64 + "\n", "HASHES"),
    ],
)
def test_requirements_that_heroku_could_not_install_are_refused(
    tree: Path, planted: Path, tmp_path: Path, requirements: str, said: str
) -> None:
    write_wheel(tmp_path)
    path = tree / "requirements.txt"
    before = path.read_text()
    path.write_text(requirements.format(wheels=tmp_path))
    try:
        with pytest.raises(BadInput, match=said) as raised:
            build_slug(tree, planted)
    finally:
        path.write_text(before)
    assert "\n" not in str(raised.value)


def test_a_folder_that_git_does_not_know_is_refused(planted: Path, tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text(PYTHON)
    with pytest.raises(BadInput, match="git can't list its files"):
        build_slug(tmp_path, planted)


def test_damaged_tables_are_refused(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(DamagedCache, match=r"manifest\.json: not found"):
        build_slug(tree, tmp_path)


def test_over_the_budget_the_largest_parts_are_named_with_what_to_do() -> None:
    sizes = {"pyarrow": ("packages", 56), "thumbnails.parquet": ("tables", 420), "docs": ("code", 30), "dash": ("packages", 9)}
    parts = [Part(kind, name, 0, megabytes * 1_000_000) for name, (kind, megabytes) in sizes.items()]
    runtime = Part("runtime", "Python", 0, 40_000_000)
    with pytest.raises(BadInput) as raised:
        check_budget(Slug([*parts, runtime]))
    said = str(raised.value)
    assert said.startswith(
        "the slug is 55.0 MB over 500 MB. The largest parts: thumbnails.parquet (420.0 MB): keep the tables in a bucket"
    )
    assert said.index("thumbnails.parquet") < said.index("pyarrow") < said.index("docs")
    assert "dash" not in said
    assert "Python" not in said


def test_at_the_budget_it_passes() -> None:
    check_budget(Slug([Part("tables", "thumbnails.parquet", 0, 500_000_000)]))
