"""An estimator of each class that skl2onnx converts, fitted on a few rows, and what to feed its file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import skl2onnx.sklapi as sklapi
from skl2onnx._supported_operators import sklearn_operator_name_map
from skl2onnx.common.data_types import (
    DictionaryType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn import compose, datasets, linear_model, tree
from sklearn.base import is_classifier, is_regressor
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler

Array = np.ndarray[Any, Any]
Fitted = tuple[Any, Any, Any]  # the estimator, the rows, and the file's input types

RNG = np.random.default_rng(0)
IRIS, CLASSES = datasets.load_iris(return_X_y=True)
IRIS, CLASSES = IRIS[::3].astype(np.float32), CLASSES[::3]
DIABETES, TARGET = datasets.load_diabetes(return_X_y=True)
DIABETES, TARGET = (10.0 * DIABETES[:60, :4]).astype(np.float32), TARGET[:60] / 100.0
BOTH = np.stack([TARGET, -2.0 * TARGET + DIABETES[:, 0]], axis=1)
COUNTS = RNG.integers(0, 4, (50, 4)).astype(np.float32)
TEXT = np.array([["red", "dog"], ["blue", "cat"], ["red", "cat"], ["green", "dog"]] * 5)
WORDS = np.array(["a red dog runs", "a blue cat sleeps", "the red cat runs", "dogs and cats"] * 4)
ROWS = [{"a": 1.0, "b": 2.0}, {"b": 3.0, "c": 1.0}, {"a": 4.0}]
FLOATS = [("X", FloatTensorType([None, 4]))]


def same(options: dict[str, Any], *names: str) -> dict[str, dict[str, Any]]:
    return {name: options for name in names}


LOGISTIC = linear_model.LogisticRegression()
OPTIONS: dict[str, dict[str, Any]] = {
    **same(
        {"n_estimators": 4, "random_state": 0},
        *("AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor", "ExtraTreesClassifier"),
        *("ExtraTreesRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor", "IsolationForest"),
        *("RandomForestClassifier", "RandomForestRegressor"),
    ),
    **same({"max_iter": 5}, "HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    **same({"hidden_layer_sizes": (5,), "max_iter": 30}, "MLPClassifier", "MLPRegressor"),
    **same({"n_clusters": 3, "n_init": 1, "random_state": 0}, "KMeans", "MiniBatchKMeans"),
    **same({"probability": True, "random_state": 0}, "SVC", "NuSVC"),
    **same({"estimator": LOGISTIC}, "RFE", "RFECV", "SelectFromModel", "OneVsOneClassifier", "OneVsRestClassifier"),
    **same({"estimator": LOGISTIC}, "MultiOutputClassifier", "TunedThresholdClassifierCV"),
    **same({"n_components": 2}, "PCA", "IncrementalPCA", "TruncatedSVD", "KernelPCA", "PLSRegression"),
    **same({"n_components": 2, "random_state": 0}, "GaussianMixture", "BayesianGaussianMixture"),
    **same({"radius": 100.0}, "RadiusNeighborsClassifier", "RadiusNeighborsRegressor"),
    "GenericUnivariateSelect": {"mode": "k_best", "param": 2},
    "NearestNeighbors": {"radius": None},
    "RandomTreesEmbedding": {"n_estimators": 4, "random_state": 0, "sparse_output": False},
    "CalibratedClassifierCV": {"estimator": GaussianNB(), "cv": 3},
    "CastRegressor": {"estimator": linear_model.LinearRegression()},
    "ColumnTransformer": {"transformers": [("s", StandardScaler(), [0, 2]), ("p", "passthrough", [1])]},
    "FeatureUnion": {
        "transformer_list": [("s", StandardScaler()), ("n", compose.ColumnTransformer([("p", "passthrough", [1])]))]
    },
    "GaussianRandomProjection": {"n_components": 2, "random_state": 0},
    "GridSearchCV": {"estimator": LOGISTIC, "param_grid": {"C": [1.0]}},
    "KBinsDiscretizer": {"n_bins": 3, "encode": "onehot-dense", "quantile_method": "averaged_inverted_cdf"},
    "LocalOutlierFactor": {"novelty": True},
    "MultiOutputRegressor": {"estimator": linear_model.Ridge()},
    "NeighborhoodComponentsAnalysis": {"random_state": 0},
    "Pipeline": {"steps": [("s", StandardScaler()), ("l", LOGISTIC)]},
    "QuantileTransformer": {"n_quantiles": 20},
    "RANSACRegressor": {"random_state": 0},
    "ReplaceTransformer": {"from_value": 5.0, "to_value": 1.0},
    "SelectKBest": {"k": 2},
    "SelectPercentile": {"percentile": 50},
    "StackingClassifier": {"estimators": [("a", LOGISTIC), ("b", tree.DecisionTreeClassifier(max_depth=2))]},
    "StackingRegressor": {"estimators": [("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=2))]},
    "VotingClassifier": {
        "flatten_transform": False,
        "estimators": [("a", LOGISTIC), ("b", tree.DecisionTreeClassifier(max_depth=2))],
    },
    "VotingRegressor": {"estimators": [("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=2))]},
}
TWO_TARGETS = {
    *("MultiOutputRegressor", "MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV"),
    "PLSRegression",
}


def _texts(estimator: Any) -> Fitted:
    types = [("A", StringTensorType([None, 1])), ("B", StringTensorType([None, 1]))]
    return estimator.fit(TEXT, np.arange(len(TEXT)) % 2), {"A": TEXT[:, :1], "B": TEXT[:, 1:]}, types


def _target_encoder(estimator: Any) -> Fitted:
    estimator.random_state = 0
    return (
        estimator.fit(COUNTS[:, :2].astype(np.int64), COUNTS[:, 2] > 1),
        {"X": COUNTS[:, :2].astype(np.int64)},
        [("X", Int64TensorType([None, 2]))],
    )


def _counts(estimator: Any) -> Fitted:
    return estimator.fit(COUNTS, np.arange(50) % 3), {"X": COUNTS}, FLOATS


def _words(estimator: Any) -> Fitted:
    return estimator.fit(WORDS), {"X": WORDS[:, None]}, [("X", StringTensorType([None, 1]))]


def _labels(estimator: Any) -> Fitted:
    return estimator.fit(CLASSES), {"X": CLASSES[:, None].astype(np.int64)}, [("X", Int64TensorType([None, 1]))]


def _two_classes(estimator: Any) -> Fitted:
    return estimator.fit(IRIS, (CLASSES > 0) * 1), {"X": IRIS}, FLOATS


SPECIAL: dict[str, Callable[[Any], Fitted]] = {
    **dict.fromkeys(["OneHotEncoder", "OrdinalEncoder"], _texts),
    **dict.fromkeys(["CategoricalNB", "MultinomialNB", "ComplementNB", "BernoulliNB", "TfidfTransformer"], _counts),
    **dict.fromkeys(["CountVectorizer", "TfidfVectorizer"], _words),
    **dict.fromkeys(["LabelBinarizer", "LabelEncoder"], _labels),
    **dict.fromkeys(["GaussianProcessClassifier", "TunedThresholdClassifierCV"], _two_classes),
    "DictVectorizer": lambda e: (
        e.set_params(sparse=False).fit(ROWS),
        ROWS,
        [("X", DictionaryType(StringTensorType([1]), FloatTensorType([1])))],
    ),
    "FeatureHasher": lambda e: (
        e.set_params(n_features=4, input_type="string").fit(TEXT[:, :1]),
        {"X": TEXT[:, :1]},
        [("X", StringTensorType([None, 1]))],
    ),
    "KernelCenterer": lambda e: (e.fit(IRIS[:4] @ IRIS[:4].T), {"X": IRIS[:4] @ IRIS[:4].T}, FLOATS),
    "MultiOutputClassifier": lambda e: (e.fit(IRIS, np.stack([CLASSES, CLASSES > 0], axis=1)), {"X": IRIS}, FLOATS),
    "TargetEncoder": _target_encoder,
    "_ConstantPredictor": lambda e: (e.fit(IRIS, np.ones(1, dtype=np.int64)), {"X": IRIS}, FLOATS),
}


def kinds() -> dict[str, type]:
    """The classes by name."""
    return {kind.__name__: kind for kind in sklearn_operator_name_map}


def fitted(name: str) -> Fitted:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(0)
        estimator = kinds()[name](**OPTIONS.get(name, {}))
        if name in SPECIAL:
            return SPECIAL[name](estimator)
        if is_regressor(estimator) or name in ("CastRegressor", "PLSRegression"):
            y = BOTH if name in TWO_TARGETS else np.abs(TARGET) if name.endswith("Regressor") else TARGET
            return estimator.fit(DIABETES, y), {"X": DIABETES}, FLOATS
        if is_classifier(estimator) or name not in dir(sklapi):
            return estimator.fit(IRIS, CLASSES), {"X": IRIS}, FLOATS
        return estimator.fit(IRIS), {"X": IRIS}, FLOATS
