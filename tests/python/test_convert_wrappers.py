"""`hf.convert` of ensembles and wrappers of any estimators against scikit-learn's own answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest
from convert_checks import KERNELS, assert_close, check, data, fit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

LOGISTIC = LogisticRegression(max_iter=500)
FOREST = RandomForestClassifier(6, max_depth=4, random_state=0)
SMALL_TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
NAMED = [("lr", LOGISTIC), ("rf", FOREST), ("nb", GaussianNB())]

CLASSIFIERS = {
    "calibrated sigmoid": CalibratedClassifierCV(GaussianNB(), cv=3),
    "calibrated sigmoid of decisions": CalibratedClassifierCV(LinearSVC(), cv=3),
    "calibrated isotonic": CalibratedClassifierCV(FOREST, method="isotonic", cv=3),
    "calibrated isotonic of decisions": CalibratedClassifierCV(SVC(), method="isotonic", cv=3),
    "calibrated temperature": CalibratedClassifierCV(LOGISTIC, method="temperature", cv=3),
    "calibrated temperature of forests": CalibratedClassifierCV(FOREST, method="temperature", cv=3),
    "calibrated without ensemble": CalibratedClassifierCV(LOGISTIC, ensemble=False, cv=3),
    "calibrated bagging": CalibratedClassifierCV(BaggingClassifier(LOGISTIC, 3, random_state=0), cv=3),
    "voting hard": VotingClassifier(NAMED),
    "voting hard weighted": VotingClassifier(NAMED, weights=[1.0, 2.0, 0.5]),
    "voting soft": VotingClassifier(NAMED, voting="soft"),
    "voting soft weighted": VotingClassifier(NAMED, voting="soft", weights=[1, 2, 3]),
    "voting without one": VotingClassifier([*NAMED[:2], ("off", "drop")], voting="soft"),
    "stacking": StackingClassifier(NAMED, LOGISTIC, cv=3),
    "stacking passthrough": StackingClassifier(NAMED, FOREST, cv=3, passthrough=True),
    "stacking decisions": StackingClassifier([*NAMED[:1], ("svc", SVC())], LOGISTIC, cv=3, stack_method="auto"),
    "stacking predictions": StackingClassifier(NAMED, LOGISTIC, cv=3, stack_method="predict"),
    "stacking ridge": StackingClassifier(NAMED, RidgeClassifier(), cv=3),
    "bagging": BaggingClassifier(n_estimators=6, random_state=0),
    "bagging few columns": BaggingClassifier(SMALL_TREE, 7, max_features=0.5, max_samples=0.4, random_state=1),
    "bagging logistic": BaggingClassifier(LOGISTIC, 4, random_state=0),
    "bagging votes": BaggingClassifier(RidgeClassifier(), 5, random_state=0),
    "bagging few rows": BaggingClassifier(SMALL_TREE, 6, max_samples=4, random_state=3),
    "adaboost": AdaBoostClassifier(n_estimators=12, random_state=0),
    "adaboost deeper": AdaBoostClassifier(SMALL_TREE, n_estimators=9, learning_rate=0.5, random_state=0),
    "adaboost logistic": AdaBoostClassifier(LOGISTIC, n_estimators=5, random_state=0),
    "one against rest": OneVsRestClassifier(LinearSVC()),
    "one against rest of trees": OneVsRestClassifier(SMALL_TREE),
    "one against rest of logistic": OneVsRestClassifier(LOGISTIC),
    "one against rest of regressors": OneVsRestClassifier(Ridge()),
    "one against one": OneVsOneClassifier(LinearSVC()),
    "one against one of trees": OneVsOneClassifier(SMALL_TREE),
    "one against one of logistic": OneVsOneClassifier(LOGISTIC),
    "grid": GridSearchCV(SVC(), {"C": [0.1, 1.0]}, cv=3),
    "random": RandomizedSearchCV(FOREST, {"max_depth": [2, 3]}, n_iter=2, cv=3, random_state=0),
    "nested": VotingClassifier([("a", CalibratedClassifierCV(LinearSVC(), cv=3)), ("b", FOREST)], voting="soft"),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_classifiers(name: str, kind: str, tmp_path: Path) -> None:
    x, y = data(name)
    fitted = fit(make_pipeline(StandardScaler(), CLASSIFIERS[kind]), x[::2], y[::2])
    check(fitted, x, tmp_path, KERNELS if "SVC()" in str(CLASSIFIERS[kind]) else 1e-12)


@pytest.mark.parametrize(
    "kind",
    ["calibrated sigmoid", "voting hard", "stacking", "bagging", "adaboost", "one against rest", "one against one"],
)
def test_text_labels(kind: str, tmp_path: Path) -> None:
    x, y = data("wine")
    labels = np.array(["red", "rosé", "white"])[y]
    check(fit(make_pipeline(StandardScaler(), CLASSIFIERS[kind]), x[::2], labels[::2]), x, tmp_path)


@pytest.mark.parametrize(
    "thresholded",
    [
        FixedThresholdClassifier(LOGISTIC),
        FixedThresholdClassifier(LOGISTIC, threshold=0.8, pos_label="malign"),
        FixedThresholdClassifier(SMALL_TREE, threshold=0.5, pos_label="benign"),
        FixedThresholdClassifier(LinearSVC()),
        FixedThresholdClassifier(LinearSVC(), threshold=0.3, pos_label="benign"),
        FixedThresholdClassifier(LOGISTIC, threshold=-0.2, response_method="decision_function", pos_label="benign"),
        TunedThresholdClassifierCV(LOGISTIC, cv=3),
        TunedThresholdClassifierCV(FOREST, cv=3),
    ],
    ids=str,
)
def test_thresholds_that_were_chosen(thresholded: Any, tmp_path: Path) -> None:
    x, y = data("breast_cancer")
    labels = np.array(["malign", "benign"])[y]
    check(fit(make_pipeline(StandardScaler(), thresholded), x[::2], labels[::2]), x, tmp_path)


def test_a_frozen_estimator_is_calibrated(tmp_path: Path) -> None:
    x, y = data("wine")
    forest = fit(FOREST, x[::2], y[::2])
    check(CalibratedClassifierCV(FrozenEstimator(forest)).fit(x[1::2], y[1::2]), x, tmp_path)


def test_a_stack_of_what_was_fitted_before(tmp_path: Path) -> None:
    x, y = data("iris")
    members = [("a", fit(LOGISTIC, x, y)), ("b", fit(FOREST, x, y))]
    check(StackingClassifier(members, LOGISTIC, cv="prefit").fit(x, y), x, tmp_path)


REGRESSORS = {
    "voting": VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3))]),
    "voting weighted": VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3))], weights=[1, 3]),
    "stacking": StackingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3))], cv=3),
    "stacking passthrough": StackingRegressor(
        [("a", Ridge()), ("b", SVR())], RandomForestRegressor(5, random_state=0), cv=3, passthrough=True
    ),
    "bagging": BaggingRegressor(n_estimators=8, random_state=0),
    "bagging few columns": BaggingRegressor(Ridge(), 5, max_features=0.4, bootstrap_features=True, random_state=0),
    "adaboost": AdaBoostRegressor(n_estimators=15, random_state=0),
    "adaboost square": AdaBoostRegressor(Ridge(), n_estimators=8, loss="square", random_state=0),
    "adaboost of one": AdaBoostRegressor(n_estimators=1, random_state=0),
    "grid": GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=3),
    "log target": TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp),
    "log1p target": TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1),
    "root target": TransformedTargetRegressor(Ridge(), func=np.sqrt, inverse_func=np.square),
    "plain target": TransformedTargetRegressor(Ridge()),
    "standard target": TransformedTargetRegressor(SVR(), transformer=StandardScaler()),
    "min max target": TransformedTargetRegressor(Ridge(), transformer=MinMaxScaler()),
    "max abs target": TransformedTargetRegressor(Ridge(), transformer=MaxAbsScaler()),
    "robust target": TransformedTargetRegressor(GradientBoostingRegressor(n_estimators=5), transformer=RobustScaler()),
}


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors(kind: str, tmp_path: Path) -> None:
    x, y = data("diabetes")
    fitted = fit(make_pipeline(StandardScaler(), REGRESSORS[kind]), x[::2], y[::2])
    check(fitted, x, tmp_path, KERNELS if "SVR()" in str(REGRESSORS[kind]) else 1e-12)


def test_the_weighted_median_of_equal_weights(tmp_path: Path) -> None:
    x, y = data("diabetes")
    fitted = fit(AdaBoostRegressor(n_estimators=6, random_state=0), x, y)
    for weights in ([0.1] * 6, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.3, 0.1, 0.2, 0.1, 0.2, 0.1]):
        fitted.estimator_weights_ = np.array(weights)
        check(fitted, x, tmp_path, 0.0)


@pytest.mark.parametrize(
    "estimator",
    [
        MultiOutputRegressor(GradientBoostingRegressor(n_estimators=4, random_state=0)),
        RegressorChain(LinearRegression()),
        RegressorChain(DecisionTreeRegressor(max_depth=4, random_state=0), order=[2, 0, 1]),
    ],
    ids=str,
)
def test_several_targets(estimator: Any, tmp_path: Path) -> None:
    x, y = data("diabetes")
    targets = np.stack([y, x[:, 0] * 100.0 - y, np.sin(y)], axis=1)
    check(fit(estimator, x[::2], targets[::2]), x, tmp_path)


def test_several_targets_of_classes() -> None:
    x, y = data("wine")
    targets = np.stack([y, x[:, 0] > 13.0], axis=1)
    fitted = fit(MultiOutputClassifier(SMALL_TREE), x, targets)
    model = hf.convert(fitted)
    assert np.asarray(model.predict(x)).tolist() == fitted.predict(x).tolist()
    for i, wanted in enumerate(fitted.predict_proba(x)):
        assert_close(model.run(x)[f"probabilities_{i}"], wanted, 0.0)


def test_bagging_over_text() -> None:
    rng = np.random.default_rng(0)
    x = np.empty((80, 2), dtype=object)
    x[:, 0], x[:, 1] = rng.choice(["a", "b", "c"], 80), rng.normal(size=80)
    member = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [0]), remainder="passthrough"), SMALL_TREE
    )
    fitted = BaggingClassifier(member, 4, random_state=0).fit(x, rng.integers(0, 2, 80))
    columns = {"x0": x[:, 0], "x1": x[:, 1].astype(float)}
    assert_close(hf.convert(fitted).predict_proba(columns), fitted.predict_proba(x), 1e-12)


def test_what_a_wrapper_holds_is_named_where_it_is_not_covered() -> None:
    x, y = data("wine")
    neighbours = KNeighborsClassifier()
    for wrapper in (
        VotingClassifier([("a", LOGISTIC), ("b", neighbours)]),
        StackingClassifier([("b", neighbours)], LOGISTIC, cv=3),
        BaggingClassifier(neighbours, 2),
        CalibratedClassifierCV(neighbours, cv=3),
        OneVsRestClassifier(neighbours),
        GridSearchCV(neighbours, {"n_neighbors": [3]}, cv=3),
    ):
        with pytest.raises(hf.Unsupported, match="KNeighborsClassifier is not covered"):
            hf.convert(fit(wrapper, x, y))


def test_options_that_are_not_covered_are_named() -> None:
    x, y = data("wine")
    several = np.stack([y == 0, y == 1], axis=1).astype(int)
    with pytest.raises(hf.Unsupported, match="OneVsRestClassifier of several labels a row"):
        hf.convert(OneVsRestClassifier(SMALL_TREE).fit(x, several))
    with pytest.raises(hf.Unsupported, match="ClassifierChain is not covered"):
        hf.convert(ClassifierChain(SMALL_TREE).fit(x, several))
    with pytest.raises(hf.Unsupported, match="TransformedTargetRegressor with PowerTransformer"):
        hf.convert(TransformedTargetRegressor(Ridge(), transformer=PowerTransformer()).fit(x, y + 1.0))
    cube = FunctionTransformer(np.cbrt, lambda values: values**3, check_inverse=False)
    with pytest.raises(hf.Unsupported, match="TransformedTargetRegressor with inverse_func=<lambda>"):
        hf.convert(TransformedTargetRegressor(Ridge(), transformer=cube).fit(x, y + 1.0))


def test_a_search_that_did_not_refit() -> None:
    x, y = data("wine")
    search = GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=3, refit=False).fit(x, y)
    with pytest.raises(hf.InvalidArgument, match="not fitted"):
        hf.convert(search)
