"""What predictors give, and how it becomes a model's outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .._core import Unsupported
from ._builder import Builder, Frame, Matrix

Labels = list[int] | list[str]


@dataclass(frozen=True)
class Classes:
    """Of a classifier. `position` is the label's in `labels`; `decision` has one column where there are two classes."""

    labels: Labels
    position: Matrix
    probabilities: Matrix | None = None
    decision: Matrix | None = None


@dataclass(frozen=True)
class ManyClasses:
    """Of a classifier of several targets: one answer each."""

    targets: tuple[Classes, ...]


@dataclass(frozen=True)
class Values:
    """Of a regressor: (rows, targets)."""

    matrix: Matrix


Answer = Classes | ManyClasses | Values


def position_of(builder: Builder, scores: Matrix, *, or_equal: bool = False) -> Matrix:
    """The best score's column; of one column, 1 where it is above zero (or zero too)."""
    if scores.width == 1:
        return builder.add("threshold", scores, 1, "int64", value=0.0, or_equal=or_equal)
    return builder.add("arg_max", scores, 1, "int64")


def by_probability(builder: Builder, labels: Labels, probabilities: Matrix, decision: Matrix | None = None) -> Classes:
    return Classes(labels, builder.add("arg_max", probabilities, 1, "int64"), probabilities, decision)


def by_decision(builder: Builder, labels: Labels, decision: Matrix, probabilities: Matrix | None = None) -> Classes:
    return Classes(labels, position_of(builder, decision), probabilities, decision)


def binary(builder: Builder, positive: Matrix) -> Matrix:
    """Probabilities of two classes from the second's."""
    return builder.add("post_transform", positive, 2, transform="complement")


def column(builder: Builder, x: Matrix, i: int) -> Matrix:
    return x if x.width == 1 else builder.add("select", x, 1, x.dtype, columns=[i])


def sum_of(builder: Builder, members: Sequence[Matrix], weights: Sequence[float] | None = None) -> Matrix:
    """The members' sum, element by element, from the first to the last; of weight times member, where there are any."""
    width = members[0].width
    stacked = builder.concat(members)
    order = np.arange(stacked.width).reshape(len(members), width).T.ravel()
    together = builder.add("select", stacked, stacked.width, columns=order)
    if weights is not None:
        repeated = np.tile(np.asarray(weights, dtype=np.float64), width)
        together = builder.add("elementwise", together, together.width, operation="multiply", constant=repeated)
    return builder.add("reduce", together, width, reduction="sum", extent=len(members))


def mean_of(builder: Builder, members: Sequence[Matrix], weights: Sequence[float] | None = None) -> Matrix:
    divisor = float(len(members)) if weights is None else float(np.sum(weights))
    total = sum_of(builder, members, weights)
    return builder.add("elementwise", total, total.width, operation="divide", constant=[divisor])


def moved(builder: Builder, x: Matrix, places: Sequence[int]) -> Matrix:
    """Positions as others; those that stay where they are cost nothing."""
    if list(places) == list(range(len(places))):
        return x
    return builder.add("lookup", x, 1, "int64", labels=[int(place) for place in places])


def label_of(builder: Builder, answer: Classes) -> Matrix:
    if answer.labels == list(range(len(answer.labels))):
        return answer.position
    dtype = "string" if isinstance(answer.labels[0], str) else "int64"
    return builder.add("lookup", answer.position, 1, dtype, labels=answer.labels)


def _give_classes(builder: Builder, answer: Classes) -> None:
    builder.output("label", label_of(builder, answer), flat=True)
    builder.describe(prediction="label", task="classification", classes=answer.labels)
    if answer.probabilities is not None:
        builder.output("probabilities", answer.probabilities)
        builder.describe(probability="probabilities")
    elif answer.decision is not None:
        builder.output("decision", answer.decision)


def _give_many(builder: Builder, answer: ManyClasses) -> None:
    labels = [label_of(builder, target) for target in answer.targets]
    if len({label.dtype for label in labels}) > 1:
        raise Unsupported("convert: targets of which some have text labels and others numbers are not covered")
    builder.output("label", builder.concat(labels))
    builder.describe(prediction="label", task="other")
    for i, target in enumerate(answer.targets):
        if target.probabilities is not None:
            builder.output(f"probabilities_{i}", target.probabilities)


def give(builder: Builder, answer: Answer) -> None:
    """The answer as the model's outputs."""
    if isinstance(answer, Classes):
        _give_classes(builder, answer)
    elif isinstance(answer, ManyClasses):
        _give_many(builder, answer)
    else:
        builder.output("prediction", answer.matrix)
        builder.describe(prediction="prediction", task="regression")


def give_transformed(builder: Builder, frame: Frame) -> None:
    text = any(getattr(part, "dtype", "") == "string" for part in frame.parts)
    builder.output("output", builder.texts(frame) if text else builder.numbers(frame))
    builder.describe(prediction="output", task="other")
