"""Every rule of cleaning, on shops small enough to know the answer."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.errors import BadInput
from precompute.shop import PRODUCTS_SCHEMA, Shop
from precompute.sources import cleaning, reading
from precompute.sources.dates import Dates, date
from tests.tiny_shop import read_tiny, rejected

PRODUCTS = '[products]\npath = "products.csv"\nid = "id"\ntitle = "name"\n'
REVIEWS = """[reviews]
path = "reviews.csv"
product = "id"
text = "text"
title = "title"
rating = "stars"
time = "time"
reviewer = "who"
"""
ORDERS = '[orders]\npath = "orders.csv"\norder = "order"\nproduct = "id"\n'


def _ids(shop: Shop) -> list[str]:
    return shop.products.column("product_id").to_pylist()


def _reviews(shop: Shop) -> list[dict[str, Any]]:
    assert shop.reviews is not None
    return pq.read_table(shop.reviews).to_pylist()


def _lines(shop: Shop) -> list[tuple[Any, ...]]:
    assert shop.orders is not None
    return [tuple(row.values()) for row in pq.read_table(shop.orders).to_pylist()]


# Texts to values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("12.5", 12.5), ("12,5", 12.5), (".5", 0.5), ("2.", 2), ("-3", -3), ("0012", 12),
        ("1.299", 1.299), ("1,299.00", 1299), ("1.299,00", 1299), ("1 299,5", 1299.5), ("1'299.50", 1299.5),
        ("1,299,000", 1_299_000), ("1.299.000", 1_299_000),
        ("1,299", None), ("1,29,000", None), ("1.299.00", None), ("1,299,00", None),
        ("", None), ("-", None), ("1e5", None), ("nan", None), ("inf", None), ("12 34", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_numbers(text, value):
    assert cleaning.number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("€ 1.299,00", 1299), ("$12.50", 12.5), ("12.50€", 12.5), ("12,50 EUR", 12.5), ("EUR12", 12), ("US$ 5", 5), ("£0", 0),
        ("Rs. 1,299.00", 1299), ("12,-", 12), ("CHF 49.–", 49),
        ("-5", -5), ("$1,299", None), ("free", None), ("12 or 13", None), ("€", None),
    ],
)  # fmt: skip
def test_amounts_of_money(text, value):
    assert cleaning.money(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.299", 1299), ("€ 12.999", 12_999), ("-1.299", -1299), ("1.299.000", 1_299_000), ("1.299,50", 1299.5),
        ("0.299", 0.299), ("12.50", 12.5), ("1.2995", 1.2995), ("1234.567", 1234.567), ("1,299.00", 1299), ("1,299", None),
    ],
)  # fmt: skip
def test_a_point_groups_thousands_where_decimals_stand_behind_a_comma(text, value):
    assert cleaning.money(text, decimal_comma=True) == value


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("12,5", True), ("1.299,00 €", True), ("1 299,50", True), ("12,-", False), ("1,299", False), ("1,299.00", False),
        ("12.50", False), ("1,299,00", False), ("12,", False), ("a,5", False), ("", False),
    ],
)  # fmt: skip
def test_when_a_comma_is_certain_to_stand_before_decimals(text, certain):
    assert cleaning.has_decimal_comma(text) is certain


@given(st.decimals(0, 1_000_000, places=2), st.sampled_from(["", "$", "€ ", "USD "]))
def test_plain_and_grouped_prices_agree(amount, sign):
    value = float(amount)
    assert cleaning.money(f"{sign}{amount:.2f}") == value
    assert cleaning.money(f"{sign}{amount:,.2f}") == value
    assert cleaning.money(f"{sign}{amount:,.2f}".translate(str.maketrans(",.", ".,"))) == value


@given(st.text())
def test_any_text_is_a_value_or_none(text):
    assert cleaning.money(text) is None or math.isfinite(cleaning.money(text))
    assert not cleaning.has_decimal_comma(text) or cleaning.money(text) is not None
    assert cleaning.rating(text) is None or 0 <= cleaning.rating(text) <= 5
    for month_first in (True, False):
        assert date(text, month_first=month_first) is None or date(text, month_first=month_first).tzinfo is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-09-01", datetime(2016, 9, 1)),
        ("2016-09-01T10:30:05Z", datetime(2016, 9, 1, 10, 30, 5)),
        ("2016-09-01 10:30:05.25+02:00", datetime(2016, 9, 1, 8, 30, 5)),
        ("20160901", datetime(2016, 9, 1)),
        ("2016/9/1", datetime(2016, 9, 1)),
        ("1472688000", datetime(2016, 9, 1)),
        ("1472688000.0", datetime(2016, 9, 1)),
        ("1472688000123", datetime(2016, 9, 1)),
        ("09 1, 2016", datetime(2016, 9, 1)),
        ("1 Sep 2016", datetime(2016, 9, 1)),
        ("September 1, 2016", datetime(2016, 9, 1)),
        ("13.9.2016 8:26", datetime(2016, 9, 13, 8, 26)),
        ("13/09/16 12:05 AM", datetime(2016, 9, 13, 0, 5)),
        ("13/09/99 1:05 pm", datetime(1999, 9, 13, 13, 5)),
        ("31/02/2016", None),
        ("13/13/2016", None),
        ("1/2/3", None),
        ("1/2-2016", None),
        ("13/09/2016 13:00 PM", None),
        ("yesterday", None),
        ("5", None),
        ("", None),
        ("9" * 500, None),
    ],
)
def test_dates(text, moment):
    assert date(text, month_first=False) == moment


def test_a_column_of_dates_tells_whether_the_month_comes_first():
    american = Dates()
    columns = american.read(pa.array(["1/2/2016", None, "12/31/2015", " 2016-05-06 "]))
    assert american.month_first
    assert american.unclear == 0
    assert columns[american.column].to_pylist() == [datetime(2016, 1, 2), None, datetime(2015, 12, 31), datetime(2016, 5, 6)]

    european = Dates()
    european.read(pa.array(["1/2/2016"]))
    assert european.unclear == 1
    columns = european.read(pa.array(["31/12/2015"]))
    assert not european.month_first
    assert european.unclear == 0
    assert columns[european.column].to_pylist() == [datetime(2015, 12, 31)]


def test_entities_need_their_semicolon():
    texts = pa.array(["Salt &amp; pepper", "AT&T", "&#34;a&#x27;&nbsp;", "&foo;", None, "&#0;&#xD800;"])
    assert cleaning.unescape(texts).to_pylist() == ["Salt & pepper", "AT&T", "\"a'\u00a0", "&foo;", None, "\ufffd\ufffd"]


@given(st.lists(st.none() | st.text(st.sampled_from("&amp;lté")), max_size=8), st.data())
def test_entities_are_found_in_a_slice_and_never_under_a_null(texts, data):
    start = data.draw(st.integers(0, len(texts)))
    stop = data.draw(st.integers(start, len(texts)))
    whole = pa.array(texts, pa.string())
    nulls = pa.StringArray.from_buffers(len(texts), *whole.buffers()[1:], pa.py_buffer(bytes(8)))
    one_by_one = [cleaning.unescape(pa.array([text], pa.string()))[0].as_py() for text in texts]
    assert cleaning.unescape(whole.slice(start, stop - start)).to_pylist() == one_by_one[start:stop]
    assert cleaning.unescape(nulls).to_pylist() == [None] * len(texts)


@given(st.lists(st.text(st.sampled_from(" \t\n\u00a0\u2003ab"))))
def test_white_space_is_trimmed_and_collapsed_as_python_does_it(texts):
    column = pa.array(texts, pa.string())
    assert cleaning.collapse(column).to_pylist() == [" ".join(text.split()) for text in texts]
    assert cleaning.trim(column).to_pylist() == [text.strip() for text in texts]


# Products


def test_products_are_sorted_cleaned_and_ids_stay_text(tmp_path):
    shop = read_tiny(
        tmp_path,
        PRODUCTS + 'category = "kind"\nprice = "price"\ndescription = "text"\nurl = "link"\nimage_url = "photo"\n',
        {
            "products.csv": "id,name,kind,price,text,link,photo,other\n"
            "b,Salt &amp;  pepper , Spices,12.50, Fine &lt;3 ,http://x/?a&b, ,1\n"
            "0012,,,€ 1.299,,,,1\n"
            " 12 ,Twelve,,a lot,,,,1\n"
            "é,Last,,,,,,1\n"
            "12,Twelve again,,,,,,1\n"
            ",Nameless,,,,,,1\n"
            "c,short\n"
        },
    )
    assert shop.products.schema == PRODUCTS_SCHEMA
    assert _ids(shop) == ["0012", "12", "b", "é"]
    assert shop.products.slice(2, 1).to_pylist() == [
        {
            "product_id": "b", "title": "Salt & pepper", "category": "Spices", "price": 12.5, "description": "Fine <3",
            "url": "http://x/?a&b", "image_url": None, "picture": None,
        }
    ]  # fmt: skip
    assert shop.products.column("title").to_pylist() == [None, "Twelve", "Salt & pepper", "Last"]
    assert shop.products.column("price").to_pylist() == [1.299, None, 12.5, None]
    assert rejected(shop) == [
        ("products.csv", 8, "wrong number of fields", "2 instead of 8"),
        ("products.csv", 7, "no product id", None),
        ("products.csv", 6, "product id repeats", "12"),
        ("products.csv", 4, "price is not a number (row kept without it)", "a lot"),
    ]
    assert shop.notes == {
        "products.csv: white space removed around id": 1,
        "products.csv: HTML entities unescaped in title": 1,
        "products.csv: white space tidied in title": 1,
        "products.csv: white space tidied in category": 1,
        "products.csv: HTML entities unescaped in description": 1,
        "products.csv: prices that could be thousands": 1,
    }
    assert shop.counts == {"products": 4, "reviews": 0, "orders": 0, "order_lines": 0, "pictures": 0}
    assert (shop.reviews, shop.orders) == (None, None)


PRICED = '[products]\npath = "p.tsv"\nid = "id"\nprice = "price"\n'


def _prices_of(folder: Path, prices: list[str]) -> Shop:
    rows = "".join(f"{row}\t{price}\n" for row, price in enumerate(prices))
    return read_tiny(folder, PRICED, {"p.tsv": "id\tprice\n" + rows})


@pytest.mark.parametrize("last", ["12,50", "2.000,00"])
def test_one_decimal_comma_makes_every_point_of_the_column_group_thousands(tmp_path, monkeypatch, last):
    monkeypatch.setattr(reading, "BATCH_ROWS", 2)
    shop = _prices_of(tmp_path, ["1.299", "€ 12.999", "0.299", "12.5", last])
    assert shop.products.column("price").to_pylist() == [1299, 12_999, 0.299, 12.5, 12.5 if last == "12,50" else 2000]
    assert shop.notes == {}
    assert len(shop.rejects) == 0


def test_prices_that_could_be_thousands_are_counted_where_no_comma_tells(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_ROWS", 2)
    shop = _prices_of(tmp_path, ["1.299", "12.50", "3.499", "0.299", "1.299.000"])
    assert shop.products.column("price").to_pylist() == [1.299, 12.5, 3.499, 0.299, 1_299_000]
    assert shop.notes == {"p.tsv: prices that could be thousands": 2}


def test_prices_below_0_are_told_from_those_that_are_no_numbers(tmp_path):
    shop = _prices_of(tmp_path, ["-5", "free", " ", "0", "-1.299,00"])
    assert shop.products.column("price").to_pylist() == [None, None, None, 0, None]
    assert sorted(rejected(shop)) == [
        ("p.tsv", 2, "price is below 0 (row kept without it)", "-5"),
        ("p.tsv", 3, "price is not a number (row kept without it)", "free"),
        ("p.tsv", 6, "price is below 0 (row kept without it)", "-1.299,00"),
    ]


def test_inputs_hold_the_fingerprint_of_each_file(tmp_path):
    content = gzip.compress(b"id,name\n1,a\n1,b\n")
    shop = read_tiny(tmp_path, PRODUCTS.replace("csv", "csv.gz"), {"products.csv.gz": content})
    sha256 = hashlib.sha256(content).hexdigest()
    assert shop.inputs == [
        {"section": "products", "file": "products.csv.gz", "bytes": len(content), "sha256": sha256, "rows": 2, "kept": 1}
    ]


# Reviews


def test_reviews_without_a_product_list(tmp_path):
    rows = [
        ("b", "Fine", "Good &amp; fine", "5", "1/2/2016", "x"),
        ("a", "", "Bad", "7", "12/31/2015", "y"),
        ("b", "Fine", "Good & fine ", "5.0", " 1/2/2016", "x"),
        ("b", "", " ", "5", "", "z"),
        ("a", "Title only", "", "", "soon", ""),
        ("", "t", "t", "", "", ""),
        ("b", "Fine", "Good & fine", "5", "1/2/2016", "somebody else"),
    ]
    content = "id,title,text,stars,time,who\n" + "".join(",".join(row) + "\n" for row in rows)
    shop = read_tiny(tmp_path, REVIEWS, {"reviews.csv": content})
    assert _ids(shop) == ["a", "b"]
    assert _reviews(shop) == [
        {"product": 0, "text": "Bad", "rating": None, "time": datetime(2015, 12, 31), "reviewer": "y"},
        {"product": 0, "text": "Title only", "rating": None, "time": None, "reviewer": None},
        {"product": 1, "text": "Fine\nGood & fine", "rating": 5.0, "time": datetime(2016, 1, 2), "reviewer": "x"},
        {"product": 1, "text": "Fine\nGood & fine", "rating": 5.0, "time": datetime(2016, 1, 2), "reviewer": "somebody else"},
    ]
    assert sorted(rejected(shop), key=str) == [
        ("reviews.csv", 3, "rating is not a number from 0 to 5 (row kept without it)", "7"),
        ("reviews.csv", 4, "exact duplicate review", "b"),
        ("reviews.csv", 5, "review without text", None),
        ("reviews.csv", 6, "time is not a date (row kept without it)", "soon"),
        ("reviews.csv", 7, "no product id", None),
    ]
    assert shop.counts["reviews"] == 4
    assert shop.inputs[0]["rows"] == 7
    assert shop.inputs[0]["kept"] == 4


def test_reviews_that_differ_only_in_where_their_title_ends_are_two(tmp_path):
    lines = [
        {"id": "a", "title": title, "text": text} for title, text in (("x\x1fy", "z"), ("x", "y\x1fz"), ("xy", "z"), ("x", "yz"))
    ]
    toml = '[reviews]\npath = "r.jsonl"\nproduct = "id"\ntitle = "title"\ntext = "text"\n'
    shop = read_tiny(tmp_path, toml, {"r.jsonl": "\n".join(json.dumps(line) for line in lines)})
    assert shop.counts["reviews"] == 4
    assert len(shop.rejects) == 0


def test_of_equal_reviews_the_first_line_counts_and_a_missing_value_equals_only_a_missing_one(tmp_path):
    rows = ["b,,x,,,", "a,,x,,,", "b,,x,,,", "b,,x,0,,", "b,,x,,,me", "b,x,,,,", "b,,x,,,", "a,,x,,,", "b,,x,0.0,,"]
    shop = read_tiny(tmp_path, REVIEWS, {"reviews.csv": "id,title,text,stars,time,who\n" + "\n".join(rows)})
    assert [(row["product"], row["rating"], row["reviewer"]) for row in _reviews(shop)] == [
        (0, None, None),
        (1, None, None),
        (1, 0.0, None),
        (1, None, "me"),
        (1, None, None),
    ]
    repeats = [(line, reason, detail) for _, line, reason, detail in rejected(shop)]
    assert repeats == [(line, "exact duplicate review", product) for line, product in ((4, "b"), (8, "b"), (9, "a"), (10, "b"))]


def test_dates_that_could_be_read_both_ways_are_read_day_first_and_noted(tmp_path):
    content = "id,title,text,stars,time,who\na,t,t,1,03/04/2016,x\na,u,u,1,05/05/2016,x\n"
    shop = read_tiny(tmp_path, REVIEWS, {"reviews.csv": content})
    assert [row["time"] for row in _reviews(shop)] == [datetime(2016, 4, 3), datetime(2016, 5, 5)]
    assert shop.notes == {"reviews.csv: dates read day first that could be month first": 1}


def test_amazon_json_lines(tmp_path):
    lines = [
        {
            "asin": "B01",
            "reviewText": "Smooth",
            "overall": 4.0,
            "summary": "ok",
            "unixReviewTime": 1472688000,
            "reviewerID": "A",
            "vote": "3",
        },
        {"asin": "B01", "overall": 4.0, "unixReviewTime": 1472688000, "reviewerID": "B"},
        {"asin": "0012", "reviewText": "Rough", "overall": 2.0, "summary": None, "unixReviewTime": 1472688000, "reviewerID": "A"},
    ]
    content = gzip.compress("\n".join(json.dumps(line) for line in lines).encode())
    shop = read_tiny(tmp_path, '[reviews]\npath = "r.json.gz"\nformat = "amazon"\n', {"r.json.gz": content})
    assert _ids(shop) == ["0012", "B01"]
    assert _reviews(shop) == [
        {"product": 0, "text": "Rough", "rating": 2.0, "time": datetime(2016, 9, 1), "reviewer": "A"},
        {"product": 1, "text": "ok\nSmooth", "rating": 4.0, "time": datetime(2016, 9, 1), "reviewer": "A"},
    ]
    assert rejected(shop) == [("r.json.gz", 2, "review without text", None)]


@pytest.mark.parametrize(
    ("unknown", "ids", "reasons"), [("add", ["a", "z"], {}), ("reject", ["a"], {"unknown product": 1})], ids=["add", "reject"]
)
def test_reviews_of_unknown_products(tmp_path, unknown, ids, reasons):
    toml = PRODUCTS + '[reviews]\npath = "reviews.csv"\nproduct = "id"\ntext = "text"\n' + f'unknown_products = "{unknown}"\n'
    shop = read_tiny(tmp_path, toml, {"products.csv": "id,name\na,A\n", "reviews.csv": "id,text\nz,good\na,good\n"})
    assert _ids(shop) == ids
    assert shop.rejects.reasons == reasons
    assert shop.counts["reviews"] == len(ids)


# Orders


def test_order_lines(tmp_path):
    toml = ORDERS + 'quantity = "n"\ntime = "day"\ntitle = "what"\ncancelled = "^C"\nignore_products = ["POST"]\n'
    rows = [
        ("o2", "b", "2", "2016-01-02", "Blue  mug"),
        ("o1", "a", "1", "2016-01-01", "Ark"),
        ("o2", "b", " 0.5", "2016-01-01", "Blue mug"),
        ("Co3", "a", "-1", "2016-01-01", ""),
        ("o1", "POST", "1", "2016-01-01", "Postage"),
        ("o1", "b", "0", "2016-01-01", "?"),
        ("o1", "b", "-2", "2016-01-01", "?"),
        ("o1", "b", "few", "2016-01-01", "?"),
        ("o1", "b", "", "2016-01-01", "?"),
        ("", "b", "1", "2016-01-01", "?"),
        ("o1", "", "1", "2016-01-01", "?"),
        ("o1", "b", "1", "2016-01-01", "Mug"),
        ("o2", "a", "1", "", "Ark"),
    ]
    content = "order,id,n,day,what\n" + "".join(",".join(row) + "\n" for row in rows)
    shop = read_tiny(tmp_path, toml, {"orders.csv": content})
    assert _ids(shop) == ["a", "b"]
    assert shop.products.column("title").to_pylist() == ["Ark", "Blue mug"]
    first, second = datetime(2016, 1, 1), datetime(2016, 1, 2)
    assert _lines(shop) == [(0, 0, 1.0, None), (0, 1, 2.5, first), (1, 0, 1.0, first), (1, 1, 1.0, first)]
    assert second not in [time for *_, time in _lines(shop)]
    assert sorted(rejected(shop), key=str) == [
        ("orders.csv", 10, "quantity is not a number", None),
        ("orders.csv", 11, "no order id", None),
        ("orders.csv", 12, "no product id", None),
        ("orders.csv", 5, "cancelled order", "Co3"),
        ("orders.csv", 6, "product in ignore_products", "POST"),
        ("orders.csv", 7, "quantity is not above 0", "0"),
        ("orders.csv", 8, "quantity is not above 0", "-2"),
        ("orders.csv", 9, "quantity is not a number", "few"),
    ]
    assert shop.notes == {
        "orders.csv: white space tidied in title": 1,
        "orders.csv: order lines merged with one of the same order and product": 1,
    }
    assert (shop.counts["orders"], shop.counts["order_lines"]) == (2, 4)


def test_orders_name_products_that_the_product_list_leaves_nameless(tmp_path):
    shop = read_tiny(
        tmp_path,
        PRODUCTS + ORDERS + 'title = "what"\n',
        {"products.csv": "id,name\na,\nb,Named\nc,\n", "orders.csv": "order,id,what\n1,a,Beta\n1,b,Other\n2,a,Alpha\n2,z,New\n"},
    )
    assert _ids(shop) == ["a", "b", "c", "z"]
    assert shop.products.column("title").to_pylist() == ["Alpha", "Named", None, "New"]


def test_order_lines_of_unknown_products_can_be_rejected(tmp_path):
    shop = read_tiny(
        tmp_path,
        PRODUCTS + ORDERS + 'unknown_products = "reject"\n',
        {"products.csv": "id,name\na,A\n", "orders.csv": "order,id\n1,z\n2,a\n"},
    )
    assert _ids(shop) == ["a"]
    assert _lines(shop) == [(0, 0, 1.0, None)]
    assert rejected(shop) == [("orders.csv", 2, "unknown product", "z")]


def test_baskets(tmp_path):
    content = "milk,cream cheese \n\nbread,milk,NONE,bread\n"
    toml = '[orders]\npath = "orders.csv"\nlayout = "baskets"\nignore_products = ["NONE"]\n'
    shop = read_tiny(tmp_path, toml, {"orders.csv": content})
    assert _ids(shop) == ["bread", "cream cheese", "milk"]
    assert _lines(shop) == [(0, 1, 1.0, None), (0, 2, 1.0, None), (1, 0, 2.0, None), (1, 2, 1.0, None)]
    assert rejected(shop) == [("orders.csv", 3, "product in ignore_products", "NONE")]


# Pictures


def test_pictures_alone_make_products_of_their_files(tmp_path):
    files: dict[str, str | bytes] = {
        "images/chairs/0012.jpg": b"x",
        "images/lamp.PNG": b"xy",
        "images/tables/0012.webp": b"x",
        "images/notes.txt": b"x",
    }
    shop = read_tiny(tmp_path, '[images]\nfolder = "images"\n', files)
    assert shop.products.select(["product_id", "category", "picture"]).to_pylist() == [
        {"product_id": "0012", "category": "chairs", "picture": str(tmp_path / "images/chairs/0012.jpg")},
        {"product_id": "lamp", "category": None, "picture": str(tmp_path / "images/lamp.PNG")},
    ]
    assert shop.inputs == [{"section": "images", "file": "images", "bytes": 3, "pictures": 2}]
    assert rejected(shop) == [("images", None, "product id repeats", "tables/0012.webp")]


def test_file_names_that_make_no_id_are_rejected(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for name in (b" lamp .jpg", b" .jpg", b"caf\xe9.jpg"):
        (images / os.fsdecode(name)).write_bytes(b"x")
    shop = read_tiny(tmp_path, '[images]\nfolder = "images"\n', {})
    assert _ids(shop) == ["lamp"]
    assert rejected(shop) == [
        ("images", None, "picture's file name is not UTF-8", "caf\\xe9.jpg"),
        ("images", None, "no product id", " .jpg"),
    ]


def test_a_product_list_names_pictures_inside_the_folder_only(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"x")
    images = tmp_path / "images"
    (images / "sub").mkdir(parents=True)
    for name in ("a.jpg", "sub/named.jpg", "e.gif"):
        (images / name).write_bytes(b"x")
    (images / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    rows = [
        ("a", "sub/../sub/named.jpg"),
        ("b", "../secret.jpg"),
        ("c", str(tmp_path / "secret.jpg")),
        ("d", "link.jpg"),
        ("e", ""),
        ("f", "sub\\named.jpg"),
        ("g", "sub/../../secret.jpg"),
        ("h", ""),
        ("i", "x" * 5000),
    ]
    toml = '[products]\npath = "products.csv"\nid = "id"\nimage = "photo"\n[images]\nfolder = "images"\n'
    content = "id,photo\n" + "".join(",".join(row) + "\n" for row in rows)
    shop = read_tiny(tmp_path, toml, {"products.csv": content})
    named = str(images / "sub/named.jpg")
    assert shop.products.column("picture").to_pylist() == [
        named,
        None,
        None,
        None,
        str(images / "e.gif"),
        named,
        None,
        None,
        None,
    ]
    assert [(reason, detail.split(":")[0]) for _, _, reason, detail in rejected(shop)] == [
        ("picture is a link out of the folder", "link.jpg"),
        ("picture lies outside [images] folder", "b"),
        ("picture lies outside [images] folder", "c"),
        ("no picture found", "d"),
        ("picture lies outside [images] folder", "g"),
        ("no picture found", "h"),
        ("no picture found", "i"),
    ]
    assert shop.counts["pictures"] == 3


def test_links_are_followed_inside_the_folder_and_what_is_no_file_is_rejected(tmp_path):
    images = tmp_path / "images"
    (images / "sub").mkdir(parents=True)
    (images / "sub/real.jpg").write_bytes(b"xyz")
    (images / "inside.jpg").symlink_to("sub/real.jpg")
    (tmp_path / "images-of-others").mkdir()
    (tmp_path / "images-of-others/secret.jpg").write_bytes(b"x")
    (images / "outside.jpg").symlink_to(tmp_path / "images-of-others/secret.jpg")
    (images / "others").symlink_to(tmp_path / "images-of-others")
    (images / "loop.jpg").symlink_to("loop.jpg")
    (images / "gone.jpg").symlink_to("sub/gone-too.jpg")
    os.mkfifo(images / "pipe.jpg")
    (images / "link-to-pipe.jpg").symlink_to("pipe.jpg")
    (tmp_path / "linked").symlink_to("images")
    shop = read_tiny(tmp_path, '[images]\nfolder = "linked"\n', {})
    assert _ids(shop) == ["inside", "real"]
    assert shop.products.column("picture").to_pylist() == [
        str(tmp_path / "linked/inside.jpg"),
        str(tmp_path / "linked/sub/real.jpg"),
    ]
    assert sorted((detail, reason) for _, _, reason, detail in rejected(shop)) == [
        ("gone.jpg", "picture is a link to nothing"),
        ("link-to-pipe.jpg", "picture is no regular file"),
        ("loop.jpg", "picture is a link to nothing"),
        ("others", "folder is a link, which is not followed"),
        ("outside.jpg", "picture is a link out of the folder"),
        ("pipe.jpg", "picture is no regular file"),
    ]


# Whole files


def test_all_sections_together_give_the_same_tables_twice(tmp_path):
    files: dict[str, str | bytes] = {
        "products.csv": "id,name\nb,B\na,A\n",
        "reviews.csv": "id,text\n" + "".join(f"{'abc'[n % 3]},good {n // 2}\n" for n in range(60)),
        "orders.csv": "order,id\n" + "".join(f"{n // 3},{'abd'[n % 3]}\n" for n in range(60)),
        "images/a.jpg": b"x",
    }
    toml = PRODUCTS + ORDERS + '[reviews]\npath = "reviews.csv"\nproduct = "id"\ntext = "text"\n[images]\nfolder = "images"\n'
    once, again = read_tiny(tmp_path / "1", toml, files), read_tiny(tmp_path / "2", toml, files)
    assert _ids(once) == ["a", "b", "c", "d"]
    assert once.counts == again.counts
    assert (_reviews(once), _lines(once)) == (_reviews(again), _lines(again))
    assert rejected(once) == rejected(again)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "products.csv: is empty"),
        ("id,name\n", "products.csv: holds no rows"),
        ("id,name\n,a\n,b\n1\n", "none of its 3 rows can be used: 2 x no product id; 1 x wrong number of fields"),
    ],
    ids=["empty", "header only", "all rejected"],
)
def test_a_file_without_rows_stops_the_build(tmp_path, content, message):
    with pytest.raises(BadInput, match=message):
        read_tiny(tmp_path, PRODUCTS, {"products.csv": content})


def test_reviews_that_are_all_of_unknown_products_stop_the_build(tmp_path):
    toml = PRODUCTS + '[reviews]\npath = "reviews.csv"\nproduct = "id"\ntext = "text"\nunknown_products = "reject"\n'
    with pytest.raises(BadInput, match="none of its 1 rows can be used: 1 x unknown product"):
        read_tiny(tmp_path, toml, {"products.csv": "id,name\na,A\n", "reviews.csv": "id,text\nz,good\n"})


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_a_folder_without_pictures_stops_the_build(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"\[images\] folder"):
        read_tiny(tmp_path, f'[images]\nfolder = "{folder}"\n', {})


def test_spark_is_refused_plainly(tmp_path):
    with pytest.raises(BadInput, match='"spark" is not supported yet; use kind = "duckdb"'):
        read_tiny(tmp_path, PRODUCTS + '[engine]\nkind = "spark"\n', {"products.csv": "id,name\n1,a\n"})


def test_nothing_but_the_clean_tables_is_left_in_the_work_folder(tmp_path: Path):
    shop = read_tiny(tmp_path, PRODUCTS, {"products.csv": "id,name\n1,a\n"})
    assert [path.name for path in shop.work.rglob("*") if path.is_file()] == ["products.parquet"]


def test_what_a_killed_reading_left_behind_is_removed(tmp_path: Path):
    stale = tmp_path / "work/reading-killed/spill"
    stale.mkdir(parents=True)
    (stale / "block.tmp").write_bytes(b"x")
    shop = read_tiny(tmp_path, PRODUCTS, {"products.csv": "id,name\n1,a\n"})
    assert [path.name for path in shop.work.iterdir()] == ["clean"]
