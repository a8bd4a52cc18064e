"""Policies: how conditions are combined, and when a challenger is promoted."""

from __future__ import annotations

from . import _core
from ._core import Decision, MetricCondition, Observation, PromoteIf, Reason, Rule, Selection

__all__ = [
    "Decision",
    "MetricCondition",
    "Observation",
    "PromoteIf",
    "Reason",
    "Rule",
    "Selection",
    "all_of",
    "any_of",
    "promote_if",
]


def any_of(*rules: Rule) -> Rule:
    """True where any rule is; unknown where none is and one is unknown."""
    return _core.any_of(list(rules))


def all_of(*rules: Rule) -> Rule:
    """True where every rule is; false where one is, whatever the others are."""
    return _core.all_of(list(rules))


def promote_if(metric: str, min_improvement: float = 0.0, confidence: float = 0.95) -> PromoteIf:
    """Promote where the challenger is better by ``min_improvement`` at least.

    What is compared is the one-sided lower bound, at ``confidence``, of the improvement on rows that neither model was
    trained on, in the metric's own unit; positive is better.
    """
    return _core.promote_if(metric, min_improvement, confidence)
