"""Decision trees, forests and gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._builder import Builder, Matrix
from ._features import class_labels, fitted, refuse_many_outputs

Array = npt.NDArray[Any]


def _leaf_values(tree: Any, classifier: bool) -> Array:
    """(nodes, outputs): probabilities or values. Counts, which scikit-learn before 1.3 kept, become fractions."""
    values: Array = np.asarray(tree.value[:, 0, :], dtype=np.float64)
    if not classifier:
        return values[:, :1]
    sums = values.sum(axis=1, keepdims=True)
    if np.allclose(sums, 1.0, rtol=0.0, atol=1e-6):
        return values
    return values / np.where(sums == 0.0, 1.0, sums)


def _no_entries(count: int) -> Array:
    return np.zeros(count, dtype=np.int64)


class _Ensemble:
    """All nodes of all trees, in the flat arrays of the form `trees`."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}
        self._roots: list[int] = []
        self._nodes = 0

    def _put(self, name: str, values: Array) -> None:
        self._parts.setdefault(name, []).append(values)

    def add(self, tree: Any, values: Array, first_output: int = 0) -> None:
        """`values` (nodes, k) are what leaves give outputs first_output .. first_output + k."""
        count, width = values.shape
        leaf = np.asarray(tree.children_left) < 0
        self._roots.append(self._nodes)
        self._put("left", np.where(leaf, -1, tree.children_left + self._nodes))
        self._put("right", np.where(leaf, -1, tree.children_right + self._nodes))
        self._put("feature", np.where(leaf, -1, tree.feature))
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


def _average(builder: Builder, estimator: Any, x: Matrix, members: list[Any], classifier: bool) -> Matrix:
    refuse_many_outputs(estimator)
    ensemble = _Ensemble()
    width = 1
    for member in members:
        values = _leaf_values(member.tree_, classifier)
        width = values.shape[1]
        ensemble.add(member.tree_, values)
    aggregate = "average" if len(members) > 1 else "sum"
    return builder.add("trees", x, width, aggregate=aggregate, **ensemble.fields(x.width, width))


def _members(estimator: Any) -> list[Any]:
    if hasattr(estimator, "tree_"):
        return [estimator]
    return list(fitted(estimator, "estimators_"))


def _regressor(builder: Builder, estimator: Any, x: Matrix) -> None:
    builder.prediction(_average(builder, estimator, x, _members(estimator), classifier=False))


def _classifier(builder: Builder, estimator: Any, x: Matrix) -> None:
    probabilities = _average(builder, estimator, x, _members(estimator), classifier=True)
    builder.labels(builder.add("arg_max", probabilities, 1), class_labels(estimator))
    builder.probabilities(probabilities)


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
    ensemble = _Ensemble()
    for stage in stages:
        for k, member in enumerate(stage):
            ensemble.add(member.tree_, _leaf_values(member.tree_, classifier=False), first_output=k)
    return builder.add(
        "trees",
        x,
        outputs,
        aggregate="sum",
        base=_initial(estimator, x.width),
        tree_weight=np.full(stages.size, float(estimator.learning_rate)),
        **ensemble.fields(x.width, outputs),
    )


def _boosted_regressor(builder: Builder, estimator: Any, x: Matrix) -> None:
    builder.prediction(_raw_scores(builder, estimator, x))


def _boosted_classifier(builder: Builder, estimator: Any, x: Matrix) -> None:
    if estimator.loss not in ("log_loss", "exponential"):
        raise Unsupported(f"convert: GradientBoostingClassifier with loss={estimator.loss!r} is not covered")
    raw = _raw_scores(builder, estimator, x)
    labels = class_labels(estimator)
    if raw.width > 1:
        builder.labels(builder.add("arg_max", raw, 1), labels)
        builder.probabilities(builder.add("post_transform", raw, raw.width, transform="softmax"))
        return
    builder.labels(builder.add("threshold", raw, 1, value=0.0, or_equal=True), labels)
    if estimator.loss == "exponential":
        raw = builder.add("elementwise", raw, 1, operation="multiply", constant=[2.0])
    positive = builder.add("post_transform", raw, 1, transform="logistic")
    builder.probabilities(builder.add("post_transform", positive, 2, transform="complement"))


TREES = {
    "DecisionTreeClassifier": _classifier,
    "DecisionTreeRegressor": _regressor,
    "ExtraTreeClassifier": _classifier,
    "ExtraTreeRegressor": _regressor,
    "RandomForestClassifier": _classifier,
    "RandomForestRegressor": _regressor,
    "ExtraTreesClassifier": _classifier,
    "ExtraTreesRegressor": _regressor,
    "GradientBoostingClassifier": _boosted_classifier,
    "GradientBoostingRegressor": _boosted_regressor,
}
