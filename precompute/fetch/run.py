"""The pictures that the product list has URLs of, into the folder where the next build looks for them."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import posixpath
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from lookup.encoder import FORMATS, UnreadablePicture, decode
from lookup.lock import locked
from precompute.errors import BadInput, one_line
from precompute.fetch.addresses import is_public
from precompute.fetch.download import Downloader, Limits, NotFetched, host_of, open_downloader
from precompute.fetch.hosts import Clock, Failure, RealClock
from precompute.kept import remove_partial, write_whole
from precompute.rejects import Rejects
from precompute.report import Progressing, Report
from precompute.settings import Products, Settings
from precompute.sources.ledger import Ledger
from precompute.sources.pictures import ENDINGS, PictureFolder
from precompute.sources.products import read_products

FETCH_REJECTS = "fetch-rejects.parquet"
"""In the work folder: the products whose pictures are still missing, of `lookup.schema.REJECTS_SCHEMA`."""

NO_FILE_NAME = "product id can't be a file name"
NO_PICTURE_NAME = "image column names no picture file inside the folder"
SHARED_NAME = "picture's file belongs to another URL"
NO_PLACE = "picture's file can't be written"
UNFORESEEN = "an error in fetch-images itself"

PLACE_TAKEN = frozenset((errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ))
"""Errors over one file's name. Any other, such as a full disk, is one over the folder, and ends the run."""
SHORTER_ENDING = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}
"""The other formats' names are their endings. A phone's MPO is a JPEG with more pictures behind the first."""


@dataclass(frozen=True)
class Place:
    """Where a product's picture goes.

    Attributes
    ----------
    product_id
        Whose it is.
    name
        Its file's path inside the folder.
    ended
        False where the ending is still to be added, by the picture's content.
    """

    product_id: str
    name: str
    ended: bool


@dataclass(frozen=True)
class Fetched:
    """How a run ended.

    Attributes
    ----------
    products
        Products in the list.
    without_url
        Of these, products that have neither a picture nor a URL of one.
    there
        Products that had their picture before.
    fetched
        Products that have their picture now.
    bytes
        Of the files written.
    failed
        Reason to products that are still without their picture, the most frequent reason first.
    """

    products: int
    without_url: int
    there: int
    fetched: int
    bytes: int
    failed: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON holds it."""
        return asdict(self)


def fetch_images(
    settings: Settings,
    out: Path | None,
    work: Path,
    report: Report,
    limits: Limits,
    may_connect: Callable[[str], bool] = is_public,
    clock: Clock | None = None,
) -> Fetched:
    """Download every picture that ``[products] image_url`` names and the folder doesn't hold yet.

    A picture is there whole, decoded without an error, or not at all, so a run that was stopped goes on where it was. A URL that
    several products share is asked for once.

    Parameters
    ----------
    settings
        The shop's settings, with absolute paths.
    out
        The folder, made where it is missing; without it, that of ``[images]``.
    work
        The work folder, which gets `FETCH_REJECTS`.
    report
        Gets a stage for the product list and one for the pictures.
    limits
        Of requests and sizes.
    may_connect
        Given an IP address, whether a connection to it is allowed.
    clock
        What waiting goes by.

    Raises
    ------
    BadInput
        Where ``shop.toml`` names no URLs or no folder, or where not one picture is there at the end.
    Busy
        Where another run is filling the folder.
    """
    listed, folder = _sources(settings, out)
    products = _read(listed, report)
    folder.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    rejects = Rejects()
    with locked(folder, f"{folder}: another run is filling this folder; wait until it has ended"):
        remove_partial(folder)
        there = PictureFolder.walk(folder, Rejects(), may_be_empty=True).find(products, Rejects())
        missing = products.filter(pc.is_null(there))
        wanted = missing.filter(pc.is_valid(missing.column("image_url")))
        places = _places(wanted, folder, rejects, listed.path)
        with report.stage("fetch pictures", total=len(places)) as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
            run = _Run(places, folder, pool, progress)
            run.go(limits, may_connect, clock or RealClock())
    for product_id, url, failure in run.failures():
        what = (product_id, url, one_line(failure.detail))  # a server's words may be any bytes
        rejects.add(listed.path, None, failure.reason, "; ".join(filter(None, what)))
    rejects.write(work / FETCH_REJECTS)
    if run.mistakes:  # the other pictures have come, and only a bug is left to tell
        raise run.mistakes[0]
    result = Fetched(
        products=len(products),
        without_url=len(missing) - len(wanted),
        there=len(products) - len(missing),
        fetched=run.fetched,
        bytes=run.size,
        failed=dict(rejects.reasons.most_common()),
    )
    _require_some(result, listed.path)
    return result


def _sources(settings: Settings, out: Path | None) -> tuple[Products, Path]:
    if settings.products is None or settings.products.image_url is None:
        raise BadInput('shop.toml names no URLs of pictures: [products] needs the key "image_url", a column of them')
    if out is None and settings.images is None:
        raise BadInput("shop.toml names no folder for the pictures: give one in [images] folder, or with --out")
    return settings.products, out or settings.images.folder  # type: ignore[union-attr]


def _read(listed: Products, report: Report) -> pa.Table:
    """The product list; of the rows that it leaves out, `check` and `build` tell."""
    ledger = Ledger("products", listed.path, Rejects(), Counter())
    with report.stage("read products") as progress:
        products = read_products(listed, ledger, progress)
        progress.done(ledger.rows)
    return products


def _require_some(result: Fetched, path: Path) -> None:
    if result.fetched or result.there:
        return
    if not result.failed:
        raise BadInput(f"{path}: none of its {result.products:,} products has a URL of a picture")
    reasons = "; ".join(f"{count:,} x {reason}" for reason, count in list(result.failed.items())[:3])
    raise BadInput(f"{path}: none of its {sum(result.failed.values()):,} pictures could be fetched: {reasons}")


def _places(wanted: pa.Table, folder: Path, rejects: Rejects, file: Path) -> dict[str, list[Place]]:
    """URL to the places that its picture goes to, in the product list's order; products without a possible one are rejected."""
    rows = [tuple(row.values()) for row in wanted.select(["product_id", "image", "image_url"]).to_pylist()]
    named = {product_id: _named_place(product_id, image, folder) for product_id, image, _ in rows if image}
    stem_urls: defaultdict[str, set[str]] = defaultdict(set)  # a build takes a file of any folder that is called like an id
    for product_id, _, url in rows:
        if place := named.get(product_id):
            stem_urls[PurePosixPath(place.name).stem.strip()].add(url)
    places: dict[str, list[Place]] = {}
    url_of: dict[str, str] = {}
    for product_id, image, url in rows:
        detail = f"{product_id}: {image}" if image else product_id
        place = named[product_id] if image else _own_place(product_id)
        if place is None:
            rejects.add(file, None, NO_PICTURE_NAME if image else NO_FILE_NAME, detail)
        elif url_of.setdefault(place.name, url) != url if image else stem_urls[product_id] - {url}:
            rejects.add(file, None, SHARED_NAME, detail)
        else:
            places.setdefault(url, []).append(place)
    return places


def _named_place(product_id: str, image: str, folder: Path) -> Place | None:
    """Where the product list says, as `PictureFolder.find` reads it; None outside the folder, and past a linked folder in it."""
    name = posixpath.normpath(image.replace("\\", "/"))
    path = PurePosixPath(name)
    if "\0" in name or path.is_absolute() or path.suffix.lower() not in ENDINGS:
        return None
    linked = Path(os.path.realpath(folder / path.parent)) != Path(os.path.realpath(folder)) / path.parent
    return None if linked else Place(product_id, name, ended=True)


def _own_place(product_id: str) -> Place | None:
    """A file that `PictureFolder.find` takes for the product's because it is called like its id; None where none can be."""
    return None if "\0" in product_id or "/" in product_id else Place(product_id, product_id, ended=False)


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Do some work to its end: on another thread where this one is in the middle of other work, as in a notebook."""
    busy = True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        busy = False
    if busy:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, work).result()
    else:
        asyncio.run(work)


@dataclass
class _Run:
    """One run over all URLs.

    Attributes
    ----------
    places
        URL to the places that its picture goes to.
    folder
        The folder that holds them.
    pool
        Where pictures are decoded and written.
    progress
        Advanced once a URL.
    fetched, size
        Files written, and their bytes together.
    mistakes
        Errors that nobody foresaw, each over one URL.
    """

    places: dict[str, list[Place]]
    folder: Path
    pool: ThreadPoolExecutor
    progress: Progressing
    fetched: int = 0
    size: int = 0
    mistakes: list[Exception] = field(default_factory=list)
    _failed: dict[Place, Failure] = field(default_factory=dict)

    def go(self, limits: Limits, may_connect: Callable[[str], bool], clock: Clock) -> None:
        """Ask for all of them, and return when every one has come or failed."""
        try:
            finish(self._ask_for_all(limits, may_connect, clock))
        except ExceptionGroup as group:  # the first error ended the others: it is the one to tell
            raise group.exceptions[0] from None

    def failures(self) -> Iterator[tuple[str, str, Failure]]:
        """Product id, URL and why its picture is missing, in the product list's order of URLs."""
        for url, places in self.places.items():
            for place in places:
                if place in self._failed:
                    yield place.product_id, url, self._failed[place]

    async def _ask_for_all(self, limits: Limits, may_connect: Callable[[str], bool], clock: Clock) -> None:
        async with open_downloader(limits, clock, may_connect) as downloader, asyncio.TaskGroup() as tasks:
            for urls in _by_host(self.places):
                left = iter(urls)  # shared: each of the host's tasks takes the next
                for _ in range(min(limits.per_host, len(urls))):
                    tasks.create_task(self._ask_one_host(left, downloader))

    async def _ask_one_host(self, urls: Iterator[str], downloader: Downloader) -> None:
        for url in urls:
            places = self.places[url]
            outcomes = await self._ask_for_one(url, downloader)
            self._failed |= {place: one for place, one in zip(places, outcomes, strict=True) if isinstance(one, Failure)}
            sizes = [one for one in outcomes if isinstance(one, int)]
            self.fetched += len(sizes)
            self.size += sum(sizes)
            self.progress.advance()

    async def _ask_for_one(self, url: str, downloader: Downloader) -> list[int | Failure]:
        """For each place of a URL the bytes written, or why there are none."""
        places = self.places[url]

        async def keep(content: bytes) -> list[int | Failure]:
            return await asyncio.get_running_loop().run_in_executor(self.pool, self._keep, content, places)

        try:
            return await downloader.fetch(url, keep)
        except NotFetched as error:
            failure = error.failure
        except UnreadablePicture as error:
            failure = Failure(error.reason, error.detail)
        except OSError:  # one over the folder
            raise
        except Exception as error:  # a bug that one picture brings out keeps none of the others; it is raised when they have come
            self.mistakes.append(error)
            failure = Failure(UNFORESEEN, repr(error))
        return [failure] * len(places)

    def _keep(self, content: bytes, places: list[Place]) -> list[int | Failure]:
        decode(content)
        ending = ending_of(content)
        outcomes: list[int | Failure] = []
        for place in places:
            try:
                write_whole(self.folder / (place.name if place.ended else place.name + ending), content)
            except OSError as error:
                if error.errno not in PLACE_TAKEN:
                    raise
                outcomes.append(Failure(NO_PLACE, str(error.strerror)))
            else:
                outcomes.append(len(content))
        return outcomes


def _by_host(urls: Iterable[str]) -> list[list[str]]:
    """The URLs of each host, in their order, so that none of them keeps the others waiting."""
    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(host_of(url), []).append(url)
    return list(hosts.values())


def ending_of(content: bytes) -> str:
    """The file ending of a picture that can be decoded, by its content."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        name = str(image.format)
    return SHORTER_ENDING.get(name, f".{name.lower()}")


def print_fetched(result: Fetched, rejects: Path, console: Console) -> None:
    """Print what came and what failed, for people."""
    counts = Table("pictures", Column("products", justify="right"), box=None, header_style="bold", pad_edge=False)
    for name, count in (("there before", result.there), ("fetched", result.fetched), ("no URL", result.without_url)):
        counts.add_row(name, f"{count:,}")
    console.print(counts)
    if result.failed:
        failed = Table("not fetched", Column("products", justify="right"), box=None, header_style="bold", pad_edge=False)
        for reason, count in result.failed.items():
            failed.add_row(escape(reason), f"{count:,}")
        console.print(failed)
        console.print(f"[dim]not fetched, one by one:[/] {escape(str(rejects))}", highlight=False, soft_wrap=True)
