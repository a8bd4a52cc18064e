"""Scalers and other transformers that work column by column or row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Unsupported
from ._builder import Builder, Frame, Matrix
from ._features import fitted
from ._functions import absolute, applied, bent, clip, log_plus_one, scaled, where_at_least
from ._registry import transformed, transformer
from ._stairs import interpolated

Array = npt.NDArray[Any]


@transformer("StandardScaler")
def _standard(builder: Builder, estimator: Any, x: Frame) -> Frame:
    fitted(estimator, "n_samples_seen_")
    offset = estimator.mean_ if estimator.with_mean else None
    scale = estimator.scale_ if estimator.with_std else None
    return Frame((scaled(builder, builder.numbers(x), offset, scale),))


@transformer("RobustScaler")
def _robust(builder: Builder, estimator: Any, x: Frame) -> Frame:
    fitted(estimator, "n_features_in_")
    offset = estimator.center_ if estimator.with_centering else None
    scale = estimator.scale_ if estimator.with_scaling else None
    return Frame((scaled(builder, builder.numbers(x), offset, scale),))


@transformer("MinMaxScaler")
def _min_max(builder: Builder, estimator: Any, x: Frame) -> Frame:
    scale = fitted(estimator, "scale_")
    value = builder.numbers(x)
    value = builder.add("elementwise", value, value.width, operation="multiply", constant=scale)
    value = builder.add("elementwise", value, value.width, operation="add", constant=estimator.min_)
    if estimator.clip:
        low, high = estimator.feature_range
        value = clip(builder, value, float(low), float(high))
    return Frame((value,))


@transformer("MaxAbsScaler")
def _max_abs(builder: Builder, estimator: Any, x: Frame) -> Frame:
    value = scaled(builder, builder.numbers(x), None, fitted(estimator, "scale_"))
    if getattr(estimator, "clip", False):
        value = clip(builder, value, -1.0, 1.0)
    return Frame((value,))


@transformer("Normalizer")
def _normalizer(builder: Builder, estimator: Any, x: Frame) -> Frame:
    value = builder.numbers(x)
    return Frame((builder.add("normalize", value, value.width, norm=estimator.norm, compute="float64"),))


@transformer("PowerTransformer")
def _power(builder: Builder, estimator: Any, x: Frame) -> Frame:
    lambdas = np.asarray(fitted(estimator, "lambdas_"), dtype=np.float64)
    if not np.isfinite(lambdas).all():
        raise Unsupported("convert: PowerTransformer with a lambda that is not finite is not covered")
    value = builder.numbers(x)
    if estimator.method == "box-cox":
        logarithm = builder.add("post_transform", value, value.width, transform="log")
        value = bent(builder, logarithm, lambdas, np.abs(lambdas) < 1e-19)
    else:
        value = _yeo_johnson(builder, value, lambdas)
    if not estimator.standardize:
        return Frame((value,))
    return transformed(builder, estimator._scaler, Frame((value,)))


def _yeo_johnson(builder: Builder, x: Matrix, lambdas: Array) -> Matrix:
    logarithm = log_plus_one(builder, absolute(builder, x))
    spacing = np.spacing(1.0)
    above = bent(builder, logarithm, lambdas, np.abs(lambdas) < spacing)
    below = bent(builder, logarithm, 2.0 - lambdas, np.abs(lambdas - 2.0) <= spacing)
    below = builder.add("elementwise", below, x.width, operation="multiply", constant=[-1.0])
    return where_at_least(builder, x, 0.0, above, below)


@transformer("QuantileTransformer")
def _quantiles(builder: Builder, estimator: Any, x: Frame) -> Frame:
    quantiles = fitted(estimator, "quantiles_")
    parts: list[Matrix] = []
    for j in range(x.width):
        column = builder.numbers(builder.select(x, [j]))
        parts.append(_quantile_of(builder, column, quantiles[:, j], estimator.references_))
    ranks = builder.concat(parts)
    if estimator.output_distribution == "uniform":
        return Frame((_at_ends(builder, builder.numbers(x), ranks, quantiles, 0.0),))
    if estimator.output_distribution != "normal":
        raise Unsupported(
            f"convert: QuantileTransformer to {estimator.output_distribution!r} is not covered; uniform and normal are"
        )
    from scipy.stats import norm  # type: ignore[import-untyped, unused-ignore]

    edge = 1e-7
    ranks = _at_ends(builder, builder.numbers(x), ranks, quantiles, edge)
    normal = builder.add("post_transform", ranks, ranks.width, transform="probit")
    low, high = norm.ppf(edge - np.spacing(1)), norm.ppf(1 - (edge - np.spacing(1)))
    return Frame((clip(builder, normal, float(low), float(high)),))


def _at_ends(builder: Builder, x: Matrix, ranks: Matrix, quantiles: Array, edge: float) -> Matrix:
    """0 and 1 for what is at the outermost quantiles, or less than `edge` inside of them."""
    for quantile, rank, shift, operation in ((-1, 1.0, edge, "greater"), (0, 0.0, -edge, "less")):
        ends = np.ascontiguousarray(quantiles[quantile])
        moved = builder.add("elementwise", x, x.width, operation="add", constant=[shift])
        rule = "equal" if edge == 0.0 else operation
        outside = builder.add("elementwise", moved, x.width, "bool", operation=rule, constant=ends)
        ranks = builder.add("choose", [outside, builder.constant(x, [rank] * x.width), ranks], x.width)
    return ranks


def _quantile_of(builder: Builder, x: Matrix, quantiles: Array, references: Array) -> Matrix:
    """The mean of the interpolations from below and from above, which differ where quantiles repeat."""
    upward = interpolated(builder, x, quantiles, references)
    turned = builder.add("elementwise", x, 1, operation="multiply", constant=[-1.0])
    downward = interpolated(builder, turned, -quantiles[::-1], -references[::-1])
    both = builder.add("elementwise", [upward, downward], 1, operation="subtract")
    return builder.add("elementwise", both, 1, operation="multiply", constant=[0.5])


_FUNCTIONS = {
    "abs": "absolute",
    "absolute": "absolute",
    "exp": "exp",
    "log": "log",
    "log1p": "log1p",
    "negative": "negate",
    "reciprocal": "reciprocal",
    "sqrt": "square_root",
    "tanh": "tanh",
}


@transformer("FunctionTransformer")
def _function(builder: Builder, estimator: Any, x: Frame) -> Frame:
    function = estimator.func
    if function is None:
        return x
    name = getattr(function, "__name__", type(function).__name__)
    if not isinstance(function, np.ufunc) or name not in _FUNCTIONS or estimator.kw_args:
        raise Unsupported(
            f"convert: FunctionTransformer with func={name} is not covered; NumPy's {', '.join(_FUNCTIONS)} are"
        )
    return Frame((applied(builder, builder.numbers(x), _FUNCTIONS[name]),))


@transformer("PolynomialFeatures")
def _polynomial(builder: Builder, estimator: Any, x: Frame) -> Frame:
    """Products of columns, filled up with ones to the greatest degree."""
    fitted(estimator, "n_output_features_")
    value = builder.numbers(x)
    powers = np.asarray(estimator.powers_)
    degree = max(1, int(powers.sum(axis=1).max(initial=1)))
    factors = [np.repeat(np.arange(value.width), row) for row in powers]
    columns = [np.pad(own, (0, degree - len(own)), constant_values=value.width) for own in factors]
    with_one = builder.concat([value, builder.constant(value, [1.0])])
    chosen = builder.add("select", with_one, len(powers) * degree, columns=np.concatenate(columns))
    return Frame((builder.add("reduce", chosen, len(powers), reduction="product", extent=degree),))
