"""`hf.convert` against scikit-learn on its bundled data sets: the same labels, and values to the last digits."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest
from convert_checks import KERNELS, TREES, Array, assert_equal_to, assert_reloads, data, fit
from sklearn.base import clone
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

CLASSIFIERS: dict[str, tuple[Any, float]] = {
    "tree": (DecisionTreeClassifier(random_state=0), TREES),
    "shallow tree": (DecisionTreeClassifier(max_depth=2, random_state=0), TREES),
    "extra tree": (ExtraTreeClassifier(max_depth=4, random_state=0), TREES),
    "forest": (RandomForestClassifier(12, max_depth=6, random_state=0), TREES),
    "even forest": (RandomForestClassifier(2, random_state=3), TREES),
    "weighted forest": (RandomForestClassifier(7, class_weight="balanced", random_state=1), TREES),
    "extra trees": (ExtraTreesClassifier(10, random_state=0), TREES),
    "boosting": (GradientBoostingClassifier(n_estimators=8, max_depth=2, random_state=0), TREES),
    "boosting from zero": (GradientBoostingClassifier(n_estimators=5, init="zero", random_state=0), TREES),
    "logistic": (make_pipeline(StandardScaler(), LogisticRegression()), TREES),
    "raw logistic": (LogisticRegression(max_iter=40), TREES),
    "svc": (SVC(), KERNELS),
    "svc pairs": (SVC(decision_function_shape="ovo"), KERNELS),
    "svc break ties": (SVC(break_ties=True), KERNELS),
    "svc linear": (make_pipeline(StandardScaler(), SVC(kernel="linear")), KERNELS),
    "svc poly": (make_pipeline(StandardScaler(), SVC(kernel="poly", coef0=0.5)), KERNELS),
    "svc sigmoid": (make_pipeline(StandardScaler(), SVC(kernel="sigmoid")), KERNELS),
    "svc proba": (make_pipeline(StandardScaler(), SVC(probability=True, random_state=0)), KERNELS),
    "pipeline": (make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(6, random_state=0)), TREES),
}

REGRESSORS: dict[str, tuple[Any, float]] = {
    "tree": (DecisionTreeRegressor(random_state=0), TREES),
    "extra tree": (ExtraTreeRegressor(random_state=0), TREES),
    "forest": (RandomForestRegressor(20, random_state=0), TREES),
    "extra trees": (ExtraTreesRegressor(20, random_state=0), TREES),
    "boosting": (GradientBoostingRegressor(n_estimators=30, random_state=0), TREES),
    "boosting from zero": (GradientBoostingRegressor(n_estimators=10, init="zero", random_state=0), TREES),
    "boosting huber": (GradientBoostingRegressor(n_estimators=10, loss="huber", random_state=0), TREES),
    "boosting absolute": (GradientBoostingRegressor(n_estimators=10, loss="absolute_error", random_state=0), TREES),
    "boosting quantile": (GradientBoostingRegressor(n_estimators=9, loss="quantile", alpha=0.8, random_state=0), TREES),
    "linear": (LinearRegression(), TREES),
    "linear without intercept": (LinearRegression(fit_intercept=False), TREES),
    "ridge": (make_pipeline(StandardScaler(), Ridge()), TREES),
    "lasso": (Lasso(alpha=0.1), TREES),
    "elastic net": (ElasticNet(alpha=0.01), TREES),
    "svr": (SVR(C=10.0), KERNELS),
    "svr linear": (SVR(kernel="linear"), KERNELS),
    "svr poly": (SVR(kernel="poly", degree=4, coef0=1.0), KERNELS),
    "svr sigmoid": (SVR(kernel="sigmoid"), KERNELS),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_classifiers(name: str, kind: str, tmp_path: Path) -> None:
    estimator, tolerance = CLASSIFIERS[kind]
    x, y = data(name)
    train = slice(None, None, 4 if name == "digits" else 2)
    fitted = fit(estimator, x[train], y[train])
    model = hf.convert(fitted)
    assert_equal_to(fitted, model, x, tolerance)
    assert_reloads(model, x[:50], tmp_path / "model.hfm")


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors(kind: str, tmp_path: Path) -> None:
    estimator, tolerance = REGRESSORS[kind]
    x, y = data("diabetes")
    fitted = fit(estimator, x[::2], y[::2])
    model = hf.convert(fitted)
    assert_equal_to(fitted, model, x, tolerance)
    assert_reloads(model, x[:50], tmp_path / "model.hfm")


def test_exponential_loss_has_its_own_link() -> None:
    x, y = data("breast_cancer")
    fitted = GradientBoostingClassifier(n_estimators=6, loss="exponential", random_state=0).fit(x, y)
    assert_equal_to(fitted, hf.convert(fitted), x, TREES)


@pytest.mark.parametrize("trees", [2, 4, 10])
def test_exact_ties_go_where_they_go_in_scikit_learn(trees: int) -> None:
    """Rows that are equal and have different labels: leaves of one half each, and forests that split evenly."""
    rng = np.random.default_rng(trees)
    x = np.repeat(rng.integers(0, 4, size=(40, 2)).astype(np.float64), 2, axis=0)
    y = np.tile([0, 1], 40)
    for estimator in (
        DecisionTreeClassifier(random_state=0),
        RandomForestClassifier(trees, random_state=0),
        RandomForestClassifier(trees, bootstrap=False, random_state=0),
        ExtraTreesClassifier(trees, random_state=0),
    ):
        fitted = estimator.fit(x, y)
        assert_equal_to(fitted, hf.convert(fitted), x, 0.0)
    assert (fitted.predict_proba(x) == 0.5).any()


def test_values_on_a_threshold_go_left() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    fitted = DecisionTreeRegressor().fit(x, [0.0, 1.0, 2.0, 3.0])
    thresholds = np.sort(fitted.tree_.threshold[fitted.tree_.feature >= 0])
    around = np.concatenate([thresholds, np.nextafter(thresholds, 9.0), np.float32(thresholds) + np.float32(1e-6)])
    model = hf.convert(fitted)
    assert model.predict(around[:, None]).tolist() == fitted.predict(around[:, None]).tolist()


def random_tree(rng: np.random.Generator) -> tuple[Any, Array]:
    """A fitted tree or ensemble of any shape, and rows that lie on its thresholds, beside them and far from them."""
    features, rows = int(rng.integers(1, 400)), int(rng.integers(2, 120))
    x = rng.normal(size=(rows, features)) if rng.random() < 0.5 else rng.integers(0, 3, (rows, features)).astype(float)
    if rng.random() < 0.4:
        x[rng.random(x.shape) < 0.2] = np.nan
    targets = int(rng.integers(1, 4))
    depth = [1, 2, 5, None][rng.integers(4)]
    regressors = (DecisionTreeRegressor, ExtraTreesRegressor, RandomForestRegressor)
    classifiers = (DecisionTreeClassifier, ExtraTreesClassifier, RandomForestClassifier)
    seed = int(rng.integers(1000))
    if rng.random() < 0.5:
        estimator = regressors[rng.integers(3)](max_depth=depth, random_state=seed)
        y = rng.normal(size=(rows, targets)) if rng.random() < 0.9 else np.ones((rows, targets))
    else:
        estimator = classifiers[rng.integers(3)](max_depth=depth, random_state=seed)
        y = rng.integers(0, rng.integers(1, 5), (rows, targets))
    if hasattr(estimator, "n_estimators"):
        estimator.set_params(n_estimators=int(rng.integers(1, 6)))
    fitted = estimator.fit(x, y.ravel() if targets == 1 else y)
    members = fitted.estimators_ if hasattr(fitted, "estimators_") else [fitted]
    around = np.repeat(x[:1], 30, axis=0)
    for tree in (member.tree_ for member in members):
        inner = np.flatnonzero((tree.feature >= 0) & np.isfinite(tree.threshold))[:30]
        around[: len(inner), 0] = tree.threshold[inner]
        around[np.arange(len(inner)), tree.feature[inner]] = tree.threshold[inner]
    beside = np.nextafter(around.astype(np.float32), np.float32(np.inf)).astype(np.float64)
    return fitted, np.concatenate([x, around, beside, 1e30 * x[:5]])


@pytest.mark.parametrize("seed", range(8))
def test_trees_of_any_shape(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(25):
        fitted, x = random_tree(rng)
        model = hf.convert(fitted)
        assert np.array_equal(np.asarray(model.predict(x)), fitted.predict(x)) or (
            np.max(np.abs(model.predict(x) - fitted.predict(x))) <= TREES
        )
        if not hasattr(fitted, "predict_proba"):
            continue
        outputs, wanted = model.run(x), fitted.predict_proba(x)
        for i, own in enumerate(wanted if isinstance(wanted, list) else [wanted]):
            name = f"probabilities_{i}" if isinstance(wanted, list) else "probabilities"
            assert np.max(np.abs(outputs[name] - own)) <= TREES


def test_missing_values_go_where_the_trees_learned() -> None:
    x, y = data("breast_cancer")
    x = x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    for estimator in (
        DecisionTreeClassifier(max_depth=6, random_state=0),
        RandomForestClassifier(8, random_state=0),
        DecisionTreeRegressor(max_depth=6, random_state=0),
    ):
        fitted = estimator.fit(x[::2], y[::2])
        assert_equal_to(fitted, hf.convert(fitted), x, TREES)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32"])
def test_dtypes_of_the_input(dtype: str) -> None:
    x, y = data("digits")
    fitted = RandomForestClassifier(6, random_state=0).fit(x, y)
    given = x.astype(dtype)
    assert_equal_to(fitted, hf.convert(fitted), given, TREES)


def test_large_integers_are_rounded_to_float32_as_scikit_learn_does() -> None:
    x = np.array([[2**24], [2**24 + 1], [2**24 + 2], [2**24 + 3]], dtype=np.int64)
    fitted = DecisionTreeRegressor().fit(x, [0.0, 1.0, 2.0, 3.0])
    assert hf.convert(fitted).predict(x).tolist() == fitted.predict(x).tolist()


def test_strided_and_transposed_inputs() -> None:
    x, y = data("wine")
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    model = hf.convert(fitted)
    wanted = model.predict_proba(x)
    assert np.array_equal(model.predict_proba(np.asfortranarray(x)), wanted)
    assert np.array_equal(model.predict_proba(np.repeat(x, 2, axis=0)[::2]), wanted)
    assert np.array_equal(model.predict_proba(x[::-1])[::-1], wanted)


def test_frames_are_read_by_name() -> None:
    import pandas as pd

    x, y = data("iris")
    frame = pd.DataFrame(x, columns=["sepal length", "sepal width", "petal length", "petal width"])
    fitted = RandomForestClassifier(5, random_state=0).fit(frame, y)
    model = hf.convert(fitted)
    assert list(model.signature.features) == list(frame.columns)
    shuffled = frame[["petal width", "sepal width", "petal length", "sepal length"]].assign(other=1.0)
    assert list(model.predict(shuffled)) == list(fitted.predict(frame))
    with pytest.raises(hf.InvalidArgument, match="petal width"):
        model.predict(frame.drop(columns="petal width"))


def test_feature_names_that_are_given() -> None:
    x, y = data("iris")
    fitted = DecisionTreeClassifier().fit(x, y)
    assert list(hf.convert(fitted, feature_names=["a", "b", "c", "d"]).signature.features) == ["a", "b", "c", "d"]
    with pytest.raises(hf.InvalidArgument, match="2 feature names given, 4 wanted"):
        hf.convert(fitted, feature_names=["a", "b"])


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        (np.array(["ok", "bad", "ok", "bad"]), ["bad", "ok"]),
        (np.array(["ok", "bad", "ok", "bad"], dtype=object), ["bad", "ok"]),
        (np.array([True, False, True, False]), [0, 1]),
        (np.array([2.0, -1.0, 2.0, -1.0]), [-1, 2]),
        (np.array([7, 9, 7, 9], dtype=np.uint8), [7, 9]),
    ],
)
def test_class_labels(labels: Array, wanted: list[Any]) -> None:
    x = np.array([[1.0], [0.0], [1.1], [0.1]])
    fitted = DecisionTreeClassifier().fit(x, labels)
    model = hf.convert(fitted)
    assert list(model.signature.classes) == wanted
    assert list(model.predict(x)) == list(fitted.predict(x))


def test_class_labels_that_are_fractions_are_refused() -> None:
    fitted = DecisionTreeClassifier().fit([[0.0], [1.0]], np.array([0.5, 1.5], dtype=object).astype(str))
    fitted.classes_ = np.array([0.5, 1.5])
    with pytest.raises(hf.Unsupported, match="class labels of dtype float64"):
        hf.convert(fitted)


@pytest.mark.parametrize(
    "imputer",
    [
        SimpleImputer(),
        SimpleImputer(strategy="median"),
        SimpleImputer(strategy="most_frequent"),
        SimpleImputer(strategy="constant", fill_value=-3.0),
        SimpleImputer(add_indicator=True),
        SimpleImputer(keep_empty_features=True),
        SimpleImputer(missing_values=0.0),
        SimpleImputer(missing_values=-1.0, add_indicator=True),
    ],
    ids=str,
)
def test_imputers(imputer: Any) -> None:
    rng = np.random.default_rng(5)
    marker = imputer.missing_values
    x = rng.integers(1, 5, size=(60, 4)).astype(np.float64)
    x[rng.random(x.shape) < 0.2] = marker
    x[:, 2] = marker if not isinstance(marker, float) or np.isnan(marker) else x[:, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = clone(imputer).fit(x)
        wanted = fitted.transform(x)
        piped = make_pipeline(clone(imputer), StandardScaler(), DecisionTreeRegressor()).fit(x, np.arange(60.0))
        predicted = piped.predict(x)
    assert np.array_equal(hf.convert(fitted).predict(x), wanted)
    assert np.array_equal(hf.convert(piped).predict(x), predicted)


@pytest.mark.parametrize("scaler", [StandardScaler(with_mean=False), StandardScaler(with_std=False)], ids=str)
def test_scalers(scaler: Any) -> None:
    x, _ = data("wine")
    fitted = scaler.fit(x)
    assert np.array_equal(hf.convert(fitted).predict(x), fitted.transform(x))


def test_one_row_and_no_rows() -> None:
    x, y = data("iris")
    model = hf.convert(RandomForestClassifier(4, random_state=0).fit(x, y))
    assert len(model.predict(x[:1])) == 1
    assert model.predict_proba(x[:0]).shape == (0, 3)


def test_what_is_not_covered_is_named() -> None:
    x, y = data("iris")
    with pytest.raises(hf.Unsupported, match=r"KNeighborsClassifier is not covered; covered are .*RandomForestCl"):
        hf.convert(KNeighborsClassifier().fit(x, y))
    with pytest.raises(hf.Unsupported, match="KNNImputer is not covered"):
        hf.convert(make_pipeline(KNNImputer(), Ridge()).fit(x, y))
    with pytest.raises(hf.Unsupported, match=r"builtins\.dict is not covered"):
        hf.convert({})
    with pytest.raises(hf.Unsupported, match="SVC with kernel=<function"):
        hf.convert(SVC(kernel=lambda a, b: a @ b.T).fit(x, y))
    with pytest.raises(hf.Unsupported, match="SVC with kernel='precomputed'"):
        hf.convert(SVC(kernel="precomputed").fit(x @ x.T, y))
    with pytest.raises(hf.Unsupported, match="init="):
        hf.convert(GradientBoostingClassifier(n_estimators=2, init=LogisticRegression(max_iter=2000)).fit(x, y))


def test_a_subclass_is_not_taken_for_its_base() -> None:
    class Mine(Ridge):  # type: ignore[misc]
        pass

    x, y = data("iris")
    with pytest.raises(hf.Unsupported, match="Mine is not covered"):
        hf.convert(Mine().fit(x, y))


@pytest.mark.parametrize(
    "estimator", [RandomForestClassifier(), make_pipeline(StandardScaler(), Ridge()), SVC()], ids=str
)
def test_an_estimator_that_is_not_fitted(estimator: Any) -> None:
    with pytest.raises(hf.InvalidArgument, match="not fitted"):
        hf.convert(estimator)


def test_an_estimator_of_a_version_too_old_is_refused_by_what_it_lacks() -> None:
    pipeline = make_pipeline(SimpleImputer(), LinearRegression()).fit([[1.0], [2.0]], [1.0, 2.0])
    del pipeline[0].keep_empty_features  # 1.1 does not have it
    for estimator in (pipeline, pipeline[0]):
        with pytest.raises(hf.Unsupported, match=r"'keep_empty_features'; scikit-learn 1\.2 and newer"):
            hf.convert(estimator)


def test_a_class_is_no_estimator() -> None:
    with pytest.raises(hf.InvalidArgument, match="the class Ridge given, a fitted estimator wanted"):
        hf.convert(Ridge)
