"""Delimited text, and what it comes packed in: every way in which an export goes wrong, or was made to."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.shops import KEPT_WITHOUT, Case, Either, Ending, Read, Refused, toml_of

HEADER = "id,name\n"
GOOD = b"id,name\n1,a\n2,b\n"
FIELDS = "wrong number of fields"
UNCLOSED = "quote is never closed"
NO_ID = "no product id"
REPEATS = "product id repeats"
NO_COLUMN = 'has no column "id"'
NO_ROWS = "holds no rows"
DAMAGED = "is damaged or cut off"
NO_FILE = "[products] path must name a file"
NO_PRICE = f"price is not a number {KEPT_WITHOUT}"
NO_DATE = f"time is not a date {KEPT_WITHOUT}"
NO_STARS = f"rating is not a number from 0 to 5 {KEPT_WITHOUT}"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _shapes()
    yield from _encodings()
    yield from _quotes()
    yield from _delimiters()
    yield from _line_ends()
    yield from _headers()
    yield from _sizes()
    yield from _ids()
    yield from _cells()
    yield from _prices()
    yield from _orders_and_reviews()
    yield from _gzip()
    yield from _zip()
    yield from _paths()


def _products(name: str, content: str | bytes, ends: Ending, file: str = "products.csv", **keys: str) -> Case:
    content = content if isinstance(content, bytes) else content.encode()
    return Case(name, toml_of("products", path=file, id="id", title="name", **keys), {file: content}, ends)


def _shapes() -> Iterator[Case]:
    yield _products("empty file", b"", Refused("is empty"))
    yield _products("only line ends", b"\n\r\n\n\r", Refused("is empty"))
    yield _products("only a byte-order mark", b"\xef\xbb\xbf", Refused("is empty"))
    yield _products("only blanks", b"   ", Refused(NO_COLUMN))
    yield _products("only delimiters", b",,,\n,,,\n", Refused(NO_COLUMN))
    yield _products("only NULs", b"\0" * 1000, Refused(NO_COLUMN))
    yield _products("one byte that is no text", b"\xff", Refused(NO_COLUMN))
    yield _products("header alone", HEADER, Refused(NO_ROWS))
    yield _products("header alone without a line end", "id,name", Refused(NO_ROWS))
    yield _products("header and blank lines", HEADER + "\n" * 50, Refused(NO_ROWS))
    yield _products("last line without its end", "id,name\n1,a", Read(1))
    yield _products("rows of blanks", HEADER + "  ,  \n1,a\n", Read(1, {NO_ID: 1}))
    yield _products("no row that can be used", HEADER + "1\n2\n3\n", Refused("none of its 3 rows can be used: 3 x " + FIELDS))
    yield _products("every row is cut short at another place", HEADER + "1,a\n2\n3,\n,\n4,d", Read(3, {FIELDS: 1, NO_ID: 1}))
    yield _products("a row of too many fields", HEADER + "1,a,b,c\n2,b\n", Read(1, {FIELDS: 1}))
    yield _products("a trailing delimiter on every row", HEADER + "1,a,\n2,b,\n", Refused("2 x " + FIELDS))
    yield _products("SQL dump instead of rows", "INSERT INTO products VALUES (1,'a');\n", Refused(NO_COLUMN))
    yield _products("HTML error page instead of rows", "<!DOCTYPE html>\n<html><body>404</body></html>\n", Refused(NO_COLUMN))
    yield _products("picture instead of rows", random.Random(1).randbytes(5000), Refused(NO_COLUMN))
    yield _products("JSON instead of rows", '{"id": 1, "name": "a"}\n', Refused(NO_COLUMN))
    yield _products("the header once more in the middle", HEADER + "1,a\n" + HEADER + "2,b\n", Read(3))


def _encodings() -> Iterator[Case]:
    latin = "id,name\n1,café\n2,b\n".encode("latin-1")
    yield _products("two byte-order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, Refused(NO_COLUMN))
    yield _products("UTF-16, little end first", GOOD.decode().encode("utf-16"), Read(2))
    yield _products("UTF-16, big end first", b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), Read(2))
    yield _products("UTF-16 cut in a character", GOOD.decode().encode("utf-16")[:-1], Read(2))
    yield _products("UTF-16 with a lone half of a pair", "id,name\n1,a\n".encode("utf-16") + b"\x3d\xd8,\0x\0", Read(2))
    yield _products("UTF-16 without a mark", GOOD.decode().encode("utf-16-le"), Refused(NO_COLUMN))
    yield _products(
        "UTF-16 declared, but it has no mark", GOOD.decode().encode("utf-16-le"), Refused("utf-16"), encoding="utf-16"
    )
    yield _products("UTF-16 declared, but it is ASCII", GOOD, Refused("utf-16"), encoding="utf-16")
    yield _products("UTF-32", GOOD.decode().encode("utf-32"), Refused(NO_COLUMN))
    yield _products("UTF-32 declared", GOOD.decode().encode("utf-32"), Read(2), encoding="utf-32")
    yield _products("UTF-32 declared, but it is ASCII", GOOD, Refused("utf-32"), encoding="utf-32")
    yield _products("mostly UTF-8 with a Latin line", "id,name\n1,é\n2,ü\n".encode() + b"3,\xe9\n", Read(3))
    yield _products("mostly Latin with a UTF-8 line", latin + "3,ö\n".encode("latin-1") + "4,é\n".encode(), Read(4))
    yield _products("a new encoding in every row", b"id,name\n1,\xe9\n2,\xc3\xa9\n3,\x82\n4,\x8e\xa1\n", Read(4))
    yield _products("overlong UTF-8", b"id,name\n\xc0\xaf..\xc0\xaf,a\n", Read(1))
    yield _products("surrogates in UTF-8", b"id,name\n\xed\xa0\x80\xed\xb0\x80,\xed\xa0\x80\n", Read(1))
    yield _products("beyond the last character", b"id,name\n\xf4\x90\x80\x80,\xf7\xbf\xbf\xbf\n", Read(1))
    yield _products("UTF-8 cut in a character", "id,name\n1,a\n2,€".encode()[:-1], Read(2))
    yield _products("continuation bytes alone", b"id,name\n" + b"\x80" * 100 + b",a\n", Read(1))
    yield _products("UTF-7 that spells half of a pair", b"id,name\n1,+2AA-\n", Refused("utf-7"), encoding="utf-7")
    yield _products(
        "escapes that spell half of a pair", b"id,name\n1,\\ud800\n", Refused("unicode-escape"), encoding="unicode_escape"
    )
    yield _products("EBCDIC declared", GOOD.decode().encode("cp500"), Read(2), encoding="cp500")
    yield _products("EBCDIC declared, but it is ASCII", GOOD, Refused(NO_COLUMN), encoding="cp500")
    yield _products("names of hosts declared as an encoding", GOOD, Refused("idna"), encoding="idna")
    yield _products("Punycode declared", "id,name\n1,é\n", Either(), encoding="punycode")
    yield _products("an encoding that shifts, cut in a shift", b"id,name\n1,\x1b$B$", Read(1), encoding="iso2022_jp")
    yield _products(
        "Chinese declared, but it is noise", HEADER.encode() + random.Random(2).randbytes(300), Either(), encoding="gb18030"
    )
    yield _products("an encoding of no text", GOOD, Refused('"hex" is no encoding'), encoding="hex")
    yield _products("an encoding that always fails", GOOD, Refused('"undefined" is no encoding'), encoding="undefined")
    yield _products("an encoding named by a path", GOOD, Refused("is no encoding"), encoding="../../etc/passwd")
    yield _products("an encoding named by 5,000 letters", GOOD, Refused("is no encoding"), encoding="x" * 5000)


def _quotes() -> Iterator[Case]:
    rows = ["1,a", "2,b", "3,c", "4,d"]
    for place in range(4):
        opened = [f'{row[0]},"{row[2]}' if index == place else row for index, row in enumerate(rows)]
        yield _products(f"a quote opened in row {place + 1} of 4", HEADER + "\n".join(opened), Read(3, {UNCLOSED: 1}))
    yield _products("a quote opened in every row", HEADER + "".join(f'{row[0]},"{row[2]}\n' for row in rows), Either())
    yield _products("a quote opened in the header", 'id,"name\n1,a\n2,b\n', Refused(NO_COLUMN))
    yield _products("a quote as the last character", HEADER + '1,a\n2,b\n3,"', Read(2, {UNCLOSED: 1}))
    yield _products("a quote around the whole file", '"' + GOOD.decode() + '"', Refused(NO_COLUMN))
    yield _products("nothing but quotes", HEADER + '"' * 101 + "\n1,a\n", Either())
    yield _products("10,000 quotes opened", HEADER + '1,"a\n' * 10_000 + "2,b\n", Either())
    yield _products("a quote inside a word", HEADER + '1,5" pipe\n2,b\n', Read(2))
    yield _products("text behind a closing quote", HEADER + '1,"a"b\n2,b\n', Read(2))
    yield _products("doubled quotes", HEADER + '1,"say ""hi"""\n"2","b"\n', Read(2))
    yield _products("backslashes before quotes", HEADER + '1,"5\\" pipe"\n2,b\n', Read(2))
    yield _products("quotes of a typographer", HEADER + "1,“a,b”\n2,b\n", Read(1, {FIELDS: 1}))
    yield _products("single quotes around a delimiter", HEADER + "1,'a,b'\n2,b\n", Read(1, {FIELDS: 1}))
    yield _products("a quoted line end in every field", HEADER + '"1\n","a\nb"\n"2","\n\n"\n', Read(2))
    yield _products("NULs inside quotes", HEADER + '1,"\0"\n2,"a\0,\0b"\n', Read(2))


def _delimiters() -> Iterator[Case]:
    for name, delimiter in (("semicolons", ";"), ("tabs", "\t"), ("bars", "|")):
        yield _products(f"{name} around commas", f"id{delimiter}name\n1{delimiter}a, b, c\n", Read(1))
    yield _products("a control character between fields", "id\x01name\n1\x01a\n", Refused(NO_COLUMN))
    yield _products("a control character declared", "id\x01name\n1\x01a\n", Read(1), delimiter="\x01")
    yield _products("a letter declared that names hold", "idxname\n1xa\n2xbxc\n", Read(1, {FIELDS: 1}), delimiter="x")
    yield _products("a digit declared", "id0name\n10a\n", Read(1), delimiter="0")
    yield _products("a blank declared", "id name\n1 a\n2 b c\n", Read(1, {FIELDS: 1}), delimiter=" ")
    yield _products("an emoji declared", "id🪑name\n1🪑a\n", Read(1), delimiter="🪑")
    yield _products("NUL declared", "id\0name\n1\0a\n", Either(), delimiter="\0")
    yield _products("a quote declared", GOOD, Refused("can't delimit fields"), delimiter='"')
    yield _products("two characters declared", GOOD, Refused('"delimiter"'), delimiter="::")
    yield _products("the wrong one declared", GOOD, Refused(NO_COLUMN), delimiter=";")
    yield _products("another one in every row", "id,name\n1,a\n2;b\n3\tc\n4|d\n", Read(1, {FIELDS: 3}))
    yield _products("a spreadsheet's hint in the first line", "sep=;\nid;name\n1;a\n", Refused(NO_COLUMN))
    yield _products("a file of tabs by its ending alone", "id\tname\n1\ta,b;c\n", Read(1), file="products.tsv")


def _line_ends() -> Iterator[Case]:
    for name, end in (("bare CR", "\r"), ("LF CR", "\n\r"), ("CR CR LF", "\r\r\n")):
        yield _products(f"lines end in {name}", f"id,name{end}1,a{end}2,b{end}", Read(2))
    yield _products("every line ends otherwise", "id,name\r\n1,a\r2,b\n3,c\r\n\r4,d", Read(4))
    for name, char in (
        ("a form feed", "\f"),
        ("a vertical tab", "\v"),
        ("NEL", "\x85"),
        ("U+2028", "\u2028"),
        ("U+2029", "\u2029"),
    ):
        yield _products(f"{name} is no line end", f"id,name\n1,a{char}b\n{char}2,b\n", Read(2))
        yield _products(f"{name} inside the header", f"id;name;a{char}b\n1;a;x\n", Read(1))
    yield _products("a file's end of long ago", HEADER + "1,a\n\x1a", Read(1, {FIELDS: 1}))


def _headers() -> Iterator[Case]:
    yield _products("a wanted column twice", "id,name,id\n1,a,2\n", Refused('has 2 columns "id"'))
    yield _products("another column twice", "id,name,x,x\n1,a,2,3\n", Read(1))
    yield _products("columns without names", ",,id,name,\n,,1,a,\n", Read(1))
    yield _products("blanks around names", " id , name \n1,a\n", Read(1))
    yield _products("a name with another case", "ID,name\n1,a\n", Refused(NO_COLUMN))
    yield _products("a name with an invisible character", "id\u200b,name\n1,a\n", Refused(NO_COLUMN))
    yield _products("a name that looks the same", "іd,name\n1,a\n", Refused(NO_COLUMN))
    yield _products("a name with a line end", '"id\n",name\n1,a\n', Read(1))
    yield _products("a name over two lines", '"i\nd",name\n1,a\n', Refused(NO_COLUMN))
    yield _products("names that command a terminal", "\x1b[2J\x1b]0;owned\x07,name\n1,a\n", Refused(NO_COLUMN))
    yield _products("names that are the printer's markup", "[/bold],[link=file:///etc/passwd]x[/link]\n1,a\n", Refused(NO_COLUMN))
    yield _products("names that turn the line round", "\u202edi,\u2066name\n1,a\n", Refused(NO_COLUMN))
    yield _products("10,000 columns", _wide("id,name"), Read(1))
    yield _products("10,000 columns, none of them wanted", _wide("x,y"), Refused(NO_COLUMN))
    yield _products("a name of 900,000 letters", f"id,name,{'x' * 900_000}\n1,a,b\n", Read(1))
    yield _products("a name of 900,000 letters, none wanted", f"{'x' * 900_000},name\n1,a\n", Refused(NO_COLUMN))
    yield _products("a name of 2 million letters", f"id,name,{'x' * 2_000_000}\n1,a,b\n", Either())
    yield _products("a wanted name of 5,000 letters", GOOD, Refused("has no column"), category="x" * 5000)
    yield _products(
        "one column wanted for everything", "name\n1\n", Refused(NO_COLUMN), category="name", price="name", url="name"
    )


def _wide(first: str) -> str:
    return f"{first}," + ",".join(f"column {number}" for number in range(9_998)) + "\n" + ",".join(["1"] * 10_000) + "\n"


def _sizes() -> Iterator[Case]:
    too_long = {"row can't be read as delimited text": 1}
    yield _products("a field of a million letters", f"{HEADER}1,{'x' * 1_000_000}\n2,b\n", Read(2))
    yield _products("a field of a million and one", f"{HEADER}1,{'x' * 1_000_001}\n2,b\n", Read(1, too_long))
    yield _products("a quoted field of 3 million", f'{HEADER}1,"{"x" * 3_000_000}"\n2,b\n', Read(1, too_long))
    yield _products("a line of 20 million letters", f"{HEADER}1,{'x' * 20_000_000}\n2,b\n", Either())
    yield _products("a line of 2 million delimiters", f"{HEADER}{',' * 2_000_000}\n2,b\n", Read(1, {FIELDS: 1}))
    yield _products("100,000 blank lines", HEADER + "\n" * 100_000 + "1,a\n", Read(1))
    yield _products("an open quote before 2 MB", HEADER + '1,"\n' + "2,b\n" * 500_000, Either())
    yield _products("20,000 rows with one id", HEADER + "1,a\n" * 20_000, Read(1, {REPEATS: 19_999}))


def _ids() -> Iterator[Case]:
    strange = {
        "path out of the folder": "../../../../etc/passwd",
        "path of the root": "/etc/shadow",
        "path of another system": "C:\\Windows\\CON",
        "one dot": ".",
        "two dots": "..",
        "escaped slashes": "%2e%2e%2f%00",
        "markup": "<script>alert(1)</script>",
        "template": "{{7*7}}${7*7}",
        "SQL": "'; DROP TABLE products; --",
        "emoji of eleven code points": "👩🏽‍❤️‍💋‍👨🏿",
        "200 combining marks": "a" + "\u0301" * 200,
        "turned round": "\u202egnp.exe",
        "a byte-order mark": "\ufeffid",
        "no character": "\ufffe\U0010ffff",
        "private": "\ue000\U000f0000",
        "control characters": "\x01\x02\x1b[31m\x7f",
        "10,000 letters": "x" * 10_000,
        "the word null": "NULL",
        "the word nan": "nan",
        "minus nought": "-0",
        "a number too large": "1e309",
    }
    for name, one in strange.items():
        yield _products(f"id: {name}", f"{HEADER}{one},a\n1,b\n", Read(2))
    empty = {"blanks": "   ", "NULs": "\0\0", "blanks of every kind": "\u00a0\u2003\u3000\t\x0b", "a quoted nothing": '""'}
    for name, one in empty.items():
        yield _products(f"id of {name}", f"{HEADER}{one},a\n1,b\n", Read(1, {NO_ID: 1}))
    yield _products("id of two lines", HEADER + '"1\n2",a\n', Read(1))
    yield _products("ids that only look the same", HEADER + "é,a\ne\u0301,b\nE,c\ne,d\n01,e\n1,f\n1.0,g\n", Read(7))
    yield _products("ids that blanks make the same", HEADER + "1,a\n 1,b\n1\u00a0,c\n1\0,d\n", Read(1, {REPEATS: 3}))


def _cells() -> Iterator[Case]:
    cells = {
        "formula": "=cmd|' /C calc'!A0",
        "formula behind a plus": "+1+1",
        "formula behind an at sign": "@SUM(A1:A9)",
        "entities that spell NUL and halves of pairs": "&#0;&#xD800;&#55296;&#x110000;&#9999999;",
        "entity in an entity": "&amp;amp;lt;script&amp;gt;",
        "1,000 entities": "&lt;" * 1_000,
        "entity without end": "&#" + "9" * 10_000 + ";",
        "terminal commands": "\x1b]8;;file:///etc/passwd\x07click\x1b]8;;\x07",
        "printer's markup": "[bold red]x[/] [/nothing]",
        "Zalgo": "Z" + "\u0334\u0335\u0336" * 1_000,
        "10,000 blanks": "a" + " " * 10_000 + "b",
        "every control character": "".join(chr(code) for code in range(1, 32) if chr(code) not in "\n\r,"),
    }
    for name, cell in cells.items():
        yield _products(f"title: {name}", f"{HEADER}1,{cell}\n2,b\n", Read(2))


def _prices() -> Iterator[Case]:
    good = ("1.234,56", "٣", "१२.५०", "-0", "  7 ", "＄５", "1'234'567.00", "−0")
    bad = (
        "1e309",
        "1e5",
        "NaN",
        "Infinity",
        "-inf",
        "0x1F",
        "1_000",
        "1/2",
        "½",
        "²",
        "12.50.00",
        "1" * 400,
        "=1+1",
        "free",
        "١٬٢٣٤",
        "1,,2",
    )
    for number, price in enumerate((*good, *bad)):
        ends = Read(1, {} if number < len(good) else {NO_PRICE: 1})
        content = f'id,name,price\n1,a,"{price}"\n'
        yield _products(f"price {price[:20]}", content, ends, price="price")
    yield _products(
        "price below nought", "id,name,price\n1,a,-5\n", Read(1, {f"price is below 0 {KEPT_WITHOUT}": 1}), price="price"
    )


def _orders_and_reviews() -> Iterator[Case]:
    dates = (
        "0000-00-00",
        "31/02/2020",
        "2020-13-45",
        "99999-01-01",
        "1e10",
        "-62135596801",
        "9" * 30,
        "0001-01-01T00:00:00+23:59",
    )
    for date in dates:
        content = f"product,text,time\n1,good,{date}\n2,fine,2020-02-29\n"
        yield _reviews(f"date {date}", content, Read(2, {NO_DATE: 1}), time="time")
    for date in ("0001-01-01", "9999-12-31T23:59:59", "9999999999", "9999999999999", "٢٠٢٠-٠١-٠٢", "24:00"):
        yield _reviews(f"last of dates: {date}", f"product,text,time\n1,good,{date}\n", Either(), time="time")
    for stars in ("5.0001", "-1", "NaN", "★★★★", "1e-400", "5/5"):
        yield _reviews(f"rating {stars}", f"product,text,rating\n1,good,{stars}\n", Read(1, {NO_STARS: 1}), rating="rating")
    yield _reviews("reviews without text", "product,text\n1,\n1, \n1,&#32;\n1,a\n", Read(1, {"review without text": 3}))
    yield _reviews("one review 5,000 times", "product,text\n" + "1,a\n" * 5_000, Read(1, {"exact duplicate review": 4_999}))
    for quantity in ("NaN", "1e309", "", "two", "9" * 65):
        content = f"order,product,quantity\n1,a,{quantity}\n1,b,1\n"
        yield _orders(f"quantity {quantity[:10]}", content, Read(1, {"quantity is not a number": 1}), quantity="quantity")
    for quantity in ("0", "-1", "-9223372036854775809"):
        content = f"order,product,quantity\n1,a,{quantity}\n1,b,1\n"
        yield _orders(f"quantity {quantity}", content, Read(1, {"quantity is not above 0": 1}), quantity="quantity")
    yield _orders(
        "quantities of 60 digits", f"order,product,quantity\n1,a,{'9' * 60}\n1,a,{'9' * 60}\n", Read(2), quantity="quantity"
    )
    yield _orders("order ids that run the expression wild", f"order,product\n{'a' * 60}b,x\n", Read(1), cancelled="^(a+)+$")
    yield _orders("baskets of nothing", ",,,\n \n,\n", Refused(NO_ROWS), layout="baskets")
    yield _orders("a basket of 200,000 items", ",".join(map(str, range(200_000))) + "\n", Read(200_000), layout="baskets")
    yield _orders("a basket with an open quote", 'a,"b\nc,d\n', Read(2, {UNCLOSED: 1}), layout="baskets")


def _reviews(name: str, content: str, ends: Ending, **keys: str) -> Case:
    toml = toml_of("reviews", path="reviews.csv", product="product", text="text", **keys)
    return Case(name, toml, {"reviews.csv": content.encode()}, ends)


def _orders(name: str, content: str, ends: Ending, **keys: str) -> Case:
    columns = {} if "layout" in keys else {"order": "order", "product": "product"}
    return Case(name, toml_of("orders", path="orders.csv", **columns, **keys), {"orders.csv": content.encode()}, ends)


def _gzip() -> Iterator[Case]:
    packed = gzip.compress(GOOD + b"".join(b"%d,%d\n" % (one, one * one) for one in range(3, 3_000)), mtime=0)
    rng = random.Random(3)

    def case(name: str, content: bytes, ends: Ending) -> Case:
        return _products(f"gzip: {name}", content, ends, file="products.csv.gz")

    for cut in (0, 1, 5, 10, 11, len(packed) // 2, len(packed) - 9, len(packed) - 4, len(packed) - 1):
        yield case(f"cut after {cut} bytes", packed[:cut], Refused(DAMAGED if cut else "is empty"))
    for place in sorted(rng.sample(range(10, len(packed)), 6)):
        yield case(f"bit flipped in byte {place}", _flip(packed, place, rng), Either())
    yield case("no gzip at all", GOOD, Refused(DAMAGED))
    yield case("two files, one behind the other", gzip.compress(HEADER.encode()) + gzip.compress(b"1,a\n"), Read(1))
    yield case("noise behind the end", gzip.compress(GOOD) + b"noise", Refused(DAMAGED))
    yield case("noughts behind the end", gzip.compress(GOOD) + b"\0" * 100, Read(2))
    yield case("wrong checksum", gzip.compress(GOOD)[:-8] + b"\0" * 4 + gzip.compress(GOOD)[-4:], Refused(DAMAGED))
    yield case("wrong length", gzip.compress(GOOD)[:-4] + b"\xff" * 4, Refused(DAMAGED))
    yield case("unknown method", b"\x1f\x8b\x07" + packed[3:], Refused(DAMAGED))
    yield case("a name without end", b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"x" * 10_000, Refused(DAMAGED))
    yield case("packed twice", gzip.compress(gzip.compress(GOOD)), Refused(NO_COLUMN))
    yield case("100 MB of noughts", _gzip_of(b"\0", 100), Either())
    yield case("100 MB of one letter behind a header", _gzip_of(b"x", 100, head=GOOD), Either())
    yield case("50 MB of open quotes", _gzip_of(b'"', 50, head=GOOD), Either())
    yield _products("gzip of a kind that is not said", gzip.compress(GOOD), Refused("holds no ending"), file="products.gz")


def _gzip_of(byte: bytes, megabytes: int, head: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(head)
        for _ in range(megabytes):
            stream.write(byte * 1_000_000)
    return packed.getvalue()


def _flip(content: bytes, place: int, rng: random.Random) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def _zip() -> Iterator[Case]:
    rng = random.Random(4)
    whole = _zipped({"products.csv": GOOD})

    def case(name: str, content: bytes, ends: Ending) -> Case:
        return _products(f"zip: {name}", content, ends, file="products.zip")

    yield case("no members", _zipped({}), Refused("holds 0 files"))
    yield case("folders alone", _zipped({"a/": b"", "a/b/": b""}), Refused("holds 0 files"))
    yield case("what macOS adds alone", _zipped({"__MACOSX/._p.csv": b""}), Refused("holds 0 files"))
    yield case("200 members", _zipped({f"{one}.csv": GOOD for one in range(200)}), Refused("holds 200 files"))
    yield case("a name that leaves the folder", _zipped({"../../../tmp/products.csv": GOOD}), Read(2))
    yield case("a name from the root", _zipped({"/etc/products.csv": GOOD}), Read(2))
    yield case("a name of 30,000 letters", _zipped({"x" * 30_000 + ".csv": GOOD}), Read(2))
    yield case("a name that commands a terminal", _zipped({"\x1b[2J.exe": GOOD}), Refused("unknown kind of file"))
    yield case("a name over two lines", _zipped({"a\nb.exe": GOOD}), Refused("unknown kind of file"))
    yield case("a name without an ending", _zipped({"products": GOOD}), Refused("no ending"))
    yield case("a zip in a zip", _zipped({"products.zip": whole}), Refused("unknown kind of file"))
    yield case("packed as bzip2", _zipped({"products.csv": GOOD}, zipfile.ZIP_BZIP2), Read(2))
    yield case("packed as LZMA", _zipped({"products.csv": GOOD}, zipfile.ZIP_LZMA), Read(2))
    for name, method in (("deflate", zipfile.ZIP_DEFLATED), ("bzip2", zipfile.ZIP_BZIP2), ("LZMA", zipfile.ZIP_LZMA)):
        yield case(
            f"noise for {name}",
            _overwritten(_zipped({"products.csv": GOOD * 50}, method)),
            Refused("can't be read" if name == "bzip2" else DAMAGED),
        )
    yield case("unknown packing", _with_method(whole, 99), Refused("can't be read"))
    yield case("password", _with_flags(whole, 0x1), Refused("password"))
    yield case("wrong checksum", whole.replace(struct.pack("<I", zipfile.crc32(GOOD)), b"\0" * 4), Refused(DAMAGED))
    yield case("empty member", _zipped({"products.csv": b""}), Refused("is empty"))
    yield case("two members of one name", _zipped_twice(), Refused("holds 2 files"))
    yield case("noise before the archive", b"noise" * 100 + whole, Read(2))
    yield case("100 MB of noughts", _zipped({"products.csv": b"\0" * 100_000_000}, zipfile.ZIP_DEFLATED), Either())
    yield case("a bzip2 bomb", _zipped({"products.csv": b"0" * 40_000_000}, zipfile.ZIP_BZIP2), Either())
    yield case("size said to be 4 GB", whole.replace(struct.pack("<I", len(GOOD)), b"\xfe\xff\xff\xff"), Either())
    for cut in (4, 30, len(whole) // 2, len(whole) - 22, len(whole) - 1):
        yield case(f"cut after {cut} bytes", whole[:cut], Refused(DAMAGED))
    for place in sorted(rng.sample(range(len(whole)), 16)):
        yield case(f"bit flipped in byte {place}", _flip(whole, place, rng), Either())
    yield case("bzip2 without a zip", bz2.compress(GOOD), Refused(DAMAGED))


def _zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            archive.writestr(info, content)
    return stream.getvalue()


def _zipped_twice() -> bytes:
    """Python warns of a name that is there already, so the second is renamed by hand."""
    return _zipped({"products.csv": GOOD, "products.csw": GOOD}).replace(b"products.csw", b"products.csv")


def _overwritten(archive: bytes) -> bytes:
    start = archive.index(b"products.csv") + len("products.csv")
    end = archive.index(b"PK\x01\x02")
    return archive[:start] + b"\xa5" * (end - start) + archive[end:]


def _with_flags(archive: bytes, flags: int) -> bytes:
    directory = archive.index(b"PK\x01\x02")
    changed = bytearray(archive)
    changed[6] |= flags
    changed[directory + 8] |= flags
    return bytes(changed)


def _with_method(archive: bytes, method: int) -> bytes:
    directory = archive.index(b"PK\x01\x02")
    changed = bytearray(archive)
    struct.pack_into("<H", changed, 8, method)
    struct.pack_into("<H", changed, directory + 10, method)
    return bytes(changed)


def _paths() -> Iterator[Case]:
    def case(name: str, path: str, ends: Ending, place: Callable[[Path], None] = lambda _: None) -> Case:
        return Case(f"path: {name}", toml_of("products", path=path, id="id"), {}, ends, place)

    yield case("nothing there", "products.csv", Refused("not found"))
    yield case("empty", "", Refused("is a folder"))
    yield case("the folder itself", ".", Refused("is a folder"))
    yield case("the settings themselves", "shop.toml", Refused("unknown kind of file"))
    yield case("endless noughts", "/dev/zero", Refused(NO_FILE))
    yield case("endless noise", "/dev/urandom", Refused(NO_FILE))
    yield case("nothing, as a device", "/dev/null", Refused(NO_FILE))
    yield case("a terminal", "/dev/tty", Refused(NO_FILE))
    yield case("a pipe", "p.csv", Refused(NO_FILE), lambda folder: os.mkfifo(folder / "p.csv"))
    yield case("a packed pipe", "p.csv.gz", Refused(NO_FILE), lambda folder: os.mkfifo(folder / "p.csv.gz"))
    yield case("a link to endless noughts", "p.csv", Refused(NO_FILE), lambda folder: (folder / "p.csv").symlink_to("/dev/zero"))
    yield case("a link to nothing", "p.csv", Refused("not found"), lambda folder: (folder / "p.csv").symlink_to("no.csv"))
    yield case("a link to itself", "p.csv", Refused("p.csv"), lambda folder: (folder / "p.csv").symlink_to("p.csv"))
    yield case("a folder named as a file", "p.csv", Refused("is a folder"), lambda folder: (folder / "p.csv").mkdir())
    yield case("a name of 5,000 letters", "x" * 5_000 + ".csv", Refused("x" * 100))
    yield case("5,000 folders deep", "d/" * 5_000 + "p.csv", Refused("d/d/d/d"))
    yield case("beneath a file", "shop.toml/p.csv", Refused("can't be read"))
    yield case("over two lines", "a\nb\x1b[2J.csv", Refused("not found"))
    yield case("this process's memory", "/proc/self/mem", Refused("unknown kind of file"))
    yield case("an address", "https://example.com/products.csv", Refused("not found"))
