"""Interactions to and from other systems: CSV, Parquet, frames. pyarrow reads and writes the files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _core
from ._core import Columns, Table, Version

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Loaded", "arrow_table", "load", "write_parquet"]

PIECE = 10_000  # rows of one transaction, and of one piece of an export


@dataclass(frozen=True)
class Loaded:
    """What ``Interactions.load`` came to: rows read, interactions that are new, labels given."""

    rows: int
    new: int
    labels: int


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise _core.Unavailable("reading and writing tables needs pyarrow: pip install 'holdfast[frames]'") from error
    return pyarrow


def arrow_table(table: Table) -> pa.Table:
    """An Arrow table over the same memory."""
    return _pyarrow().table(table)


def write_parquet(pieces: Callable[[], Iterator[Table]], path: Path) -> int:
    """Two passes: the first finds out what columns there are, the second writes them."""
    pa = _pyarrow()
    import pyarrow.parquet

    schema = None
    for piece in pieces():
        here = pa.table(piece).schema
        schema = here if schema is None else _united(schema, here)
    if schema is None:
        schema = pa.schema([("id", pa.string()), ("time", pa.timestamp("us", "UTC"))])
    rows = 0
    temporary = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    try:
        with pyarrow.parquet.ParquetWriter(temporary, schema) as writer:
            for piece in pieces():
                table = pa.table(piece)
                writer.write_table(_fitted(table, schema))
                rows += table.num_rows
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _core.IoError(f'cannot write "{path}": {error}') from error
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def _united(a: pa.Schema, b: pa.Schema) -> pa.Schema:
    """Columns of both; where their types differ, the wider: whole, real, text."""
    pa = _pyarrow()
    fields = {field.name: field.type for field in a}
    for field in b:
        known = fields.setdefault(field.name, field.type)
        if known == field.type:
            continue
        types = pa.types
        numeric = all(types.is_integer(t) or types.is_floating(t) or types.is_boolean(t) for t in (known, field.type))
        whole = all(types.is_integer(t) or types.is_boolean(t) for t in (known, field.type))
        fields[field.name] = pa.int64() if whole else pa.float64() if numeric else pa.string()
    order = [*(name for name in a.names), *(name for name in b.names if name not in a.names)]
    return pa.schema([(name, fields[name]) for name in order])


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    pa = _pyarrow()
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _tables(data: Any) -> Iterator[pa.Table]:
    """Pieces of a file or a frame."""
    pa = _pyarrow()
    if isinstance(data, (str, os.PathLike)):
        yield from _file_tables(Path(data))
        return
    table = data if isinstance(data, pa.Table) else pa.table(Table(data))
    for begin in range(0, table.num_rows, PIECE):
        yield table.slice(begin, PIECE)


def _file_tables(path: Path) -> Iterator[pa.Table]:
    pa = _pyarrow()
    import pyarrow.csv
    import pyarrow.parquet

    if not path.is_file():
        raise _core.NotFound(f'"{path}": no such file')
    try:
        if path.suffix in (".parquet", ".pq"):
            with pyarrow.parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=PIECE):
                    yield pa.Table.from_batches([batch])
        else:
            with pyarrow.csv.open_csv(path) as reader:
                for batch in reader:
                    table = pa.Table.from_batches([batch])
                    for begin in range(0, table.num_rows, PIECE):
                        yield table.slice(begin, PIECE)
    except (pa.ArrowInvalid, UnicodeError) as error:
        raise _core.CorruptArtifact(f'"{path}": not readable as a table: {error}') from error


def load(core: _core.Workspace, data: Any, endpoint: str, columns: Columns, version: Version | None) -> Loaded:
    """See Interactions.load."""
    rows = new = labels = 0
    for table in _tables(data):
        try:
            piece = _Piece(table, columns, version, rows)
            new += _core.load_interactions(
                core,
                endpoint,
                version.number if version else 0,
                piece.ids,
                piece.times,
                piece.values,
                piece.features,
                piece.entities,
                piece.labels,
                piece.label_times,
            )
        except _core.Error as error:
            raise type(error)(f"load: {error} ({rows} rows before this piece are in)") from error
        rows += table.num_rows
        labels += piece.labelled
    return Loaded(rows, new, labels)


class _Piece:
    """One piece of a log, checked, with its columns in the parts that they play."""

    def __init__(self, table: pa.Table, columns: Columns, version: Version | None, before: int) -> None:
        self._table, self._before = table, before
        for part in ("id", "time"):
            if not getattr(columns, part):
                raise _core.InvalidArgument(f"columns: no {part} said, the name of a column wanted")
        outputs = self._outputs(columns, version)
        played = {columns.id, columns.time, columns.target, columns.label_time, columns.entity}
        played |= {columns.prediction, *columns.probability}
        names = list(columns.features) or [name for name in table.column_names if name not in played]
        self.features = len(names)
        self.ids = self._texts(columns.id)
        self.times = self._micros(columns.time)
        self.entities = self._texts(columns.entity) if columns.entity else None
        values = {name: self._column(name) for name in names}
        for name, column in outputs.items():
            values[f"output.{name}" if name in values else name] = self._column(column)
        self.values = _pyarrow().table(values)
        self.labels = self._column(columns.target) if columns.target else None
        self.labelled = 0 if self.labels is None else len(self.labels) - self.labels.null_count
        self.label_times = self._label_times(columns)

    @staticmethod
    def _outputs(columns: Columns, version: Version | None) -> dict[str, str]:
        """By the name that the model gives an output, where one is said: the column."""
        outputs = {}
        signature = version.signature if version else None
        if columns.prediction:
            outputs[(signature and signature.prediction) or columns.prediction] = columns.prediction
        for k, column in enumerate(columns.probability):
            name = signature.probability if signature else ""
            single = len(columns.probability) == 1
            outputs[column if not name else name if single else f"{name}.{k}"] = column
        return outputs

    def _column(self, name: str) -> Any:
        if name not in self._table.column_names:
            raise _core.InvalidArgument(f'column "{name}": not there; there are {", ".join(self._table.column_names)}')
        column = self._table.column(name).combine_chunks()
        return column.cast(_pyarrow().string()) if _pyarrow().types.is_null(column.type) else column

    def _refuse(self, column: str, row: int, seen: Any, wanted: str) -> None:
        raise _core.InvalidArgument(f'row {self._before + row + 1}, column "{column}": {seen!r} seen, {wanted} wanted')

    def _texts(self, name: str) -> list[str]:
        texts = []
        for row, value in enumerate(self._column(name).to_pylist()):
            if value is None or value == "" or isinstance(value, float):
                self._refuse(name, row, value, "text or a whole number")
            texts.append(str(value))
        return texts

    def _micros(self, name: str) -> list[int]:
        column = self._column(name)
        if column.null_count:
            self._refuse(name, column.is_null().index(True).as_py(), None, "a time")
        return self._micros_or_zero(name, column)

    def _micros_or_zero(self, name: str, column: Any) -> list[int]:
        """Microseconds since 1970 UTC, finer ones floored; 0 where there is no time."""
        pa = _pyarrow()
        if pa.types.is_timestamp(column.type):
            floored = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
            return [0 if value is None else value for value in floored.to_pylist()]
        micros = []
        for row, value in enumerate(column.to_pylist()):
            try:
                micros.append(0 if value is None else _core.time_micros(value))
            except (_core.InvalidArgument, TypeError):
                self._refuse(name, row, value, "a time (RFC 3339)")
        return micros

    def _label_times(self, columns: Columns) -> list[int]:
        if not columns.target:
            return []
        if not columns.label_time:
            return self.times
        # Where there is no label, nobody asks when it came.
        assert self.labels is not None
        missing = self.labels.is_null().to_pylist()
        column = self._column(columns.label_time)
        for row, (no_label, no_time) in enumerate(zip(missing, column.is_null().to_pylist(), strict=True)):
            if no_time and not no_label:
                self._refuse(columns.label_time, row, None, "a time, as there is a label")
        return self._micros_or_zero(columns.label_time, column)
