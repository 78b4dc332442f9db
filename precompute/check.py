"""``check``: read all of a shop's files, build nothing, and say what a build would find."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from precompute.architectures import Published
from precompute.errors import BadInput
from precompute.network import TOP, Network, network_of
from precompute.report import Report
from precompute.settings import Settings, Signals
from precompute.shop import Shop
from precompute.signals.registry import SIGNALS
from precompute.sources import read_shop

UNREADABLE = "picture can't be opened"
PICTURE_SIGNALS: tuple[Literal["visual", "style"], ...] = ("visual", "style")


@dataclass(frozen=True)
class FileCheck:
    """One input file: the rows read, and those that are kept."""

    section: str
    file: str
    rows: int
    kept: int


@dataclass(frozen=True)
class PictureCheck:
    """Products with a picture, products without, and pictures that can't be opened."""

    found: int
    missing: int
    unreadable: int


@dataclass(frozen=True)
class CheckResult:
    """What `check_shop` found.

    Attributes
    ----------
    files
        Every file of rows.
    counts
        ``products``, ``reviews``, ``orders``, ``order_lines``, ``pictures`` after cleaning.
    rejects
        ``"<file>: <reason>"`` to rows.
    mended
        ``"<file>: <what>"`` to how often.
    pictures
        None where ``shop.toml`` has no [images].
    signals
        Signal to the reason why it can't be built; None where it can be tried. What the data carries, only a build finds out.
    warnings
        What a build would do that its caller may not expect.
    """

    files: list[FileCheck]
    counts: dict[str, int]
    rejects: dict[str, int]
    mended: dict[str, int]
    pictures: PictureCheck | None
    signals: dict[str, str | None]
    warnings: list[str]

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON holds it."""
        return asdict(self)


def check_shop(settings: Settings, report: Report) -> CheckResult:
    """Read a shop in a temporary work folder; raises `BadInput` where a build would."""
    with TemporaryDirectory(prefix="aisle-check-") as work:
        shop = read_shop(settings, Path(work), report)
        pictures = _check_pictures(shop, settings.images.folder, report) if settings.images else None
        signals = {signal.name: signal.why_not(shop) for signal in SIGNALS}
        networks = [_network(settings.signals, name) for name in PICTURE_SIGNALS if signals[name] is None]
        return CheckResult(
            files=[FileCheck(one["section"], one["file"], one["rows"], one["kept"]) for one in shop.inputs if "rows" in one],
            counts=shop.counts,
            rejects=dict(shop.rejects.counts.most_common()),
            mended=dict(sorted(shop.notes.items())),
            pictures=pictures,
            signals=signals,
            warnings=[*_downloads(networks), *_too_large(networks)],
        )


def _check_pictures(shop: Shop, folder: Path, report: Report) -> PictureCheck:
    pictures = shop.products.column("picture")
    files = sorted(set(pictures.drop_null().to_pylist()))
    unreadable = 0
    with report.stage("open pictures", total=len(files)) as progress:
        for file in files:
            if not _opens(Path(file)):
                unreadable += 1
                shop.rejects.add(folder, None, UNREADABLE, Path(file).relative_to(folder).as_posix())
            progress.advance()
    return PictureCheck(len(pictures) - pictures.null_count, pictures.null_count, unreadable)


def _network(signals: Signals, name: Literal["visual", "style"]) -> Network:
    """The network that a build would compute; raises `BadInput` over a layer or a weights file that there isn't."""
    network = network_of(signals, name)
    if network.weights not in ("imagenet", "untrained") and not Path(network.weights).is_file():
        raise BadInput(
            f"{network.weights}: not found; [signals.{name}] weights names it: "
            '"imagenet", "untrained" or the path of a weights file is expected'
        )
    network.require_layers()
    return network


def _downloads(networks: list[Network]) -> Iterator[str]:
    # Asking Keras where it keeps files would take seconds and 700 MB.
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    for published in dict.fromkeys(_published(network) for network in networks if network.weights == "imagenet"):
        if not (home / "models" / published.file).is_file():
            yield (
                f'weights = "imagenet": {published.file} is not on this machine yet and will be downloaded, '
                f"{published.megabytes} MB"
            )


def _too_large(networks: list[Network]) -> Iterator[str]:
    """Of weights in a file, only a build finds out whether they have a top."""
    if any(network.visual_layer in TOP or (network.weights == "imagenet" and _takes_top(network)) for network in networks):
        yield (
            "the encoder will be too large to deploy, as it needs VGG's dense layers: uploaded pictures can be asked about with "
            '`python -m precompute serve` alone. [signals.visual] layer = "block5_pool" makes it small enough'
        )


def _published(network: Network) -> Published:
    """The weights that Keras downloads."""
    return (network.architecture.weights_with_top if _takes_top(network) else None) or network.architecture.weights


def _takes_top(network: Network) -> bool:
    """Whether the visual features come from VGG's dense layers, if the weights have them."""
    may_have = network.architecture.weights_with_top is not None
    return may_have and network.visual and (network.visual_layer is None or network.visual_layer in TOP)


def _opens(picture: Path) -> bool:
    """Whether the picture's header makes sense; whether all of it does, only a build finds out."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of very large pictures; a build decides on those.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(picture):
                return True
    # Pillow's readers raise errors of every kind over a broken header.
    except Exception:
        return False


def print_check(result: CheckResult, console: Console) -> None:
    """Print what was found, for people."""
    console.print(_table(["file", "section", "rows", "kept"], [(f.file, f.section, f.rows, f.kept) for f in result.files]))
    console.print(_table(["after cleaning", "rows"], list(result.counts.items())))
    if result.rejects:
        console.print(_table(["left out, or kept without a value", "rows"], list(result.rejects.items())))
    if result.mended:
        console.print(_table(["mended", "rows"], list(result.mended.items())))
    if result.pictures:
        found = [(name, count) for name, count in asdict(result.pictures).items()]
        console.print(_table(["pictures", "products"], found))
    signals = [(name, "can be tried" if why is None else f"no: {why}") for name, why in result.signals.items()]
    console.print(_table(["signal", ""], signals))
    for warning in result.warnings:
        console.print(f"[bold yellow]warning:[/] {escape(warning)}", highlight=False, soft_wrap=True)


def _table(header: list[str], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for index, name in enumerate(header):
        number = bool(rows) and isinstance(rows[0][index], int)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else escape(value) for value in row))
    return table
