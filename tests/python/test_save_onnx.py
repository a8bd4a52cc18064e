"""`save(".onnx")` beside ONNX Runtime: what a file answers is the model's answer, within what the save said is lost."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import holdfast as hf
import lightgbm
import numpy as np
import onnx
import onnxruntime
import pytest
import xgboost
from holdfast import _core
from onnx import TensorProto, helper, numpy_helper
from sklearn import datasets
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

Array = np.ndarray[Any, Any]

TREES, KERNELS = 1e-12, 1e-9  # of max(1, |value|): float64 sums in another order, other exponentials
FLOAT32 = 2.4e-7  # a last place, where such a difference meets a rounding to float32


def save(model: hf.Model, path: Path) -> list[hf.ExportLoss]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        losses: list[hf.ExportLoss] = model.save(path)
    assert len(caught) == len(losses)
    for warning, loss in zip(caught, losses, strict=True):
        assert f'"{loss.output}"' in str(warning.message) and loss.what in str(warning.message)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    return losses


def answers(path: Path, inputs: dict[str, Array]) -> dict[str, Array]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def allowed(own: Array, loss: hf.ExportLoss | None, arithmetic: float) -> Array | float:
    if own.dtype.kind != "f":
        return 0.0
    size = np.abs(own.astype(np.float64))
    lost = loss.absolute + loss.relative * size if loss is not None else 0.0
    return lost + max(arithmetic, FLOAT32 if own.dtype == np.float32 else 0.0) * np.maximum(1.0, size)


def same(own: Array, other: Array, tolerance: Array | float) -> None:
    assert own.shape == other.shape
    if own.dtype.kind in "OUTib":
        assert own.astype(str).tolist() == other.astype(str).tolist()
        return
    assert own.dtype == other.dtype
    with np.errstate(invalid="ignore"):
        close = (own == other) | (np.isnan(own) & np.isnan(other)) | (np.abs(own - other) <= tolerance)
    assert close.all(), (own[~close][:5], other[~close][:5])


def parts(inputs: dict[str, Array], rows: int) -> Iterator[dict[str, Array]]:
    for taken in {0, 1, 5, rows}:
        yield {name: values[:taken] for name, values in inputs.items()}


def compare(
    model: hf.Model, inputs: dict[str, Array], path: Path, arithmetic: float = TREES, exact: bool = False
) -> list[hf.ExportLoss]:
    """`exact`: what is loaded again from the file gives the same bits."""
    losses = save(model, path)
    by_output = {loss.output: loss for loss in losses}
    back = hf.load_model(path)
    assert back.signature == model.signature
    rows = len(next(iter(inputs.values())))
    for some in parts(inputs, rows):
        batch = next(iter(some.values())) if len(some) == 1 else {name: x.ravel() for name, x in some.items()}
        if not len(next(iter(some.values()))):
            assert all(len(value) == 0 for value in answers(path, some).values())
            continue
        own, runtime, again = model.run(batch), answers(path, some), back.run(batch)
        assert list(own) == list(runtime) == list(again)
        for name, value in own.items():
            tolerance = allowed(value, by_output.get(name), arithmetic)
            same(value, runtime[name], tolerance)
            same(value, again[name], 0.0 if exact else tolerance)
    return losses


def iris() -> tuple[Array, Array]:
    X, y = datasets.load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


CLASSIFIERS: dict[str, tuple[Any, float]] = {
    "tree": (DecisionTreeClassifier(random_state=0), TREES),
    "forest": (RandomForestClassifier(10, random_state=0), TREES),
    "even forest": (RandomForestClassifier(2, random_state=3), TREES),
    "boosting": (GradientBoostingClassifier(n_estimators=8, random_state=0), TREES),
    "logistic": (LogisticRegression(max_iter=500), TREES),
    "pipeline": (make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(6, random_state=0)), TREES),
    "svc": (SVC(), KERNELS),
    "svc pairs": (SVC(decision_function_shape="ovo"), KERNELS),
    "svc break ties": (SVC(break_ties=True), KERNELS),
    "svc linear": (SVC(kernel="linear"), KERNELS),
    "svc poly": (SVC(kernel="poly", degree=4, coef0=0.5), KERNELS),
    "svc sigmoid": (make_pipeline(StandardScaler(), SVC(kernel="sigmoid")), KERNELS),
    "nu svc": (NuSVC(nu=0.2), KERNELS),
    "svc proba": (SVC(probability=True, random_state=0), KERNELS),
}
REGRESSORS: dict[str, tuple[Any, float]] = {
    "forest": (RandomForestRegressor(100, random_state=0), TREES),
    "extra trees": (ExtraTreesRegressor(10, random_state=0), TREES),
    "boosting": (GradientBoostingRegressor(n_estimators=90, random_state=0), TREES),
    "ridge": (make_pipeline(StandardScaler(), Ridge()), TREES),
    "svr": (SVR(C=10.0), KERNELS),
    "svr linear": (SVR(kernel="linear"), KERNELS),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("classes", [2, 3])
def test_classifiers(name: str, classes: int, tmp_path: Path) -> None:
    estimator, arithmetic = CLASSIFIERS[name]
    X, y = iris()
    chosen = np.isin(y, np.unique(y)[3 - classes :])
    model = hf.convert(estimator.fit(X[chosen], y[chosen]))
    losses = compare(model, {"X": X}, tmp_path / "m.onnx", arithmetic, exact=arithmetic == TREES)
    rbf = name in ("svc", "svc pairs", "svc break ties", "nu svc")
    assert all(loss.absolute < 1e-11 and loss.relative == 0 for loss in losses) or name == "svc proba"
    assert [loss.output for loss in losses] == (["decision"] if rbf else ["probabilities"] * (name == "svc proba"))


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors(name: str, tmp_path: Path) -> None:
    estimator, arithmetic = REGRESSORS[name]
    X, y = datasets.load_diabetes(return_X_y=True)
    model = hf.convert(estimator.fit(X, y))
    losses = compare(model, {"X": X}, tmp_path / "m.onnx", arithmetic, exact=arithmetic == TREES)
    assert len(losses) == (name == "svr")


ESTIMATORS: dict[str, Any] = {
    "histogram boosting": HistGradientBoostingClassifier(max_iter=8),
    "network": MLPClassifier(max_iter=40, random_state=0),
    "nearest centroid": NearestCentroid(),
    "gaussian bayes": GaussianNB(),
    "multinomial bayes": MultinomialNB(),
    "linear svc": LinearSVC(),
    "lda": LinearDiscriminantAnalysis(),
    "qda": QuadraticDiscriminantAnalysis(),
    "calibrated": CalibratedClassifierCV(LinearSVC()),
    "isotonic": CalibratedClassifierCV(GaussianNB(), method="isotonic"),
    "soft vote": VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
    "hard vote": VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())]),
    "stacking": StackingClassifier([("a", GaussianNB()), ("b", RandomForestClassifier(5, random_state=0))]),
    "bagging": BaggingClassifier(n_estimators=4, random_state=0),
    "boosted stumps": AdaBoostClassifier(n_estimators=5, random_state=0),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
    "union": make_pipeline(make_union(StandardScaler(), PCA(2)), LogisticRegression()),
    "isolation": IsolationForest(n_estimators=10, random_state=0),
    "one class": OneClassSVM(),
    "k-means": KMeans(3, random_state=0),
    "quantiles": QuantileTransformer(n_quantiles=20),
    "power": PowerTransformer(),
    "polynomial": PolynomialFeatures(2),
    "bins": KBinsDiscretizer(4),
    "poisson": PoissonRegressor(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_other_estimators(name: str, tmp_path: Path) -> None:
    X, y = iris()
    estimator = ESTIMATORS[name]
    target = np.abs(X[:, 0]) if name == "poisson" else y
    model = hf.convert(estimator.fit(X, target))
    losses = compare(model, {"X": X}, tmp_path / "m.onnx", KERNELS if name == "one class" else TREES)
    assert [loss.what for loss in losses] == ["squared distances by products"] * (name == "one class")


def test_columns_of_text_and_numbers(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    X, y = datasets.load_diabetes(return_X_y=True)
    rng = np.random.default_rng(2)
    frame = pandas.DataFrame(
        {
            "a": np.where(rng.random(len(y)) < 0.1, np.nan, X[:, 0]),
            "b": X[:, 1],
            "c": rng.choice(["x", "y", "z"], size=len(y)),
        }
    )
    columns = ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b"]),
            ("t", OneHotEncoder(handle_unknown="ignore"), ["c"]),
        ]
    )
    model = hf.convert(make_pipeline(columns, RandomForestRegressor(5, random_state=0)).fit(frame, y))
    inputs = {name: frame[name].to_numpy(object if name == "c" else np.float64) for name in frame}
    inputs["c"][3] = "unseen"
    assert compare(model, inputs, tmp_path / "m.onnx") == []


def mixed(rows: int = 900) -> tuple[Array, Array]:
    """Four columns of numbers, two of categories; a tenth missing; three classes."""
    rng = np.random.default_rng(5)
    X = np.concatenate([rng.normal(size=(rows, 4)), rng.integers(0, 12, (rows, 2))], axis=1)
    y = ((X[:, 4] % 3 == 1) ^ (X[:, 0] > 0)).astype(int) + (X[:, 1] > 1)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, y


@pytest.mark.parametrize("options", [{}, {"zero_as_missing": True}, {"use_missing": False}, {"boosting_type": "rf"}])
@pytest.mark.parametrize("objective", ["regression", "binary", "multiclass", "poisson"])
def test_lightgbm(objective: str, options: dict[str, Any], tmp_path: Path) -> None:
    X, y = mixed()
    rng = np.random.default_rng(6)
    X = np.where(rng.random(X.shape) < 0.2, 0.0, X)
    target = (y > 0).astype(int) if objective == "binary" else y
    forest = {"bagging_freq": 1, "bagging_fraction": 0.7} if options.get("boosting_type") == "rf" else {}
    parameters = {"objective": objective, "verbose": -1, "num_leaves": 12, "seed": 1, "num_threads": 1}
    if objective == "multiclass":
        parameters["num_class"] = 3
    data = lightgbm.Dataset(X, target, categorical_feature=[4, 5])
    booster = lightgbm.train({**parameters, **options, **forest}, data, 12)
    X[:4, 0], X[:4, 4] = [1e-36, -1e-36, 1e-35, -0.0], [-0.5, -3.0, 2.7, 1e12]  # next to zero, and no categories
    assert compare(hf.convert(booster), {"X": X}, tmp_path / "m.onnx", exact=True) == []


XGBOOST: dict[str, dict[str, Any]] = {
    "squared error": {},
    "logistic": {"objective": "reg:logistic"},
    "binary": {"objective": "binary:logistic"},
    "hinge": {"objective": "binary:hinge"},
    "classes": {"objective": "multi:softprob", "num_class": 3},
    "counts": {"objective": "count:poisson"},
    "dart": {"booster": "dart", "rate_drop": 0.3},
    "linear": {"booster": "gblinear"},
    "several": {"multi_strategy": "multi_output_tree"},
}


@pytest.mark.parametrize("name", XGBOOST)
def test_xgboost(name: str, tmp_path: Path) -> None:
    X, y = mixed()
    options = {"seed": 0, "nthread": 1, **({} if name == "linear" else {"max_depth": 4}), **XGBOOST[name]}
    target = np.stack([y, 1.5 - y], axis=1) if name == "several" else y / 2 if name == "logistic" else y
    target = (y > 0).astype(int) if name in ("binary", "hinge") else target
    kinds = None if name in ("linear", "several") else ["q"] * 4 + ["c"] * 2
    data = xgboost.DMatrix(X, target, feature_types=kinds, enable_categorical=kinds is not None)
    model = hf.convert(xgboost.train(options, data, 25))
    narrow = X.astype(np.float32)
    losses = compare(model, {"X": narrow}, tmp_path / "m.onnx")
    assert [loss.output for loss in losses] == (
        ["probabilities"] if name in ("binary", "classes") else [] if name in ("linear", "hinge") else ["prediction"]
    )
    for loss in losses:
        assert "float32 leaves in another order" in loss.what and loss.absolute + loss.relative < 1e-3


def test_the_bound_of_float32_sums_is_the_proven_one(tmp_path: Path) -> None:
    """n u / (1 - n u) + u of the greatest sum of sizes; and there are rows that show that something is lost."""
    X, y = mixed()
    model = hf.convert(xgboost.train({"max_depth": 6, "nthread": 1}, xgboost.DMatrix(X, y), 200))
    path = tmp_path / "m.onnx"
    (loss,) = save(model, path)
    trees = next(node["fields"] for node in model.graph.nodes if node["form"] == "trees")
    values = trees["leaf_value"].astype(np.float32).astype(np.float64)
    left, sums = trees["left"], abs(float(trees["base"][0]))
    for root, end in zip(trees["roots"], [*trees["roots"][1:], len(left)], strict=True):
        leaves = [node for node in range(root, end) if left[node] < 0]
        sums += max(abs(values[trees["leaf_begin"][leaf]]) for leaf in leaves)
    share = (len(trees["roots"]) + 1) * 2.0**-24
    assert loss.absolute == pytest.approx((share / (1 - share) + 2.0**-24) * sums, rel=1e-5)
    narrow = X.astype(np.float32)
    error = np.abs(model.run(narrow)["prediction"] - answers(path, {"X": narrow})["prediction"]).max()
    assert loss.absolute / 1000 < error <= loss.absolute


def machine(offset: float, gamma: float, features: int = 8, vectors: int = 60) -> tuple[_core.Model, Array, Array]:
    rng = np.random.default_rng(9)
    support = offset + rng.normal(size=(vectors, features))
    coefficients = rng.normal(size=vectors)
    graph = _core.Graph(signature([("X", "float64", (-1, features))], [("y", "float64", (-1, 1))]))
    graph.add(
        "kernels", ["X"], ["y"], kernel="rbf", gamma=gamma, features=features, support_vectors=support,
        coefficients=coefficients, intercept=[0.5],
    )  # fmt: skip
    return graph.compile(), support, coefficients


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("gamma", [1e-3, 1.0, 1e6])
def test_the_bound_of_distances_holds_near_and_far(offset: float, gamma: float, tmp_path: Path) -> None:
    model, support, coefficients = machine(offset, gamma)
    rng = np.random.default_rng(1)
    X = np.concatenate([support, *(offset + scale * rng.normal(size=(40, 8)) for scale in (0.1, 1, 10, 1e3, 1e9))])
    X[-1] = np.inf
    (loss,) = save(model, tmp_path / "m.onnx")
    own, runtime = model.run(X)["y"], answers(tmp_path / "m.onnx", {"X": X})["y"]
    assert np.abs(own - runtime).max() <= loss.absolute
    sizes = np.abs(coefficients).sum()
    radius = ((support - support.mean(axis=0)) ** 2).sum(axis=1).max()
    kernel = 28 * 2.0**-53 * max(9 * gamma * radius, 9 / np.e)
    assert loss.absolute == pytest.approx(kernel * sizes + 128 * 2.0**-53 * (sizes + 0.5), rel=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_coupled_probabilities(classes: int, tmp_path: Path) -> None:
    """The bound is of two ends of an iteration; where both make as many rounds, float32 alone is seen."""
    rng = np.random.default_rng(classes)
    pairs = classes * (classes - 1) // 2
    graph = _core.Graph(signature([("X", "float64", (-1, pairs))], [("p", "float64", (-1, classes))]))
    graph.add("pairwise_probability", ["X"], ["p"], classes=classes, a=rng.normal(size=pairs) - 2, b=np.ones(pairs))
    model = graph.compile()
    X = rng.normal(size=(2000, pairs)) * rng.choice([0.1, 1.0, 30.0], size=(2000, 1))
    (loss,) = compare(model, {"X": X}, tmp_path / "m.onnx")
    assert loss.absolute == pytest.approx(2 * (classes - 1) ** 2 * (0.01 / classes + 4 * classes * 2.0**-22))
    error = np.abs(model.run(X)["p"] - answers(tmp_path / "m.onnx", {"X": X})["p"]).max(axis=1)
    assert (error < 1e-5).mean() > 0.995


# Hand-built graphs.


def signature(
    inputs: list[tuple[str, str, tuple[int, ...]]], outputs: list[tuple[str, str, tuple[int, ...]]], **more: Any
) -> _core.Signature:
    return _core.Signature(
        [_core.TensorSpec(*spec) for spec in inputs],
        [_core.TensorSpec(*spec) for spec in outputs],
        prediction=outputs[0][0],
        **more,
    )


NAN, INF = float("nan"), float("inf")
NUMBERS = np.array([[0.5, -1.5, 2.5], [NAN, 0.0, -0.0], [INF, -INF, 3.0], [1.0, 1.0, 1.0], [-2.0, NAN, 7.0], [4, 6, 5]])
PAIRS = {"a": NUMBERS, "b": np.roll(NUMBERS, 1, axis=0)}
POSITIVE = np.abs(NUMBERS)
WHOLE = np.array([[0, 1, 2], [2, 2, 1], [1, 0, 0], [-1, 7, 3]], dtype=np.int64)
LARGE = np.array([[2**40 + 3, -5, 2**31], [2**62, -(2**31) - 1, 2**53 + 1], [-(2**63), 2**63 - 1, 1]])
BOOLS = np.array([[True, False, True], [False, False, True]])
TEXTS = np.array([["a", "b", "c"], ["c", "c", "é"], ["", "a", "b"]], dtype=object)

# (form, fields, one input or several, width and dtype of the output)
Case = tuple[str, dict[str, Any], list[Array], int, str]


def float_cases() -> Iterator[Case]:
    for compute in ("float32", "float64"):
        yield "scale", {"offset": [0.1, 0.2, 0.3], "scale": [3, 0.7, 11], "compute": compute}, [NUMBERS], 3, compute
        yield "scale", {"scale": [3, 0.7, 11], "divide": False, "compute": compute}, [NUMBERS], 3, compute
        yield "scale", {"compute": compute}, [WHOLE], 3, compute
        for norm in ("l1", "l2"):
            yield "normalize", {"norm": norm, "compute": compute}, [NUMBERS], 3, compute
        zeros = np.concatenate([np.zeros((1, 3)), NUMBERS[[0, 3, 5]]])
        yield "normalize", {"norm": "max", "compute": compute}, [zeros], 3, compute
        linear = {"features": 3, "outputs": 2, "weights": np.arange(6) / 3, "intercept": [0.1, 7], "compute": compute}
        yield "linear", linear, [NUMBERS[[0, 3, 5]]], 2, compute
        for function in FUNCTIONS:
            x = POSITIVE if function == "square_root" else NUMBERS
            yield "math", {"function": function, "compute": compute}, [x], 3, compute
        yield "math", {"function": "softplus", "compute": compute}, [NUMBERS * 20], 3, compute
        for reduction in REDUCTIONS:
            for extent in (1, 3):
                fields = {"reduction": reduction, "extent": extent, "compute": compute}
                yield "reduce", fields, [NUMBERS], 3 // extent, "int64" if "arg" in reduction else compute
        for transform in ("softmax", "softmax_zero", "logistic", "normalize_rows", "exp", "log", "absolute"):
            x = np.concatenate([NUMBERS[[0, 3, 5]], np.zeros((1, 3)), [[-800.0, 3e-8, 2.0]]])
            yield "post_transform", {"transform": transform, "compute": compute}, [x], 3, compute
        for transform in ("complement", "negate_pair"):
            yield "post_transform", {"transform": transform, "compute": compute}, [NUMBERS[:, :1]], 2, compute
        for operation in OPERATIONS:
            dtype = compute if operation in OPERATIONS[:7] else "bool"
            yield "elementwise", {"operation": operation, "compute": compute}, list(PAIRS.values()), 3, dtype
            fields = {"operation": operation, "constant": [2, 0.1, 3], "compute": compute}
            yield "elementwise", fields, [NUMBERS], 3, dtype
        left, right = np.arange(24.0).reshape(4, 6) / 7, np.arange(48.0).reshape(4, 12) / 5
        yield "product", {"batch": 1, "m": 2, "k": 3, "n": 4, "compute": compute}, [left, right], 8, compute


FUNCTIONS = ("relu", "tanh", "square_root", "sign", "floor", "ceil", "round_even", "erf", "softplus", "reciprocal",
             "negate", "absolute")  # fmt: skip
REDUCTIONS = ("sum", "mean", "product", "minimum", "maximum", "sum_of_squares", "log_sum_exp", "sum_of_absolutes",
              "length", "arg_min", "arg_max", "arg_min_last", "arg_max_last")  # fmt: skip
OPERATIONS = ("add", "subtract", "multiply", "divide", "power", "minimum", "maximum", "equal", "less", "less_equal",
              "greater", "greater_equal")  # fmt: skip


def other_cases() -> Iterator[Case]:
    for to in ("float32", "float64", "int64", "bool"):
        for x in (NUMBERS, NUMBERS.astype(np.float32), WHOLE, BOOLS):
            yield "cast", {"to": to}, [x], 3, to
    for x in (NUMBERS.astype(np.float32), WHOLE, BOOLS, TEXTS):
        yield "cast", {"to": "string"}, [x], 3, "string"
    for x, dtype in ((NUMBERS, "float64"), (WHOLE, "int64"), (LARGE, "int64"), (BOOLS, "bool"), (TEXTS, "string")):
        yield "select", {"columns": [2, 0, 0]}, [x], 3, dtype
        yield "select", {"columns": [0, 1, 2]}, [x], 3, dtype
        yield "concat", {}, [x, x], 6, dtype
        yield "pick", {"extent": 3}, [x, np.resize(np.array([[0, -1], [2, 1], [1, -3]]), (len(x), 2))], 2, dtype
        yield "choose", {}, [np.resize(BOOLS, x.shape), x, x[::-1].copy()], 3, dtype
    for x, dtype in ((NUMBERS, "float64"), (NUMBERS.astype(np.float32), "float32"), (WHOLE, "int64")):
        for fields in ({}, {"missing_is_nan": False, "missing_value": 1.0}):
            kept = {"kept": [2, 0], "fill": [9, 0.1], "indicators": [1, 2], **fields}
            yield "impute", kept, [x], 4, dtype
            yield "impute", {"kept": [], "fill": [], "indicators": [1], **fields}, [x], 1, dtype
        yield "threshold", {"value": 1.0}, [x], 3, "int64"
        yield "threshold", {"value": 1.0, "or_equal": True}, [x], 3, "int64"
    for x in (NUMBERS, NUMBERS.astype(np.float32), WHOLE, LARGE, BOOLS):
        yield "arg_max", {}, [x], 1, "int64"
        yield "math", {"function": "is_nan"}, [x], 3, "bool"
    ordered = np.array([[1.0, 1, 3], [NAN, 2, 5], [-INF, 0, 0]])
    for x in (ordered, ordered.astype(np.float32), WHOLE, LARGE, BOOLS):
        for largest in (True, False):
            yield "top_k", {"extent": 3, "k": 2, "largest": largest}, [x], 2, "int64"
    for function in ("relu", "sign", "negate", "absolute", "wrap_to_32bits"):
        yield "math", {"function": function, "compute": "int64"}, [np.append(LARGE, WHOLE, axis=0)], 3, "int64"
    for reduction in ("sum", "product", "minimum", "maximum", "sum_of_squares", "sum_of_absolutes"):
        for x in (WHOLE, LARGE):
            yield "reduce", {"reduction": reduction, "extent": 3, "compute": "int64"}, [x], 1, "int64"
    yield "math", {"function": "exclusive_not"}, [BOOLS], 3, "bool"
    for operation in ("equal", "both", "either", "one_of"):
        yield "elementwise", {"operation": operation, "compute": "bool"}, [BOOLS, ~BOOLS[::-1]], 3, "bool"
    for operation in OPERATIONS:
        if operation != "power":
            dtype = "int64" if operation in OPERATIONS[:7] else "bool"
            for pair in ([WHOLE * 7 - 3, WHOLE[::-1] * 2 + 1], [LARGE[:2], LARGE[1:]]):
                yield "elementwise", {"operation": operation, "compute": "int64"}, pair, 3, dtype
    yield "elementwise", {"operation": "equal", "compute": "string"}, [TEXTS, TEXTS[::-1].copy()], 3, "bool"
    yield "constant", {"dtype": "float64", "numbers": [0.1, NAN]}, [WHOLE], 2, "float64"
    yield "constant", {"dtype": "string", "items": ["x", "é"]}, [WHOLE], 2, "string"
    yield "constant", {"dtype": "bool", "items": [True, False]}, [TEXTS], 2, "bool"
    yield "encode", {"keys": "int64", "items": [5, 1, 0, 1]}, [WHOLE], 3, "int64"
    yield "encode", {"keys": "string", "items": ["c", "a", "a"]}, [TEXTS], 3, "int64"
    for dtype in ("float32", "float64"):
        for numbers in ([0.5, 0.0, 0.1], [0.5, NAN, -INF, NAN]):
            yield "encode", {"keys": dtype, "numbers": numbers}, [NUMBERS.astype(dtype)], 3, "int64"
    yield "encode", {"keys": "string", "items": ["c", "a", "b", "", "é"], "refuse_unknown": True}, [TEXTS], 3, "int64"
    for to in ("float32", "float64", "int64", "bool"):
        yield "one_hot", {"count": 3, "to": to}, [WHOLE], 9, to
    yield "numbers", {"values": [0.1, NAN, 5], "to": "float64"}, [WHOLE[:3]], 3, "float64"
    yield "numbers", {"values": [0.1, NAN, 5], "to": "float32"}, [WHOLE[:3]], 3, "float32"
    yield "lookup", {"labels": ["x", "y", "é"]}, [WHOLE[:3]], 3, "string"
    yield "lookup", {"labels": [7, 8, -9]}, [WHOLE[:3]], 3, "int64"
    for ovr in (True, False):
        decisions = np.array([[0.5, -0.1, 2.0], [0.0, 0.0, 0.0], [-1.0, 3.0, -0.2]])
        yield "pairwise_votes", {"classes": 3, "ovr": ovr}, [decisions], 3, "float64"
    counted = {"kernel": "polynomial", "gamma": 0.5, "coef0": 1.0, "degree": 3.0, "features": 3}
    vectors = {"support_vectors": np.arange(12) / 5, "vectors_a_class": [2, 1, 1], "coefficients": np.arange(8) - 3.5}
    for kernel in ("linear", "polynomial", "rbf", "sigmoid"):
        for compute in ("float32", "float64"):
            fields = {**counted, **vectors, "intercept": [0.1, 0.2, 0.3], "kernel": kernel, "compute": compute}
            yield "kernels", fields, [NUMBERS[[0, 3, 5]]], 3, compute


def dtype_name(x: Array) -> str:
    return "string" if x.dtype == object else str(x.dtype)


def cased(cases: Iterator[Case]) -> list[Any]:
    return [pytest.param(case, id=f"{i}-{case[0]}-{'-'.join(str(v) for v in list(case[1].values())[:2])[:40]}")
            for i, case in enumerate(cases)]  # fmt: skip


def graph_of(case: Case) -> tuple[_core.Model, dict[str, Array]]:
    """Several inputs are laid side by side in one where their dtypes are equal; else each column is an input."""
    form, fields, values, width, dtype = case
    if len(values) == 1:
        x = values[0]
        graph = _core.Graph(signature([("X", dtype_name(x), (-1, x.shape[1]))], [("y", dtype, (-1, width))]))
        graph.add(form, ["X"], ["y"], **fields)
        return graph.compile(), {"X": x}
    inputs: dict[str, Array] = {}
    specs, names = [], []
    for k, x in enumerate(values):
        for i in range(x.shape[1]):
            inputs[f"x{k}_{i}"] = np.ascontiguousarray(x[:, i])
            specs.append((f"x{k}_{i}", dtype_name(x), (-1,) if i % 2 else (-1, 1)))
        names.append([f"x{k}_{i}" for i in range(x.shape[1])])
    graph = _core.Graph(signature(specs, [("y", dtype, (-1, width))]))
    for k, columns in enumerate(names):
        graph.add("concat", columns, [f"X{k}"])
    graph.add(form, [f"X{k}" for k in range(len(values))], ["y"], **fields)
    return graph.compile(), {
        name: x if spec[2] == (-1,) else x[:, None] for (name, x), spec in zip(inputs.items(), specs, strict=True)
    }


@pytest.mark.parametrize("case", cased(float_cases()) + cased(other_cases()))
def test_every_form(case: Case, tmp_path: Path) -> None:
    model, inputs = graph_of(case)
    losses = compare(model, inputs, tmp_path / "m.onnx")
    inexact = case[1].get("function") == "erf" or (case[0] == "kernels" and case[1]["kernel"] == "rbf")
    assert len(losses) == inexact


# Trees, node by node.

COMPARISONS = ("less_equal", "less", "greater_equal", "greater", "equal", "not_equal")


def stump(comparison: str, threshold: float, dtype: str, **more: Any) -> _core.Model:
    graph = _core.Graph(signature([("X", dtype, (-1, 1))], [("y", "float64", (-1, 1))]))
    graph.add(
        "trees", ["X"], ["y"], features=1, outputs=1, input=dtype, comparison=comparison, roots=[0], left=[1, -1, -1],
        right=[2, -1, -1], feature=[0, -1, -1], threshold=[threshold, 0, 0], leaf_begin=[0, 0, 1, 2],
        leaf_output=[0, 0], leaf_value=[1.0, 2.0], **more,
    )  # fmt: skip
    return graph.compile()


THRESHOLDS = (0.1, 0.5, -0.1, 0.0, 1e-46, -1e-46, 1e-40, 3.5e38, -3.5e38, INF, -INF, 16777217.0)


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_thresholds_keep_their_side_at_their_neighbours(comparison: str, dtype: str, tmp_path: Path) -> None:
    """Both neighbours of a threshold that is no float32, in each dtype: rounding to nearest would move one."""
    for threshold in THRESHOLDS:
        near = [threshold, np.nextafter(threshold, INF), np.nextafter(threshold, -INF), 0.0, INF, -INF, NAN]
        with np.errstate(over="ignore"):
            narrow = np.float32(threshold)
            near += [narrow, np.nextafter(narrow, np.float32(INF)), np.nextafter(narrow, np.float32(-INF))]
            X = np.array(near, dtype=dtype)[:, None]
        assert compare(stump(comparison, threshold, dtype), {"X": X}, tmp_path / "m.onnx", exact=True) == []


@pytest.mark.parametrize("comparison", [*COMPARISONS, "in_set", "not_in_set"])
@pytest.mark.parametrize("missing", ["none", "nan", "zero", "nan_as_zero"])
@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_missing_values(comparison: str, missing: str, left: int, dtype: str, tmp_path: Path) -> None:
    x = [NAN, 0.0, -0.0, 1e-36, -1e-36, 9e-36, 1.1e-35, -1.1e-35, 0.3, -0.3, 1, -1, 2.9, 3, 5, -5, 1e12, INF, -INF]
    is_set = "set" in comparison
    sets = {"set_begin": [0, 4], "sets": [-5, 0, 2, 5]} if is_set else {}
    for threshold in (0.0,) if is_set else (0.0, 0.1, 3.0):
        model = stump(comparison, threshold, dtype, missing=missing, default_left=[left, 0, 0], **sets)
        X = np.array(x, dtype=dtype)[:, None]
        assert compare(model, {"X": X}, tmp_path / "m.onnx", exact=True) == []


def random_trees(rng: np.random.Generator, aggregate: str, accumulate: str, dtype: str) -> tuple[_core.Model, Array]:
    """Trees of every comparison and missing rule, with vectors in their leaves, weights and a base."""
    left: list[int] = []
    right: list[int] = []
    feature: list[int] = []
    threshold: list[float] = []
    comparisons: list[str] = []
    missings: list[str] = []
    roots: list[int] = []
    leaf_begin: list[int] = [0]
    outputs: list[int] = []
    values: list[float] = []
    sets = [sorted(rng.choice(8, size=3, replace=False).tolist()) for _ in range(4)]

    def grow(depth: int) -> int:
        at = len(left)
        is_leaf = depth == 0 or rng.random() < 0.2
        comparison = str(rng.choice([*COMPARISONS, "in_set", "not_in_set"]))
        for positions in (left, right, feature):
            positions.append(-1)
        threshold.append(0.0)
        comparisons.append(comparison)
        missings.append(str(rng.choice(["none", "nan", "zero", "nan_as_zero"])))
        if is_leaf:
            outputs.extend([0, 1, 2])
            values.extend(rng.normal(size=3))
        leaf_begin.append(len(outputs))
        if not is_leaf:
            feature[at] = int(rng.integers(0, 4))
            is_set = "set" in comparison
            threshold[at] = float(rng.integers(0, 4)) if is_set else float(rng.choice([0.1, 2.0, rng.normal()]))
            left[at] = grow(depth - 1)
            right[at] = grow(depth - 1)
        return at

    for _ in range(7):
        roots.append(grow(4))
    graph = _core.Graph(signature([("X", dtype, (-1, 4))], [("y", accumulate, (-1, 3))]))
    graph.add(
        "trees", ["X"], ["y"], features=4, outputs=3, input=dtype, comparisons=comparisons, missings=missings,
        roots=roots, left=left, right=right, feature=feature, threshold=threshold,
        default_left=rng.integers(0, 2, len(left)), set_begin=[0, 3, 6, 9, 12], sets=np.concatenate(sets),
        leaf_begin=leaf_begin, leaf_output=outputs, leaf_value=values, base=rng.normal(size=3),
        tree_weight=rng.normal(size=7), aggregate=aggregate, accumulate=accumulate,
    )  # fmt: skip
    X = rng.choice([0.0, 0.1, 2.0, 5.5, -0.5, -3.0, 1e-36, NAN, 7.0, INF], size=(200, 4))
    return graph.compile(), np.concatenate([X, 3 * rng.normal(size=(200, 4))]).astype(dtype)


@pytest.mark.parametrize("aggregate", ["sum", "average", "minimum", "maximum"])
@pytest.mark.parametrize("accumulate", ["float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_random_trees(aggregate: str, accumulate: str, dtype: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    for _ in range(3):
        model, X = random_trees(rng, aggregate, accumulate, dtype)
        losses = compare(model, {"X": X}, tmp_path / "m.onnx", exact=accumulate == "float64")
        assert len(losses) == (accumulate == "float32" and aggregate in ("sum", "average"))
        assert all(loss.absolute < 1e-4 for loss in losses)


# Files that were loaded.


def network(path: Path, dtype: int) -> Path:
    """A small network with tanh and gelu, its label and its probabilities."""
    rng = np.random.default_rng(3)
    kind = np.float32 if dtype == TensorProto.FLOAT else np.float64
    weights = {
        name: rng.normal(size=shape).astype(kind)
        for name, shape in {"w0": (4, 16), "b0": (16,), "w1": (16, 16), "b1": (16,), "w2": (16, 3)}.items()
    }
    weights["half"] = np.array(0.5, kind)
    weights["one"] = np.array(1.0, kind)
    steps = [("Gemm", "X w0 b0", "h0"), ("Tanh", "h0", "h1"), ("Gemm", "h1 w1 b1", "h2")]
    if dtype == TensorProto.FLOAT:
        steps += [("Mul", "h2 half", "h3"), ("Erf", "h3", "h4"), ("Add", "h4 one", "h5"), ("Mul", "h3 h5", "h6")]
    else:
        steps += [("Relu", "h2", "h6")]
    steps += [("MatMul", "h6 w2", "h7"), ("Softmax", "h7", "p"), ("ArgMax", "h7", "label")]
    nodes = [
        helper.make_node(kind, names.split(), [out], **({"axis": 1} if kind in ("Softmax", "ArgMax") else {}))
        for kind, names, out in steps
    ]
    inputs = [helper.make_tensor_value_info("X", dtype, [None, 4])]
    outputs = [helper.make_tensor_value_info("p", dtype, [None, 3]),
               helper.make_tensor_value_info("label", TensorProto.INT64, [None, 1])]  # fmt: skip
    initializers = [numpy_helper.from_array(value, name) for name, value in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "g", inputs, outputs, initializers),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=8,
    )
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT, TensorProto.DOUBLE])
def test_a_network_loaded_and_saved_again(dtype: int, tmp_path: Path) -> None:
    model = hf.load_model(network(tmp_path / "given.onnx", dtype))
    X = np.random.default_rng(4).normal(size=(300, 4)).astype(np.float32 if dtype == TensorProto.FLOAT else np.float64)
    losses = save(model, tmp_path / "m.onnx")
    given, ours = answers(tmp_path / "given.onnx", {"X": X}), answers(tmp_path / "m.onnx", {"X": X})
    own, back = model.run(X), hf.load_model(tmp_path / "m.onnx").run(X)
    tolerance = 2e-6 if dtype == TensorProto.FLOAT else 1e-13
    for name in ("p", "label"):
        same(given[name], own[name], tolerance)
        same(own[name], ours[name], tolerance)
        same(own[name], back[name], tolerance)
    # gelu multiplies two values that are both inexact: no bound, and the save says so.
    assert [(loss.output, loss.absolute) for loss in losses] == ([("p", INF)] if dtype == TensorProto.FLOAT else [])


def test_a_pipeline_of_text_and_numbers_loaded_and_saved_again(tmp_path: Path) -> None:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(8)
    frame = pandas.DataFrame(
        {"a": rng.normal(size=200), "b": rng.normal(size=200), "c": rng.choice(["x", "y", "z"], size=200)}
    )
    target = ((frame.a > 0) ^ (frame.c == "y")).to_numpy()
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["a", "b"]), ("t", OneHotEncoder(handle_unknown="ignore"), ["c"])]
    )
    fitted = make_pipeline(columns, RandomForestClassifier(8, random_state=0)).fit(frame, target.astype(int))
    kinds = [("a", FloatTensorType([None, 1])), ("b", FloatTensorType([None, 1])), ("c", StringTensorType([None, 1]))]
    file = to_onnx(fitted, initial_types=kinds, options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3})
    (tmp_path / "given.onnx").write_bytes(file.SerializeToString())
    model = hf.load_model(tmp_path / "given.onnx")
    inputs = {name: frame[name].to_numpy(np.float32)[:, None] for name in "ab"}
    inputs["c"] = np.append(frame["c"].to_numpy(object)[:-1], "?")[:, None]
    assert compare(model, inputs, tmp_path / "m.onnx") == []


# What cannot be said, and what goes wrong.


def refused(form: str, x: Array, width: int, dtype: str, **fields: Any) -> _core.Model:
    graph = _core.Graph(signature([("X", dtype_name(x), (-1, x.shape[1]))], [("y", dtype, (-1, width))]))
    graph.add(form, ["X"] * (2 if form == "elementwise" else 1), ["y"], **fields)
    return graph.compile()


def test_what_onnx_cannot_say_is_refused_by_name(tmp_path: Path) -> None:
    linear = {"linear_begin": [0, 0, 1, 1], "linear_feature": [0], "linear_weight": [2.0], "linear_constant": [0, 1, 2]}
    cases = {
        "(trees): linear trees": stump("less_equal", 0.5, "float64", **linear),
        '(trees): missing "value"': stump("less", 0.5, "float64", missing="value", default_left=[1, 0, 0]),
        "(cast): float64 to text": refused("cast", NUMBERS, 3, "string", to="string"),
        '"probit"': refused("post_transform", NUMBERS, 3, "float64", transform="probit"),
        "powers of int64": refused("elementwise", WHOLE, 3, "int64", operation="power", compute="int64"),
        "(encode): no keys": refused("encode", WHOLE, 3, "int64", keys="int64", items=[]),
    }
    for words, model in cases.items():
        with pytest.raises(hf.Unsupported, match="node 0") as caught:
            model.save(tmp_path / "m.onnx")
        assert words in str(caught.value)
    with pytest.raises(hf.Unsupported, match="has no graph"):
        hf.callable_model(lambda x: x, cases["powers of int64"].signature).save(tmp_path / "m.onnx")
    with pytest.raises(hf.Unsupported, match=r"\.hfm or \.onnx wanted"):
        stump("less", 0.5, "float64").save(tmp_path / "m.json")
    assert list(tmp_path.iterdir()) == []


def test_what_no_output_needs_is_not_written(tmp_path: Path) -> None:
    graph = _core.Graph(signature([("X", "float64", (-1, 3))], [("y", "float64", (-1, 3))]))
    graph.add("post_transform", ["X"], ["unused"], transform="probit")
    graph.add("math", ["X"], ["y"], function="negate")
    compare(graph.compile(), {"X": NUMBERS}, tmp_path / "m.onnx")
    assert "probit" not in str(onnx.load(tmp_path / "m.onnx"))


def test_unknown_categories_and_positions_outside_are_refused_by_the_file(tmp_path: Path) -> None:
    fields = {"keys": "string", "items": ["a", "b"], "refuse_unknown": True}
    for form, x, bad, more in (
        ("encode", TEXTS[:1, :2], TEXTS[:1, 1:], fields),
        ("lookup", WHOLE[:3], WHOLE[3:], {"labels": [4, 5, 6]}),
        ("pick", None, None, {"extent": 3}),
    ):
        if x is None:
            model, inputs = graph_of(("pick", more, [NUMBERS[:2], np.array([[0], [2]])], 1, "float64"))
            name = next(key for key in inputs if key.startswith("x1"))
            wrong = {**inputs, name: inputs[name] + 3}
        else:
            model = refused(form, x, x.shape[1], "int64", **more)
            inputs, wrong = {"X": x}, {"X": bad}
        compare(model, inputs, tmp_path / "m.onnx")
        with pytest.raises(Exception, match=r"running Gather(Elements)? node"):
            answers(tmp_path / "m.onnx", wrong)
        with pytest.raises(hf.InvalidArgument):
            hf.load_model(tmp_path / "m.onnx").run(wrong["X"] if x is not None else wrong)


def test_a_tensor_of_more_axes_and_several_outputs(tmp_path: Path) -> None:
    specs = [("sum", "float64", (-1,)), ("twice", "float64", (-1, 2, 3)), ("again", "float64", (-1, 6))]
    graph = _core.Graph(signature([("images", "float32", (-1, 2, 3))], specs))
    graph.add("elementwise", ["images"], ["twice"], operation="multiply", constant=[2.0])
    graph.add("reduce", ["twice"], ["sum"], reduction="sum", extent=6)
    graph.add("cast", ["twice"], ["again"], to="float64")
    X = np.random.default_rng(0).normal(size=(6, 2, 3)).astype(np.float32)
    compare(graph.compile(), {"images": X}, tmp_path / "m.onnx")


def test_names_of_values_do_not_meet_those_of_inputs_and_outputs(tmp_path: Path) -> None:
    graph = _core.Graph(signature([("v0", "float64", (-1, 3))], [("v1", "float64", (-1, 3)), ("v2", "bool", (-1, 3))]))
    graph.add("math", ["v0"], ["v1"], function="tanh")
    graph.add("math", ["v1"], ["v2"], function="is_nan")
    compare(graph.compile(), {"v0": NUMBERS}, tmp_path / "m.onnx")


def test_a_file_stays_where_the_save_fails(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    stump("less", 0.5, "float64").save(path)
    before = path.read_bytes()
    with pytest.raises(hf.Unsupported):
        refused("post_transform", NUMBERS, 3, "float64", transform="probit").save(path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1
    with pytest.raises(hf.NotFound):
        stump("less", 0.5, "float64").save(tmp_path / "absent" / "m.onnx")
    with pytest.raises(hf.NotFound, match="Not a directory"):
        stump("less", 0.5, "float64").save(path / "m.onnx")


def test_warnings_as_errors_come_after_the_file(tmp_path: Path) -> None:
    model, _, _ = machine(0.0, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="may differ by"):
            model.save(tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").exists()
    assert "may differ by" in repr(save(model, tmp_path / "m.onnx")[0])
