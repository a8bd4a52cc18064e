"""Pipelines: their steps in order."""

from __future__ import annotations

from typing import Any

from .._core import InvalidArgument, Unsupported


def steps_of(estimator: Any) -> list[Any]:
    """The estimators that data runs through: a pipeline's steps, pipelines in it opened, or the estimator alone."""
    kind = type(estimator)
    if kind.__name__ != "Pipeline" or kind.__module__.split(".")[0] != "sklearn":
        return [estimator]
    steps: list[Any] = []
    for _, step in estimator.steps:
        if step is None or (isinstance(step, str) and step == "passthrough"):
            continue
        steps.extend(steps_of(step))
    if not steps:
        raise Unsupported("convert: a Pipeline without steps is not covered")
    return steps


def final_step(steps: list[Any]) -> Any:
    last = steps[-1]
    if isinstance(last, type):
        raise InvalidArgument(f"convert: the class {last.__name__} given, a fitted estimator wanted")
    return last
