"""Conditions that a policy is made of.

>>> import holdfast as hf
>>> hf.when.metric("mae", over="1h", min_labels=200).above(0.45).held_for("5m").cooldown("6h")
hf.when.metric("mae", over="1h", min_labels=200).above(0.45).held_for("5m").cooldown("6h")
>>> hf.when.metric("mae", over="1h", past=48).above(hf.thresholds.standard_deviations(3))
hf.when.metric("mae", over="1h", past=48).above(hf.thresholds.standard_deviations(3))

A window is ``hf.rows(n)``, a duration such as ``"5m"``, or a timedelta. Each condition is true, false or unknown; what
was not observed is unknown, never acts, and is named in a decision's reasons.

A threshold is a number, or one of ``hf.thresholds``, which is made anew each time of the ``past`` windows of the same
extent, one after another, before the one that is judged (30 of them where nothing else is said). Past windows hold only
what the live version answered, are full where they are of rows, and have at least ``min_labels``; with fewer of them
than the threshold's ``min_windows`` the condition is unknown: a new version begins anew. Such a line moves with what it
follows, however slowly that rots; ``hf.any_of`` puts a fixed one beside it. Each step reads all of the windows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from ._core import MetricCondition, Rule, Threshold, Window, rows, when_drift, when_every, when_metric, when_yield_below

Over = Window | timedelta | str

__all__ = ["drift", "every", "metric", "yield_below"]

_LAST_THOUSAND = rows(1000)


def metric(
    name: str,
    *,
    over: Over = _LAST_THOUSAND,
    min_labels: int = 1,
    by: Literal["recorded", "event"] = "recorded",
    mature: float | None = 0.9,
    horizon: timedelta | str | None = None,
    past: int | None = None,
) -> MetricCondition:
    """A metric of labelled interactions, or the mean of what ``record_metric`` stored under ``name``.

    ``name`` is any metric of ``hf.performance.score``, with what its definition leaves open in brackets:
    ``"f1(average=macro)"``, ``"quantile_loss(quantile=0.9)"``. Compare it with ``.above(threshold)`` or
    ``.below(threshold)``. Unknown below ``min_labels`` labels, and where the metric is not defined.

    ``by`` says over which time a window of labels runs: when they were recorded, or when the interaction happened. By
    "event", a bucket of the endpoint's logging enters when a share ``mature`` of its interactions is labelled, or older
    than ``horizon``: what is younger shows the labels that are fast. ``mature=None`` takes whatever there is.
    """
    return when_metric(name, over, min_labels, by, mature, horizon, past)


def yield_below(
    threshold: float | Threshold,
    *,
    over: Over = _LAST_THOUSAND,
    drop_tolerance: float | None = None,
    by: Literal["prediction", "label"] = "prediction",
    past: int | None = None,
) -> Rule:
    """True where the share of good labels is below ``threshold``.

    With ``drop_tolerance`` also where it fell by more than that since the window of the same extent before. A window
    of rows is unknown until it is full.
    """
    return when_yield_below(threshold, over, drop_tolerance, by, past)


def drift(
    share: float = 0.0,
    *,
    over: Over = _LAST_THOUSAND,
    columns: Iterable[str] = (),
    false_alarms: float = 1.0,
    alpha: float | None = None,
) -> Rule:
    """True where at least ``share`` of the columns (0: any) drifted from the reference.

    Unknown where the rows do not suffice to tell. It looks at the last complete window: the multiples of a duration
    since 1970 UTC, or of ``rows(n)`` in the order of the endpoint's rows. Windows do not overlap, so however often it
    is asked there are at most ``false_alarms`` in 1,000 windows without drift, for all columns together.

    ``alpha``: judge the newest rows instead, each time anew, at this level; false alarms then add up over the times.

    >>> import holdfast as hf
    >>> hf.when.drift(share=0.3, over="1d", false_alarms=0.5)
    hf.when.drift(share=0.3, over="1d", false_alarms=0.5)
    """
    return when_drift(share, over, alpha, list(columns), false_alarms)


def every(period: timedelta | str) -> Rule:
    """True where the last retraining (before the first: the deployment of what is live) is ``period`` ago."""
    return when_every(period)
