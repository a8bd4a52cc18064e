"""`hf.convert` of scalers, projections, selections and functions against scikit-learn's `transform`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest
from convert_checks import assert_close, check, data, fit
from sklearn.decomposition import PCA, FactorAnalysis, FastICA, IncrementalPCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFromModel,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    StandardScaler(with_mean=False, with_std=False),
    MinMaxScaler(),
    MinMaxScaler(feature_range=(-2.0, 3.0), clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False, quantile_range=(10.0, 90.0)),
    RobustScaler(with_scaling=False, unit_variance=True),
    QuantileTransformer(n_quantiles=40),
    QuantileTransformer(n_quantiles=25, output_distribution="normal"),
    PowerTransformer(),
    PowerTransformer(standardize=False),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
@pytest.mark.parametrize("name", ["wine", "iris", "diabetes"])
def test_scalers_also_of_missing_values(name: str, scaler: Any, tmp_path: Path) -> None:
    x, _ = data(name)
    x = x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    seen = np.concatenate([x, 3.0 * x[:20], -x[:20]])
    check(fit(scaler, x[::2], None), seen, tmp_path)


@pytest.mark.parametrize("standardize", [True, False])
def test_box_cox(standardize: bool, tmp_path: Path) -> None:
    x, _ = data("wine")
    check(fit(PowerTransformer("box-cox", standardize=standardize), x[::2], None), x, tmp_path)


@pytest.mark.parametrize("power", [0.0, 1e-9, 1e-3, 0.5, 1.0, 1.999999999, 2.0, 2.5, -1.5])
def test_powers_near_the_logarithm(power: float, tmp_path: Path) -> None:
    x = np.concatenate([np.geomspace(1e-12, 1e3, 60), -np.geomspace(1e-12, 1e3, 60), [0.0]])[:, None]
    fitted = PowerTransformer(standardize=False).fit(x)
    fitted.lambdas_ = np.array([power])
    wanted = fitted.transform(x)
    got = np.asarray(hf.convert(fitted).predict(x)).reshape(-1, 1)
    np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=0.0)  # relative: also what is near zero


def test_quantiles_that_repeat(tmp_path: Path) -> None:
    x = np.random.default_rng(3).integers(0, 4, size=(200, 2)).astype(float)
    for output in ("uniform", "normal"):
        fitted = QuantileTransformer(n_quantiles=50, output_distribution=output).fit(x)
        seen = np.concatenate([x, [[-1.0, 9.0], [0.5, 2.5], [3.0, 0.0], [1e-9, 3 - 1e-9]]])
        check(fitted, seen, tmp_path, 1e-12)


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalizers(norm: str, tmp_path: Path) -> None:
    x, _ = data("diabetes")
    x = np.concatenate([x, np.zeros((2, x.shape[1])), -np.abs(x[:5])])
    check(Normalizer(norm=norm).fit(x), x, tmp_path)


@pytest.mark.parametrize(
    "estimator",
    [
        PolynomialFeatures(),
        PolynomialFeatures(3, include_bias=False),
        PolynomialFeatures(2, interaction_only=True),
        PolynomialFeatures((2, 3)),
        PolynomialFeatures(0),
        Binarizer(threshold=1.5),
        FunctionTransformer(),
        FunctionTransformer(np.exp),
        FunctionTransformer(np.abs),
        FunctionTransformer(np.tanh),
        FunctionTransformer(np.reciprocal),
        PCA(),
        PCA(2),
        PCA(3, whiten=True),
        PCA(0.9, svd_solver="full"),
        IncrementalPCA(2, whiten=True),
        TruncatedSVD(2, random_state=0),
        FactorAnalysis(2),
        FastICA(2, random_state=0, max_iter=1000),
        GaussianRandomProjection(3, random_state=0),
        SparseRandomProjection(3, random_state=0),
        SparseRandomProjection(3, random_state=0, dense_output=True),
        LinearDiscriminantAnalysis(),
        LinearDiscriminantAnalysis(solver="eigen", n_components=1),
        NeighborhoodComponentsAnalysis(2, random_state=0, max_iter=10),
        VarianceThreshold(0.2),
        SelectKBest(k=2),
        SelectPercentile(percentile=50),
        SelectFdr(),
        GenericUnivariateSelect(mode="k_best", param=1),
        SelectFromModel(RandomForestClassifier(10, random_state=0)),
        SequentialFeatureSelector(Ridge(), n_features_to_select=2, cv=2),
    ],
    ids=str,
)
def test_transformers(estimator: Any, tmp_path: Path) -> None:
    x, y = data("iris")
    fitted = fit(estimator, x[::2], y[::2])
    if hasattr(fitted, "predict"):
        fitted = Pipeline([("only", fitted), ("again", StandardScaler())]).fit(x[::2], y[::2])
    check(fitted, x, tmp_path)


@pytest.mark.parametrize("function", [np.log, np.log1p, np.sqrt])
def test_functions_of_what_is_positive(function: Any, tmp_path: Path) -> None:
    x = np.geomspace(1e-300, 1e300, 400).reshape(-1, 4)
    model = check(FunctionTransformer(function).fit(x), x, tmp_path)
    np.testing.assert_allclose(model.predict(x), function(x), rtol=1e-14)


@pytest.mark.parametrize("eliminator", [RFE(LogisticRegression(max_iter=500)), RFECV(Ridge(), cv=3)], ids=str)
def test_recursive_elimination_predicts(eliminator: Any, tmp_path: Path) -> None:
    x, y = data("wine")
    fitted = fit(make_pipeline(StandardScaler(), eliminator), x[::2], y[::2])
    check(fitted, x, tmp_path)


def test_long_pipelines_with_what_is_passed_through(tmp_path: Path) -> None:
    x, y = data("wine")
    steps: list[Any] = [
        ("inner", Pipeline([("scale", StandardScaler()), ("nothing", "passthrough")])),
        ("none", None),
        ("squares", PolynomialFeatures(2, include_bias=False)),
        ("pca", PCA(5)),
        ("model", LogisticRegression(max_iter=500)),
    ]
    check(fit(Pipeline(steps), x[::2], y[::2]), x, tmp_path)
    with pytest.raises(hf.Unsupported, match="LogisticRegression as a transformer is not covered"):
        broken = Pipeline([("a", StandardScaler()), ("b", LogisticRegression())]).fit(x, y)
        broken.steps.append(("c", StandardScaler().fit(x)))
        hf.convert(broken)


def test_a_pipeline_that_passes_everything_through(tmp_path: Path) -> None:
    x, _ = data("iris")
    scaler = StandardScaler(with_mean=False, with_std=False).fit(x)
    assert_close(hf.convert(scaler).predict(x), x, 0.0)
