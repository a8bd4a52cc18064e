"""Discriminant analysis, linear and quadratic."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Classes, Labels, by_decision, column
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import scaled
from ._linear import one_against_rest, product, softmax
from ._registry import predictor, transformer


def by_log_likelihood(builder: Builder, labels: Labels, scores: Matrix) -> Classes:
    """Of joint log-likelihoods, a column a class: their softmax; the decision of two classes is their difference."""
    decision = scores
    if scores.width == 2:
        both = [column(builder, scores, 1), column(builder, scores, 0)]
        decision = builder.add("elementwise", both, 1, operation="subtract")
    position = builder.add("arg_max", scores, 1, "int64")
    return Classes(labels, position, softmax(builder, scores), decision)


@predictor("LinearDiscriminantAnalysis")
def _linear(builder: Builder, estimator: Any, x: Frame) -> Classes:
    decision = product(builder, builder.numbers(x), fitted(estimator, "coef_"), estimator.intercept_)
    labels = class_labels(estimator)
    probabilities = one_against_rest(builder, decision) if decision.width == 1 else softmax(builder, decision)
    return by_decision(builder, labels, decision, probabilities)


@transformer("LinearDiscriminantAnalysis")
def _projected(builder: Builder, estimator: Any, x: Frame) -> Frame:
    value = builder.numbers(x)
    if estimator.solver == "svd":
        value = scaled(builder, value, fitted(estimator, "xbar_"), None)
    return Frame((product(builder, value, fitted(estimator, "scalings_").T[: estimator._max_components]),))


@predictor("QuadraticDiscriminantAnalysis")
def _quadratic(builder: Builder, estimator: Any, x: Frame) -> Classes:
    value = builder.numbers(x)
    scores: list[Matrix] = []
    for k, scalings in enumerate(fitted(estimator, "scalings_")):
        centred = scaled(builder, value, estimator.means_[k], None)
        turned = product(builder, centred, (estimator.rotations_[k] * scalings**-0.5).T)
        squares = builder.add("reduce", turned, 1, reduction="sum_of_squares", extent=turned.width)
        offset = -np.sum(np.log(scalings)) + 2.0 * np.log(estimator.priors_[k])
        scores.append(scaled(builder, squares, [offset], [-2.0]))
    return by_log_likelihood(builder, class_labels(estimator), builder.concat(scores))
