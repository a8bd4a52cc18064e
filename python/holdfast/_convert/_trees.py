"""Decision trees, forests and gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._answers import Answer, Classes, ManyClasses, Values, binary, by_probability, position_of
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted, labels_of
from ._functions import applied
from ._linear import softmax
from ._registry import predictor

Array = npt.NDArray[Any]


def leaf_values(tree: Any, classifier: bool) -> Array:
    """(nodes, outputs): probabilities, of one target after the other, or values.

    Counts, which scikit-learn before 1.3 kept, become fractions.
    """
    values: Array = np.asarray(tree.value, dtype=np.float64)
    if not classifier:
        return values[:, :, 0]
    shares = [_fractions(values[:, i, :count]) for i, count in enumerate(tree.n_classes)]
    return np.concatenate(shares, axis=1)


def _fractions(values: Array) -> Array:
    sums = values.sum(axis=1, keepdims=True)
    if np.allclose(sums, 1.0, rtol=0.0, atol=1e-6):
        return values
    fractions: Array = values / np.where(sums == 0.0, 1.0, sums)
    return fractions


def _no_entries(count: int) -> Array:
    return np.zeros(count, dtype=np.int64)


class Ensemble:
    """All nodes of all trees, in the flat arrays of the form `trees`."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}
        self._roots: list[int] = []
        self._nodes = 0

    def _put(self, name: str, values: Array) -> None:
        self._parts.setdefault(name, []).append(values)

    def add(self, tree: Any, values: Array, first_output: int = 0, columns: Array | None = None) -> None:
        """`values` (nodes, k) are what leaves give outputs first_output .. first_output + k.

        `columns` are the model's, of each feature that the tree knows; all of them, if left out.
        """
        count, width = values.shape
        feature = np.asarray(tree.feature)
        if columns is not None:
            feature = np.asarray(columns)[feature]
        leaf = np.asarray(tree.children_left) < 0
        self._roots.append(self._nodes)
        self._put("left", np.where(leaf, -1, tree.children_left + self._nodes))
        self._put("right", np.where(leaf, -1, tree.children_right + self._nodes))
        self._put("feature", np.where(leaf, -1, feature))
        self._put("threshold", np.where(leaf, 0.0, tree.threshold))
        goes_left = getattr(tree, "missing_go_to_left", None)
        missing = _no_entries(count) if goes_left is None else np.asarray(goes_left, dtype=np.int64)
        self._put("default_left", np.where(leaf, 0, missing))
        self._put("entries", np.where(leaf, width, 0))
        self._put("leaf_output", np.tile(np.arange(first_output, first_output + width), int(leaf.sum())))
        self._put("leaf_value", values[leaf].ravel())
        self._nodes += count

    def fields(self, features: int, outputs: int) -> dict[str, Any]:
        arrays = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        begins = np.concatenate([_no_entries(1), np.cumsum(arrays.pop("entries"))])
        return {
            "features": features,
            "outputs": outputs,
            "input": "float32",
            "comparison": "less_equal",
            "missing": "nan",
            "roots": self._roots,
            "leaf_begin": begins,
            "accumulate": "float64",
            **arrays,
        }


def _average(builder: Builder, x: Matrix, members: list[Any], classifier: bool) -> Matrix:
    ensemble = Ensemble()
    width = 1
    for member in members:
        values = leaf_values(member.tree_, classifier)
        width = values.shape[1]
        ensemble.add(member.tree_, values)
    aggregate = "average" if len(members) > 1 else "sum"
    return builder.add("trees", x, width, aggregate=aggregate, **ensemble.fields(x.width, width))


def _members(estimator: Any) -> list[Any]:
    if hasattr(estimator, "tree_"):
        return [estimator]
    return list(fitted(estimator, "estimators_"))


@predictor("DecisionTreeRegressor", "ExtraTreeRegressor", "ExtraTreesRegressor", "RandomForestRegressor")
def _regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_average(builder, builder.numbers(x), _members(estimator), classifier=False))


@predictor("DecisionTreeClassifier", "ExtraTreeClassifier", "ExtraTreesClassifier", "RandomForestClassifier")
def _classifier(builder: Builder, estimator: Any, x: Frame) -> Answer:
    probabilities = _average(builder, builder.numbers(x), _members(estimator), classifier=True)
    if estimator.n_outputs_ == 1:
        return by_probability(builder, class_labels(estimator), probabilities)
    targets: list[Classes] = []
    first = 0
    for classes in estimator.classes_:
        own = builder.add("select", probabilities, len(classes), columns=np.arange(first, first + len(classes)))
        targets.append(by_probability(builder, labels_of(classes), own))
        first += len(classes)
    return ManyClasses(tuple(targets))


def _initial(estimator: Any, features: int) -> Array:
    """The raw scores that boosting starts from, one an output; the same for every row."""
    stages = fitted(estimator, "estimators_")
    initial = estimator.init_
    if isinstance(initial, str) and initial == "zero":
        return np.zeros(stages.shape[1])
    if type(initial).__name__ not in ("DummyClassifier", "DummyRegressor"):
        raise Unsupported(
            f"convert: {type(estimator).__name__} with init={type(initial).__name__} is not covered; "
            "the default and 'zero' are"
        )
    raw: Array = estimator._raw_predict_init(np.zeros((1, features), dtype=np.float32))
    return np.asarray(raw, dtype=np.float64).ravel()


def _raw_scores(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    stages = fitted(estimator, "estimators_")
    outputs = int(stages.shape[1])
    ensemble = Ensemble()
    for stage in stages:
        for k, member in enumerate(stage):
            ensemble.add(member.tree_, leaf_values(member.tree_, classifier=False), first_output=k)
    return builder.add(
        "trees",
        x,
        outputs,
        aggregate="sum",
        base=_initial(estimator, x.width),
        tree_weight=np.full(stages.size, float(estimator.learning_rate)),
        **ensemble.fields(x.width, outputs),
    )


@predictor("GradientBoostingRegressor")
def _boosted_regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_raw_scores(builder, estimator, builder.numbers(x)))


@predictor("GradientBoostingClassifier")
def _boosted_classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    if estimator.loss not in ("log_loss", "exponential"):
        raise Unsupported(f"convert: GradientBoostingClassifier with loss={estimator.loss!r} is not covered")
    raw = _raw_scores(builder, estimator, builder.numbers(x))
    labels = class_labels(estimator)
    position = position_of(builder, raw, or_equal=True)
    if raw.width > 1:
        return Classes(labels, position, softmax(builder, raw), raw)
    doubled = raw
    if estimator.loss == "exponential":
        doubled = builder.add("elementwise", raw, 1, operation="multiply", constant=[2.0])
    return Classes(labels, position, binary(builder, applied(builder, doubled, "logistic")), raw)
