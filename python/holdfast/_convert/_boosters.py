"""XGBoost's, LightGBM's and CatBoost's estimators: the library's own file, read as `load_model` reads it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .. import _core
from .._core import Graph, InvalidArgument, Model, Unsupported
from ._features import class_labels

__all__ = ["BOOSTERS", "converted"]

_CLASSIFIERS = ("binary:logistic", "binary:hinge", "multi:softmax", "multi:softprob")


def _booster_of(estimator: Any) -> Any:
    """The booster as the estimator's own `predict` uses it: up to the best iteration, where training stopped early."""
    import numpy
    from xgboost import XGBClassifier
    from xgboost.core import XGBoostError

    name = type(estimator).__name__
    if not numpy.isnan(estimator.missing):
        raise Unsupported(f"convert: {name} with missing={estimator.missing}; NaN alone is covered")
    if isinstance(estimator, XGBClassifier) and estimator.objective not in _CLASSIFIERS:
        raise Unsupported(
            f"convert: {name} with objective {estimator.objective!r}; {', '.join(_CLASSIFIERS)} are covered"
        )
    try:
        booster = estimator.get_booster()
    except (XGBoostError, AttributeError) as error:
        raise InvalidArgument(f"convert: {name} is not fitted") from error
    if estimator.booster != "gblinear" and booster.attr("best_iteration") is not None:
        booster = booster[: int(booster.attr("best_iteration")) + 1]
    return booster


def _xgboost_booster(booster: Any) -> Model:
    return _core.load_model_bytes(bytes(booster.save_raw("ubj")), "xgboost.ubj")


def _xgboost(estimator: Any) -> Model:
    return _xgboost_booster(_booster_of(estimator))


def converted(estimator: object, feature_names: Sequence[str] | None) -> Model | None:
    """The model of a booster or of an estimator of it; None of other things."""
    kind = type(estimator)
    read = BOOSTERS.get(f"{kind.__module__.split('.')[0]}.{kind.__name__}")
    if read is None:
        return None
    model = read(estimator)
    if feature_names is None:
        return model
    graph: Graph = model.graph.with_names(features=[str(name) for name in feature_names])
    return graph.compile(model.backend)


def _lightgbm_booster(booster: Any) -> Model:
    return _core.load_model_bytes(booster.model_to_string().encode(), "lightgbm.txt")


def _lightgbm(estimator: Any) -> Model:
    if not estimator.__sklearn_is_fitted__():
        raise InvalidArgument(f"convert: {type(estimator).__name__} is not fitted")
    return _lightgbm_booster(estimator.booster_)


def _lightgbm_classifier(estimator: Any) -> Model:
    model = _lightgbm(estimator)
    classes = class_labels(estimator)
    if len(classes) != len(model.signature.classes):
        raise Unsupported(
            f"convert: LGBMClassifier of {len(classes)} classes with objective {estimator.objective_!r} is not covered"
        )
    graph: Graph = model.graph.with_names(classes=classes)
    return graph.compile(model.backend)


def _catboost(estimator: Any) -> Model:
    name = type(estimator).__name__
    if not estimator.is_fitted():
        raise InvalidArgument(f"convert: {name} is not fitted")
    for kind in ("cat", "text", "embedding"):
        if getattr(estimator, f"get_{kind}_feature_indices")():
            raise Unsupported(f"convert: {name} with {kind}_features; numeric features are covered")
    with tempfile.TemporaryDirectory() as folder:  # CatBoost writes JSON to files only
        path = Path(folder) / "catboost.json"
        estimator.save_model(str(path), format="json")
        return _core.load_model_bytes(path.read_bytes(), path.name)


def _catboost_classifier(estimator: Any) -> Model:
    model = _catboost(estimator)
    graph: Graph = model.graph.with_names(classes=class_labels(estimator))
    return graph.compile(model.backend)


BOOSTERS: dict[str, Callable[[Any], Model]] = {
    "xgboost.Booster": _xgboost_booster,
    "xgboost.XGBClassifier": _xgboost,
    "xgboost.XGBRegressor": _xgboost,
    "xgboost.XGBRFClassifier": _xgboost,
    "xgboost.XGBRFRegressor": _xgboost,
    "xgboost.XGBRanker": _xgboost,
    "lightgbm.Booster": _lightgbm_booster,
    "lightgbm.LGBMClassifier": _lightgbm_classifier,
    "lightgbm.LGBMRegressor": _lightgbm,
    "lightgbm.LGBMRanker": _lightgbm,
    "catboost.CatBoost": _catboost,
    "catboost.CatBoostClassifier": _catboost_classifier,
    "catboost.CatBoostRegressor": _catboost,
    "catboost.CatBoostRanker": _catboost,
}
