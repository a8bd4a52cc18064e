"""ONNX files as skl2onnx writes them, against ONNX Runtime and a float64 evaluation of the file."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import onnx
import onnxruntime as ort
import skl2onnx
from onnx import TensorProto, helper
from onnx_float64 import probabilities
from sklearn import datasets
from sklearn.base import clone, is_classifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

Array = np.ndarray[Any, Any]

ort.set_default_logger_severity(4)

CLASSIFIERS: dict[str, Any] = {
    "tree": DecisionTreeClassifier(random_state=0),
    "forest": RandomForestClassifier(21, random_state=0),
    "extra trees": ExtraTreesClassifier(11, random_state=0),
    "boosting": GradientBoostingClassifier(n_estimators=8, max_depth=2, random_state=0),
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "logistic, not scaled": LogisticRegression(max_iter=3000),
    "svc poly proba": SVC(kernel="poly", probability=True, random_state=0),
    "svc": SVC(),
    "svc pairs": SVC(decision_function_shape="ovo"),
    "svc linear proba": make_pipeline(StandardScaler(), SVC(kernel="linear", probability=True, random_state=0)),
    "svc sigmoid proba": make_pipeline(StandardScaler(), SVC(kernel="sigmoid", probability=True, random_state=0)),
    "pipeline": make_pipeline(SimpleImputer(), StandardScaler(), RandomForestClassifier(9, random_state=0)),
}

REGRESSORS: dict[str, Any] = {
    "tree": DecisionTreeRegressor(random_state=0),
    "forest": RandomForestRegressor(30, random_state=0),
    "extra trees": ExtraTreesRegressor(20, random_state=0),
    "boosting": GradientBoostingRegressor(n_estimators=40, random_state=0),
    "linear": LinearRegression(),
    "ridge": make_pipeline(StandardScaler(), Ridge()),
    "lasso": make_pipeline(Normalizer(), MinMaxScaler(), Lasso()),
    "svr": SVR(C=10.0),
    "svr poly": SVR(kernel="poly", coef0=1.0),
}


def data(name: str) -> tuple[Array, Array]:
    bunch = getattr(datasets, f"load_{name}")()
    return np.asarray(bunch.data), np.asarray(bunch.target)


def exported(estimator: Any, x: Array, path: Path, **options: Any) -> Path:
    path.write_bytes(skl2onnx.to_onnx(estimator, x[:1], **options).SerializeToString())
    return path


def runtime(path: Path, feeds: dict[str, Array]) -> dict[str, Array]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip((output.name for output in session.get_outputs()), session.run(None, feeds), strict=True))


def fit(estimator: Any, x: Array, y: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(estimator).fit(x, y)


def assert_labels(fitted: Any, x: Array, got: Array, wanted: Array) -> None:
    """ONNX Runtime's label of an exact tie depends on rounding, and so on its batch; ours is scikit-learn's."""
    tied = np.zeros(len(x), dtype=bool)
    if hasattr(fitted, "predict_proba"):
        best = np.sort(fitted.predict_proba(x), axis=1)
        tied = best[:, -1] - best[:, -2] < 1e-9
    assert np.array_equal(got[~tied], wanted[~tied])
    assert np.array_equal(got[tied], fitted.predict(x)[tied])


def assert_probabilities(got: Array, wanted: Array, exact: Array | None = None) -> None:
    """Within 1e-6 of ONNX Runtime; where float32 costs it more than that, no farther than it from the exact answer."""
    assert got.shape == wanted.shape
    if np.abs(got - wanted).max() > 1e-6:
        assert exact is not None
        assert np.abs(got - exact).max() <= np.abs(wanted - exact).max()


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_classifiers(name: str, kind: str, tmp_path: Path) -> None:
    x, y = data(name)
    fitted = fit(CLASSIFIERS[kind], x[::3], y[::3])
    x = x.astype(np.float32)
    path = exported(fitted, x, tmp_path / "model.onnx", options={"zipmap": False})
    model, wanted = hf.load_model(path), runtime(path, {"X": x})
    assert model.signature.prediction == "label"
    got = model.run(x)
    assert_labels(fitted, x, got["label"], wanted["label"])
    proba = hasattr(fitted, "predict_proba")
    assert model.signature.probability == ("probabilities" if proba else "")
    exact = probabilities(path, x) if kind.startswith("logistic") or kind.endswith("proba") else None
    assert_probabilities(got["probabilities"], wanted["probabilities"], exact)
    if exact is not None:
        assert np.abs(got["probabilities"] - exact).max() <= 5e-7  # a few units of float32, the file's own dtype


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors(kind: str, tmp_path: Path) -> None:
    x, y = data("diabetes")
    fitted = fit(REGRESSORS[kind], x[::2], y[::2])
    x = x.astype(np.float32)
    path = exported(fitted, x, tmp_path / "model.onnx")
    wanted = runtime(path, {"X": x})["variable"].ravel()
    got = hf.load_model(path).predict(x)
    assert np.all(np.abs(got - wanted) <= 1e-5 * np.maximum(np.abs(wanted), y.std()))


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(15, random_state=0),
        make_pipeline(StandardScaler(), LogisticRegression()),
        SVC(probability=True, random_state=0),
        make_pipeline(StandardScaler(), Ridge()),
        Lasso(),
    ],
    ids=["forest", "logistic", "svc", "ridge", "lasso"],
)
@pytest.mark.parametrize("name", ["iris", "breast_cancer"])
def test_float64_inputs(name: str, estimator: Any, tmp_path: Path) -> None:
    x, y = data(name)
    fitted = fit(estimator, x[::2], y[::2])
    options = {"options": {"zipmap": False}} if is_classifier(fitted) else {}
    path = exported(fitted, x, tmp_path / "model.onnx", **options)
    model, wanted = hf.load_model(path), runtime(path, {"X": x})
    assert str(model.signature.inputs[0].dtype) == "float64"
    if not is_classifier(fitted):
        assert np.allclose(model.predict(x), wanted["variable"].ravel(), rtol=1e-12, atol=1e-12)
        return
    assert np.array_equal(model.predict(x), wanted["label"])
    assert_probabilities(model.predict_proba(x), wanted["probabilities"])


@pytest.mark.parametrize("trees", [2, 10, 20])
def test_ties_of_forests_keep_scikit_learns_label(trees: int, tmp_path: Path) -> None:
    x, y = data("breast_cancer")
    fitted = RandomForestClassifier(trees, random_state=0).fit(x[::2], y[::2])
    x = x.astype(np.float32)
    path = exported(fitted, x, tmp_path / "model.onnx", options={"zipmap": False})
    assert_labels(fitted, x, hf.load_model(path).predict(x), runtime(path, {"X": x})["label"])


def test_dictionaries_of_probabilities_stay_a_matrix(tmp_path: Path) -> None:
    x, y = data("iris")
    fitted = DecisionTreeClassifier(max_depth=2).fit(x, np.array(["setosa", "versicolor", "virginica"])[y])
    path = exported(fitted, x.astype(np.float32), tmp_path / "model.onnx")
    model = hf.load_model(path)
    assert list(model.signature.classes) == ["setosa", "versicolor", "virginica"]
    wanted = runtime(path, {"X": x.astype(np.float32)})
    assert list(model.predict(x.astype(np.float32))) == list(wanted["output_label"])
    rows = [[row[label] for label in model.signature.classes] for row in wanted["output_probability"]]
    assert np.allclose(model.predict_proba(x.astype(np.float32)), rows, rtol=0.0, atol=1e-6)


def test_several_named_inputs(tmp_path: Path) -> None:
    import pandas as pd
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.compose import ColumnTransformer

    x, y = data("iris")
    frame = pd.DataFrame(x.astype(np.float32), columns=["a", "b", "c", "d"])
    parts = ColumnTransformer([("scaled", StandardScaler(), ["a", "c"]), ("kept", "passthrough", ["d"])])
    fitted = make_pipeline(parts, LogisticRegression()).fit(frame, y)
    types = [(name, FloatTensorType([None, 1])) for name in frame.columns]
    path = tmp_path / "model.onnx"
    path.write_bytes(skl2onnx.to_onnx(fitted, initial_types=types, options={"zipmap": False}).SerializeToString())
    model = hf.load_model(path)
    feeds = {spec.name: frame[[spec.name]].to_numpy() for spec in model.signature.inputs}
    wanted = runtime(path, feeds)
    got = model.run(frame[["d", "c", "b", "a"]])
    assert np.array_equal(got["label"], wanted["label"])
    assert np.allclose(got["probabilities"], wanted["probabilities"], rtol=0.0, atol=1e-6)


def one_node(path: Path, kind: str, domain: str = "ai.onnx.ml", **attributes: Any) -> Path:
    node = helper.make_node(kind, ["X"], ["Y"], domain=domain, **attributes)
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None, 2])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets).SerializeToString())
    return path


def test_an_operator_that_is_not_covered_is_named(tmp_path: Path) -> None:
    path = one_node(tmp_path / "model.onnx", "DictVectorizer")
    with pytest.raises(hf.Unsupported, match=r'model\.onnx": operator ai\.onnx\.ml\.DictVectorizer \(node 0\)'):
        hf.load_model(path)


def test_an_attribute_that_is_not_covered_is_named(tmp_path: Path) -> None:
    path = one_node(tmp_path / "model.onnx", "Scaler", offset=[0.0, 0.0], scale=[1.0, 1.0], strange=3)
    with pytest.raises(hf.Unsupported, match=r'operator ai\.onnx\.ml\.Scaler \(node 0\) with attribute "strange"'):
        hf.load_model(path)


def test_truncated_and_foreign_files(tmp_path: Path) -> None:
    x, y = data("iris")
    whole = exported(DecisionTreeClassifier().fit(x, y), x.astype(np.float32), tmp_path / "whole.onnx").read_bytes()
    graph = onnx.load_from_string(whole).graph.SerializeToString()
    end = whole.index(graph) + len(graph)
    cut = tmp_path / "cut.onnx"
    for size in [*range(0, end, max(1, end // 97)), end]:
        cut.write_bytes(whole[:size])
        with pytest.raises(hf.CorruptArtifact, match=r"cut\.onnx"):
            hf.load_model(cut)
    cut.write_bytes(b"PK\x03\x04 this is no model at all")
    with pytest.raises(hf.CorruptArtifact, match=r"cut\.onnx"):
        hf.load_model(cut)
