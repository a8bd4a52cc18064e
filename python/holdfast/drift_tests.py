"""Tests for hf.drift's ``tests=``, each with the tolerance that its effect is held against.

A tolerance is a number, or one of hf.thresholds. docs/statistics.md says for each test what is exact, bounded or
refused on profiles.

>>> import holdfast as hf
>>> hf.drift_tests.wasserstein(tolerance=0.2)
wasserstein(tolerance=0.2)
"""

from __future__ import annotations

from typing import Literal

from ._core import DriftTest, Threshold, default_tolerance

__all__ = [
    "DriftTest",
    "anderson_darling",
    "chi2",
    "cramer_von_mises",
    "default_tolerance",
    "energy",
    "fisher",
    "g_test",
    "hellinger",
    "js",
    "kl",
    "ks",
    "kuiper",
    "l_infinity",
    "levene",
    "mann_whitney",
    "mean",
    "missing",
    "psi",
    "total_variation",
    "wasserstein",
]


def ks(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Kolmogorov-Smirnov's D, in [0, 1]; numeric columns."""
    return DriftTest("ks", tolerance)


def wasserstein(tolerance: float | Threshold = 0.1, units: Literal["sd", "iqr", "raw"] = "sd") -> DriftTest:
    """Wasserstein-1 in standard deviations of the reference, its interquartile ranges, or the column's own unit;
    numeric columns.

    >>> import holdfast as hf
    >>> test = hf.drift_tests.wasserstein(tolerance=5.0, units="raw")
    >>> rows = [float(i % 100) for i in range(5000)]
    >>> round(hf.drift({"x": rows}, {"x": [v + 20 for v in rows]}, tests={"x": test})["x"].effect)
    20
    """
    return DriftTest("wasserstein", tolerance, units)


def energy(tolerance: float | Threshold = 0.01) -> DriftTest:
    """Energy distance as Szekely and Rizzo's coefficient, in [0, 1]; numeric columns."""
    return DriftTest("energy", tolerance)


def cramer_von_mises(tolerance: float | Threshold = 0.05) -> DriftTest:
    """Root of the mean of (F - G)^2 over the rows of both, in [0, 1]; numeric columns, of frames only."""
    return DriftTest("cramer_von_mises", tolerance)


def anderson_darling(tolerance: float | Threshold = 0.02) -> DriftTest:
    """Mean of (F - G)^2 / (H (1 - H)) over the rows of both; numeric columns, of frames only."""
    return DriftTest("anderson_darling", tolerance)


def kuiper(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Kuiper's V, in [0, 1]; numeric columns."""
    return DriftTest("kuiper", tolerance)


def mann_whitney(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Cliff's delta, its size, in [0, 1]; numeric columns."""
    return DriftTest("mann_whitney", tolerance)


def mean(tolerance: float | Threshold = 0.2) -> DriftTest:
    """Difference of means, its size, in pooled standard deviations; numeric columns."""
    return DriftTest("mean", tolerance)


def levene(tolerance: float | Threshold = 0.2) -> DriftTest:
    """Logarithm of the ratio of mean distances from the median, its size; numeric columns, of frames only."""
    return DriftTest("levene", tolerance)


def total_variation(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Half the sum of absolute differences of shares, in [0, 1], missing being a category; text and boolean columns."""
    return DriftTest("total_variation", tolerance)


def l_infinity(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Largest absolute difference of shares, in [0, 1], missing being a category; text and boolean columns."""
    return DriftTest("l_infinity", tolerance)


def fisher(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Difference of the shares of two categories, its size; text and boolean columns of two categories."""
    return DriftTest("fisher", tolerance)


def missing(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Shift of the share of missing or infinite values, in [0, 1]; every column."""
    return DriftTest("missing", tolerance)


def psi(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Population stability index over the reference's deciles, or over categories; every column."""
    return DriftTest("psi", tolerance)


def js(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Jensen-Shannon distance, base 2, over the reference's deciles, or over categories; every column."""
    return DriftTest("js", tolerance)


def hellinger(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Hellinger distance over the reference's deciles, or over categories, in [0, 1]; every column."""
    return DriftTest("hellinger", tolerance)


def kl(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Kullback-Leibler divergence of the reference from the current shares, in nats, over the reference's deciles, or
    over categories; every column."""
    return DriftTest("kl", tolerance)


def chi2(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Cramer's V over the reference's deciles, or over categories; every column."""
    return DriftTest("chi2", tolerance)


def g_test(tolerance: float | Threshold = 0.01) -> DriftTest:
    """Bits that a category, or a decile of the reference, tells of the sample; every column."""
    return DriftTest("g_test", tolerance)
