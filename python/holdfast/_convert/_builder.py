"""Builder: collects a graph's nodes; inputs are typed as they are read, outputs are named when all is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._core import Graph, Model, Signature, TensorSpec, Unsupported


@dataclass(frozen=True)
class Matrix:
    """A value of the graph: (rows, width) of one dtype."""

    name: str
    width: int
    dtype: str = "float64"


@dataclass(frozen=True)
class Columns:
    """Columns of the model's input, by position. What reads them first says whether they are numbers or text."""

    positions: tuple[int, ...]

    @property
    def width(self) -> int:
        return len(self.positions)


@dataclass(frozen=True)
class Frame:
    """What an estimator is given: columns of the input and computed matrices, side by side."""

    parts: tuple[Matrix | Columns, ...]

    @property
    def width(self) -> int:
        return sum(part.width for part in self.parts)


@dataclass(frozen=True)
class _Node:
    form: str
    reads: list[str]
    write: str
    fields: dict[str, Any]


class Builder:
    def __init__(self, columns: int, features: list[str], *, by_name: bool) -> None:
        """`by_name`: fitted on a frame, so that columns which nothing reads need not be there."""
        self.gives_sparse = False  # the data that the estimator would have here is a sparse matrix
        self._features = features
        self._by_name = by_name
        self._dtypes: list[str] = [""] * columns
        self._read_as: dict[str, tuple[int, ...]] = {}
        self._nodes: list[_Node] = []
        self._outputs: list[tuple[TensorSpec, Matrix]] = []
        self._signature: dict[str, Any] = {}

    @property
    def input(self) -> Frame:
        return Frame((Columns(tuple(range(len(self._dtypes)))),))

    def add(self, form: str, x: Matrix | Sequence[Matrix], width: int, gives: str = "float64", **fields: Any) -> Matrix:
        reads = [x] if isinstance(x, Matrix) else list(x)
        node = _Node(form, [value.name for value in reads], self._fresh(), fields)
        self._nodes.append(node)
        return Matrix(node.write, width, gives)

    def numbers(self, frame: Frame) -> Matrix:
        """All of the frame as one matrix of float64."""
        return self._joined([self._as_number(part) for part in frame.parts])

    def texts(self, frame: Frame) -> Matrix:
        return self._joined([self._as_text(part) for part in frame.parts])

    def select(self, frame: Frame, positions: Sequence[int]) -> Frame:
        """Columns of the frame, in this order."""
        owners = [(part, i) for part in frame.parts for i in range(part.width)]
        runs: list[tuple[Matrix | Columns, list[int]]] = []
        for position in positions:
            part, i = owners[int(position)]
            if runs and runs[-1][0] == part:
                runs[-1][1].append(i)
            else:
                runs.append((part, [i]))
        return Frame(tuple(self._part_of(part, columns) for part, columns in runs))

    def concat(self, parts: Sequence[Matrix]) -> Matrix:
        return self._joined(list(parts))

    def constant(self, like: Matrix, values: Sequence[float]) -> Matrix:
        """The same numbers in every row."""
        numbers = np.asarray(values, dtype=np.float64)
        return self.add("constant", like, len(numbers), dtype="float64", numbers=numbers)

    def constant_text(self, like: Matrix, values: Sequence[str]) -> Matrix:
        return self.add("constant", like, len(values), "string", dtype="string", items=list(values))

    def as_float64(self, x: Matrix) -> Matrix:
        return x if x.dtype == "float64" else self.add("cast", x, x.width, to="float64")

    def output(self, name: str, x: Matrix, *, flat: bool = False) -> None:
        """x, as the output of that name; of one column, as one axis where `flat`."""
        self._outputs.append((TensorSpec(name, x.dtype, (-1,) if flat else (-1, x.width)), x))

    def describe(self, **parts: Any) -> None:
        """Parts of the signature: task, prediction, probability, classes."""
        self._signature.update(parts)

    def compile(self) -> Model:
        dense = self._is_dense()
        names = self._value_names(dense)
        signature = Signature(
            self._input_specs(dense),
            [spec for spec, _ in self._outputs],
            features=self._features if dense else [],
            **self._signature,
        )
        graph = Graph(signature, source=_source())
        for node in self._needed():
            if node.write in self._read_as:
                self._add_read(graph, node.write, dense, names)
            else:
                reads = [names.get(name, name) for name in node.reads]
                graph.add(node.form, reads, [names.get(node.write, node.write)], **node.fields)
        for spec, x in self._outputs:
            if names.get(x.name, x.name) != spec.name:
                graph.add("cast", [names.get(x.name, x.name)], [spec.name], to=x.dtype)
        return graph.compile()

    def _fresh(self) -> str:
        name = f"#{len(self._nodes)}"
        while name in self._features:
            name = "#" + name
        return name

    def _joined(self, parts: list[Matrix]) -> Matrix:
        if len(parts) == 1:
            return parts[0]
        if not parts:
            raise Unsupported("convert: a step without columns is not covered")
        return self.add("concat", parts, sum(part.width for part in parts), parts[0].dtype)

    def _part_of(self, part: Matrix | Columns, columns: list[int]) -> Matrix | Columns:
        if isinstance(part, Columns):
            return Columns(tuple(part.positions[i] for i in columns))
        if columns == list(range(part.width)):
            return part
        return self.add("select", part, len(columns), part.dtype, columns=columns)

    def _as_number(self, part: Matrix | Columns) -> Matrix:
        if isinstance(part, Columns):
            return self._read(part, "float64")
        if part.dtype == "string":
            raise Unsupported("convert: a step that reads text where numbers are wanted is not covered")
        return self.as_float64(part)

    def _as_text(self, part: Matrix | Columns) -> Matrix:
        if isinstance(part, Columns):
            return self._read(part, "string")
        if part.dtype != "string":
            raise Unsupported("convert: a step that reads numbers where text is wanted is not covered")
        return part

    def _name_of(self, column: int) -> str:
        return self._features[column] if self._features else f"x{column}"

    def _read(self, columns: Columns, dtype: str) -> Matrix:
        for column in columns.positions:
            if self._dtypes[column] not in ("", dtype):
                raise Unsupported(
                    f'convert: column "{self._name_of(column)}" is read as {self._dtypes[column]} by one step and as '
                    f"{dtype} by another; one of them is covered"
                )
            self._dtypes[column] = dtype
        for name, positions in self._read_as.items():
            if positions == columns.positions:
                return Matrix(name, columns.width, dtype)
        name = self._fresh()
        self._read_as[name] = columns.positions
        self._nodes.append(_Node("", [], name, {}))
        return Matrix(name, columns.width, dtype)

    def _is_dense(self) -> bool:
        """One matrix, unless some columns are text and others numbers, or named ones are not read at all."""
        kinds = set(self._dtypes)
        return len(kinds - {""}) <= 1 and not (self._by_name and "" in kinds)

    def _input_specs(self, dense: bool) -> list[TensorSpec]:
        if dense:
            return [TensorSpec("X", max(self._dtypes) or "float64", (-1, len(self._dtypes)))]
        specs = [
            TensorSpec(self._name_of(column), dtype, (-1,)) for column, dtype in enumerate(self._dtypes) if dtype != ""
        ]
        taken = {spec.name for spec, _ in self._outputs}
        for spec in specs:
            if spec.name in taken:
                raise Unsupported(f'convert: a column named "{spec.name}", as one of the outputs is, is not covered')
        return specs

    def _value_names(self, dense: bool) -> dict[str, str]:
        """What values are called in the graph where that is not the name they were made with."""
        names: dict[str, str] = {}
        for name, positions in self._read_as.items():
            if dense and positions == tuple(range(len(self._dtypes))):
                names[name] = "X"
            elif not dense and len(positions) == 1:
                names[name] = self._name_of(positions[0])
        for spec, x in self._outputs:
            if x.name not in names and x.name not in self._read_as:
                names[x.name] = spec.name
        return names

    def _needed(self) -> list[_Node]:
        wanted = {x.name for _, x in self._outputs}
        kept: list[_Node] = []
        for node in reversed(self._nodes):
            if node.write in wanted:
                wanted.update(node.reads)
                kept.append(node)
        return kept[::-1]

    def _add_read(self, graph: Graph, name: str, dense: bool, names: dict[str, str]) -> None:
        if name in names:
            return
        positions = self._read_as[name]
        if dense:
            graph.add("select", ["X"], [name], columns=list(positions))
        else:
            graph.add("concat", [self._name_of(column) for column in positions], [name])


def _source() -> str:
    import sklearn  # type: ignore[import-untyped, unused-ignore]

    return f"scikit-learn {sklearn.__version__}"
