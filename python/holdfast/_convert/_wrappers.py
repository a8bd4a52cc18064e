"""One estimator a target, a class or a pair of classes; and targets that were transformed."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._answers import Answer, Classes, ManyClasses, Values, binary, by_decision, column, moved
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._functions import absolute, applied, exp_minus_one, scaled
from ._linear import product
from ._registry import answer_of, classes_of, name_of, predictor, values_of


@predictor("MultiOutputRegressor")
def _targets(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(builder.concat([values_of(builder, member, x) for member in fitted(estimator, "estimators_")]))


@predictor("MultiOutputClassifier")
def _many(builder: Builder, estimator: Any, x: Frame) -> ManyClasses:
    return ManyClasses(tuple(classes_of(builder, member, x) for member in fitted(estimator, "estimators_")))


@predictor("RegressorChain")
def _chain(builder: Builder, estimator: Any, x: Frame) -> Values:
    known = Frame((builder.numbers(x),))
    answers: list[Matrix] = []
    for member in fitted(estimator, "estimators_"):
        answers.append(values_of(builder, member, known))
        known = Frame((*known.parts, answers[-1]))
    in_order = [answers[i] for i in np.argsort(estimator.order_)]
    return Values(builder.concat(in_order))


def _score(builder: Builder, estimator: Any, answer: Answer) -> tuple[Matrix, float]:
    """A two-class member's score, and the threshold above which it means yes."""
    if isinstance(answer, Values):
        return answer.matrix, 0.5
    if isinstance(answer, Classes) and answer.decision is not None:
        return answer.decision, 0.0
    if isinstance(answer, Classes) and answer.probabilities is not None and not hasattr(estimator, "decision_function"):
        return column(builder, answer.probabilities, 1), 0.5
    raise Unsupported(f"convert: {name_of(estimator)} inside of a wrapper of two-class members is not covered")


@predictor("OneVsRestClassifier")
def _one_against_rest(builder: Builder, estimator: Any, x: Frame) -> Classes:
    members = fitted(estimator, "estimators_")
    if estimator.multilabel_:
        raise Unsupported("convert: OneVsRestClassifier of several labels a row is not covered")
    answers = [answer_of(builder, member, x) for member in members]
    scores = [_score(builder, member, answer) for member, answer in zip(members, answers, strict=True)]
    together = builder.concat([score for score, _ in scores])
    if len(members) == 1:
        position = builder.add("threshold", together, 1, "int64", value=scores[0][1])
    else:
        position = builder.add("arg_max", together, 1, "int64")
    decision = together if hasattr(estimator, "decision_function") else None
    return Classes(class_labels(estimator), position, _shares(builder, answers), decision)


def _shares(builder: Builder, answers: list[Answer]) -> Matrix | None:
    """Probabilities of the classes from their members' own; None where one has none."""
    given = [answer.probabilities for answer in answers if isinstance(answer, Classes)]
    each = [column(builder, probabilities, 1) for probabilities in given if probabilities is not None]
    if len(each) < len(answers):
        return None
    if len(each) == 1:
        return binary(builder, each[0])
    return builder.add("normalize", builder.concat(each), len(each), norm="l1", compute="float64")


@predictor("OneVsOneClassifier")
def _pairs(builder: Builder, estimator: Any, x: Frame) -> Classes:
    """Votes of the pairs, and the sums of their scores, brought into (-1/3, 1/3), to break ties."""
    members = fitted(estimator, "estimators_")
    labels = class_labels(estimator)
    value = Frame((builder.numbers(x),))
    columns = estimator.pairwise_indices_ or [range(value.width)] * len(members)
    answers = [
        classes_of(builder, member, builder.select(value, list(own)))
        for member, own in zip(members, columns, strict=True)
    ]
    scores = [_score(builder, member, answer) for member, answer in zip(members, answers, strict=True)]
    decision = _votes(builder, answers, builder.concat([score for score, _ in scores]), len(labels))
    if len(labels) > 2:
        return by_decision(builder, labels, decision)
    second = column(builder, decision, 1)
    position = builder.add("threshold", second, 1, "int64", value=scores[0][1])
    return Classes(labels, position, decision=second)


def _votes(builder: Builder, answers: list[Classes], scores: Matrix, classes: int) -> Matrix:
    """Each class's wins in its pairs, and x / (3 |x| + 3) of its scores' sum x."""
    chosen = builder.concat([_second(builder, answer) for answer in answers])
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    signs = np.zeros((classes, len(pairs)))
    for k, (i, j) in enumerate(pairs):
        signs[i, k], signs[j, k] = -1.0, 1.0
    sums = product(builder, scores, signs)
    size = builder.add("elementwise", absolute(builder, sums), classes, operation="add", constant=[1.0])
    size = builder.add("elementwise", size, classes, operation="multiply", constant=[3.0])
    bounded = builder.add("elementwise", [sums, size], classes, operation="divide")
    wins = product(builder, chosen, signs, (signs < 0.0).sum(axis=1))
    return builder.add("elementwise", [wins, bounded], classes, operation="add")


def _second(builder: Builder, answer: Classes) -> Matrix:
    """1.0 where a member that knows the labels 0 and 1 says 1."""
    return builder.as_float64(moved(builder, answer.position, [int(label) for label in answer.labels]))


def _threshold_of(estimator: Any, by_probability: bool) -> tuple[float, Any]:
    """The score from which on the answer is yes, and the label that yes is (None: the second)."""
    if name_of(estimator) == "TunedThresholdClassifierCV":
        return float(fitted(estimator, "best_threshold_")), estimator._curve_scorer._get_pos_label()
    if estimator.threshold == "auto":
        return (0.5 if by_probability else 0.0), estimator.pos_label
    return float(estimator.threshold), estimator.pos_label


@predictor("FixedThresholdClassifier", "TunedThresholdClassifierCV")
def _thresholded(builder: Builder, estimator: Any, x: Frame) -> Classes:
    member = getattr(estimator, "estimator_", estimator.estimator)
    answer = classes_of(builder, member, x)
    wanted = estimator.response_method
    by_probability = wanted == "predict_proba" or (wanted == "auto" and hasattr(member, "predict_proba"))
    scores = answer.probabilities if by_probability else answer.decision
    if scores is None:
        raise Unsupported(f"convert: {name_of(estimator)} of {name_of(member)} is not covered")
    threshold, positive = _threshold_of(estimator, by_probability)
    yes = 1 if positive is None else int(np.flatnonzero(np.asarray(estimator.classes_) == positive)[0])
    score = column(builder, scores, yes)
    if not by_probability and yes == 0:
        score = builder.add("elementwise", score, 1, operation="multiply", constant=[-1.0])
    said = builder.add("threshold", score, 1, "int64", value=threshold, or_equal=True)
    return Classes(answer.labels, moved(builder, said, [1 - yes, yes]), answer.probabilities, answer.decision)


def _undone(builder: Builder, step: Any, x: Matrix) -> Matrix:
    """What the transformer's `inverse_transform` gives."""
    name = name_of(step)
    if name == "FunctionTransformer":
        return _undone_function(builder, step, x)
    scale: Any = None
    offset: Any = None
    if name == "StandardScaler":
        scale, offset = step.scale_, step.mean_
    elif name == "RobustScaler":
        scale, offset = step.scale_, step.center_
    elif name == "MaxAbsScaler":
        scale = step.scale_
    elif name == "MinMaxScaler":
        return scaled(builder, x, step.min_, step.scale_)
    else:
        raise Unsupported(f"convert: TransformedTargetRegressor with {name} is not covered")
    if scale is not None:
        x = builder.add("elementwise", x, x.width, operation="multiply", constant=scale)
    if offset is not None:
        x = builder.add("elementwise", x, x.width, operation="add", constant=offset)
    return x


def _undone_function(builder: Builder, step: Any, x: Matrix) -> Matrix:
    function = step.inverse_func
    if function is None:
        return x
    name = getattr(function, "__name__", type(function).__name__)
    if isinstance(function, np.ufunc) and not step.inv_kw_args:
        if name == "expm1":
            return exp_minus_one(builder, x)
        if name == "square":
            return builder.add("elementwise", [x, x], x.width, operation="multiply")
        if name in ("exp", "log", "log1p", "sqrt"):
            return applied(builder, x, "square_root" if name == "sqrt" else name)
    raise Unsupported(
        f"convert: TransformedTargetRegressor with inverse_func={name} is not covered; "
        "NumPy's exp, expm1, log, log1p, sqrt and square are"
    )


@predictor("TransformedTargetRegressor")
def _target(builder: Builder, estimator: Any, x: Frame) -> Values:
    answer = values_of(builder, fitted(estimator, "regressor_"), x)
    return Values(_undone(builder, estimator.transformer_, answer))
