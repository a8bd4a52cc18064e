"""What estimators say about their columns and classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core import InvalidArgument, Unsupported
from ._answers import Labels
from ._registry import name_of, steps_of


def fitted(estimator: Any, attribute: str) -> Any:
    """An attribute that fitting sets; InvalidArgument without it."""
    name_of(estimator)
    value = getattr(estimator, attribute, None)
    if value is None:
        raise InvalidArgument(f"convert: this {type(estimator).__name__} is not fitted: it has no {attribute}")
    return value


def feature_count(estimator: Any) -> int:
    """Columns of the data that it was fitted on."""
    if name_of(estimator) in ("IsotonicRegression", "LabelEncoder"):
        return 1
    if name_of(estimator) == "Pipeline" and steps_of(estimator):
        return feature_count(steps_of(estimator)[0])
    if callable(getattr(estimator, "kernel", None)):  # it counts no features
        raise Unsupported(f"convert: {type(estimator).__name__} with kernel={estimator.kernel!r} is not covered")
    return int(fitted(estimator, "n_features_in_"))


def feature_names_of(estimator: Any, given: Sequence[str] | None, columns: int) -> list[str]:
    names = getattr(estimator, "feature_names_in_", None) if given is None else given
    if names is None:
        return []
    found = [str(name) for name in names]
    if len(found) != columns:
        raise InvalidArgument(f"convert: {len(found)} feature names given, {columns} wanted")
    return found


def class_labels(estimator: Any) -> Labels:
    return labels_of(fitted(estimator, "classes_"))


def labels_of(given: Any) -> Labels:
    """Labels as int64 or text."""
    classes = np.asarray(given)
    kind = classes.dtype.kind
    if kind in "biu" and (kind != "u" or classes.size == 0 or int(classes.max()) < 2**63):
        return [int(label) for label in classes]
    if kind == "f" and bool(np.all(classes == np.floor(classes))) and bool(np.all(np.abs(classes) <= 2**53)):
        return [int(label) for label in classes]
    if kind == "U" or (kind == "O" and all(isinstance(label, str) for label in classes)):
        return [str(label) for label in classes]
    if kind == "O" and all(isinstance(label, (bool, int, np.bool_, np.integer)) for label in classes):
        return [int(label) for label in classes]
    raise Unsupported(
        f"convert: class labels of dtype {classes.dtype} are not covered; integers, booleans, whole floats and text are"
    )
