"""A typed sentence finds on the dashboard, with numpy alone, what scikit-learn's pipeline finds in the same reviews."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from dashboard import query
from lookup import schema
from lookup.packed import WEIGHT_STEPS
from lookup.reader import Cache
from precompute.build import build
from precompute.settings import read_settings
from precompute.tfidf import STOP_WORDS
from tests.integration.conftest import PlantedBuild
from tests.planted_shop import CATEGORIES, IDS, NOTHING
from tests.tiny_shop import quiet_report

VOCABULARY = sorted({word for text in CATEGORIES.values() for word in text.split()} | {"unknown", "Wörter"})
TEXTS = ["" if product_id == NOTHING else CATEGORIES[product_id.split("-")[0]] for product_id in IDS]


@pytest.fixture(scope="module")
def vectorizer() -> TfidfVectorizer:
    reviewed = [text for text in TEXTS if text]
    return TfidfVectorizer(token_pattern=r"[^\W_]{2,}", stop_words=sorted(STOP_WORDS["english"]), min_df=2).fit(reviewed)


@given(words=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_built_tables_answer_as_scikit_learn_does(
    planted: PlantedBuild, vectorizer: TfidfVectorizer, words: list[str]
) -> None:
    text = " ".join(words)
    asked = vectorizer.transform([text])
    cosines = (vectorizer.transform(TEXTS) @ asked.T).toarray().ravel()
    rounded_off = 0.5 / WEIGHT_STEPS * asked.sum() + 1e-6  # every posting is off by at most half a step
    cluster = planted.cache.table(schema.PRODUCTS).read(["cluster"]).column(0).fill_null(-1).to_numpy()
    found = query.search(planted.cache, cluster, text, len(IDS))
    assert {hit.row: hit.score for hit in found.hits} == pytest.approx(
        {row: cosine for row, cosine in enumerate(cosines) if cosine > 0}, abs=rounded_off
    )
    # The categories share no word, so the nearest centroid is that of a category whose words were typed.
    assert not found.hits or found.cluster in {cluster[hit.row] for hit in found.hits}


def test_pairs_of_words_are_typed_as_they_were_built(tmp_path: Path) -> None:
    texts = ["dark oak table and a lamp", "oak and the dark lamp", "dark lamp of oak", "pine lamp"]
    (tmp_path / "reviews.csv").write_text("id,text\n" + "".join(f"{row},{text}\n" for row, text in enumerate(texts)))
    toml = '[shop]\nname = "Pairs"\n[reviews]\npath = "reviews.csv"\nproduct = "id"\ntext = "text"\n'
    toml += "[signals.reviews]\nngrams = 2\nmin_documents = 1\nmax_share = 1.0\nclusters = 2\n"
    (tmp_path / "shop.toml").write_text(toml)
    build(read_settings(tmp_path / "shop.toml"), tmp_path / "cache", tmp_path / "work", quiet_report())
    cache = Cache.open(tmp_path / "cache")
    vectorizer = TfidfVectorizer(token_pattern=r"[^\W_]{2,}", stop_words=sorted(STOP_WORDS["english"]), ngram_range=(1, 2)).fit(
        texts
    )
    typed = "is it dark and oak, with a lamp of dark oak?"
    asked = vectorizer.transform([typed])
    found = query.read_text(cache, typed)
    expected = dict(zip(vectorizer.get_feature_names_out()[asked.indices], asked.data, strict=True))
    assert {"dark oak", "oak", "lamp"} < expected.keys()
    assert dict(zip(found.terms, found.weights.tolist(), strict=True)) == pytest.approx(expected, abs=1e-6)
    assert found.unknown == ["is", "it", "and", "with", "of"]
