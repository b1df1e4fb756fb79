"""The store's tables and views, made from the schema."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from handbook.database import WAIT_S, open_database
from handbook.errors import HandbookError
from handbook.schema import (
    FORGOTTEN,
    META,
    METRIC_EXTRA,
    POST_SNAPSHOT,
    TABLES,
    VERSION,
    Block,
    Field,
    Staged,
    Table,
    check_columns,
)

PER_IMPORT = tuple(table for table in TABLES if table.per_import)
_WITHOUT_FORGOTTEN = "1"
_EARLIER = (_WITHOUT_FORGOTTEN, "2")
"""Versions whose tables are these but for `forgotten`, and for how post_latest is made."""

_DAY_COLUMN = {POST_SNAPSHOT.name: "observed_on", METRIC_EXTRA.name: "date"}
"""Where the day of the export stands, for rows that bring none."""

_IMPORT_ID = Field("import_id", "string", "", "The import that the row came with.")


def stored(table: Table) -> tuple[str, tuple[Field, ...]]:
    """Return the name and the columns that a table has in the file."""
    if table.per_import:
        return f"{table.name}_import", (*table.fields, _IMPORT_ID)
    return table.name, table.fields


def definition(table: Table) -> str:
    """Return the SQL that makes the table, and its view where it has one.

    Rows of an import have no primary key in the file: its index would cost more than all else
    that an import does. `insert` sees to it that no key stands twice in one import.
    """
    name, fields = stored(table)
    columns = ", ".join(f'"{field.name}" {field.duckdb_type}' for field in fields)
    if table.per_import:
        return f"CREATE TABLE {name} ({columns});{_newest(table)}"
    return f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({_quote(table.key)}));"


def _newest(table: Table) -> str:
    """Return a view that shows, column by column, the newest value that is not missing."""
    return f"""
        CREATE VIEW {table.name} AS
        SELECT {_quote(table.key)}, {_newest_values(table, "newness")}
        FROM {table.name}_import JOIN import_newness USING (import_id)
        GROUP BY {_quote(table.key)};"""


def _newest_values(table: Table, age: str) -> str:
    return ", ".join(
        f'arg_max("{name}", {age}) FILTER ("{name}" IS NOT NULL) AS "{name}"'
        for name in table.values
    )


def _latest(kind: str) -> str:
    """Return a view that shows, column by column, what was last observed of a post's lifetime.

    Of two observations of one day the newer export counts, as in the view of snapshots.
    """
    return f"""
        CREATE OR REPLACE {kind} post_latest AS
        SELECT channel_id, post_id, max(observed_on) AS observed_on, 'lifetime' AS period,
               {_newest_values(POST_SNAPSHOT, "age")}
        FROM (SELECT *, (observed_on - DATE '1970-01-01') * {2**32} + newness AS age
              FROM {POST_SNAPSHOT.name}_import JOIN import_newness USING (import_id)
              WHERE period = 'lifetime')
        GROUP BY channel_id, post_id;"""


def _definitions() -> str:
    newness = """
        CREATE VIEW import_newness AS
        SELECT import_id, row_number() OVER (ORDER BY exported_at, sha256, import_id) AS newness
        FROM import_log WHERE undone_at IS NULL;"""
    tables = [table for table in TABLES if not table.per_import]
    rest = (newness, *map(definition, PER_IMPORT), _latest("VIEW"))
    return "".join((*map(definition, tables), *rest))


def _quote(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@contextmanager
def open_store(
    path: Path, *, read_only: bool = True, wait_s: float = WAIT_S
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a store, and close it at the end; see `handbook.database.open_database`.

    Raises
    ------
    HandbookError
        It cannot be opened, is no store of the handbook, or one of another version.
    """
    with open_database(path, read_only=read_only, wait_s=wait_s) as connection:
        meta = _meta(connection)
        if "version" not in meta:
            raise HandbookError(
                f"{path} is a DuckDB file, but not a store of the handbook. Name another one."
            )
        if meta["version"] in _EARLIER:
            _bring_up(connection, meta["version"], read_only)
        elif meta["version"] != VERSION:
            raise HandbookError(
                f"{path} was made by another version of the handbook (tables {meta['version']}, "
                f"here {VERSION}). Import your exports again into a new store."
            )
        yield connection


def _bring_up(connection: duckdb.DuckDBPyConnection, version: str, read_only: bool) -> None:
    """Bring an earlier store to this version; one that is only read, for this connection."""
    if read_only:
        connection.execute(_latest("TEMP VIEW"))
        return
    connection.execute("BEGIN")
    if version == _WITHOUT_FORGOTTEN:
        connection.execute(definition(FORGOTTEN))
    connection.execute(_latest("VIEW"))
    connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", [VERSION])
    connection.execute("COMMIT")


def _meta(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    try:
        return dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except (duckdb.CatalogException, duckdb.BinderException):
        return {}


def is_made_up(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the open store holds the made-up university."""
    return _meta(connection).get("made_up") == "true"


def refuse_made_up(connection: duckdb.DuckDBPyConnection, store: Path) -> None:
    """Refuse to change the made-up university's store."""
    if is_made_up(connection):
        raise HandbookError(
            f"{store} holds the made-up university and is not changed. Name another store with "
            "--store."
        )


def drop_empty_channels(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the channels that nothing is left of."""
    owners = " UNION ".join(
        f"SELECT split_part(owner, '/', 1) FROM {table.name}_import"
        if "owner" in table.columns
        else f"SELECT channel_id FROM {table.name}_import WHERE channel_id IS NOT NULL"
        for table in PER_IMPORT
    )
    connection.execute(f"DELETE FROM channel WHERE channel_id NOT IN ({owners})")


def check_store(path: Path, *, wait_s: float = WAIT_S) -> None:
    """Make sure that `path` is a store that can be read, and say why if it is not."""
    with open_store(path, wait_s=wait_s):
        pass


def create_store(path: Path, *, made_up: bool = False) -> None:
    """Make an empty store at `path`, unless another process was faster.

    It is made under another name and then given its own, so that a half-made store never stands
    at `path`.

    Raises
    ------
    HandbookError
        The folder is missing or cannot be written.
    """
    if not path.parent.is_dir():
        raise HandbookError(f"{path.parent} is not there. Make the folder first, or name another.")
    facts = {"version": VERSION, "made_up": "true" if made_up else "false"}
    try:
        folder = tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise HandbookError(f"{path} could not be made ({error.strerror}).") from None
    new = Path(folder) / path.name
    try:
        duckdb.connect(str(new)).close()
        with open_database(new, read_only=False) as connection:
            connection.execute("BEGIN")
            connection.execute(_definitions())
            insert(connection, META, [{"key": k, "value": v} for k, v in facts.items()])
            connection.execute("COMMIT")
        _give_name(new, path)
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise HandbookError(
            f"{path} could not be made: the disk may be full, or the folder read-only. "
            f"(DuckDB says: {said})"
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_if_unused(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Remove a new store into which nothing has come: all that was to come was refused."""
    with suppress(duckdb.Error):
        used = connection.execute(
            "SELECT 1 FROM import_log UNION ALL SELECT 1 FROM forgotten LIMIT 1"
        ).fetchone()
        if used:
            return
        try:
            path.unlink()
        except PermissionError:  # Windows does not remove a file that is open
            connection.close()
            path.unlink()


def rewrite_store(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the store at `path` anew, without the free space where erased rows may still stand.

    The connection holds the lock until the new file has taken the place of the old one; it must
    not be used afterwards. What an earlier writing has left behind, because it was killed, goes.
    """
    prefix = f".{path.name}~"
    for left in path.parent.iterdir():
        if left.name.startswith(prefix):
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=prefix, dir=path.parent)
    new = Path(folder) / path.name
    (old,) = connection.execute("SELECT current_database()").fetchone()
    try:
        connection.execute(f"ATTACH {_literal(new)} AS rewritten")
        connection.execute("USE rewritten")
        connection.execute("BEGIN")
        connection.execute(_definitions())
        for name, _ in map(stored, TABLES):
            connection.execute(f'INSERT INTO {name} BY NAME SELECT * FROM "{old}".main.{name}')
        connection.execute("COMMIT")
        connection.execute(f'USE "{old}"')
        connection.execute("DETACH rewritten")
        shutil.copymode(path, new)
        try:
            new.replace(path)
        except PermissionError:  # Windows does not replace a file that is open
            connection.close()
            new.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _literal(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _give_name(new: Path, path: Path) -> None:
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:
        if not path.exists():
            new.rename(path)


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: list[dict[str, Any]],
    same: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Insert rows; columns that a row lacks stay missing.

    Parameters
    ----------
    same : mapping
        Values of columns for the rows that do not say otherwise.

    Raises
    ------
    HandbookError
        Two rows have one key, or a value is not what its column asks for.
    """
    if not rows:
        return
    stored_name, fields = stored(table)
    told = set().union(*rows)
    values: dict[str, list[Any]] = {}
    for field in fields:
        if field.name in told:
            default = same.get(field.name)
            values[field.name] = [row.get(field.name, default) for row in rows]
        elif field.name in same:
            values[field.name] = [same[field.name]]
    check_columns(table, values)
    if table.per_import:
        values = {name: told[:1] if _is_one(told) else told for name, told in values.items()}
        keys = [values[name] for name in table.key if len(values.get(name, ())) > 1]
        if len(rows) > 1 and len(set(zip(*keys, strict=True))) < len(rows):
            raise _repeated(table)
    form = {True: "unnest(${}::{}[])", False: "${}::{}"}
    columns = ", ".join(
        f'{form[len(values[field.name]) > 1].format(place, field.duckdb_type)} AS "{field.name}"'
        for place, field in enumerate((f for f in fields if f.name in values), start=1)
    )
    cells = [column if len(column) > 1 else column[0] for column in values.values()]
    connection.execute(f"INSERT INTO {stored_name} BY NAME SELECT {columns}", cells)


def _is_one(values: list[Any]) -> bool:
    """Return whether all values are the same one."""
    return values[0] == values[-1] and values.count(values[0]) == len(values)


def refuse_repeated(connection: duckdb.DuckDBPyConnection, table: Table, import_id: str) -> None:
    """Refuse an import that has a key twice, as `insert` does for rows that come at once."""
    if connection.execute(
        f"""SELECT 1 FROM {table.name}_import WHERE import_id = ?
            GROUP BY {_quote(table.key)} HAVING count(*) > 1 LIMIT 1""",
        [import_id],
    ).fetchone():
        raise _repeated(table)


def _repeated(table: Table) -> HandbookError:
    return HandbookError(
        f"The file says two things of one {table.name} ({', '.join(table.key)}). "
        "Keep the right one, or download it again."
    )


def insert_block(
    connection: duckdb.DuckDBPyConnection, block: Block, channel_id: str, import_id: str, day: date
) -> int:
    """Insert a block of rows, whose values `check_inserted` checks when all blocks are in.

    Parameters
    ----------
    day : date
        The day of the export, for a snapshot or a metric without a day of its own.

    Returns
    -------
    int
        Rows inserted.
    """
    import numpy as np
    import pandas as pd

    table = next(table for table in PER_IMPORT if table.name == block.table)
    if table is METRIC_EXTRA and not block.metrics:
        return 0
    day_column = _DAY_COLUMN.get(table.name)
    same = {"channel_id": channel_id, "import_id": import_id}
    if day_column and day_column not in block.columns:
        same[day_column] = day
    same |= {name: value for name, value in block.columns.items() if isinstance(value, str)}
    arrays = {
        name: values.astype(object) if isinstance(values.dtype, np.dtypes.StringDType) else values
        for name, values in block.columns.items()
        if name not in same
    }
    metrics = {f"metric_{i}": values for i, (values, _) in enumerate(block.metrics.values())}
    frame = pd.DataFrame({**arrays, **metrics}, copy=False)
    connection.register("arriving", frame)
    try:
        if table is METRIC_EXTRA:
            told = {"names": list(block.metrics), "units": [u for _, u in block.metrics.values()]}
            ((inserted,),) = connection.execute(_one_row_each(metrics), same | told).fetchall()
            return inserted
        names = _quote(list(arrays))
        constants = ", ".join(f'${name} AS "{name}"' for name in same)
        ((inserted,),) = connection.execute(
            f"INSERT INTO {table.name}_import BY NAME SELECT {names}, {constants} FROM arriving",
            same,
        ).fetchall()
        return inserted
    finally:
        with suppress(duckdb.Error):
            connection.unregister("arriving")


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, staged: Staged | None) -> Iterator[None]:
    """Have staged rows at hand as the database `arriving`, around a transaction."""
    if staged is None:
        yield
        return
    connection.execute(f"ATTACH {_literal(staged.path)} AS arriving (READ_ONLY)")
    try:
        yield
    finally:
        connection.execute("DETACH arriving")
        staged.discard()


def insert_staged(
    connection: duckdb.DuckDBPyConnection, table: Table, channel_id: str, import_id: str, day: date
) -> int:
    """Insert the rows of a table that are `attached`, as `insert_block` does those of a block."""
    same = {"channel_id": channel_id, "import_id": import_id}
    if table.name in _DAY_COLUMN:
        same[_DAY_COLUMN[table.name]] = day
    columns = [f'${name} AS "{name}"' for name in same]
    if table is METRIC_EXTRA:
        columns[0] = "$channel_id || '/' || post_id AS owner, '' AS category"
    rows = "* EXCLUDE (post_id)" if table is METRIC_EXTRA else "*"
    ((inserted,),) = connection.execute(
        f"""INSERT INTO {table.name}_import BY NAME
            SELECT {rows}, {", ".join(columns)} FROM arriving.{table.name}""",
        same,
    ).fetchall()
    return inserted


def check_inserted(connection: duckdb.DuckDBPyConnection, table: Table, import_id: str) -> None:
    """Check what blocks brought: the smallest and the largest value say it for the others."""
    ranged = [field for field in table.fields if field.least is not None or field.most is not None]
    chosen = [field for field in table.fields if field.allowed]
    asked = [f'[min("{field.name}"), max("{field.name}")]' for field in ranged]
    asked += [f'list(DISTINCT "{field.name}")' for field in chosen]
    (found,) = connection.execute(
        f"SELECT {', '.join(asked)} FROM {table.name}_import WHERE import_id = ?", [import_id]
    ).fetchall()
    names = [field.name for field in (*ranged, *chosen)]
    check_columns(table, {n: v or [] for n, v in zip(names, found, strict=True)})


def _one_row_each(metrics: Iterable[str]) -> str:
    """Return the SQL that makes one row for each metric that is there."""
    return f"""
        INSERT INTO metric_extra_import BY NAME
        SELECT owner, $date AS date, name, '' AS category, value, unit, $import_id AS import_id
        FROM (SELECT $channel_id || '/' || post_id AS owner, unnest($names::VARCHAR[]) AS name,
                     unnest([{", ".join(metrics)}]) AS value, unnest($units::VARCHAR[]) AS unit
              FROM arriving)
        WHERE value IS NOT NULL"""
