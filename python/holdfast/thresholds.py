"""Where a line is drawn: tolerances as objects, constant or made of past windows.

Past windows are windows of the same size that were as they should be; hf.drift takes them as ``past=``. With fewer of
them than ``min_windows``, what the threshold was to judge is ``insufficient``.

>>> import holdfast as hf
>>> tolerance = hf.thresholds.quantile(0.9, min_windows=5)
>>> tolerance([0.01, 0.02, 0.03, 0.04, 0.05])
0.046
>>> good = [{"x": [float((i * k) % 97) for i in range(1000)]} for k in range(2, 13)]
>>> hf.drift(good[0], good[1], tests={"x": hf.drift_tests.ks(tolerance)}, past=good[2:])["x"].tolerance < 0.01
True
"""

from __future__ import annotations

from typing import Literal

from ._core import Threshold

__all__ = ["Threshold", "constant", "quantile", "standard_deviations"]


def constant(value: float) -> Threshold:
    """The same always; a plain number says the same."""
    return Threshold.constant(value)


def standard_deviations(
    multiplier: float = 3.0, *, center: Literal["mean", "median"] = "mean", min_windows: int = 10
) -> Threshold:
    """The past values' mean or median, plus so many of their (unbiased) standard deviations."""
    return Threshold.standard_deviations(multiplier, center, min_windows)


def quantile(quantile: float = 0.99, *, min_windows: int = 10) -> Threshold:
    """A quantile of the past values, linear between them as numpy's."""
    return Threshold.quantile(quantile, min_windows)
