"""Support vector machines of libsvm."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._answers import Classes, Values, position_of
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._registry import predictor

_KERNELS = {"linear": "linear", "poly": "polynomial", "rbf": "rbf", "sigmoid": "sigmoid"}


def _machine(builder: Builder, estimator: Any, x: Matrix, counts: list[int], sign: float, width: int) -> Matrix:
    vectors = fitted(estimator, "support_vectors_")
    if callable(estimator.kernel) or estimator.kernel not in _KERNELS:
        raise Unsupported(
            f"convert: {type(estimator).__name__} with kernel={estimator.kernel!r} is not covered; "
            f"{', '.join(_KERNELS)} are"
        )
    if not isinstance(vectors, np.ndarray):
        raise Unsupported(f"convert: {type(estimator).__name__} fitted on sparse data is not covered; dense data is")
    return builder.add(
        "kernels",
        x,
        width,
        kernel=_KERNELS[estimator.kernel],
        gamma=float(estimator._gamma),
        coef0=float(estimator.coef0),
        degree=float(estimator.degree),
        features=x.width,
        support_vectors=vectors,
        vectors_a_class=counts,
        coefficients=sign * estimator.dual_coef_,
        intercept=sign * estimator.intercept_,
        compute="float64",
    )


@predictor("SVR", "NuSVR")
def _regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_machine(builder, estimator, builder.numbers(x), [], 1.0, 1))


@predictor("OneClassSVM")
def _one_class(builder: Builder, estimator: Any, x: Frame) -> Classes:
    decision = _machine(builder, estimator, builder.numbers(x), [], 1.0, 1)
    return Classes([-1, 1], position_of(builder, decision), decision=decision)


def _platt(estimator: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Platt's A and B, a pair each; None without probability=True."""
    a = np.asarray(getattr(estimator, "_probA", ()), dtype=np.float64)
    b = np.asarray(getattr(estimator, "_probB", ()), dtype=np.float64)
    return (a, b) if a.size > 0 else None


def _decision(builder: Builder, estimator: Any, pairs: Matrix, classes: int) -> Matrix:
    """What `decision_function` gives."""
    if classes == 2:
        return builder.add("elementwise", pairs, 1, operation="multiply", constant=[-1.0])
    if estimator.decision_function_shape == "ovr":
        return builder.add("pairwise_votes", pairs, classes, classes=classes, ovr=True)
    return pairs


@predictor("SVC", "NuSVC")
def _classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    counts = [int(count) for count in fitted(estimator, "n_support_")]
    labels = class_labels(estimator)
    classes = len(labels)
    # For two classes scikit-learn turns libsvm's sign round in what it shows.
    sign = -1.0 if classes == 2 else 1.0
    pairs = _machine(builder, estimator, builder.numbers(x), counts, sign, classes * (classes - 1) // 2)
    by_confidence = bool(estimator.break_ties) and estimator.decision_function_shape == "ovr" and classes > 2
    votes = builder.add("pairwise_votes", pairs, classes, classes=classes, ovr=by_confidence)
    position = position_of(builder, votes)
    decision = _decision(builder, estimator, pairs, classes)
    platt = _platt(estimator)
    if platt is None:
        return Classes(labels, position, decision=decision)
    a, b = platt
    probabilities = builder.add("pairwise_probability", pairs, classes, classes=classes, a=a, b=b)
    return Classes(labels, position, probabilities, decision)
