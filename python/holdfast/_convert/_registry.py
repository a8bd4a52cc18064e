"""What converts which estimator, by the name of its class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._core import InvalidArgument, Unsupported
from ._answers import Answer, Classes, Values
from ._builder import Builder, Frame, Matrix

Predictor = Callable[[Builder, Any, Frame], Answer]
Transformer = Callable[[Builder, Any, Frame], Frame]

STAND_INS = {  # what answers as another estimator that it holds, and where
    "FrozenEstimator": "estimator",
    "GridSearchCV": "best_estimator_",
    "HalvingGridSearchCV": "best_estimator_",
    "HalvingRandomSearchCV": "best_estimator_",
    "RANSACRegressor": "estimator_",
    "RandomizedSearchCV": "best_estimator_",
}

_predictors: dict[str, Predictor] = {}
_transformers: dict[str, Transformer] = {}


def predictor(*names: str) -> Callable[[Predictor], Predictor]:
    def register(function: Predictor) -> Predictor:
        _predictors.update(dict.fromkeys(names, function))
        return function

    return register


def transformer(*names: str) -> Callable[[Transformer], Transformer]:
    def register(function: Transformer) -> Transformer:
        _transformers.update(dict.fromkeys(names, function))
        return function

    return register


def name_of(estimator: object) -> str:
    """The class's name where it is scikit-learn's own; a subclass may compute something else."""
    if isinstance(estimator, type):
        raise InvalidArgument(f"convert: the class {estimator.__name__} given, a fitted estimator wanted")
    kind = type(estimator)
    return kind.__name__ if kind.__module__.split(".")[0] == "sklearn" else f"{kind.__module__}.{kind.__qualname__}"


def covered() -> str:
    return ", ".join(sorted({*_predictors, *_transformers}))


def steps_of(pipeline: Any) -> list[Any]:
    """A pipeline's steps without those that pass their data through."""
    return [step for _, step in pipeline.steps if step is not None and not isinstance(step, str)]


def refuse_unknown(estimator: object) -> None:
    name = name_of(estimator)
    if name not in _predictors and name not in _transformers:
        raise Unsupported(f"convert: {name} is not covered; covered are {covered()}")


def predicts(estimator: Any) -> bool:
    """Whether the estimator's answer is its `predict`; else it is its `transform`."""
    name = name_of(estimator)
    if name == "Pipeline" and steps_of(estimator):
        return predicts(steps_of(estimator)[-1])
    if name in STAND_INS and hasattr(estimator, STAND_INS[name]):
        return predicts(getattr(estimator, STAND_INS[name]))
    return name in _predictors


@contextmanager
def known_attributes() -> Iterator[None]:
    """What an estimator lacks that scikit-learn's versions of late have is refused by name."""
    try:
        yield
    except AttributeError as error:
        raise Unsupported(f"convert: {error}; scikit-learn 1.2 and newer is covered") from error


def answer_of(builder: Builder, estimator: Any, x: Frame) -> Answer:
    """What the estimator's `predict` and its like give for x."""
    refuse_unknown(estimator)
    convert = _predictors.get(name_of(estimator))
    if convert is None:
        raise Unsupported(f"convert: {name_of(estimator)} as a predictor is not covered")
    with known_attributes():
        return convert(builder, estimator, x)


def classes_of(builder: Builder, estimator: Any, x: Frame) -> Classes:
    answer = answer_of(builder, estimator, x)
    if not isinstance(answer, Classes):
        raise Unsupported(f"convert: {name_of(estimator)} where a classifier of one target is wanted is not covered")
    return answer


def values_of(builder: Builder, estimator: Any, x: Frame) -> Matrix:
    answer = answer_of(builder, estimator, x)
    if not isinstance(answer, Values):
        raise Unsupported(f"convert: {name_of(estimator)} where a regressor is wanted is not covered")
    return answer.matrix


def transformed(builder: Builder, estimator: Any, x: Frame) -> Frame:
    """What the estimator's `transform` gives for x."""
    refuse_unknown(estimator)
    convert = _transformers.get(name_of(estimator))
    if convert is None:
        raise Unsupported(f"convert: {name_of(estimator)} as a transformer is not covered")
    with known_attributes():
        return convert(builder, estimator, x)
