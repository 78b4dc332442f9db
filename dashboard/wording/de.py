"""Deutsch. What the names mean, English says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from dashboard.wording.common import ALL_PRODUCTS, BRAND, Metric, capitalised, shortened
from dashboard.wording.formats import NARROW_SPACE, Numbers
from lookup import encoder
from lookup.schema import CATEGORY_SLICE

NAME = "Deutsch"
NUMBERS = Numbers(decimal=",", thousands=".", before_percent=NARROW_SPACE, currency_first=False)
number, digits, price, share, percent, size = (
    NUMBERS.number,
    NUMBERS.digits,
    NUMBERS.price,
    NUMBERS.share,
    NUMBERS.percent,
    NUMBERS.size,
)


def moment(time: datetime) -> str:
    return f"{time.day}.{time.month}.{time.year} um {time:%H:%M} Uhr (UTC)"


TAGLINE = "Empfehlungen zum Durchklicken und Verstehen."

PAGES = {
    "/": "Katalog",
    "/clusters": "Cluster",
    "/describe": "Beschreiben",
    "/picture": "Bild",
    "/quality": "Qualität",
    "/about": "Daten",
}
PAGES_LABEL = "Seiten"
SKIP_TO_CONTENT = "Zum Inhalt springen"
THEME = "Hell oder dunkel"
SWITCH_THEME = "Zwischen hell und dunkel wechseln"
LANGUAGE = "Sprache"
ABOUT_THIS_DATA = "Über diese Daten"
NO_SCRIPT = "Diese Seite braucht JavaScript."
NOT_FOUND = "Nicht gefunden"
NO_SUCH_PAGE = "Diese Seite gibt es nicht"
NOTHING_AT = "Hier ist nichts: "
GO_TO_CATALOGUE = "Zum Katalog"


def rated(rating: float) -> str:
    return f"{number(rating, 1)} von 5 Sternen"


def without_picture(title: str) -> str:
    return f"{title} (ohne Bild)"


def asked_again_in(seconds: int) -> str:
    return f"Das sind viele Anfragen auf einmal. Diese wird in {seconds} s noch einmal gestellt."


SIGNALS = {
    "blend": ("Das Beste von allem", "Produkte, bei denen sich die anderen Signale einig sind."),
    "bought_together": ("Zusammen gekauft", "Produkte, die in denselben Bestellungen stehen."),
    "similar_company": (
        "In gleicher Gesellschaft",
        "Produkte, die mit den gleichen Dingen gekauft werden; oft ersetzt das eine das andere.",
    ),
    "visual": ("Sieht ähnlich aus", "Produkte, deren Bilder die gleiche Art von Gegenstand zeigen."),
    "style": ("Passt dazu", "Produkte anderer Kategorien, deren Bilder Farben, Textur und Muster teilen."),
    "reviews": ("Ähnlich beschrieben", "Produkte, die mit denselben Wörtern beschrieben werden."),
}

UNTRAINED = "untrainiertes Netz"
UNTRAINED_HINT = "Untrainiertes Netz: Es zeigt, wie alles funktioniert, nicht wie gut."

SORTS = {
    "popular": "Am beliebtesten",
    "rating": "Am besten bewertet",
    "price": "Preis aufsteigend",
    "price-down": "Preis absteigend",
    "title": "Titel",
}

SIGNAL = "Signal"
PRODUCTS = "Produkte"
CATEGORY = "Kategorie"
CLUSTER = "Cluster"
RECOMMENDATIONS = "Empfehlungen"

FAILED = "Etwas ist schiefgegangen"
FAILED_HINT = "Diese Seite konnte nicht aufgebaut werden. Warum, steht im Protokoll des Servers."
DAMAGED = "Ein Teil der Daten ist beschädigt"
DAMAGED_HINT = (
    "Das lässt sich nicht anzeigen: Die Tabelle dahinter ist beschädigt. Alles andere funktioniert; welche Datei es ist, steht "
    "im Protokoll des Servers."
)
NO_NEIGHBOURS = "Zu diesem Produkt wurde nichts gefunden."
SHOW_FEWER = "Weniger zeigen"
SHOW_MORE = "Mehr zeigen"
NOT_BUILT = "Nicht in den Tabellen dieses Shops: "
WHY_NOT = "Warum, steht unter „Über diese Daten“"


def show_all(n: int) -> str:
    return f"Alle {number(n)} zeigen"


def signal_name(signal: str) -> str:
    return SIGNALS[signal][0] if signal in SIGNALS else signal.replace("_", " ").capitalize()


def signal_sentence(signal: str) -> str:
    return SIGNALS[signal][1] if signal in SIGNALS else ""


NOUNS = {
    "product": ("Produkt", "Produkte"),
    "review": ("Bewertung", "Bewertungen"),
    "order": ("Bestellung", "Bestellungen"),
    "cluster": ("Cluster", "Cluster"),
    "recommendation": ("Empfehlung", "Empfehlungen"),
    "category": ("Kategorie", "Kategorien"),
}


def count(value: int, noun: str) -> str:
    one, several = NOUNS[noun]
    return f"{number(value)} {one if value == 1 else several}"


def exact_score(score: float) -> str:
    return f"Wert {digits(score)}"


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)


def cluster_title(number: int, label: str) -> str:
    return f"{number} · {label}"


def alike(signal: str, score: float) -> str:
    if signal == "style":
        return f"zu {percent(score)} der gleiche Stil"
    if signal == "reviews":
        return f"zu {percent(score)} gleich beschrieben"
    return f"sieht zu {percent(score)} gleich aus" if signal == "visual" else f"Wert {digits(score)}"


SAME_PHOTO = "dasselbe Foto"


def described_as(words: Sequence[str]) -> str:
    return f"beide beschrieben mit „{listed(words)}“"


def bought_together(orders: int) -> str:
    return f"zusammen gekauft in {number(orders)} {'Bestellung' if orders == 1 else 'Bestellungen'}"


def same_company(titles: Sequence[str]) -> str:
    return f"mit den gleichen Dingen gekauft: {listed([shortened(title, 60) for title in titles])}"


def agreed(signals: Sequence[str]) -> str:
    names = [signal_name(signal) for signal in signals]
    return " + ".join(name[:1].lower() + name[1:] for name in names)


STANDS_IN = "Zu diesem Produkt hat dieses Signal noch nichts; beliebte Produkte springen ein."


def popular_in(category: str | None) -> str:
    return f"Beliebt in {category}" if category else "Beliebt in diesem Shop"


API_LEAD = (
    "Empfehlungen als JSON, nur zum Lesen und ohne Schlüssel. Produktnummern stehen prozentkodiert in der Adresse, auch ihre "
    "Schrägstriche. Nur die Bilder, eingetippten Anfragen und ganzen Dateien des Dashboards sind in ihrer Zahl "
    "begrenzt."
)
API_FOR_PROGRAMS = "Programme bekommen dieselben Empfehlungen als JSON, oder alle als Datei: "
API_DESCRIPTION = "Die Beschreibung der Schnittstelle (OpenAPI)"


# Über diese Daten

SIGNALS_TITLE = "Signale"
SIGNALS_LEAD = "Wie viele Produkte eigene Nachbarn haben, und für wie viele beliebte Produkte ihrer Kategorie einspringen."
NO_SIGNALS = "Die Daten dieses Shops reichen für kein Signal."
FALLBACKS = "Einspringer"
NEIGHBOURS_EACH = "Nachbarn je Produkt"
NOTE = "Hinweis"
DETAILS = "Einzelheiten"
WHAT_IS_MISSING = "Was fehlt"
MISSING_SIGNALS = "Fehlende Signale"
WHY = "Warum"
NOTHING_MISSING = "Nichts fehlt: Jedes Signal wurde gebaut."
WHAT_WAS_LEFT_OUT = "Was weggelassen wurde"
LEFT_OUT_LEAD = (
    "Zeilen und Bilder, die nicht zu gebrauchen waren. Mit ihrer Zeilennummer stehen sie in der Datei rejects.parquet."
)
ROWS_LEFT_OUT = "Weggelassene Zeilen"
NOTHING_LEFT_OUT = "Nichts: Jede Zeile wurde verwendet."
WHAT_WAS_MENDED = "Was berichtigt wurde"
MENDED_LEAD = "Zeilen, die beim Lesen in Ordnung gebracht und verwendet wurden."
ROWS_MENDED = "Berichtigte Zeilen"
NOTHING_MENDED = "Nichts: Jede Zeile war in Ordnung."
FILE = "Datei"
WHAT = "Was"
ROWS = "Zeilen"
SIZE = "Größe"
SECTION = "Abschnitt"
INPUT_FILES = "Eingelesene Dateien"
LOOKUP_TABLES = "Tabellen"
NONE = "Keine."
SETTINGS = "Einstellungen"
SETTINGS_LEAD = "shop.toml, wie sie verstanden wurde, mit allen Vorgaben."
SHOW_SETTINGS = "Einstellungen zeigen"
FOR_PROGRAMS_TITLE = "Für Programme"
COUNTS: dict[str, str] = {
    "products": "Produkte",
    "reviews": "Bewertungen",
    "orders": "Bestellungen",
    "order_lines": "Bestellte Posten",
    "pictures": "Bilder",
}


def counted(name: str) -> str:
    return COUNTS.get(name) or name.replace("_", " ").capitalize()


def about_lead(shop: str) -> str:
    return f"Was {shop} mitgebracht hat, was daraus wurde und was weggelassen wurde."


def built_at(time: datetime) -> str:
    return f"Gebaut am {moment(time)}, Stand "


def served_by(version: str) -> str:
    return f". Angezeigt von {BRAND} {version}."


def in_all(size: str) -> str:
    return f"Zusammen {size}."


# Katalog

SEARCH = "Suche"
SEARCH_PLACEHOLDER = "Titel, Kategorie oder Wörter aus Bewertungen"
SORT_BY = "Sortieren nach"
FILTERS = "Filter"
CLOSE_FILTERS = "Filter schließen"
CLEAR_ALL = "Alle entfernen"
PRICE = "Preis"
ANY_CATEGORY, ANY_CLUSTER, ANY_PRICE = "Alle Kategorien", "Alle Cluster", "Alle Preise"
HAS_LABEL = "Produkte mit"
HAS = {"pictures": "Bild", "reviews": "Bewertungen", "orders": "Bestellungen"}
WITH = {"pictures": "Mit Bild", "reviews": "Mit Bewertungen", "orders": "Mit Bestellungen"}
PREVIOUS_PAGE, NEXT_PAGE = "Zurück", "Weiter"
PAGES_OF_PRODUCTS = "Seiten mit Produkten"
NOTHING_HINT = "Weniger oder andere Wörter finden vielleicht etwas. Oder nehmen Sie etwas von Ihrer Auswahl weg:"
NOTHING_AT_ALL_HINT = "Weniger oder andere Wörter finden vielleicht etwas."
SHOW_ALL_PRODUCTS = "Alle Produkte zeigen"


def filters(active: int) -> str:
    return f"{FILTERS} ({active})" if active else FILTERS


def found(total: int, page: int, pages: int, by_texts: int) -> str:
    where = f", Seite {number(page)} von {number(pages)}" if pages > 1 else ""
    share = f"{number(by_texts)} davon" if by_texts < total else "alle"
    return f"{count(total, 'product')}{where}" + (f" · {share} nach dem, was über sie geschrieben steht" if by_texts else "")


def show_found(total: int) -> str:
    return f"{count(total, 'product')} zeigen"


IN_REVIEWS, IN_DESCRIPTION = "in Bewertungen: ", "in der Beschreibung: "


def price_range(low: float | None, high: float | None, currency: str) -> str:
    least, most = (price(edge, currency, cents=edge % 1 != 0) for edge in (low or 0.0, high or 0.0))
    if low is None:
        return f"unter {most}"
    return f"{least} und mehr" if high is None else f"{least} bis {most}"


def without(part: str) -> str:
    return f"{part}: entfernen"


def found_without(part: str, total: int) -> str:
    return f"Ohne {part}: {count(total, 'product')}"


def quoted(text: str) -> str:
    return f"„{text}“"


def nothing_matches(text: str) -> str:
    return f"Nichts passt zu {quoted(text)}" if text else "Nichts passt zu dieser Auswahl"


def cluster_named(title: str) -> str:
    return f"{CLUSTER} {title}"


def unknown_cluster(number: int) -> str:
    return f"{number}: unbekannt"


# Cluster, Beschreiben, Bild, Qualität

_metric = partial(Metric, NUMBERS)

METRICS = {
    "hit_rate": _metric(
        "Trefferquote", "Wie oft mindestens eine der ersten Empfehlungen in der Bestellung des Produkts steht.", True
    ),
    "ndcg": _metric("NDCG", "Wie Recall, aber eine richtige Empfehlung zählt mehr, je weiter oben sie steht; 1 ist perfekt."),
    "recall": _metric("Recall", "Der Anteil der übrigen Produkte einer Bestellung, den die ersten Empfehlungen enthalten.", True),
    "mrr": _metric(
        "Mittlerer Kehrwert des Rangs", "Eins durch den Rang der ersten richtigen Empfehlung: 1 für den ersten, 0,5 den zweiten."
    ),
    "coverage": _metric(
        "Abdeckung",
        "Der Anteil der Produkte des Shops, die mindestens einmal empfohlen werden.",
        True,
        False,
        counted="products",
    ),
    "same_category": _metric(
        "Gleiche Kategorie",
        "Der Anteil der Empfehlungen aus der eigenen Kategorie des Produkts.",
        True,
        False,
        counted="products",
    ),
    "popularity_percentile": _metric(
        "Beliebtheit",
        "Wie beliebt die empfohlenen Produkte sind: der Anteil der Produkte, die weniger beliebt sind, 50 % bei Zufall.",
        True,
        False,
        counted="products",
    ),
    "concentration": _metric(
        "Konzentration",
        "Wie ungleich sich Empfehlungen verteilen (Gini): 0, wo jedes Produkt gleich oft empfohlen wird, fast 1, wo nur wenige.",
        to_be_high=False,
        counted="products",
    ),
    "purity": _metric(
        "Reinheit der Cluster",
        "Der Anteil der Produkte, die der häufigsten Kategorie ihres Clusters angehören.",
        True,
        counted="clustered",
    ),
    "nmi": _metric(
        "Cluster und Kategorien (NMI)",
        "Wie viel der Cluster eines Produkts über seine Kategorie sagt und umgekehrt: von 0 bis 1.",
        counted="clustered",
    ),
    "judged_precision": _metric(
        "Von Menschen für gut befunden",
        "Der Anteil der auf Produktseiten beurteilten Empfehlungen, die für gut befunden wurden.",
        True,
        counted="judgements",
    ),
}
COUNTED = {
    "queries": "Anfragen",
    "products": "Produkte",
    "clustered": "Produkte in Clustern",
    "judgements": "Urteile",
    "count": "Anzahl",
}

MEASURE = "Maß"
MORE_MEASURES = "Weitere Maße"
VALUE = "Wert"
SAME_IN_NUMBERS = "Dasselbe in Zahlen"
QUALITY_LEAD = "Wie gut die Empfehlungen jedes Signals sind, gemessen."
QUALITY_LEADS = {
    "queries": (
        "Einige Bestellungen blieben beim Bauen der Signale beiseite. Jedes ihrer Produkte bittet nun um Empfehlungen: Wie viele "
        "der übrigen Produkte der Bestellung sind darunter?"
    ),
    "products": "Gemessen an den fertigen Empfehlungen aller Produkte; Bestellungen braucht es dafür nicht.",
    "clustered": (
        "Cluster entstehen allein aus Bewertungen und kennen keine Kategorien. Zufall: dieselben Produkte, zufällig auf gleich "
        "große Cluster verteilt."
    ),
    "judgements": (
        "Daumen hoch und runter, exportiert aus den Browsern derer, die geurteilt haben. Menschen beurteilen, was sie gerade "
        "sehen, den Anfang einer Liste mehr als ihr Ende: Vergleichen Sie nur Signale mit etwa gleich vielen Urteilen."
    ),
}
BASELINES = {"popularity": "die beliebtesten Produkte", "chance": "eine zufällige Auswahl"}
INTERVALS = "Die Linien sind 95-%-Intervalle: Wo sich zwei nicht überschneiden, ist der Unterschied kaum Zufall."
NO_INTERVAL = "Ohne Intervall: Das ist eine Zahl für den ganzen Shop, kein Mittel über Produkte."
NOTHING_MEASURED = "Noch ist nichts gemessen"
NOT_MEASURED = "Wie gut die Empfehlungen sind, wurde nicht gemessen. Dieser Befehl misst es: "


def metric(name: str) -> Metric:
    return METRICS.get(name) or _metric(name.replace("_", " ").capitalize(), "", counted="count")


def metric_at(name: str, k: int) -> str:
    return f"{name} bei {k}"


def at_k(k: int) -> str:
    return f"bei {k}"


def interval_ends(title: str) -> tuple[str, str]:
    return f"{title}, 95 % von", f"{title}, 95 % bis"


def from_to(low: str, high: str) -> str:
    return f"{low} bis {high}"


def quality_legend(baselines: Sequence[str], *, intervals: bool) -> str:
    hollow = f"Hohl: zum Vergleich, {' oder '.join(BASELINES[name] for name in baselines)}." if baselines else ""
    return " ".join(filter(None, ["Gefüllt: ein Signal.", hollow, INTERVALS if intervals else NO_INTERVAL]))


def slice_name(name: str) -> str:
    if name.startswith(CATEGORY_SLICE):
        return name.removeprefix(CATEGORY_SLICE)
    return "Alle Produkte" if name == ALL_PRODUCTS else name.replace("->", "→")


def slice_sentence(name: str) -> str:
    asking, arrow, answering = name.partition(" -> ")
    if not arrow or name.startswith(CATEGORY_SLICE):
        return ""
    return (
        f"Hier fragt jedes Produkt aus {asking}, und nur Produkte aus {answering} antworten. Alle Bestellungen zählen, nicht nur "
        "die beiseitegelegten: Die Beliebtheit kennt sie und sieht besser aus, als sie ist; die gezeigten Signale kennen keine."
    )


def best_beside(named: Sequence[tuple[str, str]]) -> str:
    (best, value), *others = named
    against = " und ".join(f"{other_value} für {other}" for other, other_value in others)
    return f"{best}: {value}, gegenüber {against}."


SWEEP_TITLE = "Wie streng soll „Zusammen gekauft“ sein?"
SWEEP_LEAD = (
    "Dieselben Empfehlungen mit anderen Einstellungen: in wie vielen Bestellungen ein Paar zusammen stehen muss (min_orders in "
    "shop.toml) und wie hoch sein Wert sein muss (min_score). Erprobt werden sie an beiseitegelegten Bestellungen; keine davon "
    "zählt bei den Maßen oben mit."
)
SWEEP_LEGEND = (
    "Jede Linie verlangt so viele Bestellungen, wie an ihrem rechten Ende stehen; nach rechts steigt der kleinste Wert. Der Ring "
    "zeigt die geltenden Einstellungen. Gepunktet: womit verglichen wird."
)
LEAST_ORDERS = "Bestellungen mindestens"
LEAST_SCORE = "Wert mindestens"
SWEEP_METRICS = {
    "hit_rate": _metric(
        "Trefferquote",
        "Wie oft mindestens eine der ersten Empfehlungen in der Bestellung steht. Ein strengerer Wert kann sie nur senken.",
        True,
    ),
    "precision": _metric(
        "Genauigkeit",
        "Der Anteil der gezeigten Empfehlungen, die in der Bestellung stehen: Ihn soll ein strengerer Wert heben.",
        True,
    ),
    "same_category": _metric(
        "Gleiche Kategorie",
        "Der Anteil der Empfehlungen aus der eigenen Kategorie: Was ergänzt, kommt aus anderen; was ersetzt, aus derselben.",
        True,
    ),
    "coverage": _metric("Abdeckung", "Der Anteil der Produkte des Shops, denen noch eine Empfehlung bleibt.", True),
}
IN_FORCE = "gilt"
NO_SWEEP = "Andere Einstellungen werden an beiseitegelegten Bestellungen erprobt. Diese Tabellen entstanden ohne Bestellungen."
NOT_SWEPT = "Andere Einstellungen wurden nicht erprobt, oder zu wenige Bestellungen lagen beiseite. Dieser Befehl erprobt sie: "

WORST_TITLE = "Wo am meisten danebenging"
BOUGHT_WITH_IT = "Dazu gekauft"
RECOMMENDED_INSTEAD = "Stattdessen empfohlen"


def worst_lead(k: int) -> str:
    listed_first = "die erste Empfehlung stand nie" if k == 1 else f"keine der ersten {number(k)} Empfehlungen stand"
    return f"Nach diesen Produkten fragten beiseitegelegte Bestellungen am häufigsten, doch {listed_first} darin."


def asked_by(orders: int) -> str:
    return f"in {number(orders)} beiseitegelegten {'Bestellung' if orders == 1 else 'Bestellungen'}"


def in_numbers(metric: str) -> str:
    return f"{metric} in Zahlen"


def compared_with(baseline: str, value: str, interval: str) -> str:
    return f"{capitalised(BASELINES[baseline])}: {value}{f' ({interval})' if interval else ''}."


def settings_named(min_orders: int, min_score: float) -> str:
    least = f"einem Wert von mindestens {digits(min_score, 6)}" if min_score > 0 else "beliebigem Wert"
    return f"{number(min_orders)} oder mehr gemeinsamen Bestellungen und {least}"


def score_from(min_score: float) -> str:
    return f"Wert ab {digits(min_score, 6)}"


def none_better(value: str) -> str:
    return f"Keine andere erprobte Einstellung hat eine höhere Trefferquote als die geltende mit {value}."


def better_tried(in_force: str, best: str, settings: str, *, within: bool) -> str:
    chance = "; der Unterschied kann Zufall sein" if within else ""
    return f"Trefferquote, wie es gilt: {in_force}. Beste erprobte: {best}, mit {settings}{chance}."


MAPS = {"reviews": "Ähnlich beschrieben", "look": "Sieht ähnlich aus", "style": "Gleicher Stil"}
CLUSTERS_LEAD = (
    "Jeder Punkt ist ein Produkt. Was nah beieinander liegt, wird ähnlich beschrieben, sieht ähnlich aus oder teilt einen Stil."
)
NO_MAPS = "Karten brauchen Bewertungen, Beschreibungen oder Bilder; die Tabellen dieses Shops entstanden ohne."
MAP_ABOUT = {
    "reviews": "Nah beieinander: Produkte, die mit denselben Wörtern beschrieben werden.",
    "look": "Nah beieinander: Produkte, deren Bilder ähnlich aussehen.",
    "style": "Nah beieinander: Produkte, deren Bilder Farben, Textur und Muster teilen.",
}
MAP_FAILED = "Die Karte konnte nicht geladen werden. Alles andere auf dieser Seite funktioniert ohne sie."
TRY_AGAIN = "Noch einmal versuchen"
NO_MAPS_TITLE = "Es gibt noch keine Karte"
MAP = "Karte"
COLOUR_BY = "Farbe"
COLOURS = {
    "cluster": "Cluster",
    "category": "Kategorie",
    "rating": "Bewertung",
    "price": "Preis",
    "popularity": "Beliebtheit",
}
SIZE_BY = "Größe"
SIZE_BY_POPULARITY = "Nach Beliebtheit"
LEGENDS = {
    "cluster": "Cluster",
    "category": "Kategorien",
    "rating": "Bewertung",
    "price": "Preis",
    "popularity": "Beliebtheit",
}
LEVELS_LEAD = "Nach Rang: Die Hälfte der Produkte liegt links der Mitte."
NOT_KNOWN = "nicht bekannt"
SHOW_ALL = "Alle zeigen"
SEARCH_MAP = "Auf der Karte finden"
MAP_TOOLS = "Werkzeuge der Karte"
MAP_TOOL = {
    "move": "Karte verschieben",
    "box": "Produkte mit einem Rechteck auswählen",
    "lasso": "Produkte mit dem Lasso auswählen",
    "in": "Vergrößern",
    "out": "Verkleinern",
    "whole": "Ganze Karte zeigen",
    "png": "Karte als PNG herunterladen",
    "svg": "Karte als SVG herunterladen",
}
MAP_KEYS = (
    "Karte der Produkte. Pfeiltasten verschieben sie, Plus und Minus vergrößern und verkleinern, 0 zeigt alles, die Eingabetaste "
    "öffnet das Produkt in der Mitte. Die Tabelle darunter sagt dasselbe in Worten."
)
PART_OF = "{part} von {whole}"
LEGEND_COUNTS = {
    "all": "Anzahl der Produkte",
    "all-in-view": "Produkte im Ausschnitt, von allen",
    "shown": "Gezeigte Produkte, von allen",
    "shown-in-view": "Gezeigte Produkte im Ausschnitt, von allen",
    "found": "Gefundene Produkte, von allen",
    "found-in-view": "Gefundene Produkte im Ausschnitt, von allen",
    "chosen": "Ausgewählte Produkte, von allen",
}
ALL_CLUSTERS = "Worum es in den Clustern geht"
COMMON_WORDS = "Gemeinsame Wörter: "
TAKE_CSV = "Als CSV herunterladen"
TAKE_FAILED = "Die Datei konnte nicht erstellt werden. Seite neu laden, dann noch einmal versuchen."
CLEAR_CHOICE = "Auswahl aufheben"
NEAREST_BY = "Am nächsten nach"
OPEN_PRODUCT = "Seite öffnen"
CLOSE_PANEL = "Schließen"
OFF_THE_MAP = "Für diese Karte fehlen seine Daten."
AS_TABLE = "Die Karte als Tabelle"
MEAN_RATING = "Mittlere Bewertung"
MEDIAN_PRICE = "Mittlerer Preis (Median)"


def found_on_map(products: int, text: str) -> str:
    return f"{count(products, 'product')} zu „{shortened(text, 40)}“ gefunden"


CHOSEN_BELOW = "Die ausgewählten Produkte stehen unten"


def chosen_on_map(products: int) -> str:
    return f"{count(products, 'product')} ausgewählt"


def first_shown(shown: int) -> str:
    return f"Die {number(shown)} beliebtesten:"


def shared_by(word: str, products: int, looked_at: int) -> str:
    return f"{word} ({number(products)} von {number(looked_at)})"


def map_caption(name: str, placed: int, products: int) -> str:
    left_out = products - placed
    lacking = f" Für {count(left_out, 'product')} fehlen die Daten zu dieser Karte." if left_out else ""
    return f"{MAP_ABOUT[name]}{lacking} Ziehen verschiebt, Scrollen vergrößert, ein Klick auf einen Punkt öffnet sein Produkt."


def and_more(groups: int) -> str:
    return f"und {number(groups)} weitere"


def all_in_catalogue(products: int) -> str:
    return f"{count(products, 'product')} im Katalog zeigen"


DESCRIBE_LEAD = (
    "Schreiben Sie, was Sie suchen, so wie in einer Bewertung, und sehen Sie die Produkte, die mit denselben Wörtern "
    "beschrieben werden."
)
DESCRIBE_PLACEHOLDER = "stabil und bequem, warme Farben, leicht zu reinigen …"
YOUR_WORDS = "Ihre Worte"
EXAMPLES = "Beispiele"
TRY = "Zum Beispiel"
WORDS_THAT_COUNT = "Diese Wörter zählen"
CLOSEST_CLUSTER = "Der nächste Cluster"
IN_CLOSEST_CLUSTER = "im nächsten Cluster"
BEST_MATCHES = "Was am besten passt"
MORE_FROM_CLUSTER = "Mehr aus dem nächsten Cluster"
NO_WORDS_TITLE = "Es gibt keine Wörter, in denen sich suchen ließe"
NO_KNOWN_WORD_TITLE = "Keines dieser Wörter unterscheidet Produkte"
NO_WORDS = "Diese Tabellen enthalten keine Wörter aus Bewertungen oder Beschreibungen. "
NO_KNOWN_WORD = "Keine Bewertung verwendet sie, kaum eine oder fast jede. Versuchen Sie eines der Beispiele oder andere Wörter."
NOT_COUNTED = "Nicht gezählt, weil keine Bewertung sie verwendet, kaum eine oder fast jede: "
SHORTENED = "Das ist ein langer Text: Nur sein Anfang zählt."
OR = " oder "


def did_you_mean(word: str) -> str:
    return f"„{word}“ findet nichts. Meinten Sie "


def used_by(products: int) -> str:
    return f" ({count(products, 'product')})"


def matches_of(total: int, shown: int) -> str:
    found = f"{count(total, 'product')} {'teilt' if total == 1 else 'teilen'} ein Wort mit Ihren"
    return f"{found}; die besten {number(shown)}:" if total > shown else f"{found}:"


def shares_words(score: float, words: Sequence[str]) -> str:
    return f"{percent(score)}: {listed(words)}"


PICTURE_LEAD = "Zeigen Sie ein Bild, und sehen Sie, welche Produkte ihm ähneln und was dazu passt."
NO_ENCODER = "Zu diesen Tabellen gehört kein Netz, das Bilder liest."
DROP_PICTURE = "Bild hierher ziehen, einfügen oder auswählen"
UPLOAD_HINT = "JPEG, PNG oder WebP, bis 8 MB. Es wird nur im Arbeitsspeicher betrachtet und nirgends aufbewahrt."
TRY_SAMPLES = "Oder eines aus dem Shop:"
YOUR_PICTURE = "Ihr Bild"
ALL_OTHER_CATEGORIES = "Alle anderen Kategorien"
NOT_READABLE = "Das kam nicht als Bild an. Wählen Sie eine JPEG-, PNG- oder WebP-Datei."
NO_VECTORS = "Diese Tabellen enthalten keine Vektoren, mit denen sich das Bild vergleichen ließe."
NO_MATCHES = "In dieser Kategorie passt nichts zu dem Bild."
PICTURE_GONE = "Dieses Bild hat der Shop nicht oder nicht mehr."
NO_PICTURES_COMPARED = "Bilder lassen sich hier nicht vergleichen"
LOOK_ALIKES = "Sieht ähnlich aus"
GOES_WITH_IT = "Passt dazu"
OTHER_FORMAT = "Diese Datei lässt sich nicht verwenden: Sie ist kein JPEG-, PNG- oder WebP-Bild."
SHOW_NETWORK = "Zeigen, was das Netz sieht"
NETWORK_SEES = "Was das Netz sieht"
NETWORK_SEES_LEAD = (
    "Die Merkmalskarten, die in jedem Block des Netzes am stärksten antworten, die stärkste zuerst. Hell ist, wo es eines seiner "
    "Muster gefunden hat; je später der Block, desto größer das Muster."
)


NETWORKS_ASKED = {
    "float32": "Hier gefragt: das volle Netz (float32).",
    "float16": "Hier gefragt: das ausgelieferte Netz (16 Bit).",
    "int8": "Hier gefragt: das ausgelieferte Netz (8 Bit).",
}


def blocks_needed(n: int, of: int) -> str:
    return f"Die Empfehlungen dieses Shops brauchen nur {n} von {of} Blöcken des Netzes."


def network_block(number: int) -> str:
    return f"Block {number}"


def feature_map(block: int, place: int) -> str:
    return f"Merkmalskarte {place} von Block {block}"


def read_from(width: int, height: int, side: int) -> str:
    return (
        f"Gelesen aus dem kleinen Bild des Shops mit {width}\u00a0×\u00a0{height} Pixeln. Das Netz selbst betrachtet "
        f"{side}\u00a0×\u00a0{side}."
    )


def too_large(most: int) -> str:
    return f"Diese Datei ist zu groß: Ein Bild darf {number(most / 1e6)} MB haben."


def too_many_pixels(most: int) -> str:
    return (
        f"Dieses Bild hat zu viele Pixel. Verkleinern Sie es auf höchstens {number(most / 1e6)} Millionen und wählen Sie es "
        "noch einmal."
    )


_REASONS = {
    encoder.EMPTY: "Sie ist leer",
    encoder.TOO_MANY_BYTES: "Sie ist zu groß",
    encoder.NOT_A_PICTURE: "Sie ist kein Bild in einem bekannten Format",
    encoder.TOO_MANY_PIXELS: "Das Bild hat zu viele Pixel",
    encoder.DAMAGED: "Das Bild ist abgeschnitten oder beschädigt",
}


def refused(reason: str) -> str:
    why = _REASONS.get(reason, reason)
    return f"Diese Datei lässt sich nicht verwenden: {why}. Wählen Sie eine JPEG-, PNG- oder WebP-Datei."


def taken_for(category: str) -> str:
    return f"Die meisten ähnlichen Produkte sind in {category}"


# Das Produkt, der Vergleich zweier Produkte, Urteile über Empfehlungen

BREADCRUMB = "Brotkrumen"
BEFORE_AND_AFTER = "Produkte davor und danach"
PREVIOUS_PRODUCT = "Zurück"
NEXT_PRODUCT = "Weiter"
FACTS = {
    "category": "Kategorie",
    "cluster": "Cluster",
    "price": "Preis",
    "rating": "Bewertung",
    "reviews": "Bewertungen",
    "orders": "Gekauft in",
    "id": "Produktnummer",
}
SEE_IN_SHOP = "Im Shop ansehen"
COPY_LINK = "Link kopieren"
LINK_COPIED = "Link kopiert."
LINK_NOT_COPIED = "Ihr Browser erlaubt das nicht; kopieren Sie stattdessen die Adresse."
CLOSE = "Schließen"
NOT_SHOWN = "Nicht gezeigt"
NO_SUCH_PRODUCT = "Dieses Produkt gibt es nicht"
NO_PRODUCT_WITH_ID = "Dieser Shop hat kein Produkt mit der Nummer "
PERHAPS_THESE = "Vielleicht eines von diesen"
NARROW_DOWN = "Empfehlungen eingrenzen"
ALL_CATEGORIES = "Alle Kategorien"
LEAST_PRICE = "Preis ab"
MOST_PRICE = "Preis bis"


def previous_product(title: str) -> str:
    return f"Voriges Produkt: {title}"


def next_product(title: str) -> str:
    return f"Nächstes Produkt: {title}"


def enlarge(title: str) -> str:
    return f"Bild vergrößern: {title}"


def category_with(name: str, products: int) -> str:
    return f"{name} ({number(products)})"


NOTHING_FITS = "Nichts passt zu dieser Auswahl"
NOTHING_FITS_HINT = "Die Empfehlungen zu diesem Produkt haben andere Kategorien oder Preise."
NONE_FITS = "Hier passt nichts zur gewählten Kategorie und zum gewählten Preis."


def show_unfiltered(n: int) -> str:
    return "Die eine Empfehlung jeder Art zeigen" if n == 1 else f"Alle {number(n)} Empfehlungen jeder Art zeigen"


def place_in_list(place: int, n: int) -> str:
    return f"{number(place)} von {number(n)}"


def in_brief(signal: str, score: float, reason: str) -> str:
    if signal == "similar_company":
        return f"zu {percent(score)} die gleiche Gesellschaft"
    return alike(signal, score) if signal == "reviews" else reason


def also(others: Sequence[str]) -> str:
    return f"Außerdem: {listed(others)}"


def signals_agree(n: int, asked: int) -> str:
    return f"{number(n)} von {number(asked)} Signalen sind sich einig" if n > 1 else f"{number(n)} Signal von {number(asked)}"


def in_detail(parts: Sequence[str]) -> str:
    return capitalised(listed(parts))


COMPARE = "Vergleichen"
COMPARE_LEAD = "Zwei Produkte nebeneinander: was sie gemeinsam haben, und welche Signale das eine zum anderen empfehlen."
CHOOSE_SECOND = "Wählen Sie ein Produkt zum Vergleichen:"
CHOOSE_FIRST = "Öffnen Sie ein Produkt und folgen Sie „Vergleichen“ unter einer seiner Empfehlungen."
SWAP = "Seiten tauschen"
FACT = "Angabe"
FACTS_OF_BOTH = "Angaben"
WHAT_THEY_SHARE = "Was sie gemeinsam haben"
SHARED_WORDS = "Wörter aus Bewertungen"
SHARED_ORDERS = "Bestellungen"
SHARED_COMPANY = "Mit beiden gekauft"
WHO_LISTS_WHOM = "Welche Signale das Paar führen"
NOT_COMPARED_WORDS = "Nicht bekannt: Diese Tabellen enthalten keine Wörter aus Bewertungen."
NO_SHARED_WORDS = "Keine unter den Wörtern, die am meisten über sie sagen."
NOT_COMPARED_ORDERS = "Nicht bekannt: Diese Tabellen enthalten keine Bestellungen."
FEW_SHARED_ORDERS = (
    "Nicht bekannt: Keines steht auf der Liste des anderen, und nur zu dem, was auf ihr steht, sind die Bestellungen verzeichnet."
)
NOT_COMPARED_COMPANY = "Nicht bekannt: Keines steht beim anderen unter „In gleicher Gesellschaft“."
NOT_COMPARED_PICTURES = "Nicht bekannt: Eines der beiden hat kein Bild, oder diese Tabellen enthalten keine Vektoren."
STANDS_IN_SHORT = "beliebte Produkte springen ein"


def compare_with(title: str) -> str:
    return f"Mit {title} vergleichen"


def on_list_of(title: str) -> str:
    return f"Auf der Liste von {title}"


def at_rank(rank: int, reason: str) -> str:
    return f"Rang {number(rank)}: {reason}"


def not_listed(k: int) -> str:
    return f"nicht unter den ersten {number(k)}"


def shared_orders(orders: int) -> str:
    return f"{count(orders, 'order')} {'enthält' if orders == 1 else 'enthalten'} beide."


def share_words(words: Sequence[str]) -> str:
    return f"„{listed(words)}“"


JUDGED = "Ihre Urteile"
JUDGE_LEAD = (
    "Ist eine Empfehlung gut? Sagen Sie es mit den Daumen darunter. Ihre Urteile bleiben in diesem Browser, bis Sie sie "
    "exportieren; wer die Tabellen baut, misst mit der Datei: "
)
FEEDBACK_COMMAND = "python -m precompute evaluate shop.toml --feedback judged.csv"
NONE_JUDGED = "Noch nichts beurteilt."
ONE_JUDGED = "1 Empfehlung beurteilt."
MANY_JUDGED = "{n} Empfehlungen beurteilt."
NOT_KEPT = "Dieser Browser merkt sich zwischen den Seiten nichts; Urteile lassen sich hier nicht sammeln."
EXPORT_JUDGED = "Als CSV exportieren"
CLEAR_JUDGED = "Löschen"
RESTORE_JUDGED = "Löschen rückgängig machen"
GOOD = "Gute Empfehlung"
BAD = "Schlechte Empfehlung"


# Güte, Kategorie für Kategorie

CATEGORY_BY_CATEGORY = "Empfiehlt jede Kategorie sich selbst?"
CATEGORY_BY_CATEGORY_LEAD = (
    "Der Anteil der Empfehlungen aus der eigenen Kategorie des Produkts, für die größten Kategorien. Ähnliches Aussehen liegt "
    "hoch, wo eine Kategorie ein Gesicht hat; was zusammenpasst, kommt aus anderen."
)


# Mitnehmen

TAKE_ALONG = "Mitnehmen"
TAKE_ALONG_LEAD = "Alle Empfehlungen als Datei, oder eine Antwort nach der anderen für Programme. Ohne Anmeldung."
ALL_RECOMMENDATIONS = "Alle Empfehlungen"
ALL_SIGNALS = "Alle Signale"
FILES = "Dateien"
EXPORT_LEAD = (
    "Eine Zeile je Empfehlung. Auch große Dateien beginnen sofort, denn sie entstehen beim Senden, immer eine nach der anderen."
)
EXPORT_COLUMNS = {
    "product_id": "Das Produkt, neben dem die Empfehlung steht.",
    "signal": "Die Tabelle, aus der sie kommt.",
    "rank": "Von 1 an, die beste zuerst.",
    "recommended_id": "Das empfohlene Produkt.",
    "score": "Nur innerhalb eines Signals vergleichbar.",
    "reason": "Warum es empfohlen wird, in Worten (englisch).",
    "fallback": "Wahr, wo ein beliebtes Produkt einspringt, weil das Signal nichts oder nichts weiter weiß.",
    "title": "Der Titel des Produkts, neben dem die Empfehlung steht.",
    "recommended_title": "Der Titel des empfohlenen Produkts.",
}
WHAT_STANDS_IN = "Was in den Dateien steht"
COLUMN = "Spalte"
CSV_HINT = (
    "CSV öffnet jede Tabellenkalkulation: Vor einem Text, den sie für eine Formel hielte, steht ein Apostroph. JSON Lines ist "
    "ein Objekt je Zeile, Parquet ist am kleinsten."
)
WHAT_WAS_MEASURED = "Was gemessen wurde"
MEASURED_FILES = {
    "metrics": "Güte jedes Signals",
    "sweep": "Andere Einstellungen von „Zusammen gekauft“",
    "worst": "Wo am meisten danebenging",
}
FORMATS = {"csv": "CSV", "json": "JSON", "jsonl": "JSON Lines", "parquet": "Parquet", "png": "PNG", "svg": "SVG"}
ONE_AT_A_TIME = "Eine Antwort nach der anderen"
ASK_FOR = {
    "product": "Was über ein Produkt bekannt ist",
    "recommendations": "Was dazu empfohlen wird",
}
PARAMETERS = {
    "signal": "Warum Produkte zusammen empfohlen werden; ohne Angabe das erste.",
    "k": "Höchstens so viele Empfehlungen; ohne Angabe alle.",
    "category": "Nur Produkte dieser Kategorie.",
}
PARAMETER = "Angabe"
TAKES = "Erlaubt"
ANSWER = "Antwort"
TRY_IT = "Ausprobieren"


def take_as(what: str, file_format: str) -> str:
    return f"{what} als {file_format}"


def whole_numbers(least: int, most: int) -> str:
    return f"{number(least)} bis {number(most)}"
