"""Support vector machines of libsvm."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._builder import Builder, Matrix
from ._features import class_labels, fitted

_KERNELS = {"linear": "linear", "poly": "polynomial", "rbf": "rbf", "sigmoid": "sigmoid"}


def _machine(builder: Builder, estimator: Any, x: Matrix, counts: list[int], sign: float, width: int) -> Matrix:
    name = type(estimator).__name__
    vectors = fitted(estimator, "support_vectors_")
    if not isinstance(estimator.kernel, str) or estimator.kernel not in _KERNELS:
        raise Unsupported(f"convert: {name} with kernel={estimator.kernel!r} is not covered; {', '.join(_KERNELS)} are")
    if not isinstance(vectors, np.ndarray):
        raise Unsupported(f"convert: {name} fitted on sparse data is not covered; dense data is")
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


def _regressor(builder: Builder, estimator: Any, x: Matrix) -> None:
    builder.prediction(_machine(builder, estimator, x, [], 1.0, 1))


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


def _classifier(builder: Builder, estimator: Any, x: Matrix) -> None:
    counts = [int(count) for count in fitted(estimator, "n_support_")]
    labels = class_labels(estimator)
    classes = len(labels)
    # For two classes scikit-learn turns libsvm's sign round in what it shows.
    pairs = _machine(builder, estimator, x, counts, -1.0 if classes == 2 else 1.0, classes * (classes - 1) // 2)
    by_confidence = bool(estimator.break_ties) and estimator.decision_function_shape == "ovr" and classes > 2
    votes = builder.add("pairwise_votes", pairs, classes, classes=classes, ovr=by_confidence)
    builder.labels(builder.add("arg_max", votes, 1), labels)
    platt = _platt(estimator)
    if platt is None:
        builder.matrix_output(_decision(builder, estimator, pairs, classes), "decision")
        return
    a, b = platt
    builder.probabilities(builder.add("pairwise_probability", pairs, classes, classes=classes, a=a, b=b))


SVM = {"SVC": _classifier, "NuSVC": _classifier, "SVR": _regressor, "NuSVR": _regressor}
