"""What estimators say about their columns and classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core import InvalidArgument, Unsupported


def fitted(estimator: Any, attribute: str) -> Any:
    """An attribute that fitting sets; InvalidArgument without it."""
    value = getattr(estimator, attribute, None)
    if value is None:
        raise InvalidArgument(f"convert: this {type(estimator).__name__} is not fitted: it has no {attribute}")
    return value


def feature_count(steps: list[Any]) -> int:
    if callable(getattr(steps[0], "kernel", None)):
        raise Unsupported(f"convert: {type(steps[0]).__name__} with kernel={steps[0].kernel!r} is not covered")
    return int(fitted(steps[0], "n_features_in_"))


def feature_names_of(steps: list[Any], given: Sequence[str] | None) -> list[str]:
    names = getattr(steps[0], "feature_names_in_", None) if given is None else given
    if names is None:
        return []
    found = [str(name) for name in names]
    if len(found) != feature_count(steps):
        raise InvalidArgument(f"convert: {len(found)} feature names given, {feature_count(steps)} wanted")
    return found


def refuse_many_outputs(estimator: Any) -> None:
    outputs = int(getattr(estimator, "n_outputs_", 1))
    if outputs != 1:
        raise Unsupported(f"convert: {type(estimator).__name__} with {outputs} outputs is not covered; one output is")


def class_labels(estimator: Any) -> list[int] | list[str]:
    """`classes_` as int64 or text."""
    classes = np.asarray(fitted(estimator, "classes_"))
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
