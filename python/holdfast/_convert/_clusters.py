"""What answers by the nearest centre: k-means, mean shift, nearest centroids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._answers import Classes, position_of
from ._builder import Builder, Frame, Matrix
from ._discriminant import by_log_likelihood
from ._features import class_labels, fitted
from ._functions import scaled
from ._registry import predictor, transformer

Array = npt.NDArray[Any]

_LENGTHS = {"euclidean": "length", "manhattan": "sum_of_absolutes"}


def differences(builder: Builder, x: Matrix, centres: Array) -> Matrix:
    """x less each centre, (rows, centres * columns)."""
    tiled = builder.add("select", x, centres.size, columns=np.tile(np.arange(x.width), len(centres)))
    return scaled(builder, tiled, centres.ravel(), None)


def _distances(builder: Builder, x: Matrix, centres: Array, metric: str) -> Matrix:
    apart = differences(builder, x, centres)
    return builder.add("reduce", apart, len(centres), reduction=_LENGTHS[metric], extent=x.width)


def _nearest(builder: Builder, distances: Matrix) -> Matrix:
    return builder.add("reduce", distances, 1, "int64", reduction="arg_min", extent=distances.width)


@predictor("KMeans", "MiniBatchKMeans", "MeanShift")
def _cluster(builder: Builder, estimator: Any, x: Frame) -> Classes:
    centres = np.asarray(fitted(estimator, "cluster_centers_"), dtype=np.float64)
    distances = _distances(builder, builder.numbers(x), centres, "euclidean")
    return Classes(list(range(len(centres))), _nearest(builder, distances))


@transformer("KMeans", "MiniBatchKMeans")
def _to_centres(builder: Builder, estimator: Any, x: Frame) -> Frame:
    centres = np.asarray(fitted(estimator, "cluster_centers_"), dtype=np.float64)
    return Frame((_distances(builder, builder.numbers(x), centres, "euclidean"),))


def _discriminants(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    deviation = np.asarray(estimator.within_class_std_dev_, dtype=np.float64)
    scale = np.where(deviation == 0.0, 1.0, deviation)
    shrunk = scaled(builder, x, None, scale)
    apart = differences(builder, shrunk, estimator.centroids_ / scale)
    classes = len(estimator.centroids_)
    reduction = "sum_of_squares" if estimator.metric == "euclidean" else "sum_of_absolutes"
    squares = builder.add("reduce", apart, classes, reduction=reduction, extent=x.width)
    if reduction == "sum_of_absolutes":
        squares = builder.add("elementwise", [squares, squares], classes, operation="multiply")
    return scaled(builder, squares, 2.0 * np.log(estimator.class_prior_), np.full(classes, -1.0))


@predictor("NearestCentroid")
def _centroid(builder: Builder, estimator: Any, x: Frame) -> Classes:
    centroids = np.asarray(fitted(estimator, "centroids_"), dtype=np.float64)
    labels = class_labels(estimator)
    if estimator.metric not in _LENGTHS:
        raise Unsupported(
            f"convert: NearestCentroid with metric={estimator.metric!r} is not covered; {', '.join(_LENGTHS)} are"
        )
    value = builder.numbers(x)
    nearest = _nearest(builder, _distances(builder, value, centroids, estimator.metric))
    priors = getattr(estimator, "class_prior_", None)
    if priors is None:  # before 1.6, which has no probabilities either
        return Classes(labels, nearest)
    uniform = bool(np.isclose(priors, 1 / len(labels)).all())
    scores = _discriminants(builder, estimator, value)
    if estimator.metric != "euclidean":
        return Classes(labels, nearest if uniform else position_of(builder, scores))
    answer = by_log_likelihood(builder, labels, scores)
    return Classes(labels, nearest if uniform else answer.position, answer.probabilities, answer.decision)
