"""Publish recommendations into a PostgreSQL database: new tables beside the live ones, then one swap.

A release is one transaction. It makes ``products_next`` and ``recommendations_next``, fills and indexes them, and gives them the
live tables' names, whose own become ``products_previous`` and ``recommendations_previous``. However a run ends before its
commit, the database undoes all of it. ``releases`` lists what was ever published.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pyarrow import csv

from dashboard.all_recommendations import recommended
from dashboard.store import Build
from lookup import schema as tables
from lookup.lock import Busy
from precompute.errors import BadInput
from precompute.report import Report

ADDRESS = "AISLE_DATABASE_URL"
CONNECT_SECONDS = 10
LOCK_MILLISECONDS = 500
"""How long one try waits for the live tables. Readers queue behind it; and it is below the second after which PostgreSQL looks
for deadlocks and ends one of the two, which might be the reader."""
LOCK_TRIES = 60
MARK = "Made by Aisle"
"""Begins the comment of every table that a release may rename or drop: a shop's own table of the same name has none."""
IS_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
IS_URL = re.compile(r"postgres(ql)?://([^@/?#]*@)?[^@]*")
"""Elsewhere an ``@`` ends a password with an unescaped ``/``, ``?``, ``#`` or ``@``, of which a piece would pass for a host."""
NUL = "\x00"
INSTEAD_OF_NUL = "\N{REPLACEMENT CHARACTER}"
NEXT, LIVE, PREVIOUS = "_next", "", "_previous"
NAMES = ("products", "recommendations")
TABLES = ["releases", *(f"{name}{generation}" for generation in (NEXT, LIVE, PREVIOUS) for name in NAMES)]

PRODUCTS = """
create table {schema}.products_next (
    product_id text not null,
    title text,
    category text,
    price double precision,
    url text,
    rating real,
    n_reviews integer not null,
    n_orders integer not null
)"""
PRODUCT_COLUMNS = ["product_id", "title", "category", "price", "url", "rating", "n_reviews", "n_orders"]
RECOMMENDATIONS = """
create table {schema}.recommendations_next (
    product_id text not null,
    signal text not null,
    rank integer not null,
    recommended_id text not null,
    score real not null,
    reason text not null,
    fallback boolean not null
)"""
RECOMMENDATION_COLUMNS = ["product_id", "signal", "rank", "recommended_id", "score", "reason", "fallback"]
RELEASES = """
create table {schema}.releases (
    id bigint generated always as identity primary key,
    build text not null,
    published_at timestamptz not null,
    products bigint not null,
    recommendations bigint not null,
    shop text not null,
    state text not null check (state in ('live', 'previous', 'gone'))
)"""
INSERT_RELEASE = """
insert into {schema}.releases (build, published_at, products, recommendations, shop, state)
values (%s, %s, %s, %s, %s, 'live')"""
# After the rows, because indexes are quicker to make than to keep up.
INDEXES = [
    "alter table {schema}.products_next add primary key (product_id)",
    "alter table {schema}.recommendations_next add primary key (product_id, signal, rank)",
    "create index on {schema}.recommendations_next (recommended_id)",
    "alter table {schema}.recommendations_next add foreign key (product_id) references {schema}.products_next",
    "alter table {schema}.recommendations_next add foreign key (recommended_id) references {schema}.products_next",
    "analyze {schema}.products_next",
    "analyze {schema}.recommendations_next",
]


@dataclass(frozen=True)
class Release:
    """A row of ``releases``.

    Attributes
    ----------
    schema
        The schema it stands in.
    id
        Its number, rising.
    build, shop
        The lookup tables it was made from, and the shop's name.
    published_at
        UTC, ISO 8601.
    products, recommendations
        The tables' rows.
    """

    schema: str
    id: int
    build: str
    shop: str
    published_at: str
    products: int
    recommendations: int


def publish(build: Build, schema: str, signals: Sequence[str], k: int, report: Report) -> Release:
    """Load signals' recommendations and make them the live tables.

    Who may read the live tables may read the new ones. The tables that were live are kept for `roll_back`, those before
    are dropped.

    Parameters
    ----------
    build
        The lookup tables.
    schema
        The database's schema; made where it is missing.
    signals
        Names of signals of the build.
    k
        At most so many recommendations a product.
    report
        Hears of the progress.

    Raises
    ------
    BadInput
        The database can't be reached or refuses, the schema holds a table of the same name that is not Aisle's, the live
        tables stay in use, or a product id can't be stored.
    Busy
        Another run publishes into the same schema.
    DamagedCache
        A lookup table can't be read. After any of these, what was live is live.
    """
    with _connected(schema) as database:
        database.prepare()
        n_products = database.load("products_next", PRODUCT_COLUMNS, _products(build, report))
        rows = _recommendations(build, signals, k, report)
        n_recommendations = database.load("recommendations_next", RECOMMENDATION_COLUMNS, rows)
        with report.stage("index", rows=n_products + n_recommendations):
            database.run(*INDEXES)
        with report.stage("swap"):
            return database.make_live(build, n_products, n_recommendations)


def roll_back(schema: str) -> Release:
    """Put the tables before the live ones back. The live ones take their place, so that a second time undoes the first.

    Raises
    ------
    BadInput, Busy
        As `publish`; also where nothing was published before.
    """
    with _connected(schema) as database:
        return database.swap_back()


class _Database:
    """A transaction on a database, in one schema."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def run(self, *statements: LiteralString, **parts: sql.Composable) -> None:
        """Run statements in which ``{schema}`` and other parts stand for quoted names."""
        for statement in statements:
            self._connection.execute(self._composed(statement, **parts))

    def hold(self) -> None:
        """Keep other runs out of the schema until the transaction ends."""
        number = int.from_bytes(hashlib.sha256(f"aisle publish {self._schema}".encode()).digest()[:8], signed=True)
        if not self._value("select pg_try_advisory_xact_lock(%s)", number):
            raise Busy(f"schema {self._schema}: another run is publishing here; wait until it has ended")

    def prepare(self) -> None:
        """Make what is missing: the schema, ``releases``, and the empty tables of this release."""
        if self._value("select to_regnamespace(%s) is null", self._schema):
            self.run("create schema {schema}")
        if not self._exists("releases"):
            self.run(RELEASES)
            self._mark("releases")
        self._refuse_others()
        self.run(PRODUCTS, RECOMMENDATIONS)
        for name in ("products_next", "recommendations_next"):
            self._mark(name)

    def load(self, table: str, columns: Sequence[str], batches: Iterable[pa.Table]) -> int:
        """Fill a table made in this transaction, and say how many rows arrived.

        Frozen, so that a reader whose transaction began before this one's end finds all rows in the new table, and not none.
        """
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = self._composed(
            "copy {schema}.{table} ({names}) from stdin (format csv, freeze)", table=sql.Identifier(table), names=names
        )
        with self._connection.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for batch in batches:
                    copy.write(_csv(batch))
            return cursor.rowcount

    def make_live(self, build: Build, n_products: int, n_recommendations: int) -> Release:
        """Rename the three generations of tables, and tell so in ``releases``."""
        if self._exists("products"):
            self._give_rights_of_live(NEXT)
        self._lock_out_readers()
        self.run(
            "drop table if exists {schema}.recommendations_previous, {schema}.products_previous",
            "update {schema}.releases set state = case state when 'live' then 'previous' else 'gone' end where state <> 'gone'",
        )
        self._rename(LIVE, PREVIOUS)
        self._rename(NEXT, LIVE)
        row = (build.name, datetime.now(UTC), n_products, n_recommendations, build.shop.replace(NUL, INSTEAD_OF_NUL))
        self._connection.execute(self._composed(INSERT_RELEASE), row)
        return self._live()

    def swap_back(self) -> Release:
        """Let the live tables and those before change places, and tell so in ``releases``."""
        if not self._exists("products_previous"):
            raise BadInput(f"schema {self._schema} holds no release before the live one: nothing to roll back to")
        self._refuse_others()
        self._give_rights_of_live(PREVIOUS)
        self._lock_out_readers()
        self._rename(LIVE, NEXT)
        self._rename(PREVIOUS, LIVE)
        self._rename(NEXT, PREVIOUS)
        self.run(
            "update {schema}.releases set state = case state when 'live' then 'previous' else 'live' end where state <> 'gone'"
        )
        return self._live()

    def _lock_out_readers(self) -> None:
        """Wait until nobody reads the tables, and hold them; in short tries, between which waiting readers get through."""
        names = [f"{name}{generation}" for generation in (PREVIOUS, LIVE) for name in NAMES]
        found = [sql.Identifier(self._schema, name) for name in names if self._exists(name)]
        if not found:
            return
        self.run(f"set local lock_timeout = {LOCK_MILLISECONDS}")
        for _ in range(LOCK_TRIES):
            try:
                with self._connection.transaction():
                    self.run("lock table {wanted} in access exclusive mode", wanted=sql.SQL(", ").join(found))
                return
            except psycopg.errors.LockNotAvailable:
                continue
        seconds = LOCK_TRIES * LOCK_MILLISECONDS // 1000
        raise BadInput(f"schema {self._schema}: a transaction used its tables for {seconds} s; end it and try again")

    def _rename(self, before: str, after: str) -> None:
        for name in NAMES:
            if self._exists(f"{name}{before}"):
                table, new = sql.Identifier(f"{name}{before}"), sql.Identifier(f"{name}{after}")
                self.run("alter table {schema}.{table} rename to {new}", table=table, new=new)

    def _give_rights_of_live(self, generation: str) -> None:
        """Grant on a generation of tables exactly what is granted on the live ones."""
        for name in NAMES:
            table = sql.Identifier(f"{name}{generation}")
            for role in {role for role, _, _ in self._rights(f"{name}{generation}")}:
                self.run("revoke all on {schema}.{table} from {role}", table=table, role=_role(role))
            for role, right, may_pass_on in self._rights(name):
                parts = {
                    "right": sql.SQL(right),
                    "role": _role(role),
                    "option": sql.SQL("with grant option" if may_pass_on else ""),
                }
                self.run("grant {right} on {schema}.{table} to {role} {option}", table=table, **parts)

    def _rights(self, name: str) -> list[tuple[str | None, LiteralString, bool]]:
        """Whom else than its owner a table is open to: role (None for everybody), right, and whether the role may pass it on."""
        return self._connection.execute(
            """select case grantee when 0 then null else pg_get_userbyid(grantee) end, privilege_type, is_grantable
               from pg_class, aclexplode(relacl) where oid = %s::regclass and grantee <> relowner""",
            [self._quoted(name)],
        ).fetchall()

    def _refuse_others(self) -> None:
        """Leave alone what is not Aisle's: a schema may be the shop's own."""
        for name in TABLES:
            if self._exists(name) and not self._value(
                "select obj_description(%s::regclass) like %s", self._quoted(name), f"{MARK}%"
            ):
                raise BadInput(
                    f"{self._schema}.{name} was not made by Aisle and is left alone; choose another schema with --schema"
                )

    def _mark(self, name: str) -> None:
        self.run("comment on table {schema}.{table} is {mark}", table=sql.Identifier(name), mark=sql.Literal(MARK))

    def _exists(self, name: str) -> bool:
        return self._value("select to_regclass(%s) is not null", self._quoted(name))

    def _quoted(self, name: str) -> str:
        return sql.Identifier(self._schema, name).as_string()

    def _live(self) -> Release:
        row = self._connection.execute(
            self._composed(
                """select id, build, shop, published_at, products, recommendations from {schema}.releases where state = 'live'"""
            )
        ).fetchone()
        assert row is not None, "a swap always leaves one live"
        number, build, shop, published_at, products, recommendations = row
        when = published_at.astimezone(UTC).isoformat(timespec="seconds")
        return Release(self._schema, number, build, shop, when, products, recommendations)

    def _value(self, query: LiteralString, *parameters: object) -> Any:
        row = self._connection.execute(query, parameters).fetchone()
        assert row is not None, "a query without a table answers with one row"
        return row[0]

    def _composed(self, statement: LiteralString, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(statement).format(schema=sql.Identifier(self._schema), **parts)


@contextmanager
def _connected(schema: str) -> Iterator[_Database]:
    """A transaction in which no other run publishes into the schema; committed at the end, undone by any error."""
    if not IS_NAME.fullmatch(schema):
        raise BadInput("--schema must be a name of at most 63 letters a to z, digits and _, and not begin with a digit")
    try:
        with _connect() as connection:
            connection.execute("set local statement_timeout = 0")  # a role's own limit is meant for its questions
            database = _Database(connection, schema)
            database.hold()
            yield database
    except psycopg.Error as error:
        raise BadInput(f"the database refuses: {_said(error)}") from None


def _connect() -> psycopg.Connection:
    """Connect to the database that the environment names. No message of an error repeats a password."""
    address = os.environ.get(ADDRESS, "")
    try:
        if "://" in address and not IS_URL.fullmatch(address):
            raise psycopg.ProgrammingError
        known = conninfo_to_dict(address)
    except psycopg.ProgrammingError:  # its text quotes the address
        raise BadInput(
            f"{ADDRESS} can't be understood; it looks like postgresql://user:password@host:5432/database, "
            "with every special character of the password as % and its number"
        ) from None
    defaults = {"connect_timeout": CONNECT_SECONDS, "application_name": "aisle publish"}
    try:
        return psycopg.connect(**(defaults | known | {"client_encoding": "utf8"}))  # type: ignore[arg-type]
    except psycopg.Error as error:
        raise BadInput(f"the database can't be reached: {_said(error)}; {ADDRESS}, or PGHOST and the like, name it") from None


def _role(name: str | None) -> sql.Composable:
    return sql.Identifier(name) if name else sql.SQL("public")


def _said(error: psycopg.Error) -> str:
    """What the server said, else what the client did, in one line."""
    told = [error.diag.message_primary, error.diag.message_detail] if error.diag.message_primary else [str(error)]
    return " ".join(" ".join(filter(None, told)).split())


def _products(build: Build, report: Report) -> Iterator[pa.Table]:
    """The rows of ``products``."""
    with report.stage("load products", total=len(build.cache)) as progress:
        for _, group in build.cache.table(tables.PRODUCTS).groups(PRODUCT_COLUMNS):
            _refuse_nul(group.column("product_id"))
            yield group
            progress.advance(group.num_rows)


def _recommendations(build: Build, signals: Sequence[str], k: int, report: Report) -> Iterator[pa.Table]:
    """The rows of ``recommendations``."""
    for signal in signals:
        with report.stage(f"load {signal}", total=len(build.cache)) as progress:
            for block in recommended(build, signal, k):
                columns = [
                    block.ids.take(pa.array(np.repeat(np.arange(len(block.ids)), block.counts))),
                    pa.repeat(signal, len(block.ranks)),
                    block.ranks,
                    block.recommended,
                    block.scores,
                    block.reasons,
                    block.fallback,
                ]
                yield pa.table(columns, RECOMMENDATION_COLUMNS)
                progress.advance(len(block.ids))


def _csv(batch: pa.Table) -> memoryview:
    """A batch as PostgreSQL copies it: every text in quotes, so that none is taken for null."""
    columns = [_storable(column) if column.type == pa.string() else column for column in batch.columns]
    stream = pa.BufferOutputStream()
    csv.write_csv(pa.table(columns, batch.schema.names), stream, csv.WriteOptions(include_header=False))
    return memoryview(stream.getvalue())


def _refuse_nul(ids: pa.ChunkedArray) -> None:
    odd = ids.filter(pc.match_substring(ids, NUL))
    if len(odd):
        raise BadInput(f"product id {odd[0].as_py()!r} holds the character 0, which PostgreSQL can't store")


def _storable(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts that PostgreSQL can store: they can't hold the character 0."""
    return pc.replace_substring(texts, NUL, INSTEAD_OF_NUL)
