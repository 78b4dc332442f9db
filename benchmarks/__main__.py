"""``python -m benchmarks``: measure speed, memory, size and quality; each benchmark writes its page in ``benchmarks/results``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from benchmarks.results import Missing, console

app = typer.Typer(
    help="Measure speed, memory, size and quality. Without a command, everything is measured, which takes hours.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LARGE = Path(".work/benchmarks/large-cache")
PRODUCTS, REVIEWS, ORDER_LINES = 287_209, 5_074_160, 1_000_000
REQUESTS, SECONDS = 10_000, 180
SLICES = (40, 20, 10)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)

Large = Annotated[Path, typer.Option("--cache", help="Lookup tables of a large shop; drawn first where there are none.")]


@app.callback(invoke_without_command=True)
def everything(context: typer.Context) -> None:
    """Every benchmark in turn, with its usual numbers."""
    if context.invoked_subcommand is None:
        of_large = (slug, serving, screens, load, export, lookup, spelling, publish, pictures)
        on_their_own = (lighthouse, quality, rooms, reviews, typed_queries, orders, baskets, neighbours)
        measures = {"cache": partial(cache, LARGE)}
        measures |= {measure.__name__: partial(measure, LARGE) for measure in of_large}
        measures |= {measure.__name__: measure for measure in on_their_own}
        raise typer.Exit(in_turn(measures))


def in_turn(measures: Mapping[str, Callable[[], object]]) -> int:
    """Run all, whatever becomes of one. Says at the end which were skipped, for want of what, and which failed; counts these."""
    skipped, failed = {}, {}
    for name, measure in measures.items():
        console.rule(name)
        try:
            measure()
        except Missing as reason:
            skipped[name] = str(reason)
        except (Exception, SystemExit) as error:
            console.print_exception()
            failed[name] = str(error) or type(error).__name__
    for said, why in (("skipped", skipped), ("failed", failed)):
        for name, reason in why.items():
            console.print(f"[bold]{said}[/] {name}: {escape(reason)}", soft_wrap=True)
    return len(failed)


@app.command()
def cache(
    out: Annotated[Path, typer.Option("--out", help="The folder of lookup tables to write.")] = LARGE,
    products: Annotated[int, typer.Option(min=1_000, help="How many products the shop has.")] = PRODUCTS,
    thumbnails: Annotated[int, typer.Option(min=1, help="How many of them have a picture.")] = 240,
) -> None:
    """Draw the lookup tables of a large shop, and list how large each is."""
    from benchmarks.large_cache import draw_cache
    from benchmarks.sizes import write_sizes

    command = f"python -m benchmarks cache --products {products} --thumbnails {thumbnails}"
    write_sizes(draw_cache(out, products, thumbnails), command)


@app.command()
def slug(large: Large = LARGE) -> None:
    """Weigh what Heroku would make of this working tree, with the tables of the demo shop and of a large one."""
    from benchmarks.sizes import measure_slugs

    measure_slugs(_drawn(large))


@app.command()
def serving(
    large: Large = LARGE,
    requests: Annotated[int, typer.Option(min=100, help="How many requests are made before memory is compared.")] = REQUESTS,
) -> None:
    """Serve a slug as a dyno of 512 MB would: seconds until it is ready, and memory."""
    from benchmarks.serving import measure_serving

    measure_serving(_drawn(large), requests)


@app.command()
def lighthouse(
    runs: Annotated[int, typer.Option(min=1, help="Visits of each page; medians are reported.")] = 5,
) -> None:
    """Have Lighthouse visit the demo shop's pages as a phone would; needs npm and Chromium."""
    from benchmarks.lighthouse import measure_lighthouse

    measure_lighthouse(runs)


@app.command()
def screens(
    large: Large = LARGE,
    runs: Annotated[int, typer.Option(min=1, help="Of each click, key press and map; medians are reported.")] = 5,
) -> None:
    """Walk through the screens of a large shop in Chromium: seconds until painted, memory, and bytes of each click."""
    from benchmarks.screens import measure_screens

    measure_screens(_drawn(large), runs)


@app.command()
def load(
    large: Large = LARGE,
    seconds: Annotated[int, typer.Option(min=5, help="How long each number of users asks.")] = SECONDS,
) -> None:
    """Load the dashboard with 50 and 200 users, and compare its API with the least that a Dash app can be."""
    from benchmarks.load import measure_load

    measure_load(_drawn(large), seconds)


@app.command()
def export(
    large: Large = LARGE,
    seconds: Annotated[int, typer.Option(min=5, help="How long others ask while each kind of file is sent.")] = SECONDS,
) -> None:
    """Send all recommendations of a large shop as files while people look at it: memory, and how long they wait."""
    from benchmarks.export import measure_export

    measure_export(_drawn(large), seconds)


@app.command()
def lookup(large: Large = LARGE) -> None:
    """Read one answer after the other out of the tables of a large shop: milliseconds, and memory."""
    from benchmarks.lookup import measure_lookup

    measure_lookup(_drawn(large))


@app.command()
def publish(
    large: Large = LARGE, k: Annotated[int, typer.Option("--k", min=1, help="At most so many recommendations a product.")] = 10
) -> None:
    """Publish the recommendations of a large shop as files and into PostgreSQL."""
    from benchmarks.publish import measure_publish

    measure_publish(_drawn(large), k)


@app.command()
def shop(
    out: Annotated[Path, typer.Option("--out", help="The folder that its files are written into.")],
    products: Annotated[int, typer.Option(min=2, help="How many products the shop has.")] = PRODUCTS,
    reviews: Annotated[int, typer.Option(min=0, help="How many reviews; none with 0.")] = REVIEWS,
    lines: Annotated[int, typer.Option(min=0, help="How many order lines; none with 0.")] = ORDER_LINES,
    seed: Annotated[int, typer.Option(help="Another seed draws another shop.")] = 0,
) -> None:
    """Draw a shop's own files, for `python -m precompute build` to be measured on."""
    from benchmarks.full_shop import write_shop

    write_shop(out, products, reviews, lines, seed)


@app.command()
def quality(
    shops: Annotated[list[str] | None, typer.Argument(help="Names in benchmarks/shops; all of them by default.")] = None,
    repetitions: Annotated[int, typer.Option(min=1, help="Builds from an empty work folder; the median is reported.")] = 1,
) -> None:
    """Build and evaluate real shops, whose files stand outside the project."""
    from benchmarks.quality import measure_quality

    measure_quality(shops or [], repetitions)


@app.command()
def rooms(
    work: Annotated[Path, typer.Option("--work", help="Where the pictures' features are kept.")] = Path(".work/benchmarks/ikea"),
) -> None:
    """Guess which products share a room, from pictures and words, in IKEA's rooms, which stand outside the project."""
    from benchmarks.rooms import measure_rooms

    measure_rooms(work)


@app.command()
def pictures(
    large: Large = LARGE,
    few: Annotated[int, typer.Option(min=64, help="Pictures of a small build.")] = 500,
    many: Annotated[int, typer.Option(min=64, help="Pictures of a large build, to compare its memory.")] = 5_000,
    queries: Annotated[int, typer.Option(min=10, help="Of IKEA's pictures, those that each precision is asked about.")] = 300,
    work: Annotated[Path, typer.Option("--work", help="Where IKEA's features are kept.")] = Path(".work/benchmarks/ikea"),
) -> None:
    """Compute features of pictures beside Keras' own ways, in each precision, in builds, and for an upload."""
    from benchmarks.pictures import measure_pictures

    command = f"python -m benchmarks pictures --few {few} --many {many} --queries {queries}"
    measure_pictures(_drawn(large), (few, many), queries, work, command)


@app.command()
def baskets() -> None:
    """Guess baskets from baskets, beside other libraries' ways, on real orders that stand outside the project."""
    from benchmarks.baskets import measure_baskets

    measure_baskets()


@app.command()
def reviews(
    products: Annotated[int, typer.Option(min=1_000, help="Of the full size.")] = PRODUCTS,
    reviews: Annotated[int, typer.Option(min=10_000, help="Of the full size.")] = REVIEWS,
    slices: Annotated[list[int] | None, typer.Option("--slice", min=1, help="Parts beside scikit-learn, as divisors.")] = None,
    patience: Annotated[float, typer.Option(min=1, help="Seconds that scikit-learn's way may take.")] = 1_200,
    memory: Annotated[float, typer.Option(min=1, help="GB that it may take.")] = 12,
) -> None:
    """Build shops of up to five million reviews, by stage, and cluster slices of them beside pandas and scikit-learn."""
    from benchmarks.reviews import Limits, measure_reviews

    parts = sorted(slices or SLICES, reverse=True)
    chosen = " ".join(f"--slice {part}" for part in parts)
    sizes = f"--products {products} --reviews {reviews} {chosen} --patience {patience:g} --memory {memory:g}"
    limits = Limits(patience, memory * 1e9)
    measure_reviews(products, reviews, parts, limits, f"python -m benchmarks reviews {sizes}")


@app.command()
def orders(
    lines: Annotated[list[int] | None, typer.Option("--lines", min=1_000, help="Order lines, about.")] = None,
    patience: Annotated[float, typer.Option(min=1, help="Seconds that one way may take at one size.")] = 900,
    memory: Annotated[float, typer.Option(min=1, help="GB that it may take.")] = 12,
) -> None:
    """Count what is bought together in up to ten million order lines, beside implicit and the sales-history tutorial's code."""
    from benchmarks.orders import Limits, measure_orders

    sizes = sorted(lines or SIZES)
    chosen = " ".join(f"--lines {size}" for size in sizes)
    command = f"python -m benchmarks orders {chosen} --patience {patience:g} --memory {memory:g}"
    measure_orders(sizes, Limits(patience, memory * 1e9), command)


@app.command()
def neighbours(
    products: Annotated[int, typer.Option(min=1_000, help="How many vectors are drawn.")] = PRODUCTS,
    repetitions: Annotated[int, typer.Option(min=1, help="Runs of each way; the median is reported.")] = 1,
) -> None:
    """Find the nearest of very many vectors: all compared, or those in the nearest lists; seconds, recall and memory."""
    from benchmarks.neighbours import measure_neighbours

    command = f"python -m benchmarks neighbours --products {products} --repetitions {repetitions}"
    measure_neighbours(products, repetitions, command)


@app.command("queries")
def typed_queries() -> None:
    """Type sentences of real reviews, which stand outside the project, against tables of fewer and fewer words."""
    from benchmarks.typed_queries import measure_typed_queries

    measure_typed_queries()


@app.command()
def spelling(large: Large = LARGE) -> None:
    """Misspell words of a large shop's vocabulary, and look for near ones."""
    from benchmarks.spelling import measure_spelling

    measure_spelling(_drawn(large))


def _drawn(large: Path) -> Path:
    """The large cache, drawn where it isn't there yet."""
    from lookup.schema import MANIFEST

    if not (large / MANIFEST).exists():
        cache(large)
    return large.absolute()


if __name__ == "__main__":
    app(prog_name="python -m benchmarks")
