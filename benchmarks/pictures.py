"""Pictures per second beside Keras, memory of a build by its pictures, and what each precision of the deployed encoder costs."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.deployed import served, unpack_slug
from benchmarks.picture_ways import BATCH, CORES, FLOAT32, INT8, PICTURES, WAYS, WEIGHTS
from benchmarks.processes import run
from benchmarks.results import Page, console
from benchmarks.serving import DYNO, send
from benchmarks.traffic import Callbacks
from lookup.encoder import Encoder
from precompute.errors import BadInput
from precompute.features import Features, picture_inputs
from precompute.finetune.run import picture_features
from precompute.graph import Graph
from precompute.network import VISUAL_FEATURES, Network
from precompute.precision import CALIBRATED, deployed_encoder, write_int8
from precompute.projection import unit_rows
from precompute.report import Report
from precompute.settings import PRECISIONS, Signals, read_settings
from precompute.shop import Shop
from precompute.signals.style import style_projections
from precompute.signals.visual import visual_projection
from precompute.sources import read_shop

SHOP = Path(__file__).parent / "shops" / "ikea.toml"
AT_ONCE = 96
"""Pictures that each way gets."""
ROUNDS = 3
NEIGHBOURS = 10
PREDICT_GOAL, TF_FUNCTION_GOAL, INT8_GOAL = 1.4, 1.0, 2.5
EQUAL = 1e-4
"""Of the largest feature: as much may two ways of float32 differ."""
MEMORY_GROWTH_GOAL, RERUN_GOAL, OVERLAP_GOAL, UPLOAD_SECONDS_GOAL = 0.1, 0.03, 0.95, 2.0
PATIENCE_SECONDS, ENOUGH_MEMORY = 7_200, 8e9

HOW = f"""Ways run in processes of their own, one after the other, {ROUNDS} times in turn; medians count. Each has {CORES} cores
and the same weights, and gives the mean of each channel of VGG16's last block for {AT_ONCE} pictures of 224 x 224, {BATCH} at a
time, after a first batch that doesn't count. int8 is calibrated on other pictures, and its features are not those of float32."""
BUILT = """`read_pictures` and `features` with the usual settings: decoding, thumbnails, look and style of drawn photos of
400 x 400. "Again" is a second run on the same work folder."""
DEPLOYED = """The encoder of IKEA's pictures (untrained weights), one picture at a time on one thread, as the dashboard runs it;
memory is the most that it adds to a process. Overlap: of the ten nearest products to a picture's vector in the float32 catalogue,
the share that is found when the vector comes from this encoder; the picture itself is left out, and so are the pictures that int8
is calibrated on."""
UPLOADED = """A phone's photo of 12 million pixels, sent to the slug's web process on one core: the first one, which loads the
network, and the median of five more. Memory is that of all its processes."""


def measure_pictures(large: Path, counts: tuple[int, int], queries: int, work: Path, command: str) -> None:
    """Write ``results/pictures.md``; `large` is a cache whose slug is served."""
    page = Page("pictures", "Pictures: speed, memory and precision", command)
    with tempfile.TemporaryDirectory(prefix="aisle-pictures-") as folder:
        _compare_ways(page, Path(folder))
        page.write()  # after each part: one that fails must not cost the others, which take long
        _measure_builds(page, Path(folder), counts)
        page.write()
        _measure_precisions(page, Path(folder), queries, work)
        page.write()
        _measure_uploads(page, Path(folder), large)
    page.write()


def _compare_ways(page: Page, folder: Path) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (AT_ONCE + CALIBRATED, 14, 14, 3), np.uint8)
    pictures = coarse.repeat(16, axis=1).repeat(16, axis=2)
    np.save(folder / PICTURES, pictures[CALIBRATED:])
    _way("weights", folder)
    network = Network(str(folder / WEIGHTS), 0, True, "block5_pool", ())
    (folder / FLOAT32).write_bytes(network.build())
    graph = Graph.read(folder / FLOAT32)
    assert graph is not None, "it has just been written"
    write_int8(graph, pictures[:CALIBRATED], folder / INT8)
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, measured in runs.items():
            console.print(f"{name} ...")
            measured.append(_way(name, folder))
    speeds = {name: AT_ONCE / statistics.median(one["seconds"] for one in measured) for name, measured in runs.items()}
    found = {name: np.load(folder / f"{name}.npy") for name in WAYS}
    exact = found["keras_predict"]
    off = {name: float(np.abs(rows - exact).max() / exact.max()) for name, rows in found.items()}
    page.text("## Pictures per second", HOW)
    page.table(
        ("<way", "pictures/s", "of model.predict", "peak MB", "largest difference, of the largest feature"),
        [
            (
                name.replace("_", " "),
                f"{speeds[name]:.2f}",
                f"{speeds[name] / speeds['keras_predict']:.2f}",
                f"{max(one['peak'] for one in runs[name]) / 1e6:,.0f}",
                f"{off[name]:.1e}",
            )
            for name in WAYS
        ],
    )
    for name, other, goal in (
        ("aisle_float32", "keras_predict", PREDICT_GOAL),
        ("aisle_float32", "tf_function", TF_FUNCTION_GOAL),
        ("aisle_int8", "keras_predict", INT8_GOAL),
    ):
        times = speeds[name] / speeds[other]
        named = [one.replace("_", " ") for one in (name, other)]
        page.goal(f"{named[0]} is {times:.2f} times as quick as {named[1]} (goal: {goal})", times >= goal)
    page.goal(f"equal features: {off['aisle_float32']:.1e} apart (goal: under {EQUAL:g})", off["aisle_float32"] < EQUAL)


def _measure_builds(page: Page, folder: Path, counts: tuple[int, int]) -> None:
    rows, peaks = [], []
    for count in counts:
        console.print(f"features of {count:,} pictures ...")
        first, again = (_way("build", folder, str(count)) for _ in range(2))
        peaks.append(first["peak"])
        share = again["seconds"] / first["seconds"]
        rows.append(
            (f"{count:,}", f"{first['seconds']:,.1f}", f"{first['peak'] / 1e6:,.0f}", f"{again['seconds']:,.1f}", f"{share:.1%}")
        )
    page.text("## A build's pictures", BUILT)
    page.table(("pictures", "seconds", "peak MB", "again, seconds", "of the first run"), rows)
    growth = peaks[1] / peaks[0] - 1
    said = f"{growth:+.0%} memory from {counts[0]:,} to {counts[1]:,} pictures (goal: flat, under {MEMORY_GROWTH_GOAL:.0%})"
    page.goal(said, growth < MEMORY_GROWTH_GOAL)
    page.goal(f"a rerun takes {share:.1%} of a first run (goal: under {RERUN_GOAL:.0%})", share < RERUN_GOAL)


def _measure_precisions(page: Page, folder: Path, queries: int, work: Path) -> None:
    page.text("## Precision of the deployed encoder", DEPLOYED)
    try:
        shop, found = _ikea(work)
    except BadInput as error:
        page.text(f"Not measured: IKEA's files are not here ({error}).")
        return
    assert shop.pictures is not None, "its features are there"
    signals = shop.settings.signals
    look, style = visual_projection(found, signals), style_projections(found, signals)
    blocks = [found.vectors(name, projection.apply) for name, projection in style.items()]
    vectors = {"visual": found.vectors(VISUAL_FEATURES, look.apply), "style": unit_rows(np.concatenate(blocks, axis=1))}
    asked = np.random.default_rng(0).choice(np.arange(CALIBRATED, len(found.contents)), queries, replace=False)
    inputs = picture_inputs(shop.pictures, [found.contents[row] for row in asked], 224)
    timed = folder / "timed.npy"
    np.save(timed, inputs[:16])
    rows = []
    for precision in PRECISIONS:
        console.print(f"encoder in {precision} ...")
        path = folder / f"{precision}.onnx"
        path.write_bytes(deployed_encoder(found, shop.pictures, precision, look, style))
        measured = _way("encoder", path, str(timed))
        network = Encoder(path, threads=CORES)
        given = [network.encode(inputs[row : row + BATCH]) for row in range(0, len(inputs), BATCH)]
        overlaps = {
            name: overlap(catalogue, asked, np.concatenate([part[name] for part in given]), NEIGHBOURS)
            for name, catalogue in vectors.items()
        }
        sizes = (f"{path.stat().st_size / 1e6:.1f}", f"{measured['seconds']:.2f}", f"{measured['peak'] / 1e6:,.0f}")
        rows.append((precision, *sizes, *(f"{share:.3f}" for share in overlaps.values())))
        if precision == Signals().encoder.precision:
            said = f"the default, {precision}, keeps {min(overlaps.values()):.3f} of the neighbours (goal: {OVERLAP_GOAL})"
            page.goal(said, min(overlaps.values()) >= OVERLAP_GOAL)
    head = ("<precision", "MB", "seconds a picture", "MB of memory", "overlap@10, look", "overlap@10, style")
    page.table(head, rows)
    page.text(f"{queries:,} pictures ask {len(found.contents):,}.")


def overlap(catalogue: NDArray[np.float32], asked: NDArray[np.int64], given: NDArray[np.float32], k: int) -> float:
    """The mean share of the k nearest rows of a catalogue that are also nearest to another vector of the same row.

    Parameters
    ----------
    catalogue
        float32 [n, d].
    asked
        int64 [q], rows of it; each is left out of its own neighbours.
    given
        float32 [q, d], the other vector of each.
    """
    exact, other = catalogue @ catalogue[asked].T, catalogue @ given.T
    exact[asked, np.arange(len(asked))] = other[asked, np.arange(len(asked))] = -np.inf
    nearest, found = (np.argsort(-scores, axis=0, kind="stable")[:k] for scores in (exact, other))
    return float(np.mean([len(np.intersect1d(*pair)) / k for pair in zip(nearest.T, found.T, strict=True)]))


def _measure_uploads(page: Page, folder: Path, large: Path) -> None:
    console.print("building and unpacking the slug ...")
    app = unpack_slug(large, folder / "slug")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # what is started from here on stays on it
    try:
        with served(app, limit=DYNO, RATE_LIMIT_QUERY="0", RATE_LIMIT_PICTURE="0") as server:
            upload = Callbacks.of(server.port).upload()
            seconds = []
            for _ in range(6):
                started = time.perf_counter()
                connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
                send(connection, upload)
                response = connection.getresponse()
                response.read()
                connection.close()
                if response.status != 200:
                    raise SystemExit(f"the upload was answered with {response.status}")
                seconds.append(time.perf_counter() - started)
            peak = server.memory.peak
    finally:
        os.sched_setaffinity(0, cores)
    page.text("## One upload", UPLOADED)
    first, later = seconds[0], statistics.median(seconds[1:])
    said = f"{first:.2f} s the first time, {later:.2f} s from then on (goal: under {UPLOAD_SECONDS_GOAL:g})"
    page.goal(said, max(first, later) < UPLOAD_SECONDS_GOAL)
    page.goal(f"{peak / 1e6:,.0f} MB at most (goal: under {DYNO / 1e6:,.0f})", peak < DYNO)


def _ikea(work: Path) -> tuple[Shop, Features]:
    work.mkdir(parents=True, exist_ok=True)
    report = Report(Console(stderr=True))
    shop = read_shop(read_settings(SHOP), work, report)
    return shop, picture_features(shop, report)


def _way(*arguments: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.picture_ways", *map(str, arguments)]
    measured: dict[str, Any] = json.loads(run(command, seconds=PATIENCE_SECONDS, memory=ENOUGH_MEMORY).output.splitlines()[-1])
    return measured
