"""``python -m precompute``: the command line."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from lookup import schema
from lookup.lock import Busy
from lookup.manifest import DamagedCache
from precompute.errors import BadInput, one_line
from precompute.publish.layout import Layout

if TYPE_CHECKING:
    from precompute.report import Report

app = typer.Typer(
    name="precompute",
    help="Turn a shop's own files into lookup tables that the dashboard serves.",
    epilog="Exit codes: 0 done, 1 the input can't be used (one message says why), 2 the command was not understood.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

publishing = typer.Typer(help="Carry the recommendations to where the shop's own programs read them.", no_args_is_help=True)
app.add_typer(publishing, name="publish")

finetuning = typer.Typer(help="Learn from the shop's orders what goes together, and write it to a file.", no_args_is_help=True)
app.add_typer(finetuning, name="finetune")

ROOT = Path(__file__).resolve().parent.parent

LOG_WIDTH = 160
"""Columns of a table that no terminal limits."""

ShopToml = Annotated[
    Path, typer.Argument(metavar="SHOP.TOML", help="The shop's settings: which files it has, how their columns are named.")
]
CacheDir = Annotated[Path, typer.Option("--cache", help="The folder of lookup tables.")]
WorkDir = Annotated[
    Path | None,
    typer.Option(
        "--work",
        help="Where heavy intermediate results are kept, so that a rerun is quick.",
        show_default="a folder in .work",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table: only errors.")]
Json = Annotated[
    bool, typer.Option("--json", help="End with one JSON value on standard output; everything else goes to standard error.")
]
Signals = Annotated[
    list[str] | None, typer.Option("--signal", help="A signal to publish; may be repeated.", show_default="all that were built")
]
TopK = Annotated[int, typer.Option("--k", min=1, help="At most so many recommendations a product.")]
FileLayout = Annotated[
    Layout,
    typer.Option("--layout", help='rich: ids with score and reason; tutorial: {"id": "a;b;c"}, without what only stands in.'),
]
Lines = Annotated[bool, typer.Option("--lines", help="JSON Lines, one product a line, instead of one object.")]


@app.command()
def build(
    shop_toml: ShopToml,
    cache: CacheDir = Path("cache"),
    work: WorkDir = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Build the lookup tables. The tables before them stay live until the new ones are complete."""
    from precompute.build import build as build_shop
    from precompute.settings import read_settings

    with _one_clear_message(), _report(quiet) as report:
        shop, manifest = build_shop(read_settings(shop_toml), cache, work or _work_of(shop_toml), report)
        size = sum(entry.bytes for entry in manifest.files.values())
        if as_json:
            counts = {name: shop.counts.get(name, 0) for name in ("products", "reviews", "orders", "pictures")}
            signals = {name: entry.products for name, entry in manifest.signals.items()}
            run = {"seconds": report.seconds, "peak_mb": report.peak_mb, "cache_bytes": size}
            _print_json(counts | {"rejects": dict(shop.rejects.reasons), "signals": signals} | run)
        report.print_table()
        say = partial(report.console.print, highlight=False, soft_wrap=True)
        for name, reason in manifest.missing.items():
            say(f"[dim]not built:[/] {name}: {escape(reason)}")
        notes = (entry.details.get("encoder") for entry in manifest.signals.values())
        for note in dict.fromkeys(filter(None, notes)):
            say(f"[dim]encoder:[/] {escape(str(note))}")
        if len(shop.rejects):
            say(f"[dim]left out, or kept without a value:[/] {len(shop.rejects):,} rows, listed in {shop.work / schema.REJECTS}")
        say(f"[bold]{len(shop):,} products[/], {size / 1e6:,.1f} MB in {cache}. Look at it: CACHE_DIR={cache} make run")


@app.command()
def check(shop_toml: ShopToml, quiet: Quiet = False, as_json: Json = False) -> None:
    """Read everything and build nothing: rows, rejects, pictures, and which signals can be tried."""
    from precompute.check import check_shop, print_check
    from precompute.settings import read_settings

    with _one_clear_message(), _report(quiet) as report:
        result = check_shop(read_settings(shop_toml), report)
        if as_json:
            _print_json(result.to_json())
        print_check(result, report.console)


@app.command("fetch-images")
def fetch_images(
    shop_toml: ShopToml,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder for the pictures.", show_default="that of [images]", file_okay=False)
    ] = None,
    work: WorkDir = None,
    per_host: Annotated[int, typer.Option("--per-host", min=1, max=16, help="Requests to one host at once.")] = 4,
    delay: Annotated[
        float, typer.Option("--delay", min=0, help="Seconds between two requests to one host; its robots.txt may ask for more.")
    ] = 0,
    max_mb: Annotated[float, typer.Option("--max-mb", min=0.001, max=64, help="The largest picture to take, in MB.")] = 20,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Connect to addresses of this machine and its network, too.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Download the pictures whose URLs the product list names, to where the next build looks for them.

    Only what is missing is asked for, so a run that was stopped goes on where it was.
    """
    from precompute.fetch.addresses import is_public
    from precompute.fetch.download import Limits
    from precompute.fetch.run import FETCH_REJECTS, print_fetched
    from precompute.fetch.run import fetch_images as fetch
    from precompute.settings import read_settings

    limits = Limits(per_host=per_host, delay=delay, most_bytes=round(max_mb * 1e6))
    work = work or _work_of(shop_toml)
    may_connect = (lambda _: True) if allow_private else is_public
    with _one_clear_message(), _report(quiet) as report:
        fetched = fetch(read_settings(shop_toml), out, work, report, limits, may_connect)
        if as_json:
            _print_json(fetched.to_json() | {"seconds": report.seconds, "peak_mb": report.peak_mb})
        print_fetched(fetched, work / FETCH_REJECTS, report.console)


@app.command()
def evaluate(
    shop_toml: ShopToml,
    cache: CacheDir = Path("cache"),
    work: WorkDir = None,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback",
            metavar="CSV",
            exists=True,
            dir_okay=False,
            help="Judgements that the dashboard exported: measure them, too.",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure every signal beside chance and popularity, on orders held out, and add the metrics to the lookup tables."""
    from precompute.evaluate.feedback import print_feedback
    from precompute.evaluate.run import evaluate_shop, print_metrics
    from precompute.evaluate.sweep import print_sweep
    from precompute.settings import read_settings

    with _one_clear_message(), _report(quiet) as report:
        measured = evaluate_shop(read_settings(shop_toml), cache, work or _work_of(shop_toml), report, feedback)
        if as_json:
            _print_json(measured.metrics.to_pylist())
        print_metrics(measured.metrics, report.console)
        print_sweep(measured.sweep, report.console)
        if measured.feedback:
            print_feedback(measured.feedback, report.console)


@finetuning.command("projection")
def finetune_projection(
    shop_toml: ShopToml,
    out: Annotated[
        Path, typer.Option("--out", help="The file to write; shop.toml names it under signals.style as projection.")
    ] = Path("taste.npz"),
    work: WorkDir = None,
    *,
    words: Annotated[bool, typer.Option(help="Learn from the products' words too, not from their pictures alone.")] = True,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Learn a projection of style, look and words that brings together what is ordered together. Takes seconds."""
    from precompute.finetune.run import finetune_projection as learn
    from precompute.settings import read_settings

    with _one_clear_message(), _report(quiet) as report:
        taste = learn(read_settings(shop_toml), out, work or _work_of(shop_toml), report, words=words)
        if as_json:
            _print_json(taste.learned)
        done = f'Learned from {taste.learned["orders"]:,} orders. Use it: \\[signals.style] projection = "{escape(out.name)}"'
        report.console.print(done, highlight=False, soft_wrap=True)


@finetuning.command("network")
def finetune_network(
    shop_toml: ShopToml,
    out: Annotated[
        Path, typer.Option("--out", help="The weights file to write, .weights.h5; shop.toml names it under signals.visual.")
    ] = Path("taste.weights.h5"),
    work: WorkDir = None,
    *,
    thaw: Annotated[
        int, typer.Option("--thaw", min=0, max=5, help="So many of VGG16's blocks learn too, from the last one on.")
    ] = 0,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, help="At most; it ends when held-out orders are ranked no better.")
    ] = 60,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Pictures a step.")] = 32,
    rate: Annotated[
        float, typer.Option("--rate", min=1e-8, max=1, help="Of learning; with trained blocks that learn too, 0.00001 is usual.")
    ] = 1e-3,
    size: Annotated[
        int, typer.Option("--size", min=32, max=1024, help="Pixels per side while it learns; fewer are quicker.")
    ] = 224,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Replace VGG16's last dense layers and teach them in which orders a product appears. On a GPU where TensorFlow sees one."""
    from precompute.finetune.transfer import Course
    from precompute.finetune.transfer import finetune_network as learn
    from precompute.settings import read_settings

    with _one_clear_message(), _report(quiet) as report:
        settings = read_settings(shop_toml)
        course = Course(thaw=thaw, epochs=epochs, batch=batch, rate=rate, size=size, seed=settings.signals.visual.seed)
        learned = learn(settings, out, work or _work_of(shop_toml), report, course)
        if as_json:
            _print_json(learned)
        done = f"Epoch {learned['best']} of {learned['epochs']} was best."
        use = f'Use it: \\[signals.visual] weights = "{escape(out.name)}"'
        report.console.print(done, use, highlight=False, soft_wrap=True)


@app.command()
def inspect(
    cache: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of lookup tables.")],
    as_json: Json = False,
) -> None:
    """Say what a built cache holds, how large each table is, and whether every file is whole."""
    from precompute.inspect import inspect_cache, print_inspection

    with _one_clear_message():
        result = inspect_cache(cache)
        if as_json:
            _print_json(result)
        else:
            print_inspection(result, Console())


@app.command()
def slug(
    cache: CacheDir = Path("cache"),
    out: Annotated[Path | None, typer.Option("--out", help="Keep the slug here, as .tar.gz.", show_default="thrown away")] = None,
    as_json: Json = False,
) -> None:
    """Build what Heroku would make of this working tree, and weigh it part by part; fails when it is over budget."""
    from precompute.slug import build_slug, check_budget, print_slug

    with _one_clear_message():
        built = build_slug(ROOT, cache, out)
        if as_json:
            _print_json(built.to_json())
        print_slug(built, Console(stderr=as_json))
        check_budget(built)


@app.command("push")
def push_cache(
    cache: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of lookup tables.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to: s3://bucket/prefix or gs://bucket/prefix.")],
    as_json: Json = False,
) -> None:
    """Upload the lookup tables. Dashboards whose CACHE_DIR is that URL take them over."""
    from dataclasses import asdict

    from lookup.bucket import Bucket
    from precompute.publish.push import push

    with _one_clear_message():
        bucket = Bucket.open(url)
        try:
            pushed = push(cache, bucket)
        except OSError as error:
            raise BadInput(f"{bucket.name}: {error}") from None
        if as_json:
            _print_json(asdict(pushed))
        else:
            done = f"{pushed.files} files, {pushed.bytes / 1e6:,.1f} MB uploaded; {pushed.there} were there already"
            Console(soft_wrap=True, highlight=False).print(f"Build {pushed.build} is live at {escape(bucket.name)}. {done}.")


@publishing.command("json")
def publish_json(
    to: Annotated[str, typer.Option("--to", metavar="TARGET", help="A folder, or s3://bucket/prefix or gs://bucket/prefix.")],
    cache: CacheDir = Path("cache"),
    signal: Signals = None,
    k: TopK = 10,
    layout: FileLayout = Layout.RICH,
    lines: Lines = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write one JSON file a signal into a new folder, check it, and let latest.json name it."""
    _publish_files(to, cache, signal, k, layout, lines, quiet, as_json)


@publishing.command("s3")
def publish_s3(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="s3://bucket/prefix.")],
    cache: CacheDir = Path("cache"),
    signal: Signals = None,
    k: TopK = 10,
    layout: FileLayout = Layout.RICH,
    lines: Lines = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """As json does, and to nowhere but a bucket of S3: a mistyped address never becomes a folder."""
    if not to.startswith("s3://"):
        raise typer.BadParameter("must begin with s3://", param_hint="--to")
    _publish_files(to, cache, signal, k, layout, lines, quiet, as_json)


def _publish_files(
    to: str, cache: Path, signal: list[str] | None, k: int, layout: Layout, lines: bool, quiet: bool, as_json: bool
) -> None:
    from dataclasses import asdict

    from precompute.publish.files import publish_files
    from precompute.publish.rows import open_build
    from precompute.publish.target import open_target

    with _one_clear_message(), _report(quiet) as report:
        build, signals = open_build(cache, signal or [])
        target = open_target(to)
        try:
            published = publish_files(build, target, signals, k, layout, lines, report)
        except OSError as error:
            if error.filename:
                raise
            raise BadInput(f"{target.name}: {error}") from None
        if as_json:
            _print_json(asdict(published))
        size = sum(file.bytes for file in published.files)
        done = f"{len(published.files)} files, {size / 1e6:,.1f} MB"
        report.console.print(f"Release {published.release} is the latest at {escape(target.name)}: {done}.", soft_wrap=True)


@publishing.command("postgres")
def publish_postgres(
    cache: CacheDir = Path("cache"),
    signal: Signals = None,
    k: TopK = 10,
    schema_name: Annotated[str, typer.Option("--schema", help="The database's schema that holds the tables.")] = "aisle",
    rollback: Annotated[bool, typer.Option("--rollback", help="Publish nothing: put the release before back.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Load tables beside the live ones of a PostgreSQL database and swap them in, in one transaction.

    AISLE_DATABASE_URL says which database, else PGHOST, PGUSER and the other variables that every PostgreSQL client knows.
    """
    from dataclasses import asdict

    from precompute.publish import postgres
    from precompute.publish.rows import open_build

    with _one_clear_message(), _report(quiet) as report:
        if rollback:
            live = postgres.roll_back(schema_name)
        else:
            build, signals = open_build(cache, signal or [])
            live = postgres.publish(build, schema_name, signals, k, report)
        if as_json:
            _print_json(asdict(live))
        done = f"{live.products:,} products, {live.recommendations:,} recommendations"
        report.console.print(f"Release {live.id}, build {live.build}, is live in schema {live.schema}: {done}.", soft_wrap=True)


@app.command()
def serve(
    shop_toml: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SHOP.TOML]",
            help="The shop whose build left the full network, float32, in its work folder: show pictures to that one.",
            show_default="pictures are shown to the network that is deployed",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    cache: CacheDir = Path("cache"),
    work: WorkDir = None,
    port: Annotated[int, typer.Option(help="The port to listen on.", envvar="PORT", min=1, max=65535)] = 8050,
) -> None:
    """Serve the dashboard over a folder of lookup tables, on this machine."""
    from dashboard.__main__ import main as serve_dashboard

    os.environ |= {"CACHE_DIR": str(cache), "PORT": str(port)}
    left_in = work or (_work_of(shop_toml) if shop_toml else None)
    if left_in is not None:
        os.environ["FULL_ENCODER"] = str((left_in / schema.FULL_ENCODER).absolute())
    serve_dashboard()


@contextmanager
def _one_clear_message() -> Iterator[None]:
    try:
        yield
    except (BadInput, Busy, DamagedCache) as error:
        message = str(error)
    except MemoryError as error:
        message = f"this machine's memory is not enough ({error}); leave columns out of shop.toml, or use a larger machine"
    except OSError as error:  # a full disk, a folder without permission
        message = f"{error.filename}: {error.strerror}" if error.filename else f"{error}; is the disk full?"
    else:
        return
    Console(stderr=True).print(f"[bold red]error:[/] {escape(one_line(message))}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def _report(quiet: bool) -> Iterator[Report]:
    from precompute.report import Report

    yield Report(Console(stderr=True, quiet=quiet, width=None if sys.stderr.isatty() else LOG_WIDTH))


def _work_of(shop_toml: Path) -> Path:
    """A folder of its own for each shop.toml: two shops' folders may have one name."""
    path = shop_toml.resolve()
    return Path(".work") / f"{path.parent.name}-{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}"


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    app(prog_name="python -m precompute")
