"""StandardScaler and SimpleImputer."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._builder import Builder, Matrix
from ._features import fitted


def _scaler(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    fitted(estimator, "n_samples_seen_")
    fields: dict[str, Any] = {}
    if estimator.with_mean:
        fields["offset"] = estimator.mean_
    if estimator.with_std:
        fields["scale"] = estimator.scale_
    if not fields:
        return x
    return builder.add("scale", x, x.width, divide=True, compute="float64", **fields)


def _fill_values(estimator: Any) -> Any:
    statistics = np.asarray(fitted(estimator, "statistics_"))
    if statistics.dtype.kind == "O" and all(isinstance(value, (int, float, np.number)) for value in statistics):
        statistics = statistics.astype(np.float64)
    if statistics.dtype.kind not in "biuf":
        raise Unsupported(f"convert: SimpleImputer over dtype {statistics.dtype} is not covered; numbers are")
    dtype = getattr(estimator, "_fill_dtype", None)
    rounded = statistics if dtype is None or dtype.kind not in "f" else statistics.astype(dtype)
    return rounded.astype(np.float64)


def _imputer(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    fill = _fill_values(estimator)
    missing = estimator.missing_values
    if not isinstance(missing, (int, float, np.integer, np.floating)):
        raise Unsupported(f"convert: SimpleImputer with missing_values={missing!r} is not covered; NaN and numbers are")
    kept = np.arange(x.width)
    if not getattr(estimator, "keep_empty_features", False):
        kept = np.flatnonzero(~np.isnan(fill))
    indicator = getattr(estimator, "indicator_", None)
    flagged = [] if indicator is None else [int(column) for column in indicator.features_]
    is_nan = bool(np.isnan(missing))
    return builder.add(
        "impute",
        x,
        len(kept) + len(flagged),
        missing_is_nan=is_nan,
        missing_value=0.0 if is_nan else float(missing),
        kept=kept,
        fill=fill[kept],
        indicators=flagged,
    )


TRANSFORMERS = {"StandardScaler": _scaler, "SimpleImputer": _imputer}
