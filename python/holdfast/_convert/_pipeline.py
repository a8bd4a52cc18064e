"""Pipelines, and what stands for another estimator that it has fitted."""

from __future__ import annotations

from typing import Any

from .._core import Unsupported
from ._answers import Answer
from ._builder import Builder, Frame
from ._features import fitted
from ._registry import STAND_INS, answer_of, name_of, predictor, steps_of, transformed, transformer


def _before_last(builder: Builder, pipeline: Any, x: Frame) -> tuple[Any, Frame]:
    steps = steps_of(pipeline)
    if not steps:
        raise Unsupported("convert: a Pipeline without steps is not covered")
    for step in steps[:-1]:
        x = transformed(builder, step, x)
    return steps[-1], x


@predictor("Pipeline")
def _predicting(builder: Builder, pipeline: Any, x: Frame) -> Answer:
    last, value = _before_last(builder, pipeline, x)
    return answer_of(builder, last, value)


@transformer("Pipeline")
def _transforming(builder: Builder, pipeline: Any, x: Frame) -> Frame:
    if not steps_of(pipeline):
        return x
    last, value = _before_last(builder, pipeline, x)
    return transformed(builder, last, value)


@predictor(*STAND_INS)
def _held(builder: Builder, estimator: Any, x: Frame) -> Answer:
    return answer_of(builder, fitted(estimator, STAND_INS[name_of(estimator)]), x)


@transformer(*STAND_INS)
def _held_transformer(builder: Builder, estimator: Any, x: Frame) -> Frame:
    return transformed(builder, fitted(estimator, STAND_INS[name_of(estimator)]), x)
