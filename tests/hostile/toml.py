"""``shop.toml``: every key wrong in its own way, files that are no settings, and settings that are allowed but absurd."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from tests.hostile.shops import Case, Either, Ending, Read, Refused

SHOP = '[shop]\nname = "Hostile"\n'
PRODUCTS = '[products]\npath = "products.csv"\nid = "id"\ntitle = "name"\ncategory = "kind"\n'
ORDERS = '[orders]\npath = "orders.csv"\norder = "order"\nproduct = "product"\n'
REVIEWS = '[reviews]\npath = "reviews.csv"\nproduct = "product"\ntext = "text"\n'
INVALID = "is not valid TOML"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _no_settings()
    yield from _syntax()
    yield from _sections()
    yield from _wrong_values()
    yield from _expressions()
    yield from _absurd_values()
    yield from _pictures()


def _rows() -> dict[str, bytes]:
    products = "".join(f"{n},thing {n},{'ab'[n % 2]}\n" for n in range(8))
    orders = "".join(f"{n // 3},{n * 3 % 8}\n" for n in range(48))
    reviews = "".join(
        f"{n % 8},soft warm wool {('red', 'blue', 'green', 'grey')[n % 4]} {('pine', 'brass')[n % 2]} number{n}\n"
        for n in range(24)
    )
    texts = {
        "products.csv": "id,name,kind\n" + products,
        "orders.csv": "order,product\n" + orders,
        "reviews.csv": "product,text\n" + reviews,
    }
    return {name: text.encode() for name, text in texts.items()}


def _case(name: str, toml: str | bytes, ends: Ending, command: str = "check") -> Case:
    return Case(name, toml, _rows(), ends, command=command)


def _no_settings() -> Iterator[Case]:
    def placed(name: str, ends: Ending, place: Callable[[Path], None]) -> Case:
        def instead(folder: Path) -> None:
            (folder / "shop.toml").unlink()
            place(folder / "shop.toml")

        return Case(f"settings are {name}", "", {}, ends, instead)

    yield placed("not there", Refused("not found"), lambda _: None)
    yield placed("a folder", Refused("is a folder"), Path.mkdir)
    yield placed("a pipe", Refused("name a regular file"), os.mkfifo)
    yield placed("endless noughts", Refused("name a regular file"), lambda path: path.symlink_to("/dev/zero"))
    yield placed("endless noise", Refused("name a regular file"), lambda path: path.symlink_to("/dev/urandom"))
    yield placed("a terminal", Refused("name a regular file"), lambda path: path.symlink_to("/dev/tty"))
    yield placed("a link to itself", Refused("shop.toml"), lambda path: path.symlink_to("shop.toml"))
    yield placed("a link to nothing", Refused("not found"), lambda path: path.symlink_to("no.toml"))
    yield placed("a file with a hole of 4 GB", Refused("shop.toml"), _hole)
    yield _case("empty settings", "", Refused("[shop] the section is missing"))
    yield _case("settings of comments alone", "# " + "x" * 100_000, Refused("[shop] the section is missing"))
    yield _case("settings in Latin-1", '[shop]\nname = "Café"\n'.encode("latin-1"), Refused("is not UTF-8 text"))
    yield _case("settings in UTF-16", (SHOP + ORDERS).encode("utf-16"), Refused("is not UTF-8 text"))
    yield _case("settings behind a byte-order mark", b"\xef\xbb\xbf" + (SHOP + ORDERS).encode(), Read(48))
    yield _case("settings of noughts", b"\0" * 1000, Refused(INVALID))
    yield _case("settings of noise", random.Random(8).randbytes(1000), Refused("shop.toml"))
    yield _case("settings in YAML", "shop:\n  name: Hostile\n", Refused(INVALID))
    yield _case("settings in JSON", '{"shop": {"name": "Hostile"}}', Refused(INVALID))
    yield _case("settings in INI", "[shop]\nname = Hostile\n", Refused(INVALID))


def _hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(4_000_000_000)


def _syntax() -> Iterator[Case]:
    wrong = {
        "a section twice": SHOP + ORDERS + ORDERS,
        "a key twice": SHOP + 'name = "again"\n' + ORDERS,
        "a key that is a section too": "shop = 1\n" + SHOP,
        "a section never closed": "[shop\n",
        "a text never closed": '[shop]\nname = "x\n',
        "a long text never closed": '[shop]\nname = """' + "x\n" * 1000,
        "a key without a value": "[shop]\nname =\n",
        "half of a pair": '[shop]\nname = "\\ud800"\n',
        "a character beyond the last": '[shop]\nname = "\\UFFFFFFFF"\n',
        "a control character": '[shop]\nname = "\x1b[2J"\n',
        "a section beside a section": "[shop] [products]\n",
        "a day that there is not": SHOP + "[evaluate]\nseed = 2021-02-30\n",
        "a number of 5,000 digits": SHOP + "[evaluate]\nseed = " + "9" * 5_000 + "\n",
        "lists 20,000 deep": SHOP + "x = " + "[" * 20_000 + "]" * 20_000 + "\n",
        "lists 20,000 deep, never closed": SHOP + "x = " + "[" * 20_000,
        "tables 20,000 deep": SHOP + "x = " + "{a=" * 20_000 + "1" + "}" * 20_000 + "\n",
    }
    for name, toml in wrong.items():
        yield _case(name, toml, Refused(INVALID))
    yield _case("keys 2,000 deep", SHOP + ORDERS + ".".join(["a"] * 2_000) + " = 1\n", Refused("shop.toml"))
    yield _case("5 MB of one text", SHOP + ORDERS + f'title = "{"x" * 5_000_000}"\n', Refused("has no column"))
    yield _case("5 MB of one list", SHOP + ORDERS + "ignore_products = [" + '"x",' * 1_000_000 + "]\n", Read(48))
    yield _case("100,000 unknown keys", SHOP + "".join(f"k{n} = 1\n" for n in range(100_000)) + ORDERS, Refused("unknown key"))
    yield _case(
        "20,000 unknown sections", SHOP + ORDERS + "".join(f"[s{n}]\n" for n in range(20_000)), Refused("unknown section")
    )
    yield _case(
        "a number of 20,000 digits in base 16", SHOP + ORDERS + "[evaluate]\nseed = 0x" + "f" * 20_000 + "\n", Refused('"seed"')
    )
    yield _case("an unknown key over two lines", SHOP + ORDERS + '"a\\nb\\u001b[2J" = 1\n', Refused("unknown key"))
    yield _case("an unknown key of 100,000 letters", SHOP + ORDERS + f'"{"x" * 100_000}" = 1\n', Refused("unknown key"))
    yield _case("a section as a list of sections", "[[shop]]\nname = 'a'\n[[shop]]\nname = 'b'\n", Refused("[shop]"))


def _sections() -> Iterator[Case]:
    for section in ("products", "reviews", "orders"):
        yield _case(f"[{section}] without keys", f"{SHOP}[{section}]\n", Refused(f"[{section}]"))
    yield _case("[images] without keys", SHOP + "[images]\n", Refused("[images]"))
    yield _case("[shop] without keys", "[shop]\n" + ORDERS, Refused('[shop] the key "name" is missing'))
    yield _case("no input", SHOP, Refused("names no input"))
    for value in ("1", '"x"', "[]", "[[]]", "true", "2020-01-01", "nan"):
        yield _case(f"products = {value}", f"products = {value}\n{SHOP}", Refused("[products] expected a section"))
    yield _case("signals of signals", SHOP + ORDERS + "[signals.basket.basket]\nk = 1\n", Refused("[signals.basket] unknown"))
    yield _case("a section that Python has", SHOP + ORDERS + "[__class__]\nx = 1\n", Refused("unknown section"))
    yield _case("a key that pydantic has", SHOP + ORDERS + "model_config = {extra = 'allow'}\n", Refused("unknown section"))


def _wrong_values() -> Iterator[Case]:
    """A value of the wrong type or out of range, for every key that has one."""
    wrong = {
        "shop": {"name": "1", "currency": '"eur\\n"'},
        "products": {
            "path": "[]",
            "encoding": "1",
            "delimiter": "1",
            **dict.fromkeys(("id", "title", "category", "price", "description", "url", "image", "image_url"), "1.5"),
        },
        "images": {"folder": "{}"},
        "reviews": {
            "format": '"goodreads"',
            **dict.fromkeys(("product", "text", "title", "rating", "time", "reviewer"), "false"),
        },
        "orders": {
            "layout": '"wide"',
            "cancelled": "7",
            "ignore_products": '"POST"',
            "unknown_products": '"ask"',
            **dict.fromkeys(("order", "product", "title", "quantity", "time", "customer"), "{a = 1}"),
        },
        "signals.visual": {
            "enabled": '"perhaps"',
            "k": "-1",
            "weights": "1",
            "seed": "4294967296",
            "dimensions": "1",
            "layer": "[]",
        },
        "signals.style": {"k": "201", "layers": '"block1_conv1"', "metric": '"l1"', "per_category": "0", "dimensions": "1e300"},
        "signals.reviews": {
            "k": "nan",
            "clusters": "-5",
            "documents": '["titles"]',
            "min_documents": "0",
            "max_share": "0",
            "stop_words": "[1]",
            "seed": "1.5",
        },
        "signals.basket": {
            "k": "0",
            "min_orders": "0",
            "min_score": "-1e-9",
            "min_company": "nan",
            "prior_orders": "-1",
            "largest_order": "0",
            "score": '"Cosine"',
            "enabled": "2",
        },
        "signals.blend": {"k": "inf", "weights": "{basket = 1}"},
        "evaluate": {
            "pairs": '[["a", "b", "c"]]',
            "split": '"user"',
            "validation": "nan",
            "test": "0",
            "k": "[-5]",
            "seed": "true_",
        },
        "engine": {"kind": '"polars"', "memory": '"-4GB"'},
    }
    needed = {
        "products": 'path = "products.csv"\nid = "id"\n',
        "reviews": 'path = "r.csv"\nproduct = "p"\ntext = "t"\n',
        "orders": 'path = "o.csv"\norder = "o"\nproduct = "p"\n',
        "shop": 'name = "x"\n',
        "images": "",
    }
    for section, keys in wrong.items():
        for key, value in keys.items():
            others = "".join(line + "\n" for line in needed.get(section, "").splitlines() if not line.startswith(f"{key} "))
            rest = "" if section == "shop" else SHOP
            rest += "" if section == "orders" else ORDERS
            said = INVALID if value == "true_" else f"[{section}] "
            yield _case(f"[{section}] {key} = {value}", f"{rest}[{section}]\n{others}{key} = {value}\n", Refused(said))


def _expressions() -> Iterator[Case]:
    """Expressions for cancelled orders, on ids made to run them wild."""
    rows = "order,product\n" + "".join(f"{'a' * length}b,x\n" for length in range(20, 61))
    wild = (
        "^(a+)+$",
        "(a|aa)+$",
        "(a|a?)+$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(.*)*c",
        "(?:a*)*?$",
        "a{1,1000}b{1,1000}$",
        "(x+x+)+y|" + "(a*)" * 50 + "c",
    )
    for expression in wild:
        yield _orders(f"cancelled = {expression[:30]}", expression, rows, Either())
    for expression in ("(", "[", "*", "(?P<x", "a{2,1}", "\\", r"(a)\1", "(?=a)", "[z-a]"):
        yield _orders(f"cancelled = {expression}", expression, rows, Refused('[orders] "cancelled"'))
    yield _orders("cancelled = 100,000 brackets", "(" * 100_000 + ")" * 100_000, rows, Either())
    yield _orders("cancelled = repeats of repeats", "((a{1000}){1000}){1000}", rows, Refused('[orders] "cancelled"'))
    yield _orders("cancelled = nothing, which all ids hold", "", rows, Refused("cancelled order"))
    yield _orders("cancelled = a word of 1 MB", "a" * 1_000_000, rows, Refused("too large"))


def _orders(name: str, expression: str, rows: str, ends: Ending) -> Case:
    assert "'" not in expression
    return Case(name, f"{SHOP}{ORDERS}cancelled = '{expression}'\n", {"orders.csv": rows.encode()}, ends)


def _absurd_values() -> Iterator[Case]:
    """Allowed, but nobody would: a whole build must still end well."""
    everything = SHOP + PRODUCTS + ORDERS + REVIEWS
    huge = str(10**30)
    for section, line in (
        ("shop", None),
        ("signals.basket", f"min_orders = {huge}"),
        ("signals.basket", "min_score = 1e308"),
        ("signals.basket", 'k = 200\nscore = "lift"'),
        ("signals.reviews", f"clusters = {huge}"),
        ("signals.reviews", "clusters = 1"),
        ("signals.reviews", f"min_documents = {huge}"),
        ("signals.reviews", "max_share = 1e-300"),
        ("signals.reviews", "documents = []"),
        ("signals.reviews", 'documents = ["title", "title"]'),
        ("signals.reviews", 'stop_words = ["", " ", "(", "soft warm"]'),
        ("signals.reviews", "seed = 4294967295"),
        ("signals.blend", "weights = {bought_together = 1e308, reviews = 5e-324}"),
        ("signals.blend", "weights = {visual = 1}"),
        ("evaluate", f"k = [{huge}]"),
        ("evaluate", 'pairs = [["a", "no such"]]'),
        ("evaluate", "validation = 1e-300\ntest = 0.9999999999"),
        ("engine", 'memory = "999999999999TB"'),
        ("engine", 'memory = "64.000000000000000001 MB"'),
    ):
        added = f"[{section}]\n{line}\n" if line else ""
        ends: Ending = Refused(f"[{section}] ") if huge in str(line) or "999TB" in str(line) else Read(8)
        yield _case(f"build with {line.partition(chr(10))[0] if line else 'nothing absurd'}", everything + added, ends, "build")
    off = "".join(f"[signals.{name}]\nenabled = false\n" for name in ("visual", "style", "reviews", "basket", "blend"))
    yield _case("build with every signal switched off", everything + off, Read(8), "build")
    names = SHOP.replace("Hostile", "<script>\\u0000\\u001b[2J\\u202e" + "x" * 10_000)
    yield _case("build of a shop with a hostile name", names + PRODUCTS + ORDERS, Read(8), "build")
    yield _case(
        "build where all columns are one",
        SHOP + '[orders]\npath = "orders.csv"\norder = "product"\nproduct = "product"\ntitle = "product"\n',
        Read(8),
        "build",
    )
    yield _case(
        "build where all sections are one file",
        SHOP + '[products]\npath = "orders.csv"\nid = "product"\n' + ORDERS,
        Either(),
        "build",
    )


def _pictures() -> Iterator[Case]:
    """What the picture signals are told; pictures are there, so that `check` looks at their network."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "PNG")
    files = {f"pictures/{kind}/{kind}{number}.png": stream.getvalue() for kind in "ab" for number in range(2)}
    head = SHOP + '[images]\nfolder = "pictures"\n'
    untrained = '[signals.visual]\nweights = "untrained"\n[signals.style]\nweights = "untrained"\n'

    def case(name: str, toml: str, ends: Ending, place: Callable[[Path], None] = lambda _: None) -> Case:
        return Case(f"network: {name}", head + toml, files, ends, place)

    yield case("untrained", untrained, Read(0))
    for name, path in {
        "endless noughts": "/dev/zero",
        "a folder": "pictures",
        "nothing there": "no.h5",
        "no name": "",
        "5,000 letters": "x" * 5_000,
        "an address": "https://example.com/vgg16.h5",
        "another word": "Imagenet",
    }.items():
        yield case(
            f"weights are {name}", f'[signals.visual]\nweights = "{path}"\n', Refused("weights" if len(path) < 100 else path[:40])
        )
    yield case(
        "weights are a pipe", '[signals.style]\nweights = "pipe"\n', Refused("pipe"), lambda folder: os.mkfifo(folder / "pipe")
    )
    for name, layer in {
        "that there is not": "block9_conv9",
        "without a name": "",
        "of two lines": "fc\\n2",
        "of 10,000 letters": "x" * 10_000,
    }.items():
        yield case(
            f"a layer {name}",
            f"{untrained.replace('[signals.style]', f'layer = {chr(34)}{layer}{chr(34)}{chr(10)}[signals.style]')}",
            Refused("[signals.visual]"),
        )
    yield case("style without layers", untrained + "layers = []\n", Refused('[signals.style] "layers"'))
    yield case(
        "style of one layer 100 times",
        untrained + "layers = [" + '"block1_conv1",' * 100 + "]\n",
        Refused('[signals.style] "layers"'),
    )
    for name, folder in {
        "a device": "/dev/zero",
        "a file": "shop.toml",
        "not there": "no",
        "without pictures": "..",
        "5,000 letters long": "x" * 5_000,
        "over two lines": "a\\nb",
    }.items():
        ends = Either() if folder == ".." else Refused(folder[:20].partition("\\")[0])
        yield Case(f"folder of pictures is {name}", f'{SHOP}[images]\nfolder = "{folder}"\n', {}, ends)
