"""Linear and logistic models."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._builder import Builder, Matrix
from ._features import class_labels, fitted


def _scores(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    weights = np.atleast_2d(np.asarray(fitted(estimator, "coef_"), dtype=np.float64))
    outputs = weights.shape[0]
    intercept = np.broadcast_to(np.asarray(estimator.intercept_, dtype=np.float64).ravel(), (outputs,))
    return builder.add(
        "linear", x, outputs, features=x.width, outputs=outputs, weights=weights, intercept=intercept, compute="float64"
    )


def _regressor(builder: Builder, estimator: Any, x: Matrix) -> None:
    scores = _scores(builder, estimator, x)
    if scores.width != 1:
        raise Unsupported(
            f"convert: {type(estimator).__name__} with {scores.width} outputs is not covered; one output is"
        )
    builder.prediction(scores)


def _one_against_rest(estimator: Any, classes: int) -> bool:
    """scikit-learn before 1.8 chose by `multi_class`; since then two classes are always fitted so."""
    rule = getattr(estimator, "multi_class", "auto")
    if rule in ("auto", "deprecated", "warn"):
        return classes <= 2 or estimator.solver == "liblinear"
    return bool(rule == "ovr")


def _logistic(builder: Builder, estimator: Any, x: Matrix) -> None:
    scores = _scores(builder, estimator, x)
    labels = class_labels(estimator)
    if scores.width == 1:
        builder.labels(builder.add("threshold", scores, 1, value=0.0), labels)
    else:
        builder.labels(builder.add("arg_max", scores, 1), labels)
    if not _one_against_rest(estimator, len(labels)):
        if scores.width == 1:
            scores = builder.add("post_transform", scores, 2, transform="negate_pair")
        builder.probabilities(builder.add("post_transform", scores, scores.width, transform="softmax"))
        return
    each = builder.add("post_transform", scores, scores.width, transform="logistic")
    if each.width == 1:
        builder.probabilities(builder.add("post_transform", each, 2, transform="complement"))
    else:
        builder.probabilities(builder.add("post_transform", each, each.width, transform="normalize_rows"))


_REGRESSORS = (
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "Lasso",
    "LassoCV",
    "ElasticNet",
    "ElasticNetCV",
    "Lars",
    "LarsCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "OrthogonalMatchingPursuit",
    "BayesianRidge",
    "ARDRegression",
    "HuberRegressor",
    "TheilSenRegressor",
    "SGDRegressor",
    "LinearSVR",
)

LINEAR = {**dict.fromkeys(_REGRESSORS, _regressor), "LogisticRegression": _logistic, "LogisticRegressionCV": _logistic}
