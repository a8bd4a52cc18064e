"""Functions of matrices, element by element, composed of the graph's forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._builder import Builder, Matrix

Array = npt.NDArray[Any]

_LINKS = ("exp", "log", "logistic", "probit")


def scaled(builder: Builder, x: Matrix, offset: Any, scale: Any) -> Matrix:
    """(x - offset) / scale; None leaves that step out."""
    fields = {name: value for name, value in (("offset", offset), ("scale", scale)) if value is not None}
    return builder.add("scale", x, x.width, divide=True, compute="float64", **fields) if fields else x


def clip(builder: Builder, x: Matrix, low: float, high: float) -> Matrix:
    above = builder.add("elementwise", x, x.width, operation="maximum", constant=[low])
    return builder.add("elementwise", above, x.width, operation="minimum", constant=[high])


def absolute(builder: Builder, x: Matrix) -> Matrix:
    return builder.add("math", x, x.width, function="absolute")


def applied(builder: Builder, x: Matrix, function: str) -> Matrix:
    """A function of the forms `math` and `post_transform`, or log1p."""
    if function == "log1p":
        return log_plus_one(builder, x)
    if function in _LINKS:
        return builder.add("post_transform", x, x.width, transform=function)
    return builder.add("math", x, x.width, function=function)


def where_at_least(builder: Builder, x: Matrix, value: float, then: Matrix, otherwise: Matrix) -> Matrix:
    reached = builder.add("elementwise", x, x.width, "bool", operation="greater_equal", constant=[value])
    return builder.add("choose", [reached, then, otherwise], x.width)


def log_plus_one(builder: Builder, x: Matrix) -> Matrix:
    """log(1 + x) to the last digits also near zero: x log(u) / (u - 1), of u = 1 + x rounded.

    Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, problem 1.5 (after W. Kahan).
    """
    u = builder.add("elementwise", x, x.width, operation="add", constant=[1.0])
    above = builder.add("elementwise", u, x.width, operation="subtract", constant=[1.0])
    logarithm = applied(builder, u, "log")
    value = builder.add("elementwise", [x, logarithm], x.width, operation="multiply")
    value = builder.add("elementwise", [value, above], x.width, operation="divide")
    is_zero = builder.add("elementwise", above, x.width, "bool", operation="equal", constant=[0.0])
    return builder.add("choose", [is_zero, x, value], x.width)


def exp_minus_one(builder: Builder, x: Matrix) -> Matrix:
    """exp(x) - 1 to the last digits also near zero, where it is 2 t / (1 - t), of t = tanh(x / 2)."""
    half = builder.add("elementwise", x, x.width, operation="multiply", constant=[0.5])
    t = applied(builder, half, "tanh")
    twice = builder.add("elementwise", t, x.width, operation="multiply", constant=[2.0])
    rest = builder.add("scale", t, x.width, offset=np.ones(x.width), scale=np.full(x.width, -1.0))
    near = builder.add("elementwise", [twice, rest], x.width, operation="divide")
    far = builder.add("elementwise", applied(builder, x, "exp"), x.width, operation="subtract", constant=[1.0])
    return where_at_least(builder, absolute(builder, x), 1.0, far, near)


def bent(builder: Builder, logarithm: Matrix, powers: Array, straight: Array) -> Matrix:
    """(exp(power * logarithm) - 1) / power column by column; the logarithm itself in the columns marked `straight`."""
    if straight.all():
        return logarithm
    divisors = np.where(straight, 1.0, powers)
    x = builder.add("elementwise", logarithm, logarithm.width, operation="multiply", constant=divisors)
    curved = builder.add("elementwise", exp_minus_one(builder, x), x.width, operation="divide", constant=divisors)
    if not straight.any():
        return curved
    flags = builder.add("constant", x, x.width, "bool", dtype="bool", items=straight.astype(int).tolist())
    return builder.add("choose", [flags, logarithm, curved], x.width)
