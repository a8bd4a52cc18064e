"""Naive Bayes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Classes, by_probability
from ._builder import Builder, Frame, Matrix
from ._clusters import differences
from ._features import class_labels, fitted
from ._functions import scaled
from ._linear import product, softmax
from ._registry import predictor


def _by_likelihood(builder: Builder, estimator: Any, scores: Matrix) -> Classes:
    answer = by_probability(builder, class_labels(estimator), scores)
    return Classes(answer.labels, answer.position, softmax(builder, scores))


@predictor("GaussianNB")
def _gaussian(builder: Builder, estimator: Any, x: Frame) -> Classes:
    variances = np.asarray(fitted(estimator, "var_"), dtype=np.float64)
    value = builder.numbers(x)
    apart = scaled(builder, differences(builder, value, estimator.theta_), None, np.sqrt(variances).ravel())
    squares = builder.add("reduce", apart, len(variances), reduction="sum_of_squares", extent=value.width)
    constants = np.log(estimator.class_prior_) - 0.5 * np.sum(np.log(2.0 * np.pi * variances), axis=1)
    scores = scaled(builder, squares, 2.0 * constants, np.full(len(variances), -2.0))
    return _by_likelihood(builder, estimator, scores)


@predictor("MultinomialNB")
def _multinomial(builder: Builder, estimator: Any, x: Frame) -> Classes:
    weights = fitted(estimator, "feature_log_prob_")
    return _by_likelihood(builder, estimator, product(builder, builder.numbers(x), weights, estimator.class_log_prior_))


@predictor("ComplementNB")
def _complement(builder: Builder, estimator: Any, x: Frame) -> Classes:
    weights = fitted(estimator, "feature_log_prob_")
    prior = estimator.class_log_prior_ if len(estimator.classes_) == 1 else 0.0
    return _by_likelihood(builder, estimator, product(builder, builder.numbers(x), weights, prior))


@predictor("BernoulliNB")
def _bernoulli(builder: Builder, estimator: Any, x: Frame) -> Classes:
    present = np.asarray(fitted(estimator, "feature_log_prob_"), dtype=np.float64)
    value = builder.numbers(x)
    if estimator.binarize is not None:
        flags = builder.add("threshold", value, value.width, "int64", value=float(estimator.binarize))
        value = builder.as_float64(flags)
    absent = np.log(1.0 - np.exp(present))
    scores = product(builder, value, present - absent, estimator.class_log_prior_ + absent.sum(axis=1))
    return _by_likelihood(builder, estimator, scores)
