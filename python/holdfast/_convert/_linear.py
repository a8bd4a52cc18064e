"""Linear and logistic models, and generalised linear ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._answers import Classes, Labels, Values, binary, by_decision
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import applied, clip, scaled
from ._registry import predictor


def product(builder: Builder, x: Matrix, weights: Any, intercept: Any = 0.0) -> Matrix:
    """x W^T + b, of weights (outputs, features)."""
    rows: npt.NDArray[np.float64] = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    outputs = rows.shape[0]
    return builder.add(
        "linear",
        x,
        outputs,
        features=x.width,
        outputs=outputs,
        weights=rows,
        intercept=np.broadcast_to(np.asarray(intercept, dtype=np.float64).ravel(), (outputs,)),
        compute="float64",
    )


def normalized(builder: Builder, x: Matrix) -> Matrix:
    """Each row divided by its sum; uniform where that is zero."""
    return builder.add("post_transform", x, x.width, transform="normalize_rows")


def softmax(builder: Builder, x: Matrix) -> Matrix:
    return builder.add("post_transform", x, x.width, transform="softmax")


def one_against_rest(builder: Builder, decision: Matrix) -> Matrix:
    """Probabilities from each class's logistic score."""
    each = applied(builder, decision, "logistic")
    return binary(builder, each) if each.width == 1 else normalized(builder, each)


def _scores(builder: Builder, estimator: Any, x: Frame) -> Matrix:
    weights = fitted(estimator, "coef_")
    if not isinstance(weights, np.ndarray):
        weights = weights.toarray()
    return product(builder, builder.numbers(x), weights, estimator.intercept_)


@predictor(
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lars",
    "LarsCV",
    "Lasso",
    "LassoCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "LinearRegression",
    "LinearSVR",
    "MultiTaskElasticNet",
    "MultiTaskElasticNetCV",
    "MultiTaskLasso",
    "MultiTaskLassoCV",
    "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV",
    "PassiveAggressiveRegressor",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
    "TheilSenRegressor",
)
def _regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_scores(builder, estimator, x))


@predictor("PoissonRegressor", "GammaRegressor", "TweedieRegressor")
def _generalized(builder: Builder, estimator: Any, x: Frame) -> Values:
    scores = _scores(builder, estimator, x)
    link = getattr(estimator, "link", "log")
    if link == "auto":
        link = "identity" if estimator.power <= 0 else "log"
    if link == "identity":
        return Values(scores)
    return Values(applied(builder, scores, "exp"))


@predictor("LinearSVC", "PassiveAggressiveClassifier", "Perceptron", "RidgeClassifier", "RidgeClassifierCV")
def _scored(builder: Builder, estimator: Any, x: Frame) -> Classes:
    decision = _scores(builder, estimator, x)
    binarizer = getattr(estimator, "_label_binarizer", None)
    if binarizer is not None and binarizer.y_type_.startswith("multilabel"):
        raise Unsupported(f"convert: {type(estimator).__name__} of several labels a row is not covered")
    return by_decision(builder, class_labels(estimator), decision)


def _huber(builder: Builder, decision: Matrix) -> Matrix:
    """(clip(decision, -1, 1) + 1) / 2, and its rows as probabilities."""
    clipped = clip(builder, decision, -1.0, 1.0)
    each = scaled(builder, clipped, np.full(clipped.width, -1.0), np.full(clipped.width, 2.0))
    return binary(builder, each) if each.width == 1 else normalized(builder, each)


@predictor("SGDClassifier")
def _stochastic(builder: Builder, estimator: Any, x: Frame) -> Classes:
    decision = _scores(builder, estimator, x)
    if estimator.loss == "log_loss":
        probabilities = one_against_rest(builder, decision)
    elif estimator.loss == "modified_huber":
        probabilities = _huber(builder, decision)
    else:
        return by_decision(builder, class_labels(estimator), decision)
    return by_decision(builder, class_labels(estimator), decision, probabilities)


def _is_one_against_rest(estimator: Any, classes: int) -> bool:
    """scikit-learn before 1.8 chose by `multi_class`; since then two classes are always fitted so."""
    rule = getattr(estimator, "multi_class", "auto")
    if rule in ("auto", "deprecated", "warn"):
        return classes <= 2 or estimator.solver == "liblinear"
    return bool(rule == "ovr")


@predictor("LogisticRegression", "LogisticRegressionCV")
def _logistic(builder: Builder, estimator: Any, x: Frame) -> Classes:
    decision = _scores(builder, estimator, x)
    labels: Labels = class_labels(estimator)
    if _is_one_against_rest(estimator, len(labels)):
        probabilities = one_against_rest(builder, decision)
    elif decision.width == 1:
        probabilities = softmax(builder, builder.add("post_transform", decision, 2, transform="negate_pair"))
    else:
        probabilities = softmax(builder, decision)
    return by_decision(builder, labels, decision, probabilities)
