"""Projections: principal components and their like."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._builder import Builder, Frame
from ._features import fitted
from ._functions import scaled
from ._linear import product
from ._registry import transformer


@transformer("PCA", "IncrementalPCA")
def _principal(builder: Builder, estimator: Any, x: Frame) -> Frame:
    components = fitted(estimator, "components_")
    value = builder.numbers(x)
    if estimator.mean_ is not None:
        value = scaled(builder, value, estimator.mean_, None)
    value = product(builder, value, components)
    if estimator.whiten:
        deviation = np.sqrt(estimator.explained_variance_)
        value = scaled(builder, value, None, np.maximum(deviation, np.finfo(deviation.dtype).eps))
    return Frame((value,))


@transformer("FastICA")
def _independent(builder: Builder, estimator: Any, x: Frame) -> Frame:
    components = fitted(estimator, "components_")
    value = builder.numbers(x)
    if estimator.whiten:
        value = scaled(builder, value, estimator.mean_, None)
    return Frame((product(builder, value, components),))


@transformer("FactorAnalysis")
def _factors(builder: Builder, estimator: Any, x: Frame) -> Frame:
    components = fitted(estimator, "components_")
    weighted = components / estimator.noise_variance_
    covariance = np.linalg.inv(np.eye(len(components)) + np.dot(weighted, components.T))
    centred = scaled(builder, builder.numbers(x), estimator.mean_, None)
    return Frame((product(builder, centred, np.dot(covariance, weighted)),))


@transformer("TruncatedSVD", "GaussianRandomProjection", "SparseRandomProjection", "NeighborhoodComponentsAnalysis")
def _projection(builder: Builder, estimator: Any, x: Frame) -> Frame:
    components = fitted(estimator, "components_")
    if not isinstance(components, np.ndarray):
        components = components.toarray()
    return Frame((product(builder, builder.numbers(x), components),))
