"""Products that someone chose on a map: what their texts have in common, and the file to take them along."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

import numpy as np
import pyarrow as pa
from flask import Flask, Response, abort, request, stream_with_context
from numpy.typing import NDArray

from dashboard.csv_text import defused
from dashboard.maps import map_href
from dashboard.store import Build, current_build
from lookup import schema
from lookup.reader import lists
from lookup.schema import Evidence
from lookup.words import words

CHOSEN_FILE = "chosen.csv"
"""Stands where a map's name stands in `dashboard.maps.map_href`."""
RULE = map_href("<build_name>", CHOSEN_FILE)
CSV_COLUMNS = ("product_id", "title", "category", "cluster", "price", "url")
ROWS_AT_ONCE = 1_000
WORDS_SHOWN = 12
LEAST_SHARED = 2
"""A word that one product alone has is not common to the chosen ones."""


def add_routes(server: Flask) -> None:
    """``POST /maps/<format>/<build>/chosen.csv``"""
    server.add_url_rule(RULE, "chosen", _chosen_file, methods=["POST"])


def common_words(build: Build, rows: Sequence[int]) -> list[tuple[str, int]]:
    """The words that most of some products share, and how many of them each has, most first.

    Of a product count the words by which the reviews' signal finds its neighbours; in a shop without texts, those of its title.
    """
    said = _words_of_texts(build, rows) if _has_shared_terms(build) else _words_of_titles(build, rows)
    counts = Counter(word for of_product in said for word in of_product)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [(word, n) for word, n in ordered if n >= LEAST_SHARED][:WORDS_SHOWN]


def _has_shared_terms(build: Build) -> bool:
    signal = build.manifest.signals.get("reviews")
    return signal is not None and signal.evidence == Evidence.TERMS


def _words_of_texts(build: Build, rows: Sequence[int]) -> list[set[str]]:
    table = build.cache.table(schema.neighbours_path("reviews"))
    evidence = lists(table.rows(sorted(rows), ["evidence"]), "evidence") if rows else np.empty((0, 0), np.int32)
    used = {term: build.cache.terms[term].as_py() for term in np.unique(evidence[evidence >= 0]).tolist()}
    return [{used[term] for term in terms if term >= 0} for terms in evidence.tolist()]


def _words_of_titles(build: Build, rows: Sequence[int]) -> list[set[str]]:
    return [set(words(title)) for title in build.catalogue.titles_of(np.asarray(rows, np.int32))]


def _chosen_file(build_name: str) -> Response:
    """The chosen products as CSV. The body has a bit for each product of the build, in its order, the lowest first.

    An id each would make it three megabytes in a large shop, and has to be looked up; the build is named, so a bit is as safe.
    """
    build = current_build()
    bits = np.frombuffer(request.get_data(), np.uint8)
    if build_name != build.name or len(bits) != -(-len(build.cache) // 8):
        abort(404)
    rows = np.flatnonzero(np.unpackbits(bits, count=len(build.cache), bitorder="little")).astype(np.int32)
    response = Response(stream_with_context(csv_lines(build, rows)), mimetype="text/csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def csv_lines(build: Build, rows: NDArray[np.int32]) -> Iterator[str]:
    """`CSV_COLUMNS` of some products, which rise, after the names of these columns; some lines at a time."""
    catalogue = build.catalogue
    categories = [*catalogue.category_names, ""]  # the last is that of -1
    titles = [build.cluster_title(number) for number in range(build.clusters.num_rows)] if build.clusters is not None else []
    cluster_of = catalogue.cluster if titles else np.full(len(catalogue), -1)
    clusters = [*titles, ""]
    yield _as_csv([CSV_COLUMNS])
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        product_ids = catalogue.ids.take(pa.array(some)).to_pylist()
        in_category = [categories[number] for number in catalogue.category[some].tolist()]
        in_cluster = [clusters[number] for number in cluster_of[some].tolist()]
        prices = ["" if isnan(price) else f"{price:.15g}" for price in catalogue.price[some].tolist()]
        urls = [url or "" for url in build.cache.table(schema.PRODUCTS).rows(some.tolist(), ["url"]).column("url").to_pylist()]
        yield _as_csv(list(zip(product_ids, catalogue.titles_of(some), in_category, in_cluster, prices, urls, strict=True)))


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    """RFC 4180: cells with commas, quotes or line breaks stand in quotes, lines end with CR LF."""
    written = io.StringIO()
    csv.writer(written).writerows([defused(cell) for cell in row] for row in rows)
    return written.getvalue()
