"""Any estimator as a model: what registers conversions, and the way through them."""

from __future__ import annotations

from collections.abc import Sequence

from .._core import Model
from . import (  # noqa: F401  (each registers what it converts)
    _bayes,
    _calibration,
    _clusters,
    _decomposition,
    _discriminant,
    _embedded,
    _encode,
    _ensembles,
    _histogram,
    _impute,
    _isolation,
    _linear,
    _network,
    _pipeline,
    _scale,
    _select,
    _svm,
    _trees,
    _wrappers,
)
from ._answers import give, give_transformed
from ._boosters import converted
from ._builder import Builder
from ._features import feature_count, feature_names_of
from ._registry import answer_of, predicts, refuse_unknown, transformed


def model_of(estimator: object, feature_names: Sequence[str] | None) -> Model:
    booster = converted(estimator, feature_names)
    if booster is not None:
        return booster
    refuse_unknown(estimator)
    columns = feature_count(estimator)
    names = feature_names_of(estimator, feature_names, columns)
    builder = Builder(columns, names, by_name=feature_names is None and len(names) > 0)
    if predicts(estimator):
        give(builder, answer_of(builder, estimator, builder.input))
    else:
        give_transformed(builder, transformed(builder, estimator, builder.input))
    return builder.compile()
