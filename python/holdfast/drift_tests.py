"""Tests for hf.drift's ``tests=``, each with the tolerance that its effect is held against.

A tolerance is a number, or one of hf.thresholds.

>>> import holdfast as hf
>>> hf.drift_tests.wasserstein(tolerance=0.2)
wasserstein(tolerance=0.2)
"""

from __future__ import annotations

from ._core import DriftTest, Threshold, default_tolerance

__all__ = ["DriftTest", "chi2", "default_tolerance", "js", "ks", "missing", "psi", "total_variation", "wasserstein"]


def ks(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Kolmogorov-Smirnov's D, in [0, 1]; numeric columns."""
    return DriftTest("ks", tolerance)


def wasserstein(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Wasserstein-1 in standard deviations of the reference; numeric columns."""
    return DriftTest("wasserstein", tolerance)


def total_variation(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Half the sum of absolute differences of shares, in [0, 1], missing being a category; text and boolean columns."""
    return DriftTest("total_variation", tolerance)


def missing(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Shift of the share of missing or infinite values, in [0, 1]; every column."""
    return DriftTest("missing", tolerance)


def psi(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Population stability index over the reference's deciles, or over categories; every column."""
    return DriftTest("psi", tolerance)


def js(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Jensen-Shannon distance, base 2, over the reference's deciles, or over categories; every column."""
    return DriftTest("js", tolerance)


def chi2(tolerance: float | Threshold = 0.1) -> DriftTest:
    """Cramer's V over the reference's deciles, or over categories; every column."""
    return DriftTest("chi2", tolerance)
