"""`hf.convert` of linear models, networks, clusters, Bayes and boosting against scikit-learn's own answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest
from convert_checks import KERNELS, assert_close, check, data, fit
from sklearn.cluster import KMeans, MeanShift, MiniBatchKMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    LarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    MultiTaskLasso,
    OrthogonalMatchingPursuit,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    RANSACRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC, LinearSVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

CLASSIFIERS = {
    "logistic l1": LogisticRegression(l1_ratio=1.0, solver="saga", C=0.3),
    "logistic cv": LogisticRegressionCV(Cs=3, cv=3),
    "logistic without intercept": LogisticRegression(fit_intercept=False),
    "sgd hinge": SGDClassifier(random_state=0),
    "sgd log loss": SGDClassifier(loss="log_loss", random_state=0),
    "sgd huber": SGDClassifier(loss="modified_huber", random_state=0),
    "sgd averaged": SGDClassifier(loss="log_loss", average=True, random_state=0),
    "sgd squared": SGDClassifier(loss="squared_error", eta0=1e-4, learning_rate="constant", random_state=0),
    "ridge": RidgeClassifier(),
    "ridge cv": RidgeClassifierCV(),
    "linear svc": LinearSVC(),
    "linear svc of all classes": LinearSVC(multi_class="crammer_singer"),
    "perceptron": Perceptron(random_state=0),
    "lda": LinearDiscriminantAnalysis(),
    "lda shrunk": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "lda eigen": LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.2),
    "qda": QuadraticDiscriminantAnalysis(reg_param=0.1),
    "qda eigen": QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=0.2),
    "gaussian": GaussianNB(),
    "gaussian priors": GaussianNB(var_smoothing=1e-3),
    "bernoulli": BernoulliNB(binarize=0.4),
    "centroid": NearestCentroid(),
    "centroid shrunk": NearestCentroid(shrink_threshold=0.3),
    "centroid manhattan": NearestCentroid(metric="manhattan"),
    "centroid priors": NearestCentroid(priors="empirical"),
    "centroid manhattan priors": NearestCentroid(metric="manhattan", priors="empirical"),
    "mlp": MLPClassifier((8, 5), max_iter=40, random_state=0),
    "mlp tanh": MLPClassifier((6,), activation="tanh", max_iter=40, random_state=0),
    "mlp logistic": MLPClassifier((6,), activation="logistic", max_iter=40, random_state=0),
    "mlp identity": MLPClassifier((), activation="identity", max_iter=40, random_state=0),
    "histogram": HistGradientBoostingClassifier(max_iter=10),
    "histogram shallow": HistGradientBoostingClassifier(max_iter=5, max_depth=2, early_stopping=True),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_classifiers(name: str, kind: str, tmp_path: Path) -> None:
    x, y = data(name)
    fitted = fit(make_pipeline(StandardScaler(), CLASSIFIERS[kind]), x[::2], y[::2])
    check(fitted, x, tmp_path, KERNELS if "mlp" in kind else 1e-12)


@pytest.mark.parametrize(
    "estimator", [MultinomialNB(), MultinomialNB(fit_prior=False), ComplementNB(norm=True)], ids=str
)
def test_bayes_of_counts(estimator: Any, tmp_path: Path) -> None:
    x, y = data("digits")
    check(fit(estimator, x[::3], y[::3]), x[:300], tmp_path, 1e-11)


def test_logistic_of_liblinear(tmp_path: Path) -> None:
    x, y = data("breast_cancer")
    fitted = fit(make_pipeline(StandardScaler(), LogisticRegression(solver="liblinear")), x[::2], y[::2])
    check(fitted, x, tmp_path)


def test_bayes_of_one_class(tmp_path: Path) -> None:
    x, y = data("iris")
    check(GaussianNB().fit(x[:50], y[:50]), x, tmp_path)


def test_text_labels_and_boolean_labels(tmp_path: Path) -> None:
    x, y = data("breast_cancer")
    for labels in (np.array(["malign", "benign"])[y], y == 1):
        for estimator in (GaussianNB(), HistGradientBoostingClassifier(max_iter=3), RidgeClassifier()):
            check(fit(estimator, x[::2], labels[::2]), x, tmp_path)


REGRESSORS = {
    "ridge cv": RidgeCV(),
    "elastic net cv": ElasticNetCV(cv=3),
    "lars cv": LarsCV(cv=3),
    "lasso lars ic": LassoLarsIC(),
    "matching pursuit": OrthogonalMatchingPursuit(),
    "bayesian ridge": BayesianRidge(),
    "ard": ARDRegression(max_iter=20),
    "huber": HuberRegressor(max_iter=500),
    "theil-sen": TheilSenRegressor(max_subpopulation=100, random_state=0),
    "sgd": SGDRegressor(random_state=0),
    "sgd passive aggressive": SGDRegressor(loss="epsilon_insensitive", learning_rate="pa1", eta0=0.1, random_state=0),
    "linear svr": LinearSVR(max_iter=200),
    "quantile": QuantileRegressor(alpha=0.1),
    "ransac": RANSACRegressor(random_state=0),
    "poisson": PoissonRegressor(),
    "gamma": GammaRegressor(),
    "tweedie": TweedieRegressor(power=1.5),
    "tweedie normal": TweedieRegressor(power=0),
    "tweedie identity": TweedieRegressor(power=1.5, link="identity", alpha=10.0, max_iter=20),
    "mlp": MLPRegressor(hidden_layer_sizes=(8, 4), max_iter=40, random_state=0),
    "mlp tanh": MLPRegressor(hidden_layer_sizes=(5,), activation="tanh", solver="lbfgs", max_iter=40, random_state=0),
    "mlp poisson": MLPRegressor("poisson", hidden_layer_sizes=(4,), max_iter=20, random_state=0),
    "histogram": HistGradientBoostingRegressor(max_iter=20),
    "histogram absolute": HistGradientBoostingRegressor(loss="absolute_error", max_iter=10),
    "histogram quantile": HistGradientBoostingRegressor(loss="quantile", quantile=0.8, max_iter=10),
    "histogram poisson": HistGradientBoostingRegressor(loss="poisson", max_iter=10),
    "histogram gamma": HistGradientBoostingRegressor(loss="gamma", max_iter=10, max_leaf_nodes=5),
    "histogram single leaf": HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=500),
    "histogram monotonic": HistGradientBoostingRegressor(max_iter=8, monotonic_cst=[1] + [0] * 9),
}


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors(kind: str, tmp_path: Path) -> None:
    x, y = data("diabetes")
    fitted = fit(make_pipeline(StandardScaler(), REGRESSORS[kind]), x[::2], y[::2])
    check(fitted, x, tmp_path, KERNELS if "mlp" in kind else 1e-12)


def two_targets(x: Any, y: Any) -> Any:
    return np.stack([y, x[:, 0] * 100.0 - y, np.sin(y)], axis=1)


@pytest.mark.parametrize(
    "estimator",
    [
        LinearRegression(),
        Ridge(),
        MultiTaskLasso(),
        MLPRegressor(hidden_layer_sizes=(6,), max_iter=40, random_state=0),
        DecisionTreeRegressor(max_depth=5, random_state=0),
        RandomForestRegressor(8, max_depth=6, random_state=0),
        ExtraTreesRegressor(8, random_state=0),
    ],
    ids=str,
)
def test_several_targets(estimator: Any, tmp_path: Path) -> None:
    x, y = data("diabetes")
    fitted = fit(estimator, x[::2], two_targets(x, y)[::2])
    assert check(fitted, x, tmp_path, KERNELS).signature.outputs[0].shape == (-1, 3)


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(max_depth=4, random_state=0),
        ExtraTreeClassifier(max_depth=4, random_state=0),
        RandomForestClassifier(9, max_depth=4, random_state=0),
    ],
    ids=str,
)
@pytest.mark.parametrize("text", [False, True])
def test_several_targets_of_classes(estimator: Any, text: bool, tmp_path: Path) -> None:
    x, y = data("wine")
    targets = np.stack([y, x[:, 0] > 13.0], axis=1)
    labels = np.array(["a", "b", "c"], dtype=object)[targets] if text else targets
    fitted = fit(estimator, x[::2], labels[::2])
    model = hf.convert(fitted)
    outputs = model.run(x)
    assert np.asarray(model.predict(x)).tolist() == fitted.predict(x).tolist()
    for i, wanted in enumerate(fitted.predict_proba(x)):
        assert_close(outputs[f"probabilities_{i}"], wanted, 1e-12)
    model.save(tmp_path / "m.hfm")
    assert np.asarray(hf.load_model(tmp_path / "m.hfm").predict(x)).tolist() == fitted.predict(x).tolist()


@pytest.mark.parametrize("estimator", [RidgeClassifier(), MLPClassifier((4,), max_iter=5)], ids=str)
def test_several_labels_a_row_are_refused(estimator: Any) -> None:
    x, y = data("wine")
    fitted = fit(estimator, x, np.stack([y == 0, x[:, 0] > 13.0], axis=1))
    with pytest.raises(hf.Unsupported, match="several labels a row"):
        hf.convert(fitted)


@pytest.mark.parametrize(
    "forest",
    [
        IsolationForest(n_estimators=20, random_state=0),
        IsolationForest(n_estimators=15, max_samples=30, contamination=0.1, random_state=1),
        IsolationForest(n_estimators=10, max_features=0.5, random_state=2),
        IsolationForest(n_estimators=10, max_samples=1, random_state=0),
        IsolationForest(n_estimators=10, max_samples=2, bootstrap=True, random_state=0),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_isolation_forests(name: str, forest: Any, tmp_path: Path) -> None:
    x, _ = data(name)
    fitted = fit(forest, x[::2], None)
    model = check(fitted, np.concatenate([x, 10.0 * x[:20]]), tmp_path)
    assert list(model.signature.classes) == [-1, 1]


def test_isolation_forests_of_missing_values(tmp_path: Path) -> None:
    x, _ = data("iris")
    x = x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    check(fit(IsolationForest(n_estimators=12, random_state=0), x[::2], None), x, tmp_path)


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid"])
@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_one_class_machines(name: str, kernel: str, tmp_path: Path) -> None:
    x, _ = data(name)
    fitted = fit(make_pipeline(StandardScaler(), OneClassSVM(kernel=kernel, nu=0.2, coef0=0.1)), x[::2], None)
    check(fitted, x, tmp_path, KERNELS)


def test_a_precomputed_kernel_is_refused() -> None:
    x, y = data("iris")
    for machine in (SVC(kernel="precomputed"), OneClassSVM(kernel="precomputed")):
        with pytest.raises(hf.Unsupported, match="with kernel='precomputed' is not covered"):
            hf.convert(machine.fit(x @ x.T, y))


@pytest.mark.parametrize(
    ("clusters", "name"),
    [
        (KMeans(4, n_init=2, random_state=0), "iris"),
        (KMeans(10, n_init=1, random_state=0), "digits"),
        (MiniBatchKMeans(3, n_init=2, random_state=0), "wine"),
        (MeanShift(), "iris"),
    ],
    ids=str,
)
def test_clusters(clusters: Any, name: str, tmp_path: Path) -> None:
    x, _ = data(name)
    fitted = fit(make_pipeline(StandardScaler(), clusters), x[:400:2], None)
    check(fitted, x[:400], tmp_path)
    if hasattr(clusters, "transform"):
        piped = fit(make_pipeline(StandardScaler(), clusters, MinMaxScaler()), x[:400:2], None)
        check(piped, x[:400], tmp_path)


@pytest.mark.parametrize("bounds", ["nan", "clip"])
@pytest.mark.parametrize("increasing", [True, False])
def test_isotonic_regression(bounds: str, increasing: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=150), 1)
    fitted = IsotonicRegression(out_of_bounds=bounds, increasing=increasing).fit(x, x * 2 + rng.normal(size=150))
    seen = np.concatenate([x, rng.normal(size=100), [-9.0, 9.0], fitted.X_thresholds_])
    model = hf.convert(fitted)
    assert_close(model.predict(seen[:, None]), fitted.predict(seen), 0.0)
    one = IsotonicRegression(out_of_bounds=bounds).fit([1.0, 1.0], [2.0, 4.0])
    assert_close(hf.convert(one).predict(seen[:, None]), one.predict(seen), 0.0)
    with pytest.raises(hf.Unsupported, match="out_of_bounds='raise'"):
        hf.convert(IsotonicRegression(out_of_bounds="raise").fit(x, x))


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_histogram_boosting_of_missing_values(missing: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(500, 4))
    y = np.where(rng.random(500) < 0.2, 3.0, x[:, 0] + x[:, 1] ** 2)
    x[rng.random(x.shape) < missing] = np.nan
    x[y == 3.0, 3] = np.nan
    seen = np.concatenate([x, np.full((1, 4), np.nan), np.full((1, 4), 1e300)])
    check(HistGradientBoostingRegressor(max_iter=30).fit(x, y), seen, tmp_path)
    for classes in (2, 3):
        labels = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
        check(HistGradientBoostingClassifier(max_iter=8).fit(x, labels), seen, tmp_path)


def test_histogram_thresholds_are_compared_in_double(tmp_path: Path) -> None:
    x = (1.0 + np.arange(80.0) * 2.0**-40)[:, None]
    fitted = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=1).fit(x, np.arange(80.0))
    thresholds = np.concatenate([tree.nodes["num_threshold"] for stage in fitted._predictors for tree in stage])
    around = np.concatenate([x.ravel(), thresholds, np.nextafter(thresholds, 9.0)])[:, None]
    check(fitted, around, tmp_path, 0.0)
