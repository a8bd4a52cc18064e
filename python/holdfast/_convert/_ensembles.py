"""Ensembles of any estimators: voting, stacking, bagging, AdaBoost."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core import Unsupported
from ._answers import Answer, Classes, Values, by_decision, by_probability, column, label_of, mean_of, moved, sum_of
from ._builder import Builder, Frame, Matrix
from ._encode import indicators
from ._features import class_labels, fitted
from ._linear import softmax
from ._registry import answer_of, classes_of, name_of, predictor, values_of


def _places(answer: Classes, classes: int, owner: Any) -> list[int]:
    """Where a member's classes stand among the ensemble's: members are fitted on these positions as labels."""
    places = [int(label) for label in answer.labels if not isinstance(label, str)]
    if len(places) != len(answer.labels) or not all(0 <= place < classes for place in places):
        raise Unsupported(f"convert: {name_of(owner)} whose members have labels of their own is not covered")
    return places


def _votes(builder: Builder, answer: Classes, classes: int, owner: Any) -> Matrix:
    return indicators(builder, answer.position, _places(answer, classes, owner), classes)


def _spread(builder: Builder, answer: Classes, probabilities: Matrix, classes: int, owner: Any) -> Matrix:
    """A member's probabilities among all classes; zero for those that it never saw."""
    if probabilities.width == classes:
        return probabilities
    columns = np.full(classes, probabilities.width)
    columns[_places(answer, classes, owner)] = np.arange(probabilities.width)
    with_zero = builder.concat([probabilities, builder.constant(probabilities, [0.0])])
    return builder.add("select", with_zero, classes, columns=columns)


@predictor("VotingRegressor")
def _voting_regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    members = [values_of(builder, member, x) for member in fitted(estimator, "estimators_")]
    return Values(mean_of(builder, members, estimator._weights_not_none))


@predictor("VotingClassifier")
def _voting_classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    members = [classes_of(builder, member, x) for member in fitted(estimator, "estimators_")]
    labels = class_labels(estimator)
    weights = estimator._weights_not_none
    if estimator.voting == "hard":
        votes = [_votes(builder, member, len(labels), estimator) for member in members]
        return Classes(labels, builder.add("arg_max", mean_of(builder, votes, weights), 1, "int64"))
    given = [member.probabilities for member in members if member.probabilities is not None]
    if len(given) < len(members) or any(one.width != len(labels) for one in given):
        raise Unsupported("convert: VotingClassifier with members without probabilities of every class is not covered")
    return by_probability(builder, labels, mean_of(builder, given, weights))


def _stacked(builder: Builder, estimator: Any, x: Frame) -> Frame:
    """What the final estimator is given."""
    parts: list[Matrix] = []
    members = [member for member in fitted(estimator, "estimators_") if not isinstance(member, str)]
    for member, method in zip(members, estimator.stack_method_, strict=True):
        parts.append(_response(builder, answer_of(builder, member, x), method, estimator))
    return Frame((*parts, *(x.parts if estimator.passthrough else ())))


def _response(builder: Builder, answer: Answer, method: str, estimator: Any) -> Matrix:
    if isinstance(answer, Values) and method == "predict":
        return answer.matrix
    if isinstance(answer, Classes):
        given = answer.probabilities if method == "predict_proba" else answer.decision
        if method == "predict":
            return builder.numbers(Frame((label_of(builder, answer),)))
        if given is not None:
            two = method == "predict_proba" and len(estimator.classes_) == 2
            return column(builder, given, 1) if two else given
    raise Unsupported(f"convert: {name_of(estimator)} that stacks {method} of such a member is not covered")


@predictor("StackingRegressor")
def _stacking_regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    return Values(values_of(builder, estimator.final_estimator_, _stacked(builder, estimator, x)))


@predictor("StackingClassifier")
def _stacking_classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    stacked = _stacked(builder, estimator, x)
    if isinstance(estimator.classes_, list):
        raise Unsupported("convert: StackingClassifier of several labels a row is not covered")
    answer = classes_of(builder, estimator.final_estimator_, stacked)
    labels = class_labels(estimator)
    position = moved(builder, answer.position, _places(answer, len(labels), estimator))
    return Classes(labels, position, answer.probabilities, answer.decision)


def _bagged(builder: Builder, estimator: Any, x: Frame) -> list[Answer]:
    answers: list[Answer] = []
    for member, columns in zip(fitted(estimator, "estimators_"), estimator.estimators_features_, strict=True):
        own = x
        if list(columns) != list(range(x.width)):
            own = builder.select(Frame((builder.numbers(x),)), columns.tolist())
        answers.append(answer_of(builder, member, own))
    return answers


@predictor("BaggingRegressor")
def _bagging_regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    answers = _bagged(builder, estimator, x)
    members = [answer.matrix for answer in answers if isinstance(answer, Values)]
    return Values(mean_of(builder, members))


@predictor("BaggingClassifier")
def _bagging_classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    labels = class_labels(estimator)
    given: list[Matrix] = []
    decisions: list[Matrix] = []
    for answer in _bagged(builder, estimator, x):
        if not isinstance(answer, Classes):
            raise Unsupported("convert: BaggingClassifier of members that are no classifiers is not covered")
        if answer.probabilities is None:
            given.append(_votes(builder, answer, len(labels), estimator))
        else:
            given.append(_spread(builder, answer, answer.probabilities, len(labels), estimator))
        if answer.decision is not None:
            decisions.append(answer.decision)
    decision = None
    if len(decisions) == len(given) and len({each.width for each in decisions}) == 1:
        decision = mean_of(builder, decisions)
    return by_probability(builder, labels, mean_of(builder, given), decision)


@predictor("AdaBoostClassifier")
def _boosted_classifier(builder: Builder, estimator: Any, x: Frame) -> Classes:
    members = [classes_of(builder, member, x) for member in fitted(estimator, "estimators_")]
    labels = class_labels(estimator)
    classes = len(labels)
    if getattr(estimator, "algorithm", "SAMME") not in ("SAMME", "deprecated") or classes < 2:
        raise Unsupported("convert: AdaBoostClassifier is covered with algorithm='SAMME' and two classes or more")
    weights = np.asarray(estimator.estimator_weights_, dtype=np.float64)[: len(members)]
    chosen: list[Matrix] = []
    for member, weight in zip(members, weights, strict=True):
        places = [labels.index(label) for label in member.labels]  # type: ignore[arg-type]
        hot = indicators(builder, member.position, places, classes)
        hot = builder.add("elementwise", hot, classes, "bool", operation="equal", constant=[1.0])
        values = [builder.constant(hot, [each] * classes) for each in (weight, -1 / (classes - 1) * weight)]
        chosen.append(builder.add("choose", [hot, *values], classes))
    total = sum_of(builder, chosen)
    total = builder.add("elementwise", total, classes, operation="divide", constant=[float(weights.sum())])
    return _by_stages(builder, labels, total)


def _by_stages(builder: Builder, labels: Any, total: Matrix) -> Classes:
    if total.width > 2:
        shrunk = builder.add("elementwise", total, total.width, operation="divide", constant=[total.width - 1.0])
        return by_decision(builder, labels, total, softmax(builder, shrunk))
    both = [column(builder, total, 1), column(builder, total, 0)]
    decision = builder.add("elementwise", both, 1, operation="subtract")
    pair = builder.add("post_transform", decision, 2, transform="negate_pair")
    halved = builder.add("elementwise", pair, 2, operation="divide", constant=[2.0])
    return by_decision(builder, labels, decision, softmax(builder, halved))


_MOST_MEMBERS = 1000  # the square of it is the width of what the median is found in


@predictor("AdaBoostRegressor")
def _boosted_regressor(builder: Builder, estimator: Any, x: Frame) -> Values:
    """The weighted median: members in the order of their answers, up to the one that completes half the weight."""
    members = [values_of(builder, member, x) for member in fitted(estimator, "estimators_")]
    count = len(members)
    if count > _MOST_MEMBERS:
        raise Unsupported(f"convert: AdaBoostRegressor of {count} members is not covered; {_MOST_MEMBERS} are")
    answers = builder.concat(members)
    order = builder.add("top_k", answers, count, "int64", extent=count, k=count, largest=False)
    weights = np.asarray(estimator.estimator_weights_, dtype=np.float64)[:count]
    ordered = builder.add("pick", [builder.constant(answers, weights.tolist()), order], count, extent=count)
    with_zero = builder.concat([ordered, builder.constant(answers, [0.0])])
    places = np.where(np.tri(count, dtype=bool), np.arange(count), count)
    prefixes = builder.add("select", with_zero, count * count, columns=places.ravel())
    reached = builder.add("reduce", prefixes, count, reduction="sum", extent=count)
    half = builder.add("select", reached, count, columns=np.full(count, count - 1))
    half = builder.add("elementwise", half, count, operation="multiply", constant=[0.5])
    enough = builder.add("elementwise", [reached, half], count, "bool", operation="greater_equal")
    first = builder.add("arg_max", builder.as_float64(enough), 1, "int64")
    median = builder.add("pick", [order, first], 1, "int64", extent=count)
    return Values(builder.add("pick", [answers, median], 1, extent=count))
