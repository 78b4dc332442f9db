"""The products: thirteen categories of four forms each, crossed with the eight families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal, TypeAlias

from PIL import Image

from demo import ceramics, furniture, lights, textiles
from demo.draw import SIZE, Picture, colour, ellipse, mix
from demo.families import FAMILIES, Look

Drawing: TypeAlias = Callable[[Picture, Look], None]

PRODUCTS: Final = 240
LEADING_ZEROS: Final = 12
"""Whatever the seed, one product is "0012", which is not 12."""
PAPER: Final = colour("#FBF9F5")
DISC: Final = colour("#F0EBE2")

COMPANIONS: Final = (
    ("chairs", "tables"),
    ("mugs", "bowls"),
    ("cushions", "blankets"),
    ("lamps", "rugs"),
    ("planters", "vases"),
    ("mirrors", "clocks"),
    ("shelves", "vases"),
)
"""Categories whose products of one family are planted to be bought together."""


@dataclass(frozen=True)
class Form:
    """One shape that a category comes in; `price` in euros is for a family of average price, `detail` ends its description."""

    name: str
    draw: Drawing
    price: float
    detail: str


@dataclass(frozen=True)
class Category:
    """`material` says which of a family's materials it is made of."""

    name: str
    noun: str
    material: Literal["wood", "clay", "cloth"]
    forms: tuple[Form, Form, Form, Form]


CATEGORIES: Final = (
    Category(
        "chairs",
        "chair",
        "wood",
        (
            Form(
                "dining chair",
                furniture.dining_chair,
                149,
                "A padded back and a seat you stay on long after the plates are cleared.",
            ),
            Form("spindle chair", furniture.spindle_chair, 129, "Seven slender spindles, one bent hoop and a tie-on seat pad."),
            Form("armchair", furniture.armchair, 389, "Deep seat, broad arms, and just enough back to fall asleep against."),
            Form("stool", furniture.stool, 89, "Light enough to carry with one hand, steady enough to stand on."),
        ),
    ),
    Category(
        "tables",
        "table",
        "wood",
        (
            Form("side table", furniture.side_table, 119, "Room for a lamp, a book and one more cup. Inlaid top, wipes clean."),
            Form("dining table", furniture.dining_table, 549, "Seats six, eight if they like each other. Comes with its runner."),
            Form(
                "coffee table",
                furniture.coffee_table,
                239,
                "A low oval top with a shelf beneath for what would otherwise lie on it.",
            ),
            Form(
                "pedestal table",
                furniture.pedestal_table,
                289,
                "One turned foot instead of four legs, so every chair finds its place.",
            ),
        ),
    ),
    Category(
        "lamps",
        "lamp",
        "cloth",
        (
            Form("table lamp", lights.table_lamp, 79, "Warm light through a fabric shade, on a turned base. E27, up to 40 W."),
            Form("floor lamp", lights.floor_lamp, 169, "A tripod with a drum shade that lights the page and not the face. E27."),
            Form("pendant lamp", lights.pendant_lamp, 129, "A generous dome to hang low above the table. Cord of two metres."),
            Form(
                "mushroom lamp",
                lights.mushroom_lamp,
                99,
                "A rounded cap that glows from below, made for bedside tables. Dimmable.",
            ),
        ),
    ),
    Category(
        "rugs",
        "rug",
        "cloth",
        (
            Form(
                "woven rug", textiles.woven_rug, 199, "Flat-woven with fringed ends, 140 x 200 cm. Lies still on wooden floors."
            ),
            Form(
                "round rug", textiles.round_rug, 179, "Three borders around one field, 160 cm across. Gathers a room around it."
            ),
            Form("runner", textiles.runner, 109, "For the hall or beside the bed, 70 x 240 cm, with fringed ends."),
            Form(
                "oval rug",
                textiles.oval_rug,
                189,
                "A soft oval with a quiet centre, 130 x 190 cm. Machine-washable at 30 degrees.",
            ),
        ),
    ),
    Category(
        "vases",
        "vase",
        "clay",
        (
            Form("bottle vase", ceramics.bottle_vase, 39, "A narrow neck for a few branches from the garden. 28 cm tall."),
            Form("amphora vase", ceramics.amphora, 59, "Two handles, a broad shoulder and a painted band. 32 cm tall."),
            Form("cylinder vase", ceramics.cylinder_vase, 35, "Straight sides that hold a whole bunch upright. 22 cm tall."),
            Form("moon vase", ceramics.moon_vase, 49, "Round as a full moon and dipped to the waist in pattern. 26 cm tall."),
        ),
    ),
    Category(
        "mugs",
        "mug",
        "clay",
        (
            Form("tall mug", ceramics.tall_mug, 16, "Holds a good 400 ml and keeps it hot through a chapter. Dishwasher-safe."),
            Form("round mug", ceramics.round_mug, 15, "A belly to warm both hands on, 350 ml. Safe in microwave and dishwasher."),
            Form("espresso cup", ceramics.espresso_cup, 14, "A small cup with its saucer, 90 ml, thick-walled against the cold."),
            Form(
                "footed mug", ceramics.footed_mug, 18, "Stands on its own little foot, 300 ml, with a handle for three fingers."
            ),
        ),
    ),
    Category(
        "clocks",
        "clock",
        "wood",
        (
            Form(
                "wall clock",
                lights.wall_clock,
                69,
                "A silent sweep movement behind a broad patterned rim. 34 cm, one AA battery.",
            ),
            Form(
                "sunburst clock", lights.sunburst_clock, 89, "Twenty-four rays around a small clear face. 48 cm, silent movement."
            ),
            Form(
                "square clock", lights.square_clock, 59, "A round face in a square frame, easy to read across the kitchen. 30 cm."
            ),
            Form(
                "mantel clock", lights.mantel_clock, 75, "An arched case for shelf or mantelpiece, 24 cm tall. Ticks very softly."
            ),
        ),
    ),
    Category(
        "cushions",
        "cushion",
        "cloth",
        (
            Form(
                "square cushion",
                textiles.square_cushion,
                35,
                "50 x 50 cm with piped edges and a feather filling. The cover comes off to wash.",
            ),
            Form("lumbar cushion", textiles.lumbar_cushion, 39, "30 x 60 cm, firm, for the small of the back. Hidden zip."),
            Form("round cushion", textiles.round_cushion, 42, "Gathered around one big button, 45 cm across. Plump and springy."),
            Form(
                "tasselled cushion",
                textiles.tasselled_cushion,
                45,
                "A plain field, one patterned band and four tassels. 45 x 45 cm.",
            ),
        ),
    ),
    Category(
        "shelves",
        "shelf",
        "wood",
        (
            Form(
                "wall shelf",
                furniture.wall_shelf,
                99,
                "Two boards on slim brackets, 80 cm wide. Screws and plugs are in the box.",
            ),
            Form(
                "bookcase",
                furniture.bookcase,
                329,
                "Three deep bays with patterned backs, 150 cm tall. For books, not only for show.",
            ),
            Form(
                "ladder shelf",
                furniture.ladder_shelf,
                189,
                "Four boards that widen towards the floor. Needs no screw in the wall.",
            ),
            Form("cube shelf", furniture.cube_shelf, 219, "Four open cubes, two with patterned backs. Stands or stacks."),
        ),
    ),
    Category(
        "planters",
        "planter",
        "clay",
        (
            Form(
                "plant pot", ceramics.classic_pot, 29, "A rolled rim, a hole to drain and a saucer inside. For roots up to 22 cm."
            ),
            Form(
                "standing planter",
                ceramics.standing_planter,
                69,
                "Lifts a plant to where the light is. Pot and stand come apart for watering.",
            ),
            Form("bowl planter", ceramics.bowl_planter, 39, "Low and wide for cacti and everything that hates wet feet."),
            Form(
                "hanging planter", ceramics.hanging_planter, 34, "For trailing plants at the window. With cord and ceiling hook."
            ),
        ),
    ),
    Category(
        "mirrors",
        "mirror",
        "wood",
        (
            Form(
                "round mirror",
                lights.round_mirror,
                119,
                "Clear glass in a broad patterned ring, 60 cm. Doubles the light of a small hall.",
            ),
            Form(
                "arched mirror",
                lights.arched_mirror,
                159,
                "The outline of a window where there is none. 50 x 80 cm, ready to hang.",
            ),
            Form("oval mirror", lights.oval_mirror, 109, "Hangs from its own cord on a single nail. 45 x 60 cm."),
            Form(
                "standing mirror",
                lights.standing_mirror,
                249,
                "Head to toe on a tilting stand, 160 cm tall. Folds flat for moving house.",
            ),
        ),
    ),
    Category(
        "bowls",
        "bowl",
        "clay",
        (
            Form("salad bowl", ceramics.wide_bowl, 45, "Wide enough to toss in without losing a leaf. 30 cm, dishwasher-safe."),
            Form(
                "footed bowl",
                ceramics.footed_bowl,
                39,
                "A bowl on a pedestal with a painted band, for the middle of the table. 24 cm.",
            ),
            Form("fruit bowl", ceramics.fruit_bowl, 42, "Keeps a week of fruit in sight, so it gets eaten. 28 cm."),
            Form(
                "nesting bowls", ceramics.nested_bowls, 49, "A set of three that stacks into one. For muesli, mixing and salad."
            ),
        ),
    ),
    Category(
        "blankets",
        "blanket",
        "cloth",
        (
            Form("folded blanket", textiles.folded_blanket, 89, "Double-faced and heavier than it looks, 140 x 200 cm."),
            Form("sofa throw", textiles.draped_throw, 69, "Soft, fringed, and always within reach. 130 x 170 cm."),
            Form("picnic blanket", textiles.rolled_blanket, 59, "Rolls up with two straps, sheds sand and crumbs. 150 x 200 cm."),
            Form("fringed throw", textiles.fringed_throw, 79, "Light in summer, warm in doubles in winter. 130 x 180 cm."),
        ),
    ),
)


@dataclass
class Product:
    """A product and what was planted in it; `quality` runs from 0 to 1, `popularity` is a weight."""

    sku: str
    name: str
    category: Category
    form: Form
    look: Look
    price: float
    description: str
    quality: float
    popularity: float
    companions: list[Product] = field(default_factory=list, repr=False)

    @property
    def material(self) -> str:
        family = self.look.family
        return {"wood": family.wood, "clay": family.clay, "cloth": family.cloth}[self.category.material]

    @property
    def place(self) -> tuple[str, str]:
        """Family and category."""
        return self.look.family.name, self.category.name


def make_products(random: Random) -> list[Product]:
    """All products, sorted by sku, with their companions."""
    products = [
        _product(random, f, c, variant)
        for f in range(len(FAMILIES))
        for c in range(len(CATEGORIES))
        for variant in range(_variants(f, c))
    ]
    numbers = random.sample([number for number in range(1, 2 * PRODUCTS) if number != LEADING_ZEROS], PRODUCTS - 1)
    numbers.insert(random.randrange(PRODUCTS), LEADING_ZEROS)
    for product, number in zip(products, numbers, strict=True):
        product.sku = f"{number:04d}"
    _join_companions(products)
    return sorted(products, key=lambda product: product.sku)


def _variants(family: int, category: int) -> int:
    """Two of each, and a third in four categories of every family: 8 x (13 x 2 + 4) = `PRODUCTS`."""
    return 3 if (category * 5 + family * 3) % len(CATEGORIES) < 4 else 2


def _product(random: Random, f: int, c: int, variant: int) -> Product:
    family, category = FAMILIES[f], CATEGORIES[c]
    form = category.forms[(f + 2 * c + variant) % 4]
    look = Look(family, family.colourways[(f + c + variant) % 3])
    price = form.price * family.price * random.uniform(0.93, 1.07)
    product = Product(
        sku="",
        name=f"{family.name} {form.name}",
        category=category,
        form=form,
        look=look,
        price=_charming(price),
        description="",
        quality=min(1.0, max(0.0, random.gauss(0.66, 0.2))),
        popularity=random.lognormvariate(0, 0.8),
    )
    product.description = (
        f"A {category.noun} in {product.material} and {look.colourway.name}, "
        f"with a {family.mood} {family.pattern} pattern. {form.detail}"
    )
    return product


def _charming(price: float) -> float:
    """Small prices end in .90, larger ones in 0 or 5 euros."""
    return round(price) - 0.1 if price < 100 else 5.0 * round(price / 5)


def _join_companions(products: list[Product]) -> None:
    """Pair the products of companion categories within each family; where one side has more, its last ones share a partner."""
    groups: dict[tuple[str, str], list[Product]] = {}
    for product in products:
        groups.setdefault(product.place, []).append(product)
    for family in FAMILIES:
        for a, b in COMPANIONS:
            left, right = groups[family.name, a], groups[family.name, b]
            for i in range(max(len(left), len(right))):
                one, other = left[min(i, len(left) - 1)], right[min(i, len(right) - 1)]
                one.companions.append(other)
                other.companions.append(one)


def draw_product(product: Product) -> Image.Image:
    """The product's picture: itself, in front of a pale disc that hardly differs from family to family."""
    picture = Picture(PAPER)
    picture.fill(ellipse(SIZE / 2, SIZE / 2, 204), mix(DISC, product.look.family.tint, 0.5))
    product.form.draw(picture, product.look)
    return picture.finished()
