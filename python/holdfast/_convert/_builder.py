"""Builder: collects a graph's nodes, and names its outputs when all is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core import Graph, Model, Signature, TensorSpec


@dataclass(frozen=True)
class Matrix:
    """A value of the graph: (rows, width) doubles, unless the node that gives it says otherwise."""

    name: str
    width: int


class Builder:
    def __init__(self, features: list[str], columns: int) -> None:
        self.input = Matrix("X", columns)
        self._features = features
        self._nodes: list[tuple[str, list[str], str, dict[str, Any]]] = []
        self._outputs: list[TensorSpec] = []
        self._signature: dict[str, Any] = {}

    def add(self, form: str, x: Matrix, width: int, output: str = "", **fields: Any) -> Matrix:
        name = output or f"#{len(self._nodes)}"
        self._nodes.append((form, [x.name], name, fields))
        return Matrix(name, width)

    def concat(self, parts: list[Matrix]) -> Matrix:
        name = f"#{len(self._nodes)}"
        self._nodes.append(("concat", [part.name for part in parts], name, {}))
        return Matrix(name, sum(part.width for part in parts))

    def labels(self, positions: Matrix, classes: list[int] | list[str]) -> None:
        """The output `label`, of positions in `classes`."""
        self.add("lookup", positions, 1, "label", labels=classes)
        self._outputs.append(TensorSpec("label", "string" if isinstance(classes[0], str) else "int64", (-1,)))
        self._signature.update(classes=classes, prediction="label", task="classification")

    def matrix_output(self, x: Matrix, name: str) -> None:
        """x, as the output of that name."""
        self.add("cast", x, x.width, name, to="float64")
        self._outputs.append(TensorSpec(name, "float64", (-1, x.width)))

    def probabilities(self, x: Matrix) -> None:
        self.matrix_output(x, "probabilities")
        self._signature["probability"] = "probabilities"

    def prediction(self, x: Matrix) -> None:
        self.matrix_output(x, "prediction")
        self._signature.update(prediction="prediction", task="regression")

    def transformed(self, x: Matrix) -> None:
        self.matrix_output(x, "output")
        self._signature.update(prediction="output", task="other")

    def compile(self) -> Model:
        inputs = [TensorSpec("X", "float64", (-1, self.input.width))]
        signature = Signature(inputs, self._outputs, features=self._features, **self._signature)
        graph = Graph(signature, source=_source())
        for form, names, output, fields in self._nodes:
            graph.add(form, names, [output], **fields)
        return graph.compile()


def _source() -> str:
    import sklearn  # type: ignore[import-untyped, unused-ignore]

    return f"scikit-learn {sklearn.__version__}"
