"""`hf.convert` of pipelines and wrappers that hold estimators of XGBoost, LightGBM and CatBoost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import catboost as cb
import holdfast as hf
import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb
from convert_checks import check, data, fit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingRegressor, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

XGB, LGBM, CAT = 1e-6, 1e-12, 1e-12
QUIET = {"iterations": 6, "depth": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}

BOOSTERS = {
    "xgboost": (xgb.XGBClassifier(n_estimators=6, max_depth=3), XGB),
    "xgboost forest": (xgb.XGBRFClassifier(n_estimators=6, max_depth=3), XGB),
    "lightgbm": (lgb.LGBMClassifier(n_estimators=6, num_leaves=7, verbose=-1), LGBM),
    "catboost": (cb.CatBoostClassifier(**QUIET), CAT),
}


@pytest.mark.parametrize("kind", BOOSTERS)
@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_pipelines_that_end_in_a_booster(name: str, kind: str, tmp_path: Path) -> None:
    estimator, tolerance = BOOSTERS[kind]
    x, y = data(name)
    check(fit(make_pipeline(StandardScaler(), estimator), x[::2], y[::2]), x, tmp_path, tolerance)
    voting = VotingClassifier([("booster", estimator), ("lr", LogisticRegression())], voting="soft")
    check(fit(make_pipeline(StandardScaler(), voting), x[::2], y[::2]), x, tmp_path, tolerance)


def test_calibrated_boosters(tmp_path: Path) -> None:
    x, y = data("wine")
    check(fit(CalibratedClassifierCV(BOOSTERS["xgboost"][0], cv=3), x[::2], y[::2]), x, tmp_path, XGB)
    with pytest.raises(hf.Unsupported, match="CalibratedClassifierCV of LGBMClassifier"):  # of its decision_function
        hf.convert(fit(CalibratedClassifierCV(BOOSTERS["lightgbm"][0], cv=3), x[::2], y[::2]))


def test_labels_that_are_text(tmp_path: Path) -> None:
    x, y = data("wine")
    labels = np.array(["red", "rosé", "white"])[y]
    for kind in ("lightgbm", "catboost"):
        check(fit(make_pipeline(StandardScaler(), BOOSTERS[kind][0]), x, labels), x, tmp_path)


@pytest.mark.parametrize(
    ("estimator", "tolerance"),
    [
        (xgb.XGBRegressor(n_estimators=6), XGB),
        (xgb.XGBRegressor(n_estimators=6, objective="count:poisson"), XGB),
        (lgb.LGBMRegressor(n_estimators=6, verbose=-1), LGBM),
        (cb.CatBoostRegressor(**QUIET), CAT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_regressors(estimator: Any, tolerance: float, tmp_path: Path) -> None:
    x, y = data("diabetes")
    x = x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    check(fit(make_pipeline(StandardScaler(), estimator), x[::2], y[::2]), x, tmp_path, tolerance)
    stack = StackingRegressor([("a", estimator), ("b", Ridge())], cv=3)
    check(fit(make_pipeline(SimpleImputer(), stack), x[::2], y[::2]), x, tmp_path, tolerance)


def test_sparse_data_before_xgboost_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 20, 200), rng.normal(size=200)], axis=1)
    y = (x[:, 0] + x[:, 1] > 8).astype(int)
    encoder = OneHotEncoder(handle_unknown="ignore")
    steps = make_column_transformer((encoder, [0]), remainder="passthrough", sparse_threshold=1.0)
    fitted = fit(make_pipeline(steps, xgb.XGBClassifier(n_estimators=3)), x, y)
    with pytest.raises(hf.Unsupported, match="XGBClassifier after a step that gives sparse data"):
        hf.convert(fitted)
    dense = make_column_transformer((encoder, [0]), remainder="passthrough", sparse_threshold=0.0)
    check(fit(make_pipeline(dense, xgb.XGBClassifier(n_estimators=3)), x, y), x, tmp_path, XGB)
    check(fit(make_pipeline(steps, lgb.LGBMClassifier(n_estimators=3, verbose=-1)), x, y), x, tmp_path, LGBM)
    check(fit(make_pipeline(steps, cb.CatBoostClassifier(**QUIET)), x, y), x, tmp_path, CAT)
