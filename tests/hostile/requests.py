"""Hostile requests, as the bytes that go over the wire: ids, queries, typed texts, methods, headers and bodies."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

from tests.hostile.callbacks import body_of
from tests.hostile.wire import UPDATE, Case, case, question

KNOWN = "/api/products/item-001"
RECOMMENDATIONS = f"{KNOWN}/recommendations"


@cache
def all_requests() -> list[Case]:
    return [*ids(), *queries(), *files(), *texts(), *links(), *dash_routes(), *methods(), *headers(), *bodies(), *first_lines()]


IDS = {
    "a dot": "%2e",
    "three dots": "%2e%2e%2e",
    "up to the password file": "../../../../etc/passwd",
    "the same, encoded": "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "the same, encoded twice": "%252e%252e%252fetc%252fpasswd",
    "the same, with backslashes": "..%5c..%5cwindows%5cwin.ini",
    "the same, in overlong UTF-8": "%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    "a file of the cache": "..%2fmanifest.json",
    "an absolute path": "%2Fetc%2Fpasswd",
    "a file URL": "file%3A%2F%2F%2Fetc%2Fpasswd",
    "NUL": "%00",
    "NUL after a known id": "item-001%00.webp",
    "a line break": "a%0d%0aSet-Cookie:%20a=b",
    "control characters": "%01%02%1b%5b31m%7f",
    "a byte that is no UTF-8": "%ff%fe",
    "a cut-off character": "%e6%a4",
    "half a surrogate pair": "%ed%a0%80",
    "a character past the last": "%f7%bf%bf%bf",
    "a bad escape": "100%zz",
    "an escape cut off": "99%",
    "right to left": "%e2%80%aeeci%e2%80%ac",
    "zero width": "item%e2%80%8b-001",
    "a byte order mark": "%ef%bb%bfitem-001",
    "full width": quote("ｉｔｅｍ－００１"),
    "combining marks": "z" + quote("\u0351" * 200),
    "emoji": quote("👩‍👩‍👧‍👦" * 20),
    "1,000 characters": "a" * 1000,
    "3,000 characters": "a" * 3000,
    "1,000 slashes": "%2f" * 1000,
    "plain slashes": "//" * 100,
    "only tildes and dots": "~~~~..",
    "a space": "%20",
    "a plus": "+",
    "semicolons": "item-001;jsessionid=1",
    "a format string": "%25s%25n%257Bself%257D",
    "a template": quote("{{7*7}}${7*7}<%= 7*7 %>#{7*7}"),
    "SQL": quote("' OR '1'='1'; DROP TABLE products; --"),
    "a shell": quote("$(touch x)`id`|id;id"),
    "markup": quote("<script>alert(1)</script>"),
    "JNDI": quote("${jndi:ldap://example.org/a}"),
    "a negative number": "-1",
    "a huge number": "9" * 400,
    "None": "None",
    "__proto__": "__proto__",
}


def ids() -> Iterator[Case]:
    """Each as a product of the API, of a picture and of a page, and as the name of a file."""
    for name, segment in IDS.items():
        yield case(f"API: {name}", f"/api/products/{segment}", 404)
        yield case(f"recommendations: {name}", f"/api/products/{segment}/recommendations?k=1", 404)
        yield case(f"picture: {name}", f"/thumbnails/x/{segment}.webp", 404)
        yield case(f"page: {name}", f"/item/{segment}", 404)
        yield case(f"compared: {name}", f"/compare?a={segment}&b=item-001", 200)
        yield case(f"file: {name}", f"/export/{segment}.csv", 404)
        yield case(f"points: {name}", f"/maps/2/x/{segment}", 404)
    yield case("points: no build", "/maps/2//products", 404)
    yield case("points: a build that goes up", "/maps/2/..%2f..%2f/products", 404)
    yield case("points: an endless build", "/maps/2/" + "b" * 3000 + "/look", 404)
    yield case("points: a layout that was never", "/maps/-1/x/products", 404)
    yield case("points: no layout", "/maps//x/products", 404)
    yield case("points: nothing", "/maps/2/x/", 404)
    yield case("API: two dots, which are an id like any", "/api/products/%2e%2e", 200)
    yield case("API: bytes that are not encoded", b"/api/products/\xe6\xa4\x85\xff", 400)
    yield case("API: letters that are not encoded", "/api/products/椅子", 400)
    yield case("API: a path longer than any", "/api/products/" + "a" * 100_000, 400, 414)
    yield case("picture: an endless build", "/thumbnails/" + "b" * 3000 + "/item-001.webp", 200)
    yield case("picture: a build that goes up", "/thumbnails/..%2f..%2f/item-001.webp", 200)
    yield case("picture: no build", "/thumbnails//item-001.webp", 200)
    yield case("picture: no name", "/thumbnails/x/.webp", 404)
    yield case("picture: no segment", "/thumbnails/%2f", 404)
    yield case("picture: many segments", "/thumbnails/" + "a/" * 1000, 404)


QUERIES = {
    "k twice, the first counts": ("k=3&k=huge", 200),
    "signal twice, the first counts": ("signal=visual&signal=x", 200),
    "k 300 times": ("&".join(["k=1"] * 300), 200),
    "k in Arabic digits": ("k=%d9%a3", 400),
    "k in superscript": ("k=%c2%b2", 400),
    "k in full width": ("k=%ef%bc%93", 400),
    "k of 4,000 digits": ("k=" + "9" * 3800, 400),
    "k with a sign": ("k=%2b3", 400),
    "k with an underscore": ("k=1_0", 400),
    "k hexadecimal": ("k=0x3", 400),
    "k in exponents": ("k=1e0", 400),
    "k with a fraction": ("k=3.0", 400),
    "k with spaces": ("k=%203%20", 400),
    "k with a line break": ("k=3%0a", 400),
    "k with NUL": ("k=3%00", 400),
    "k infinite": ("k=inf", 400),
    "k no number": ("k=NaN", 400),
    "k as a list": ("k[]=3", 200),
    "k as an object": ("k[$gt]=0", 200),
    "k below zero": ("k=-0", 400),
    "a signal that goes up": ("signal=..%2fvectors%2fstyle", 400),
    "a signal with NUL": ("signal=visual%00", 400),
    "a signal in capitals": ("signal=VISUAL", 400),
    "a signal of 3,000 characters": ("signal=" + "s" * 3000, 400),
    "a signal that is a method": ("signal=__class__", 400),
    "a signal with half a surrogate pair": ("signal=%ed%a0%80", 400),
    "an empty category": ("category=", 400),
    "a category of markup": ("category=%3Cscript%3E", 400),
    "a category of 3,000 characters": ("category=" + "c" * 3000, 400),
    "a category with bad escapes": ("category=%zz%", 400),
    "a category that is no UTF-8": ("category=%ff%fe", 400),
    "only ampersands": ("&" * 2000, 200),
    "only equals signs": ("=" * 2000, 200),
    "a question mark": ("?", 200),
    "semicolons for ampersands": ("k=3;signal=visual", 400),
    "1,000 unknown keys": ("&".join(f"x{i}={i}" for i in range(400)), 200),
    "a key of dunder names": ("__proto__[k]=1&constructor=1", 200),
    "encoded separators": ("k%3d3%26signal%3dvisual", 200),
}


def queries() -> Iterator[Case]:
    for name, (query, status) in QUERIES.items():
        yield case(f"query: {name}", f"{RECOMMENDATIONS}?{query}", status)
    yield case("query: bytes that are not encoded", RECOMMENDATIONS.encode() + b"?signal=\xff\x00", 400)
    yield case("query: longer than any", f"{RECOMMENDATIONS}?category=" + "c" * 100_000, 400, 414)


FILES = {
    "a table that is none": ("manifest.csv", 404),
    "a table that nobody exports": ("products.parquet", 404),
    "no name": (".csv", 404),
    "no format": ("recommendations", 404),
    "a format of nothing": ("recommendations.", 404),
    "a format in capitals": ("recommendations.CSV", 404),
    "a format with NUL": ("recommendations.csv%00", 404),
    "a format that goes up": ("recommendations.csv%2f..%2f..%2fetc%2fpasswd", 404),
    "two formats": ("recommendations.parquet.csv", 404),
    "a format of 3,000 characters": ("recommendations." + "c" * 3000, 404),
    "a signal of nothing": ("recommendations.csv?signal=", 400),
    "a signal that goes up": ("recommendations.csv?signal=..%2fvectors%2fstyle", 400),
    "a signal with a line break": ("recommendations.csv?signal=visual%0d%0aSet-Cookie:%20a=b", 400),
    "a signal with half a surrogate pair": ("recommendations.jsonl?signal=%ed%a0%80", 400),
    "a signal of 3,000 characters": ("recommendations.jsonl?signal=" + "s" * 3000, 400),
    "a signal of a measure": ("metrics.csv?signal=visual", 400),
    "two signals, the first counts": ("recommendations.jsonl?signal=visual&signal=x", 200),
    "unknown keys": ("recommendations.csv?signal=visual&format=../../etc/passwd&k=-1", 200),
}


def files() -> Iterator[Case]:
    """Tables to take along; and the products chosen on a map, of a build that isn't there."""
    for name, (path, status) in FILES.items():
        yield case(f"file: {name}", f"/export/{path}", status)
    for name, chosen in {"nothing": b"", "a megabyte": b"\xff" * 1_000_000, "JSON": b'{"ids": []}'}.items():
        yield case(f"chosen: {name}", "/maps/2/x/chosen.csv", 404, method="POST", body=chosen)


TEXTS: dict[str, Any] = {
    "nothing": "",
    "blank": " \t\n\r\u00a0\u2003\u3000",
    "100,000 characters": "wool " * 20_000,
    "one word of 100,000 characters": "w" * 100_000,
    "a million spaces": " " * 1_000_000,
    "10,000 different words": " ".join(f"word{i}" for i in range(10_000)),
    "Arabic": "سجادة صوفية ناعمة",
    "Chinese": "柔软的羊毛地毯",
    "Thai": "พรมขนสัตว์นุ่ม",
    "Hebrew and English": "שטיח wool רך soft",
    "a dotted capital I, which grows in lower case": "İ" * 5000,
    "a sharp s, which grows in upper case": "ß" * 5000,
    "ligatures": "ﬁne ﬂoor ﷺ",
    "combining marks": "w" + "\u0351" * 9000,
    "zero-width characters": "w\u200bo\u200co\u200dl\ufeff",
    "right-to-left overrides": "\u202eloow\u202c\u2066soft\u2069",
    "control characters": "".join(map(chr, range(32))) + "wool\x7f\x80\x9f",
    "NUL": "wo\0ol",
    "half a surrogate pair": "\ud800 wool \udfff",
    "characters that Unicode will never give": "\ufffe\uffff\U0010ffff wool",
    "private characters": "\ue000\uf8ff wool",
    "emoji": "🧶🐑👩‍👩‍👧‍👦🏳️‍🌈" * 500,
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "regular expressions": r"(a+)+$ [ ( \ ^.*{999999999} (?P<x>)\1 \Q",
    "backslashes": "\\" * 10_000,
    "quotes": "\"'`´„“”’" * 1000,
    "wildcards": "% _ * ? \\% \\_",
    "templates": "{{7*7}} ${7*7} {% raw %} <%= x %>",
    "SQL": "wool'; DROP TABLE terms; --",
    "a formula": "=cmd|' /C calc'!A0",
    "an address": "javascript:alert(1)",
    "numbers": "٣ ² ½ 1e309 0x1F -0",
    "hyphens": "--- -wool- wool--soft ---",
    "full width": "ｗｏｏｌ ｓｏｆｔ",
    "None": None,
    "a number": 10**300,
    "a truth": True,
    "a list": ["wool"],
    "a list in a list, 900 deep": "deep",
    "an object": {"toString": "wool"},
}


def texts() -> Iterator[Case]:
    """Each typed into the description and the catalogue's search, and as the address of a map."""
    for name, text in TEXTS.items():
        value = text if text != "deep" else nested(900)
        yield question(f"description: {name}", body_of("describe-results", value), 200)
        yield question(f"search: {name}", body_of("catalogue-results", value, "all", None, "all", [], "popular"), 200)
        yield question(f"map: {name}", body_of("map-choices", {"search": value}), 200, 204)


LINKS = {
    "no path": ("", ""),
    "no slash": ("item", ""),
    "another host": ("//example.org/", ""),
    "an address": ("javascript:alert(1)", ""),
    "up": ("/item/../../etc/passwd", ""),
    "NUL": ("/item/\0", "?q=\0"),
    "half a surrogate pair": ("/item/\ud800", "?q=\udfff"),
    "100,000 characters": ("/item/" + "a" * 100_000, "?q=" + "q" * 100_000),
    "a thousand keys": ("/", "?" + "&".join(f"k{i}=v" for i in range(1000))),
    "a page of nine digits": ("/", "?page=999999999"),
    "a page of a thousand digits": ("/", "?page=" + "9" * 1000),
    "a page below zero": ("/", "?page=-1"),
    "a cluster past the last": ("/", "?cluster=999999999"),
    "an unknown order": ("/", "?sort=__class__"),
    "an unknown category": ("/", "?category=%3Cb%3E"),
    "an unknown map": ("/clusters", "?map=../vectors&colour=cluster&cluster=999999999"),
    "a colour without a group": ("/clusters", "?colour=category&category=%00"),
    "an unknown colour": ("/clusters", "?colour=__proto__"),
    "an unknown measure": ("/quality", "?metric=__class__&k=999999999&slice=->"),
    "a measure of nothing": ("/quality", "?metric=&k=&slice="),
    "a text of markup": ("/describe", "?q=%3Cscript%3E"),
    "a text with bad escapes": ("/describe", "?q=%zz%"),
    "a price of nonsense": ("/", "?price=-&has=&has=__class__"),
    "a price past every other": ("/", "?price=1e999-9e999&has=reviews,,pictures"),
    "a price that is no number": ("/", "?price=nan-inf"),
    "one product twice": ("/compare", "?a=item-001&b=item-001"),
    "products of markup": ("/compare", "?a=%3Cscript%3E&b=%00"),
    "a product of 100,000 characters": ("/compare", "?a=" + "a" * 100_000),
    "a product with half a surrogate pair": ("/compare", "?a=%ed%a0%80&b=item-001"),
    "what is taken along": ("/take-along", "?signal=../../etc/passwd"),
    "an item of a map": ("/clusters", "?item=%3Cscript%3E&signal=__class__&q=%00"),
    "a picture of nothing": ("/picture", "?product=%00"),
    "signals of a product": ("/item/item-001", "?all=__class__&category=%00&min=nan&max=1e999"),
    "a path of percent signs": ("/item/" + "%" * 3000, ""),
    "numbers for texts": (7, 7),
    "lists for texts": ([], []),
    "nothing for texts": (None, None),
}


def links() -> Iterator[Case]:
    """Each as the address that a page is drawn for."""
    for name, (path, search) in LINKS.items():
        yield question(f"link: {name}", body_of("page", {"path": path, "search": search, "visit": 1}), 200)


def dash_routes() -> Iterator[Case]:
    suites = "/_dash-component-suites/"
    yield case("Dash: an unknown package", f"{suites}os/path.py", 404)
    yield case("Dash: a package of this app", f"{suites}dashboard/app.py", 404)
    yield case("Dash: a source file", f"{suites}dash/dash.py", 404)
    yield case("Dash: a file above", f"{suites}dash/../../../../etc/passwd", 404)
    yield case("Dash: a file above, encoded", f"{suites}dash/..%2f..%2f..%2fetc%2fpasswd", 404)
    yield case("Dash: an absolute file", f"{suites}dash//etc/passwd", 404)
    yield case("Dash: NUL", f"{suites}dash/%00", 404)
    yield case("Dash: a fingerprint of nothing", f"{suites}dash/x.v1_0m1.js", 404)
    yield case("Dash: a dunder package", f"{suites}__main__/__init__.py", 404)
    yield case("Dash: no file", suites, 404)
    yield case("Dash: the layout", "/_dash-layout", 200)
    yield case("Dash: the layout with a query", "/_dash-layout?x=%00", 200)
    yield case("Dash: the callbacks", "/_dash-dependencies", 200)
    yield case("Dash: the layout of nothing", "/_dash-layout/..", 404)
    yield case("Dash: reload", "/_reload-hash", 404)
    yield case("Dash: MCP", "/_mcp", 404)
    yield case("Dash: an unknown route", "/_dash-x", 404)
    yield case("Dash: a job to cancel", f"{UPDATE}?cancelJob=1&job=2&cacheKey=3", 400, method="POST")
    for name, path in {
        "above": "../gunicorn.conf.py",
        "above, encoded": "..%2f..%2fetc%2fpasswd",
        "above, encoded twice": "%252e%252e%252fapp.py",
        "backslashes": "..%5c..%5capp.json",
        "absolute": "/etc/passwd",
        "NUL": "navigation.js%00.css",
        "a folder": "head/",
        "a folder's name": "head",
        "a name of 3,000 characters": "a" * 3000,
        "a device": "%2fdev%2fzero",
        "a Windows device": "CON",
        "a dot": ".",
        "nothing": "",
    }.items():
        yield case(f"asset: {name}", f"/assets/{path}", 404)
    yield case("asset: Flask's own folder", "/static/../app.py", 404)
    for name in (
        "/.git/config",
        "/.env",
        "/wp-login.php",
        "/manifest.json",
        "/cache/manifest.json",
        "/server-status",
        "/console",
    ):
        yield case(f"asset: {name}", name, 404)


def methods() -> Iterator[Case]:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "MADEUP"):
        for path in (KNOWN, "/healthz", "/thumbnails/x/item-001.webp", "/maps/2/x/products", "/export/recommendations.csv"):
            yield case(f"{method} {path}", path, 405, 400, method=method)
    yield case("GET of the update route", UPDATE, 404, 405)
    yield case("HEAD", KNOWN, 200, method="HEAD")
    yield case("OPTIONS", KNOWN, 200, method="OPTIONS")
    yield case("a method in small letters", KNOWN, 400, 405, method="get")
    yield case("a method of 1,000 letters", KNOWN, 400, 405, method="G" * 1000)
    yield case("a method with a space in front", KNOWN, 400, method=" GET")


def headers() -> Iterator[Case]:
    for name, sent in {
        "a host of markup": ("Host", "<script>alert(1)</script>"),
        "a host of another place": ("Host", "example.org:99999"),
        "a host that goes up": ("Host", "localhost/../../"),
        "a host of nothing": ("Host", "[::"),
        "a request id of markup": ("X-Request-ID", "<script>"),
        "a request id of 5,000 letters": ("X-Request-ID", "a" * 5000),
        "a forwarded address of nonsense": ("X-Forwarded-For", "999.999.999.999, <b>, ::::"),
        "a forwarded scheme": ("X-Forwarded-Proto", "javascript"),
        "a forwarded host": ("X-Forwarded-Host", "example.org"),
        "a forwarded prefix": ("X-Forwarded-Prefix", "/etc"),
        "another path": ("X-Original-URL", "/etc/passwd"),
        "another method": ("X-HTTP-Method-Override", "DELETE"),
        "a script name": ("SCRIPT_NAME", "/etc"),
        "a range below zero": ("Range", "bytes=-99999999999999999999"),
        "many ranges": ("Range", "bytes=" + ",".join(f"{i}-" for i in range(500))),
        "a range of nonsense": ("Range", "bytes=a-b"),
        "a condition of nonsense": ("If-Modified-Since", "yesterday"),
        "a time past every calendar": ("If-Modified-Since", "Fri, 31 Dec 99999 23:59:59 GMT"),
        "an ETag without end": ("If-None-Match", 'W/"' + "e" * 5000),
        "cookies of nonsense": ("Cookie", "=;;; a=b; __Host-x=\x80; " + "c=d; " * 300),
        "an encoding that nobody knows": ("Accept-Encoding", "br;q=x, *;q=999, " + "z" * 1000),
        "a language of nonsense": ("Accept-Language", "../../etc/passwd"),
        "a language without end": ("Accept-Language", "de-" * 1000 + ";q=9e999"),
        "a language that was chosen and is none": ("Cookie", "language=__class__"),
        "a language that is a path": ("Cookie", 'language="../../en"'),
        "an accept of nonsense": ("Accept", "*/*;q=" + "9" * 1000),
        "credentials": ("Authorization", "Basic ////"),
        "an origin of nothing": ("Origin", "null"),
        "a referrer of markup": ("Referer", "javascript:alert(1)"),
        "an upgrade": ("Upgrade", "websocket"),
        "a wait for 100": ("Expect", "200-maybe"),
    }.items():
        yield case(f"header: {name}", KNOWN, 200, 400, 417, headers=(sent,))
        yield case(f"header, of a page: {name}", "/take-along", 200, 304, 400, 417, headers=(sent,))
        yield case(f"header, of an asset: {name}", "/assets/navigation.js", 200, 206, 304, 400, 416, 417, headers=(sent,))
    yield case("header: 20,000 letters", KNOWN, 400, 431, headers=(("X-Long", "a" * 20_000),))
    yield case("header: 500 of them", KNOWN, 400, 431, headers=tuple((f"X-{i}", "a") for i in range(500)))
    yield case("header: a name with a space", KNOWN, 400, headers=(("X Y", "a"),))
    yield case("header: a name of nothing", KNOWN, 400, headers=(("", "a"),))
    yield case("header: NUL", KNOWN, 400, headers=(("X-A", "a\0b"),))
    yield case("header: a bare line break", KNOWN, 400, headers=(("X-A", "a\nX-B: b"),))
    yield case("header: a folded line", KNOWN, 400, headers=(("X-A", "a\r\n b"),))


DEEP = 100_000
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"not JSON",
    "cut off": b'{"output": "page',
    "an opening brace": b"{",
    "100,000 opening brackets": b"[" * DEEP,
    "100,000 brackets": b"[" * DEEP + b"]" * DEEP,
    "100,000 objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a text": b'"page"',
    "null": b"null",
    "a truth": b"true",
    "a number": b"7",
    "no number": b"NaN",
    "infinity": b"-Infinity",
    "a number past every other": b"1e999999",
    "a number of 10,000 digits": b"9" * 10_000,
    "an empty list": b"[]",
    "an empty object": b"{}",
    "NUL": b"\0" * 1000,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"output": "page.children"}'.encode("utf-16"),
    "UTF-32": '{"output": "page.children"}'.encode("utf-32"),
    "no UTF-8": b'{"output": "\xff\xfe"}',
    "keys twice": b'{"output": "a", "output": "b"}',
    "a dunder key": b'{"__proto__": {}, "constructor": {}}',
    "XML": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><x>&x;</x>',
    "YAML": b"!!python/object/apply:os.system ['id']",
    "a pickle": b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    "an unknown callback": b'{"output": "nobody.children", "outputs": {"id": "nobody", "property": "children"}, "inputs": []}',
    "a callback of the browser": b'{"output": "navigation.data", "outputs": {"id": "navigation", "property": "data"}, '
    b'"inputs": [{"id": "page", "property": "id", "value": "page"}], "changedPropIds": []}',
    "an output of a million dots": b'{"output": "' + b"." * 1_000_000 + b'", "outputs": [], "inputs": []}',
}


def bodies() -> Iterator[Case]:
    for name, body in BODIES.items():
        yield question(f"body: {name}", body, 400)
    asked = json.dumps(body_of("describe-results", "wool")).encode()
    for name, kind in {
        "no type": "",
        "a type of text": "text/plain",
        "a form": "application/x-www-form-urlencoded",
        "a form in parts without a boundary": "multipart/form-data",
        "a form in parts": "multipart/form-data; boundary=x",
        "a type of nonsense": "/;;;=",
        "a type of 5,000 letters": "a/" + "b" * 5000,
    }.items():
        yield case(f"body: {name}", UPDATE, 400, method="POST", headers=(("Content-Type", kind),), body=asked)
    json_type = ("Content-Type", "application/json")
    for charset in ("utf-7", "utf-16", "nobody-knows", "rot13", "../../etc"):
        sent = ("Content-Type", f"application/json; charset={charset}")
        yield case(f"body: a charset {charset}", UPDATE, 200, 400, method="POST", headers=(sent,), body=asked)
    zipped = (json_type, ("Content-Encoding", "gzip"))
    yield case("body: zipped", UPDATE, 400, method="POST", headers=zipped, body=gzip.compress(asked))
    bomb = gzip.compress(b" " * 50_000_000)
    yield case("body: a zipped bomb", UPDATE, 400, method="POST", headers=zipped, body=bomb)
    for name, length in {
        "below zero": "-1",
        "no number": "abc",
        "two numbers": "5, 6",
        "a sign": "+5",
        "hexadecimal": "0x5",
    }.items():
        yield case(
            f"body: a length {name}", UPDATE, 400, method="POST", headers=(json_type, ("Content-Length", length)), body=asked
        )
    yield case(
        "body: a length past every number", UPDATE, 400, 413, method="POST", headers=(json_type, ("Content-Length", "9" * 30))
    )
    yield case("body: longer than allowed", UPDATE, 413, method="POST", headers=(json_type, ("Content-Length", "12000001")))
    yield case("body: shorter than it is", UPDATE, 400, method="POST", headers=(json_type, ("Content-Length", "9")), body=asked)
    for name, coding in {
        "unknown": "gzip",
        "twice": "chunked, chunked",
        "nonsense": "\x0bchunked",
        "identity": "identity",
    }.items():
        sent = (json_type, ("Transfer-Encoding", coding))
        yield case(f"body: a transfer {name}", UPDATE, 400, 501, method="POST", headers=sent, body=asked)
    chunked = (json_type, ("Transfer-Encoding", "chunked"), ("Content-Length", ""))
    for name, body in {
        "of no number": b"zz\r\nab\r\n0\r\n\r\n",
        "below zero": b"-5\r\nab\r\n0\r\n\r\n",
        "past every number": b"f" * 30 + b"\r\nab\r\n0\r\n\r\n",
        "without an end": b"2\r\nabcdef\r\n0\r\n\r\n",
        "with an extension of 100,000 letters": b"2;" + b"x" * 100_000 + b"\r\nab\r\n0\r\n\r\n",
    }.items():
        yield case(f"body: a chunk {name}", UPDATE, 400, method="POST", headers=chunked, body=body)
    smuggled = (json_type, ("Transfer-Encoding", "chunked"))
    hidden = b"0\r\n\r\nGET /api/x HTTP/1.1\r\nHost: localhost\r\n\r\n"
    yield case("body: a request hidden behind two lengths", UPDATE, 400, method="POST", headers=smuggled, body=hidden)
    yield case("body: of a GET", KNOWN, 200, body=b"x" * 1000)


def first_lines() -> Iterator[Case]:
    for name, sent, *statuses in (
        ("no version", b"GET /\r\n\r\n", 400),
        ("a version of the future", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, 505),
        (
            "an absolute address",
            b"GET http://example.org/api/products/item-001 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            200,
        ),
        ("no path", b"GET  HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200, 400, 404),
        ("a fragment", b"GET /api/products/item-001#x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200, 400, 404),
        ("no host", b"GET /api/products/item-001 HTTP/1.1\r\nConnection: close\r\n\r\n", 200, 400),
        ("two hosts", b"GET /api/products/item-001 HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 200, 400),
        ("the handshake of TLS", bytes.fromhex("16030100a5010000a10303") + b"\0" * 100 + b"\r\n\r\n", 400),
        ("HTTP/2 from the start", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, 505),
        ("noise", bytes(range(256)) + b"\r\n\r\n", 400),
        ("a tab for a space", b"GET\t/\tHTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("a line feed alone", b"GET / HTTP/1.1\nHost: localhost\n\n", 200, 400),
        (
            "a path that begins with two slashes",
            b"GET //example.org/%2e%2e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            404,
        ),
    ):
        yield Case(f"first line: {name}", sent, frozenset(statuses))


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value
