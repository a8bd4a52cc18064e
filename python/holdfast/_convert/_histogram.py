"""Histogram gradient boosting: float64 thresholds, sets of categories, missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._answers import Classes, Values, binary, by_decision
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import applied
from ._linear import softmax
from ._registry import predictor, transformed

Array = npt.NDArray[Any]


def _encoded(builder: Builder, estimator: Any, x: Frame) -> Matrix:
    """The columns as the trees know them: categories first, by their codes, NaN where unknown."""
    if getattr(estimator, "is_categorical_", None) is None:
        return builder.numbers(x)
    preprocessor = getattr(estimator, "_preprocessor", None)
    if preprocessor is None:
        raise Unsupported(
            f"convert: {type(estimator).__name__} with categorical features, fitted by scikit-learn before 1.4, "
            "is not covered"
        )
    parts: list[Any] = []
    for name, step, _ in preprocessor.transformers_:
        positions = preprocessor._transformer_to_input_indices[name]
        if len(positions) == 0:
            continue
        chosen = builder.select(x, [int(i) for i in positions])
        parts.extend(transformed(builder, step, chosen).parts if name == "encoder" else chosen.parts)
    return builder.numbers(Frame(tuple(parts)))


def _members(bitset: Array) -> list[int]:
    words = np.asarray(bitset, dtype="<u4")
    return [int(i) for i in np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little"))]


class _Forest:
    def __init__(self) -> None:
        self._nodes: list[Array] = []
        self._roots: list[int] = []
        self._targets: list[int] = []
        self._set_of: list[Array] = []
        self._sets: list[list[int]] = []
        self._count = 0

    def add(self, tree: Any, target: int) -> None:
        nodes = tree.nodes
        self._roots.append(self._count)
        self._targets.extend([target] * len(nodes))
        shifted = nodes.copy()
        shifted["left"] += self._count
        shifted["right"] += self._count
        self._nodes.append(shifted)
        self._set_of.append(nodes["bitset_idx"].astype(np.int64) + len(self._sets))
        self._sets.extend(_members(bitset) for bitset in tree.raw_left_cat_bitsets)
        self._count += len(nodes)

    def fields(self) -> dict[str, Any]:
        nodes = np.concatenate(self._nodes)
        leaf = nodes["is_leaf"].astype(bool)
        by_set = nodes["is_categorical"].astype(bool) & ~leaf
        fields = {
            "roots": self._roots,
            "left": np.where(leaf, -1, nodes["left"].astype(np.int64)),
            "right": np.where(leaf, -1, nodes["right"].astype(np.int64)),
            "feature": np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)),
            "threshold": np.where(leaf, 0.0, np.where(by_set, np.concatenate(self._set_of), nodes["num_threshold"])),
            "default_left": np.where(leaf, 0, nodes["missing_go_to_left"]).astype(np.int64),
            "leaf_begin": np.concatenate([[0], np.cumsum(leaf)]),
            "leaf_output": np.asarray(self._targets)[leaf],
            "leaf_value": nodes["value"][leaf],
        }
        if by_set.any():
            fields["comparisons"] = np.where(by_set, "in_set", "less_equal").tolist()
            fields["set_begin"] = np.cumsum([0, *(len(members) for members in self._sets)])
            fields["sets"] = [member for members in self._sets for member in members]
        return fields


def _raw_scores(builder: Builder, estimator: Any, x: Frame) -> Matrix:
    iterations = fitted(estimator, "_predictors")
    value = _encoded(builder, estimator, x)
    forest = _Forest()
    for iteration in iterations:
        for target, tree in enumerate(iteration):
            forest.add(tree, target)
    outputs = int(estimator.n_trees_per_iteration_)
    return builder.add(
        "trees",
        value,
        outputs,
        features=value.width,
        outputs=outputs,
        input="float64",
        comparison="less_equal",
        missing="nan",
        base=np.broadcast_to(np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel(), (outputs,)),
        accumulate="float64",
        **forest.fields(),
    )


@predictor("HistGradientBoostingRegressor")
def _regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    raw = _raw_scores(builder, estimator, x)
    return Values(applied(builder, raw, "exp") if estimator.loss in ("poisson", "gamma") else raw)


@predictor("HistGradientBoostingClassifier")
def _classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    raw = _raw_scores(builder, estimator, x)
    if raw.width > 1:
        return by_decision(builder, class_labels(estimator), raw, softmax(builder, raw))
    probabilities = binary(builder, applied(builder, raw, "logistic"))
    return by_decision(builder, class_labels(estimator), raw, probabilities)
