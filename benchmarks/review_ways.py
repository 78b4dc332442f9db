"""Two ways from a shop's files to clusters of its products: ``python -m benchmarks.review_ways WAY FOLDER OUT``.

Each is a process of its own, so that its memory can be told from the other's. It prints its seconds, once all is imported, and
writes into `OUT` what cluster it found for each product, and scikit-learn's way also the TF-IDF matrix that both are judged in.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from precompute import clusters, tfidf
from precompute.report import Report
from precompute.settings import ReviewText, read_settings
from precompute.sources import read_shop

LABELS = "labels.parquet"
MATRIX = "tfidf.npz"


def aisle(folder: Path, out: Path) -> float:
    """What a build does up to the clusters; returns its seconds."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as work:
        shop = read_shop(read_settings(folder / "shop.toml"), Path(work), Report(Console(quiet=True)))
        settings = shop.settings.signals.reviews
        _, weights = tfidf.documents(shop.reviews, shop.products, settings)
        count = int(shop.categories.max()) + 1
        found = clusters.cluster(weights, clusters.reduce(weights, settings.seed), count, settings.seed)
    seconds = time.perf_counter() - started
    pq.write_table(pa.table({"asin": shop.products.column("product_id"), "cluster": found.of_row}), out / LABELS)
    return seconds


def scikit_learn(folder: Path, out: Path) -> float:
    """pandas joins each product's reviews to one text, then one pipeline of TF-IDF and KMeans; returns its seconds.

    It counts the same words as Aisle does, so that both look for clusters in the same matrix.
    """
    started = time.perf_counter()
    products = pd.read_csv(folder / "products.csv", dtype=str)
    reviews = pd.read_json(folder / "reviews.jsonl.gz", lines=True, dtype=False)
    reviews["text"] = reviews["summary"] + "\n" + reviews["reviewText"]
    texts = products.join(reviews.groupby("asin")["text"].agg(" ".join), on="asin")["text"].fillna(products["title"])
    words = ReviewText()
    vectorizer = TfidfVectorizer(
        token_pattern=r"[^\W_]{2,}",
        stop_words=sorted(tfidf.stop_words(words)),
        min_df=words.min_documents,
        max_df=words.max_share,
    )
    pipeline = make_pipeline(vectorizer, KMeans(products["category"].nunique(), random_state=0))
    found = pipeline.fit_predict(texts)
    seconds = time.perf_counter() - started
    pd.DataFrame({"asin": products["asin"], "cluster": found.astype(np.int32)}).to_parquet(out / LABELS)
    sparse.save_npz(out / MATRIX, vectorizer.transform(texts), compressed=False)
    return seconds


WAYS = {"aisle": aisle, "scikit-learn": scikit_learn}

if __name__ == "__main__":
    way, folder, out = sys.argv[1:]
    print(json.dumps(WAYS[way](Path(folder), Path(out))))
