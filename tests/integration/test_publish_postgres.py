"""Publishing into a real PostgreSQL server: real kills, real readers."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from psycopg import sql

from dashboard.recommendations import recommendations
from dashboard.store import Build
from lookup import schema
from precompute.errors import BadInput
from precompute.publish import postgres
from precompute.publish.rows import open_build
from tests.database import database_server, wire_cut_at
from tests.publishing import COMMAND, run_publish
from tests.serving import ROOT
from tests.tiny_shop import quiet_report
from tests.unit.test_publish import write_ring

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with database_server() as address:
        yield address


@pytest.fixture
def database(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """A superuser's connection, outside of any transaction, to a database in which nothing is published."""
    monkeypatch.setenv("AISLE_DATABASE_URL", server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop schema if exists aisle cascade")
        yield connection


def publish_rows(cache: Path, schema_name: str = "aisle", k: int = 10) -> postgres.Release:
    build, signals = open_build(cache, [])
    return postgres.publish(build, schema_name, signals, k, quiet_report())


def tables(database: psycopg.Connection) -> set[str]:
    return {name for (name,) in database.execute("select tablename from pg_tables where schemaname = 'aisle'")}


def counted(database: psycopg.Connection, table: str = "products") -> int:
    row = database.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("aisle", table))).fetchone()
    assert row is not None
    return row[0]


def states(database: psycopg.Connection) -> list[tuple[int, str]]:
    """Each release's number of products and its state, oldest first."""
    return database.execute("select products, state from aisle.releases order by id").fetchall()


def wait_for_publisher(database: psycopg.Connection, holds: Callable[[list[str | None]], bool]) -> None:
    """Wait until what the publishers' connections wait for, one entry a connection, is as a test wants it."""
    while not holds(
        [
            kind
            for (kind,) in database.execute(
                "select wait_event_type from pg_stat_activity where application_name = 'aisle publish'"
            )
        ]
    ):
        pass


@contextmanager
def reading(server: str) -> Iterator[None]:
    """A reader in the middle of a transaction, which no swap may overtake."""
    with psycopg.connect(server) as reader:
        reader.execute("select * from aisle.recommendations limit 1")
        yield


@contextmanager
def waiting_at_the_swap(database: psycopg.Connection, server: str, cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A publisher that has loaded everything and can't swap yet, because somebody reads."""
    with reading(server), subprocess.Popen([*COMMAND, "postgres", "--cache", str(cache), "--quiet"], cwd=ROOT) as process:
        try:
            wait_for_publisher(database, lambda waits: "Lock" in waits or process.poll() is not None)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


def test_the_tables_hold_what_the_cache_holds(database: psycopg.Connection, caches: dict[int, Path]) -> None:
    release = publish_rows(caches[40], k=3)
    build = Build.open(caches[40])
    expected = {
        (build.cache.id_of(row), signal, one.rank): (one.product.id, round(one.score, 6), one.reason, one.fallback)
        for signal in build.manifest.signals
        for row in range(len(build.cache))
        for one in recommendations(build, row, signal, 3)
    }
    rows = database.execute("select product_id, signal, rank, recommended_id, score, reason, fallback from aisle.recommendations")
    found = {row[:3]: (row[3], pytest.approx(row[4], abs=1e-6), *row[5:]) for row in rows}
    assert len(found) == release.recommendations == 40 * 3 * len(build.manifest.signals)
    assert found == expected
    stored = build.cache.table(schema.PRODUCTS).read(postgres.PRODUCT_COLUMNS)
    names = sql.SQL(", ").join(map(sql.Identifier, postgres.PRODUCT_COLUMNS))
    products = database.execute(sql.SQL('select {} from aisle.products order by product_id collate "C"').format(names)).fetchall()
    as_stored = [pa.array(column, field.type) for column, field in zip(zip(*products, strict=True), stored.schema, strict=True)]
    assert pa.table(as_stored, schema=stored.schema).equals(stored)


def test_the_tables_have_keys_and_statistics(database: psycopg.Connection, caches: dict[int, Path]) -> None:
    publish_rows(caches[40])
    keys = database.execute(
        """select conrelid::regclass::text, contype::text from pg_constraint where connamespace = 'aisle'::regnamespace
           and contype in ('p', 'f')"""
    ).fetchall()
    wanted = [("aisle.products", "p"), *[("aisle.recommendations", kind) for kind in "ffp"], ("aisle.releases", "p")]
    assert sorted(keys) == wanted
    known = database.execute("select reltuples from pg_class where oid = 'aisle.products'::regclass").fetchone()
    assert known == (40,)


def test_a_second_release_keeps_the_first_for_one_rollback(database: psycopg.Connection, caches: dict[int, Path]) -> None:
    for cache in caches.values():
        publish_rows(cache)
    assert states(database) == [(40, "gone"), (45, "previous"), (50, "live")]
    assert (counted(database), counted(database, "products_previous")) == (50, 45)
    assert tables(database) == {"products", "recommendations", "products_previous", "recommendations_previous", "releases"}
    assert postgres.roll_back("aisle").products == 45
    assert states(database) == [(40, "gone"), (45, "live"), (50, "previous")]
    assert (counted(database), counted(database, "products_previous")) == (45, 50)
    assert postgres.roll_back("aisle").products == 50
    assert (counted(database), counted(database, "products_previous")) == (50, 45)


def test_without_a_release_before_there_is_nothing_to_roll_back_to(database: psycopg.Connection, caches: dict[int, Path]) -> None:
    with pytest.raises(BadInput, match="nothing to roll back to"):
        postgres.roll_back("aisle")
    publish_rows(caches[40])
    with pytest.raises(BadInput, match="nothing to roll back to"):
        postgres.roll_back("aisle")
    assert counted(database) == 40


def test_killed_before_the_swap_it_leaves_the_release_before(
    database: psycopg.Connection, server: str, caches: dict[int, Path]
) -> None:
    publish_rows(caches[40])
    before = tables(database)
    with waiting_at_the_swap(database, server, caches[45]) as process:
        process.kill()
    wait_for_publisher(database, lambda waits: waits == [])
    assert tables(database) == before
    assert (counted(database), states(database)) == (40, [(40, "live")])
    publish_rows(caches[45])
    assert (counted(database), states(database)) == (45, [(40, "previous"), (45, "live")])


@pytest.mark.parametrize(
    "moment",
    [
        b'copy "aisle"."products_next"',
        b'"style",3,',
        b"add primary key",
        b'rename to "products_previous"',
        b"insert into",
        b"COMMIT",
    ],
)
def test_killed_at_any_moment_it_leaves_the_release_before(
    database: psycopg.Connection, server: str, caches: dict[int, Path], monkeypatch: pytest.MonkeyPatch, moment: bytes
) -> None:
    publish_rows(caches[40])
    before = tables(database)
    with wire_cut_at(server, moment) as (address, happened):
        monkeypatch.setenv("AISLE_DATABASE_URL", address)
        with subprocess.Popen([*COMMAND, "postgres", "--cache", str(caches[45]), "--quiet"], cwd=ROOT) as process:
            assert happened.wait(60)
            process.kill()
    wait_for_publisher(database, lambda waits: waits == [])
    assert tables(database) == before
    assert (counted(database), states(database)) == (40, [(40, "live")])
    monkeypatch.setenv("AISLE_DATABASE_URL", server)
    publish_rows(caches[45])
    assert (counted(database), states(database)) == (45, [(40, "previous"), (45, "live")])


def test_of_two_at_once_the_second_is_told_to_wait(database: psycopg.Connection, server: str, caches: dict[int, Path]) -> None:
    publish_rows(caches[40])
    with waiting_at_the_swap(database, server, caches[45]):
        result = run_publish("postgres", "--cache", str(caches[50]))
        assert (result.exit_code, "another run is publishing" in result.stderr) == (1, True)
        publish_rows(caches[50], schema_name="elsewhere")  # another schema is nobody's business
    database.execute("drop schema elsewhere cascade")
    assert counted(database) == 40


def test_when_the_reader_has_ended_the_swap_happens(database: psycopg.Connection, server: str, caches: dict[int, Path]) -> None:
    publish_rows(caches[40])
    with psycopg.connect(server) as reader:
        reader.execute("select * from aisle.recommendations limit 1")
        with subprocess.Popen([*COMMAND, "postgres", "--cache", str(caches[45]), "--quiet"], cwd=ROOT) as process:
            wait_for_publisher(database, lambda waits: "Lock" in waits or process.poll() is not None)
            assert counted(database) == 40, "who comes meanwhile is answered"
            reader.rollback()
            assert process.wait(60) == 0
    assert counted(database) == 45


def test_tables_that_stay_in_use_are_named_and_stay(
    database: psycopg.Connection, server: str, caches: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "LOCK_TRIES", 2)
    publish_rows(caches[40])
    with reading(server), pytest.raises(BadInput, match="a transaction used its tables for 1 s"):
        publish_rows(caches[45])
    assert (counted(database), states(database)) == (40, [(40, "live")])


WHOLE = """
select (select products from aisle.releases where state = 'live'),
       (select count(*) from aisle.products),
       (select count(distinct product_id) from aisle.recommendations),
       (select count(*) from aisle.recommendations r join aisle.products using (product_id))"""


@pytest.mark.usefixtures("database")
def test_a_reader_sees_whole_releases_alone(server: str, caches: dict[int, Path]) -> None:
    publish_rows(caches[40], k=3)
    seen, stop = set(), threading.Event()

    def read() -> None:
        with psycopg.connect(server, autocommit=True) as reader:
            while not stop.is_set():
                seen.add(reader.execute(WHOLE).fetchone())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for n in (45, 50, 40, 45, 50):
            publish_rows(caches[n], k=3)
    finally:
        stop.set()
        reader.join()
    assert seen <= {(n, n, n, n * 3 * 6) for n in caches}
    assert len(seen) > 1


def test_a_transaction_that_began_before_the_swap_finds_all_rows_after_it(
    database: psycopg.Connection, server: str, caches: dict[int, Path]
) -> None:
    publish_rows(caches[40])
    with psycopg.connect(server) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert states(reader) == [(40, "live")]
        publish_rows(caches[45])
        assert states(reader) == [(40, "live")], "its snapshot is older than the swap"
        assert (counted(reader), counted(reader, "recommendations")) == (45, counted(database, "recommendations"))


@pytest.fixture
def shopper(database: psycopg.Connection) -> Iterator[str]:
    """A role that may do nothing yet."""
    database.execute('create role "Shop per"')
    yield "Shop per"
    database.execute('drop owned by "Shop per"')
    database.execute('drop role "Shop per"')


def test_who_may_read_may_read_on(database: psycopg.Connection, caches: dict[int, Path], shopper: str) -> None:
    publish_rows(caches[40])
    database.execute('grant usage on schema aisle to "Shop per"')
    database.execute('grant select on all tables in schema aisle to "Shop per"')
    database.execute("grant select on aisle.products to public")

    def rights(table: str) -> list[tuple[Any, ...]]:
        query = """select grantee, privilege_type from information_schema.table_privileges
                   where (table_schema, table_name) = ('aisle', %s)"""
        return sorted(row for row in database.execute(query, [table]) if row[0] in (shopper, "PUBLIC"))

    before = rights("products"), rights("recommendations")
    assert before == ([("PUBLIC", "SELECT"), (shopper, "SELECT")], [(shopper, "SELECT")])
    publish_rows(caches[45])
    assert (rights("products"), rights("recommendations")) == before
    database.execute("revoke select on aisle.products from public")
    postgres.roll_back("aisle")
    assert (rights("products"), rights("recommendations")) == (before[1], before[1])
    database.execute('set role "Shop per"')
    assert counted(database) == 40
    database.execute("reset role")


def test_the_documented_questions_have_answers(database: psycopg.Connection, caches: dict[int, Path]) -> None:
    publish_rows(caches[40])
    database.execute("create role shop")
    document = (ROOT / "docs" / "publish.md").read_text(encoding="utf-8")
    ids = [row[0] for row in database.execute("select product_id from aisle.products where product_id like 'item-%' limit 2")]
    best, basket, grants = (
        block.replace("'0002'", f"'{ids[0]}'").replace("0002,0003", ",".join(ids))
        for block in re.findall("```sql\n(.*?)```", document, re.DOTALL)
    )
    first = Build.open(caches[40])
    found = recommendations(first, first.cache.row_of(ids[0]) or 0, "blend")
    expected = [(one.rank, one.product.id) for one in found if not one.fallback]
    assert [row[:2] for row in database.execute(best)] == expected
    companions = {row[0] for row in database.execute(basket)}
    assert companions
    assert not companions & set(ids)
    database.execute(grants)
    database.execute("set role shop")
    assert [row[:2] for row in database.execute(best)] == expected
    database.execute("reset role")
    database.execute("drop owned by shop")
    database.execute("drop role shop")


def test_without_the_right_to_create_one_line_says_so(
    database: psycopg.Connection, server: str, caches: dict[int, Path], shopper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_rows(caches[40])
    database.execute(sql.SQL("alter role {} login").format(sql.Identifier(shopper)))
    monkeypatch.setenv("AISLE_DATABASE_URL", server.replace("postgres:@", "Shop%20per:@"))
    for arguments in (["--schema", "aisle"], ["--schema", "other"], ["--rollback"]):
        result = run_publish("postgres", "--cache", str(caches[45]), "--quiet", *arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "permission denied" in run_publish("postgres", "--cache", str(caches[45]), "--quiet").stderr
    assert counted(database) == 40


@pytest.mark.parametrize("name", ["products", "products_previous", "recommendations", "releases"])
def test_a_shops_own_table_is_left_alone(database: psycopg.Connection, caches: dict[int, Path], name: str) -> None:
    database.execute("create schema aisle")
    database.execute(sql.SQL("create table {} as select 1 as one").format(sql.Identifier("aisle", name)))
    result = run_publish("postgres", "--cache", str(caches[40]), "--quiet")
    assert result.exit_code == 1
    assert f"aisle.{name} was not made by Aisle" in result.stderr
    assert tables(database) == {name}


@pytest.mark.parametrize("name", ["", "1a", "a-b", 'a"b', "a; drop table x", "A", "ä", "a" * 64])
def test_a_schema_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="--schema must be"):
        postgres.roll_back(name)


def test_texts_that_postgres_cannot_store_are_mended_and_ids_refused(database: psycopg.Connection, tmp_path: Path) -> None:
    ids = sorted(
        [
            "\ufeff",
            "\\.",
            "a\n\\.\nb",
            "a\tb\\n",
            "line\r\nbreak",
            "👩‍🦰",
            "'; drop table aisle.products --",
            "\\N",
            "",
            '"',
            "NULL",
        ]
    )
    write_ring(tmp_path, ids)
    publish_rows(tmp_path)
    assert database.execute('select product_id, title from aisle.products order by product_id collate "C"').fetchall() == [
        (one, f"\ufffd{one}") for one in ids
    ]
    write_ring(tmp_path, ["a", "b\x00c"])
    with pytest.raises(BadInput, match="holds the character 0"):
        publish_rows(tmp_path)
    assert counted(database) == len(ids)


ADDRESSES = [
    "postgresql://aisle:sesame@127.0.0.1:1/shop",
    "postgresql://aisle:ses@ame@127.0.0.1:1/shop",
    "postgresql://aisle:ses/ame@127.0.0.1:1/shop",
    "postgresql://aisle:ses?ame@127.0.0.1:1/shop",
    "postgresql://aisle:ses#ame@127.0.0.1:1/shop",
    "postgresql://aisle:sesame@127.0.0.1:port/shop",
    "postgresql://aisle:sesame@[127.0.0.1/shop",
    "postgresql://aisle:sesame%@127.0.0.1:1/shop",
    "postgresql://aisle:sesame@127.0.0.1:1/shop?sslmodus=sesame",
    "mysql://aisle:sesame@127.0.0.1:1/shop",
    "host=127.0.0.1 port=1 password=sesame",
    "host=127.0.0.1 port=1 password=sesame ame",
    "sesame",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_output_holds_a_password(caches: dict[int, Path], monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("AISLE_DATABASE_URL", address)
    result = run_publish("postgres", "--cache", str(caches[40]))
    assert result.exit_code == 1
    assert "AISLE_DATABASE_URL" in result.stderr
    assert "ses" not in result.output
    assert "ame@" not in result.output


def test_a_run_that_works_tells_no_password(
    database: psycopg.Connection,
    server: str,
    caches: dict[int, Path],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("AISLE_DATABASE_URL", server.replace("postgres:@", "postgres:sesame@"))
    caplog.set_level(logging.DEBUG)
    for arguments in ([], ["--json"], ["--rollback"], ["--rollback", "--json"]):
        result = run_publish("postgres", "--cache", str(caches[40]), *arguments)
        assert result.exit_code == 0, result.output
        assert "sesame" not in result.output + caplog.text
    assert counted(database) == 40


def test_without_an_address_the_variables_of_every_client_count(
    database: psycopg.Connection, server: str, caches: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = psycopg.conninfo.conninfo_to_dict(server)
    monkeypatch.delenv("AISLE_DATABASE_URL")
    for variable, name in (("PGHOST", "host"), ("PGUSER", "user"), ("PGDATABASE", "dbname")):
        monkeypatch.setenv(variable, str(known[name]))
    result = run_publish("postgres", "--cache", str(caches[40]), "--json", "--quiet", "--signal", "blend", "--signal", "style")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["recommendations"] == counted(database, "recommendations")
    assert database.execute("select distinct signal from aisle.recommendations order by 1").fetchall() == [("blend",), ("style",)]
