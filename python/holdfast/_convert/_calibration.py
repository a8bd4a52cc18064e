"""Calibrated classifiers and isotonic regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._answers import Classes, Values, binary, by_probability, column, mean_of
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import applied
from ._linear import normalized, softmax
from ._registry import classes_of, predictor
from ._stairs import interpolated


def _isotonic(builder: Builder, estimator: Any, x: Matrix) -> Matrix:
    knots = np.asarray(fitted(estimator, "X_thresholds_"), dtype=np.float64)
    heights = np.asarray(estimator.y_thresholds_, dtype=np.float64)
    if estimator.out_of_bounds == "raise":
        raise Unsupported("convert: IsotonicRegression with out_of_bounds='raise' is not covered; nan and clip are")
    inside = interpolated(builder, x, knots, heights)
    if estimator.out_of_bounds == "clip" or len(knots) == 1:
        return inside
    nowhere = builder.constant(x, [float("nan")])
    for rule, bound in (("less", float(estimator.X_min_)), ("greater", float(estimator.X_max_))):
        outside = builder.add("elementwise", x, 1, "bool", operation=rule, constant=[bound])
        inside = builder.add("choose", [outside, nowhere, inside], 1)
    return inside


@predictor("IsotonicRegression")
def _regression(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(_isotonic(builder, estimator, builder.numbers(x)))


def _calibrated(builder: Builder, calibrator: Any, x: Matrix) -> Matrix:
    if hasattr(calibrator, "X_thresholds_"):
        return _isotonic(builder, calibrator, x)
    # expit(-(a x + b))
    line = builder.add("elementwise", x, 1, operation="multiply", constant=[float(calibrator.a_)])
    line = builder.add("elementwise", line, 1, operation="add", constant=[float(calibrator.b_)])
    turned = builder.add("elementwise", line, 1, operation="multiply", constant=[-1.0])
    return applied(builder, turned, "logistic")


def _class_by_class(builder: Builder, member: Any, scores: Matrix) -> Matrix:
    """Each class's score calibrated by itself; classes that the member never saw have probability zero."""
    classes = list(member.classes)
    if len(classes) == 2:
        return binary(builder, _calibrated(builder, member.calibrators[0], scores))
    parts = [builder.constant(scores, [0.0])] * len(classes)
    for i, (label, calibrator) in enumerate(zip(member.estimator.classes_, member.calibrators, strict=True)):
        parts[classes.index(label)] = _calibrated(builder, calibrator, column(builder, scores, i))
    return normalized(builder, builder.concat(parts))


def _by_temperature(builder: Builder, member: Any, scores: Matrix, is_probability: bool) -> Matrix:
    if is_probability:
        both = scores if scores.width > 1 else binary(builder, scores)
        shifted = builder.add("elementwise", both, both.width, operation="add", constant=[1e-12])
        logits = applied(builder, shifted, "log")
    elif scores.width == 1:
        logits = builder.add("post_transform", scores, 2, transform="negate_pair")
    else:
        logits = scores
    beta = float(member.calibrators[0].beta_)
    return softmax(builder, builder.add("elementwise", logits, logits.width, operation="multiply", constant=[beta]))


def _member(builder: Builder, member: Any, x: Frame) -> Matrix:
    answer = classes_of(builder, member.estimator, x)
    scores = answer.decision
    if scores is None:
        scores = answer.probabilities
        if scores is not None and scores.width == 2:
            scores = column(builder, scores, 1)
    if scores is None or (answer.decision is None) == hasattr(member.estimator, "decision_function"):
        raise Unsupported(f"convert: CalibratedClassifierCV of {type(member.estimator).__name__} is not covered")
    if member.method == "temperature":
        return _by_temperature(builder, member, scores, answer.decision is None)
    if member.method not in ("sigmoid", "isotonic"):
        raise Unsupported(f"convert: CalibratedClassifierCV with method={member.method!r} is not covered")
    return _class_by_class(builder, member, scores)


@predictor("CalibratedClassifierCV")
def _classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    members = [_member(builder, member, x) for member in fitted(estimator, "calibrated_classifiers_")]
    return by_probability(builder, class_labels(estimator), mean_of(builder, members))
