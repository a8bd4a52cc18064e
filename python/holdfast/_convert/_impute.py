"""SimpleImputer and MissingIndicator, of numbers and of text."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._builder import Builder, Frame, Matrix
from ._features import fitted
from ._registry import transformer


def _is_nan(value: object) -> bool:
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _missing_number(estimator: Any, missing: Any) -> dict[str, Any]:
    if _is_nan(missing):
        return {"missing_is_nan": True}
    if not _is_number(missing):
        raise Unsupported(
            f"convert: {type(estimator).__name__} of numbers with missing_values={missing!r} is not covered; "
            "NaN and numbers are"
        )
    return {"missing_is_nan": False, "missing_value": float(missing)}


def _flags(builder: Builder, estimator: Any, x: Frame, *, text: bool) -> Matrix:
    """1.0 where x is missing."""
    if text:
        return builder.as_float64(_text_is_missing(builder, estimator, builder.texts(x)))
    value = builder.numbers(x)
    missing = _missing_number(estimator, estimator.missing_values)
    return builder.add("impute", value, x.width, kept=[], fill=[], indicators=np.arange(x.width), **missing)


def _text_is_missing(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    missing = estimator.missing_values
    marker = "" if _is_nan(missing) else missing
    if not isinstance(marker, str):
        raise Unsupported(
            f"convert: {type(estimator).__name__} of text with missing_values={missing!r} is not covered; "
            "None, NaN and text are"
        )
    markers = builder.constant_text(x, [marker] * x.width)
    return builder.add("elementwise", [x, markers], x.width, "bool", operation="equal", compute="string")


def _numbers(builder: Builder, estimator: Any, x: Frame, fill: list[Any]) -> Matrix:
    dtype = getattr(estimator, "_fill_dtype", None)
    values = np.asarray(fill, dtype=np.float64)
    if dtype is not None and np.dtype(dtype).kind == "f":
        values = values.astype(dtype).astype(np.float64)
    value = builder.numbers(x)
    missing = _missing_number(estimator, estimator.missing_values)
    return builder.add("impute", value, len(fill), kept=np.arange(len(fill)), fill=values, **missing)


def _texts(builder: Builder, estimator: Any, x: Frame, fill: list[Any]) -> Matrix:
    value = builder.texts(x)
    return builder.add(
        "choose",
        [_text_is_missing(builder, estimator, value), builder.constant_text(value, fill), value],
        value.width,
        "string",
    )


def _runs(fill: list[Any], kept: list[int]) -> list[list[int]]:
    """`kept` in runs of columns that are all filled with text, or all with numbers."""
    runs: list[list[int]] = []
    for i in kept:
        if runs and isinstance(fill[runs[-1][-1]], str) == isinstance(fill[i], str):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


@transformer("SimpleImputer")
def _simple(builder: Builder, estimator: Any, x: Frame) -> Frame:
    fill = np.asarray(fitted(estimator, "statistics_")).tolist()
    for value in fill:
        if not (isinstance(value, str) or _is_number(value) or _is_nan(value)):
            raise Unsupported(f"convert: SimpleImputer that fills in {value!r} is not covered; numbers and text are")
    kept = [i for i, value in enumerate(fill) if estimator.keep_empty_features or not _is_nan(value)]
    parts: list[Matrix] = []
    for run in _runs(fill, kept):
        impute = _texts if isinstance(fill[run[0]], str) else _numbers
        parts.append(impute(builder, estimator, builder.select(x, run), [fill[i] for i in run]))
    indicator = getattr(estimator, "indicator_", None)
    if indicator is not None:
        parts.append(_indicated(builder, indicator, x, fill))
    return Frame(tuple(parts))


def _indicated(builder: Builder, indicator: Any, x: Frame, fill: list[Any]) -> Matrix:
    flags: list[Matrix] = []
    for run in _runs(fill, [int(column) for column in indicator.features_]):
        text = isinstance(fill[run[0]], str)
        flags.append(_flags(builder, indicator, builder.select(x, run), text=text))
    return builder.concat(flags)


@transformer("MissingIndicator")
def _indicator(builder: Builder, estimator: Any, x: Frame) -> Frame:
    chosen = builder.select(x, [int(i) for i in fitted(estimator, "features_")])
    text = isinstance(estimator.missing_values, str) or any(
        isinstance(part, Matrix) and part.dtype == "string" for part in chosen.parts
    )
    return Frame((_flags(builder, estimator, chosen, text=text),))
