"""Multi-layer perceptrons."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._answers import Classes, Values, binary, by_probability
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import applied
from ._linear import product, softmax
from ._registry import predictor


def _activated(builder: Builder, x: Matrix, name: str) -> Matrix:
    if name == "identity":
        return x
    if name == "softmax":
        return softmax(builder, x)
    if name not in ("logistic", "tanh", "relu", "exp"):
        raise Unsupported(f"convert: a perceptron with activation {name!r} is not covered")
    return applied(builder, x, name)


def _passed(builder: Builder, estimator: Any, x: Frame) -> Matrix:
    layers = fitted(estimator, "coefs_")
    value = builder.numbers(x)
    for i, (weights, intercept) in enumerate(zip(layers, estimator.intercepts_, strict=True)):
        value = product(builder, value, np.asarray(weights).T, intercept)
        last = i == len(layers) - 1
        value = _activated(builder, value, estimator.out_activation_ if last else estimator.activation)
    return value


@predictor("MLPRegressor")
def _regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_passed(builder, estimator, x))


@predictor("MLPClassifier")
def _classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    outputs = _passed(builder, estimator, x)
    if estimator._label_binarizer.y_type_.startswith("multilabel"):
        raise Unsupported("convert: MLPClassifier of several labels a row is not covered")
    labels = class_labels(estimator)
    if outputs.width > 1:
        return by_probability(builder, labels, outputs)
    position = builder.add("threshold", outputs, 1, "int64", value=0.5)
    return Classes(labels, position, binary(builder, outputs))
