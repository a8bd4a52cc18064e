"""Boosters of XGBoost, LightGBM and CatBoost behind other steps: the nodes of their own graphs."""

from __future__ import annotations

from typing import Any

from .._core import Graph, Unsupported
from ._answers import Answer, Classes, Values
from ._boosters import converted
from ._builder import Builder, Frame, Matrix
from ._features import labels_of
from ._registry import name_of, predictor


def _copied(builder: Builder, graph: Graph, x: Matrix) -> dict[str, Matrix]:
    """The graph's values by name, computed from x. Widths are those that the graph infers: not told here."""
    given = graph.signature.inputs[0]
    if x.dtype != given.dtype:
        x = builder.add("cast", x, x.width, given.dtype, to=given.dtype)
    values = {given.name: x}
    for node in graph.nodes:
        reads = [values[name] for name in node["reads"]]
        for name in node["writes"]:
            values[name] = builder.add(node["form"], reads, 0, "", **node["fields"])
    return values


def _output(values: dict[str, Matrix], graph: Graph, name: str) -> Matrix:
    spec = next(spec for spec in graph.signature.outputs if spec.name == name)
    width = 1 if len(spec.shape) == 1 else spec.shape[1]
    return Matrix(values[name].name, width, spec.dtype)


@predictor(
    "catboost.core.CatBoostClassifier",
    "catboost.core.CatBoostRanker",
    "catboost.core.CatBoostRegressor",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRanker",
    "lightgbm.sklearn.LGBMRegressor",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRanker",
    "xgboost.sklearn.XGBRFClassifier",
    "xgboost.sklearn.XGBRFRegressor",
    "xgboost.sklearn.XGBRegressor",
)
def _booster(builder: Builder, estimator: Any, x: Frame) -> Answer:
    if name_of(estimator).startswith("xgboost") and builder.gives_sparse:
        raise Unsupported(
            f"convert: {name_of(estimator)} after a step that gives sparse data is not covered: XGBoost takes its "
            "zeros for missing; sparse_output=False or sparse_threshold=0 make the data dense"
        )
    model = converted(estimator, None)
    assert model is not None
    graph = model.graph
    signature = graph.signature
    values = _copied(builder, graph, builder.numbers(x))
    if signature.task != "classification":
        return Values(builder.as_float64(_output(values, graph, signature.prediction)))
    label = next(node for node in graph.nodes if node["writes"] == [signature.prediction])
    position = Matrix(values[label["reads"][0]].name, 1, "int64")
    probabilities = builder.as_float64(_output(values, graph, signature.probability))
    return Classes(labels_of(signature.classes), position, probabilities)
