"""What takes columns apart and puts them side by side: ColumnTransformer, FeatureUnion, selection of features."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Answer
from ._builder import Builder, Frame
from ._features import fitted
from ._registry import answer_of, predictor, transformed, transformer


def _weighted(builder: Builder, x: Frame, weight: float | None) -> Frame:
    if weight is None:
        return x
    value = builder.numbers(x)
    return Frame((builder.add("elementwise", value, value.width, operation="multiply", constant=[float(weight)]),))


def _passed(builder: Builder, step: Any, x: Frame) -> Frame:
    return x if isinstance(step, str) else transformed(builder, step, x)


@transformer("ColumnTransformer")
def columns(builder: Builder, estimator: Any, x: Frame) -> Frame:
    weights = estimator.transformer_weights or {}
    parts: list[Any] = []
    for name, step, _ in fitted(estimator, "transformers_"):
        positions = estimator._transformer_to_input_indices[name]
        if (isinstance(step, str) and step == "drop") or len(positions) == 0:
            continue
        chosen = builder.select(x, [int(i) for i in positions])
        parts.extend(_weighted(builder, _passed(builder, step, chosen), weights.get(name)).parts)
    builder.gives_sparse = bool(estimator.sparse_output_)
    return Frame(tuple(parts))


@transformer("FeatureUnion")
def _union(builder: Builder, estimator: Any, x: Frame) -> Frame:
    weights = estimator.transformer_weights or {}
    parts: list[Any] = []
    for name, step in estimator.transformer_list:
        if isinstance(step, str) and step == "drop":
            continue
        parts.extend(_weighted(builder, _passed(builder, step, x), weights.get(name)).parts)
    return Frame(tuple(parts))


@transformer(
    "GenericUnivariateSelect",
    "RFE",
    "RFECV",
    "SelectFdr",
    "SelectFpr",
    "SelectFromModel",
    "SelectFwe",
    "SelectKBest",
    "SelectPercentile",
    "SequentialFeatureSelector",
    "VarianceThreshold",
)
def _selection(builder: Builder, estimator: Any, x: Frame) -> Frame:
    fitted(estimator, "n_features_in_")
    value = builder.numbers(x)
    return builder.select(Frame((value,)), np.flatnonzero(estimator.get_support()).tolist())


@predictor("RFE", "RFECV")
def _elimination(builder: Builder, estimator: Any, x: Frame) -> Answer:
    fitted(estimator, "estimator_")
    return answer_of(builder, estimator.estimator_, _selection(builder, estimator, x))
