"""How good predictions were, with an interval.

>>> import holdfast as hf
>>> hf.performance.score([1.0, 2.0, 3.0], [1.0, 2.5, 3.0], metrics=["mae"])["mae"].value
0.16666666666666666
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._core import Comparison, InvalidArgument, MetricValue, QualitySlice, QualityValue, SlicedQuality

__all__ = [
    "Comparison",
    "Confusion",
    "MetricValue",
    "QualitySlice",
    "QualityValue",
    "SlicedQuality",
    "compare",
    "confusion",
    "score",
]

_Array = NDArray[np.float64]


@overload
def score(
    y_true: Any,
    y_pred: Any = ...,
    *,
    proba: Any = ...,
    metrics: Sequence[str] | None = ...,
    classes: Sequence[Any] | None = ...,
    weights: Any = ...,
    level: float = ...,
    average: str = ...,
    top: int = ...,
    bins: int = ...,
    quantile: float = ...,
    cluster: Any = ...,
    seed: int = ...,
    resamples: int = ...,
    by: None = ...,
    max_slices: int = ...,
) -> dict[str, QualityValue]: ...


@overload
def score(
    y_true: Any,
    y_pred: Any = ...,
    *,
    proba: Any = ...,
    metrics: Sequence[str] | None = ...,
    classes: Sequence[Any] | None = ...,
    weights: Any = ...,
    level: float = ...,
    average: str = ...,
    top: int = ...,
    bins: int = ...,
    quantile: float = ...,
    cluster: Any = ...,
    seed: int = ...,
    resamples: int = ...,
    by: Any,
    max_slices: int = ...,
) -> dict[str, SlicedQuality]: ...


def score(
    y_true: Any,
    y_pred: Any = None,
    *,
    proba: Any = None,
    metrics: Sequence[str] | None = None,
    classes: Sequence[Any] | None = None,
    weights: Any = None,
    level: float = 0.95,
    average: str = "auto",
    top: int = 5,
    bins: int = 10,
    quantile: float = 0.5,
    cluster: Any = None,
    seed: int = 0,
    resamples: int = 500,
    by: Any = None,
    max_slices: int = 100,
) -> dict[str, QualityValue] | dict[str, SlicedQuality]:
    """Metrics of labelled rows by name, each with an interval at ``level`` by the method that its ``method`` names.

    Of numbers: ``mae``, ``rmse``, ``r2``, ``mape``, ``quantile_loss`` (of the ``quantile``). Of classes:
    ``accuracy``, ``precision``, ``recall``, ``f1``, ``mcc``; ``average`` is "binary" (of the second of two classes),
    "macro" (mean over classes) or "auto" (binary where there are two). Of ``proba``: ``auc``, ``pr_auc`` (average
    precision; both binary, or the mean over classes of one against the rest), ``brier``, ``log_loss``, ``ece`` (of the
    named class, in ``bins`` of equal width), ``top_k_accuracy`` (among the ``top`` first). Formulas, interval methods
    and sources are in ``docs/quality.md``. What a metric leaves open may stand in its name, as windows and policies
    take it: ``"f1(average=macro)"``, ``"top_k_accuracy(top=3)"``, ``"ece(bins=20)"``.

    ``proba``: (rows, classes) in the order of ``classes``, or one axis for the second of two classes. ``classes`` are
    the sorted distinct labels unless given (0 and 1 where only one of them is there); a prediction outside of them is
    wrong. ``weights``: one a row, 0 or more; intervals rest on the effective number of rows. ``metrics=None`` gives
    what fits. Rows with a NaN, or without weight, are left out. A metric that is not defined (no rows, no effective
    weight, one class for auc, a constant for r2, 0 for mape) is ``insufficient``, and its ``reason`` says why.

    ``cluster``: one a row, what rows that belong together share (a customer, a session). Rows of one are not
    independent, so that the interval comes from drawing whole clusters, ``resamples`` times, named by ``seed``.

    ``by``: one a row, the slice that it is in (a column of a frame). Then each metric is a ``SlicedQuality``: the
    ``whole``, which is as without slices, and the ``slices``, the worst first in the order of what each is at its best
    by its interval, so that none leads for its few rows alone. Classes are those of all rows.

    Raises InvalidArgument: an unknown metric, sizes that differ, probabilities of other classes, a true label outside
    ``classes``, a weight that is negative or not finite, a row without cluster, an option outside its range, slices
    that are continuous or more than ``max_slices``. Unsupported: ``cluster`` with ece.

    >>> score(["no", "yes", "yes"], ["no", "yes", "no"], metrics=["accuracy"])["accuracy"].rows
    3
    >>> score([1.0, 2.0, 3.0], [1.0, 2.5, 3.0], metrics=["mae"], by=["n", "s", "n"])["mae"].slices[0].slice
    's'
    >>> score([2.0, 2.0], [1.0, 3.0], metrics=["r2"])["r2"]
    QualityValue(r2: insufficient, the true values are constant)
    """
    names = list(metrics) if metrics is not None else _fitting(y_true, y_pred, proba)
    weight = _weights(weights, len(y_true))
    entities = _entities(cluster, len(y_true))
    options = _core.QualityOptions(
        level=level, average=average, top=top, bins=bins, quantile=quantile, seed=seed, resamples=resamples
    )
    rows: dict[str, tuple[_Array, _Array, _Array, int]] = {}  # read once for all metrics of a kind
    for name in names:
        kind = _core.quality_input(name)
        if kind not in rows:
            rows[kind] = _rows(kind, y_true, y_pred, proba, classes, name)
    given = [(name, *rows[_core.quality_input(name)], weight, entities, options) for name in names]
    if by is None:
        return {of[0]: _core.stats_quality(*of) for of in given}
    return {of[0]: _core.stats_quality_by(by, max_slices, *of) for of in given}


@dataclass(frozen=True)
class Confusion:
    """Weight of the rows (their number where none are given) by true and predicted class."""

    classes: list[Any]
    weight: _Array  #: (true class, predicted class)
    unforeseen: _Array  #: by true class: predicted as none of the classes
    rows: int


def confusion(y_true: Any, y_pred: Any, *, classes: Sequence[Any] | None = None, weights: Any = None) -> Confusion:
    """How often each true class was predicted as which; ``classes`` and ``weights`` as in ``score``.

    >>> confusion(["a", "a", "b"], ["a", "b", "b"]).weight.tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    labelled = _Labelled(y_true, y_pred, None, classes, "accuracy")
    weight = _weights(weights, len(y_true))
    rows, cells, unforeseen = _core.stats_confusion(labelled.truth, labelled.prediction, labelled.count, weight)
    return Confusion(labelled.classes, cells.reshape(labelled.count, labelled.count), unforeseen, rows)


def compare(
    metric: str,
    y_true: Any,
    champion: Any,
    challenger: Any,
    *,
    classes: Sequence[Any] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """How much better the challenger is than the champion on the same rows, with a one-sided lower bound.

    ``champion`` and ``challenger`` are predictions, or probabilities where the metric wants those; ``metric`` is any of
    ``score``, with what it leaves open in brackets. The bound is Student's of paired losses (mae, mape, quantile_loss,
    brier, log_loss), Bonett and Price's (2012; accuracy, top_k_accuracy), DeLong's paired one (auc), a paired bootstrap
    drawn from ``seed`` (rmse, r2, precision, recall, f1, mcc, pr_auc), or that of both intervals at once (ece). It is
    minus infinity where rows do not suffice for one.

    >>> compare("mae", [1.0, 2.0, 3.0], [2.0, 3.0, 4.5], [1.1, 2.1, 3.1]).improvement > 1
    True
    """
    kind = _core.quality_input(metric)
    if kind == "numbers":
        truth = _numbers(y_true, "y_true")
        a, b = _numbers(champion, "champion"), _numbers(challenger, "challenger")
        return _core.stats_compare(metric, truth, a, _NOTHING, b, _NOTHING, 0, confidence, seed)
    scored = kind == "probabilities"
    if classes is None and not scored:
        classes = _sorted_distinct(_labels(y_true), _labels(champion), _labels(challenger))
    one = _Labelled(y_true, None if scored else champion, champion if scored else None, classes, metric)
    two = _Labelled(y_true, None if scored else challenger, challenger if scored else None, classes, metric)
    return _core.stats_compare(
        metric, one.truth, one.prediction, one.proba, two.prediction, two.proba, one.count, confidence, seed
    )


_NOTHING: _Array = np.empty(0)
_OF_CLASSES = ["accuracy", "precision", "recall", "f1", "mcc"]


def _rows(
    kind: str, y_true: Any, y_pred: Any, proba: Any, classes: Sequence[Any] | None, metric: str
) -> tuple[_Array, _Array, _Array, int]:
    if kind == "numbers":
        return _numbers(y_true, "y_true"), _numbers(_given(y_pred, metric), "y_pred"), _NOTHING, 0
    labelled = _Labelled(y_true, y_pred, proba, classes, metric)
    return labelled.truth, labelled.prediction, labelled.proba, labelled.count


class _Labelled:
    """Labels as class positions, NaN where missing."""

    def __init__(self, y_true: Any, y_pred: Any, proba: Any, classes: Sequence[Any] | None, metric: str) -> None:
        scored = _core.quality_input(metric) == "probabilities"
        truth = _labels(y_true)
        predicted = _labels(_given(y_pred, metric)) if not scored else np.empty(0, dtype=object)
        known = list(classes) if classes is not None else _sorted_distinct(truth, predicted)
        self.proba = _probabilities(proba, len(truth), metric) if scored else _NOTHING
        self.count = self.proba.shape[1] if scored else len(known)
        if classes is None and len(known) < 2 and set(known) <= {0, 1} and (not scored or self.count == 2):
            known = [0, 1]
            self.count = 2
        if scored and self.count != len(known):
            raise InvalidArgument(
                f"{metric}: probabilities of {self.count} classes, labels of {len(known)}; the same wanted "
                f"(classes= names those that no row has)"
            )
        self.classes = known
        position = {label: float(index) for index, label in enumerate(known)}
        self.truth = _positions(truth, position, "y_true", strict=True)
        self.prediction = _positions(predicted, position, "y_pred", strict=False)


def _fitting(y_true: Any, y_pred: Any, proba: Any) -> list[str]:
    if proba is not None:
        return (_OF_CLASSES if y_pred is not None else []) + ["auc", "pr_auc", "brier", "log_loss", "ece"]
    labels = np.asarray(y_true)
    return ["mae", "rmse", "r2"] if labels.dtype.kind == "f" else list(_OF_CLASSES)


def _given(values: Any, metric: str) -> Any:
    if values is None:
        raise InvalidArgument(f"{metric}: no predictions; y_pred wanted")
    return values


def _numbers(values: Any, name: str) -> _Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"{name}: {error}; numbers wanted") from None
    if array.ndim != 1:
        raise InvalidArgument(f"{name}: {array.ndim} axes, one wanted")
    return array


def _weights(weights: Any, rows: int) -> _Array:
    if weights is None:
        return _NOTHING
    array = _numbers(weights, "weights")
    if len(array) != rows:  # none at all would be taken for no weights
        raise InvalidArgument(f"weights: {len(array)} for {rows} rows; one each wanted")
    return array


def _entities(cluster: Any, rows: int) -> NDArray[np.int64]:
    if cluster is None:
        return np.empty(0, dtype=np.int64)
    labels = _labels(cluster)
    if len(labels) != rows:
        raise InvalidArgument(f"cluster: {len(labels)} for {rows} rows; one each wanted")
    for row, label in enumerate(labels):
        if _is_missing(label):
            raise InvalidArgument(f"cluster: row {row} has none; one each wanted")
    position = {label: code for code, label in enumerate(dict.fromkeys(labels))}
    return np.array([position[label] for label in labels], dtype=np.int64)


def _labels(values: Any) -> NDArray[np.object_]:
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidArgument(f"labels: {array.ndim} axes, one wanted")
    return array.astype(object)


def _is_missing(label: Any) -> bool:
    return label is None or bool(label != label)  # NaN is not itself


def _sorted_distinct(*arrays: NDArray[np.object_]) -> list[Any]:
    distinct = {label for array in arrays for label in array if not _is_missing(label)}
    try:
        return sorted(distinct)
    except TypeError:
        raise InvalidArgument("labels of several types that cannot be put in order; classes= wanted") from None


def _positions(labels: NDArray[np.object_], position: dict[Any, float], name: str, *, strict: bool) -> _Array:
    result = np.full(len(labels), np.nan)
    for row, label in enumerate(labels):
        if _is_missing(label):
            continue
        if strict and label not in position:
            raise InvalidArgument(f"{name}: label {label!r} is none of the classes {list(position)}")
        result[row] = position.get(label, -1.0)
    return result


def _probabilities(proba: Any, rows: int, metric: str) -> _Array:
    if proba is None:
        raise InvalidArgument(f"{metric}: no probabilities; proba wanted")
    array = np.asarray(proba, dtype=np.float64)
    if array.ndim == 1:
        array = np.column_stack([1.0 - array, array])
    if array.ndim != 2 or len(array) != rows:
        raise InvalidArgument(f"{metric}: probabilities of shape {array.shape}, ({rows}, classes) wanted")
    return np.ascontiguousarray(array)
