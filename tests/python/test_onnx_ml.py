"""Options of ai.onnx.ml that skl2onnx does not write, against ONNX Runtime; dictionaries; text as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnx
import onnxruntime as ort
import pytest
import skl2onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

Array = np.ndarray[Any, Any]

ort.set_default_logger_severity(4)

X = np.random.default_rng(3).normal(size=(50, 3)).astype(np.float32)
TRANSFORMS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]


def model_of(kind: str, outputs: int, domain: str = "ai.onnx.ml", **attributes: Any) -> onnx.ModelProto:
    names = [f"Y{i}" for i in range(outputs)]
    types = [TensorProto.INT64, TensorProto.FLOAT][-outputs:]
    graph = helper.make_graph(
        [helper.make_node(kind, ["X"], names, domain=domain, **attributes)],
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 3])],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in zip(names, types, strict=True)],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def runtime(model: onnx.ModelProto, feeds: Any) -> list[Any]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, feeds))


def loaded(model: onnx.ModelProto, folder: Path) -> hf.Model:
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return hf.load_model(path)


def same(model: onnx.ModelProto, folder: Path, x: Array = X, bound: float = 2e-6) -> None:
    got = loaded(model, folder).run(x)
    for output, wanted in zip(model.graph.output, runtime(model, {"X": x}), strict=True):
        ours = np.asarray(got[output.name]).reshape(wanted.shape)
        if wanted.dtype.kind == "f":
            np.testing.assert_allclose(ours, wanted, rtol=bound, atol=bound)
        else:
            assert ours.tolist() == wanted.tolist()


def numbers(count: int, seed: int = 0) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(size=count)]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_machines_without_support_vectors(transform: str, tmp_path: Path) -> None:
    attributes = {
        "coefficients": numbers(12),
        "rho": [0.25, 9.0, 9.0, 9.0, 9.0, 9.0],
        "kernel_type": "LINEAR",
        "kernel_params": [0.0, 0.0, 0.0],
    }
    same(model_of("SVMClassifier", 2, classlabels_ints=[3, 5, 4, 9], post_transform=transform, **attributes), tmp_path)


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("probabilities", [False, True])
def test_machines_with_post_transform(transform: str, probabilities: bool, tmp_path: Path) -> None:
    attributes: dict[str, Any] = {
        "classlabels_strings": ["a", "b", "c"],
        "coefficients": numbers(14),
        "support_vectors": numbers(21, 1),
        "vectors_per_class": [2, 3, 2],
        "rho": numbers(3, 2),
        "kernel_type": "RBF",
        "kernel_params": [0.5, 0.0, 3.0],
        "post_transform": transform,
    }
    if probabilities:
        attributes |= {"prob_a": [-1.0, -2.0, -1.5], "prob_b": [0.1, 0.2, -0.1]}
    model = model_of("SVMClassifier", 2, **attributes)
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.STRING
    same(model, tmp_path)


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC"])
def test_machines_of_two_classes(transform: str, tmp_path: Path) -> None:
    attributes = {
        "classlabels_ints": [7, 2],
        "coefficients": numbers(5),
        "support_vectors": numbers(15, 1),
        "vectors_per_class": [2, 3],
        "rho": [0.1],
        "kernel_type": "SIGMOID",
        "kernel_params": [0.5, 0.2, 3.0],
    }
    same(model_of("SVMClassifier", 2, post_transform=transform, **attributes), tmp_path)


@pytest.mark.parametrize("one_class", [0, 1])
@pytest.mark.parametrize("vectors", [0, 4])
def test_regressors_and_one_class(one_class: int, vectors: int, tmp_path: Path) -> None:
    attributes: dict[str, Any] = {"coefficients": numbers(vectors or 3), "rho": [0.1], "one_class": one_class}
    if vectors:
        attributes |= {"support_vectors": numbers(12, 1), "kernel_type": "POLY", "kernel_params": [0.5, 1.0, 3.0]}
    else:
        attributes |= {"kernel_type": "LINEAR", "kernel_params": [0.0, 0.0, 0.0]}
    same(model_of("SVMRegressor", 1, n_supports=vectors, **attributes), tmp_path)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_linear_models_with_post_transform(transform: str, tmp_path: Path) -> None:
    attributes = {"coefficients": numbers(9), "intercepts": numbers(3, 1), "post_transform": transform}
    same(model_of("LinearRegressor", 1, targets=3, **attributes), tmp_path)
    same(model_of("LinearClassifier", 2, classlabels_ints=[4, 2, 3], multi_class=1, **attributes), tmp_path)


def test_linear_classifier_with_one_margin(tmp_path: Path) -> None:
    attributes = {"coefficients": numbers(3), "intercepts": [0.2], "classlabels_ints": [4, 2]}
    same(model_of("LinearClassifier", 2, post_transform="LOGISTIC", **attributes), tmp_path)


@pytest.mark.parametrize("norm", ["MAX", "L1", "L2"])
def test_normalizer(norm: str, tmp_path: Path) -> None:
    x = np.array([[1, -4, 0], [-1, -2, -3], [0, 0, 0], [0, -1, 0], [3, 2, 3]], dtype=np.float32)
    same(model_of("Normalizer", 1, norm=norm), tmp_path, np.concatenate([x, X]))


@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING])
@pytest.mark.parametrize("shape", [[4], [1, 4], [3, 4]])
def test_tables_looked_up(shape: list[int], kind: int, tmp_path: Path) -> None:
    """Of a table of several rows, every row is looked up."""
    table = (np.arange(np.prod(shape)) / (1 if kind == TensorProto.INT64 else 4)).reshape(shape)
    table = table.astype(str) if kind == TensorProto.STRING else table.astype(helper.tensor_dtype_to_np_dtype(kind))
    nodes = [
        helper.make_node("ArgMax", ["X"], ["best"], axis=1, keepdims=0),
        helper.make_node("ArrayFeatureExtractor", ["table", "best"], ["found"], domain="ai.onnx.ml"),
        helper.make_node("Transpose", ["found"], ["Y0"], perm=[1, 0]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 3])],
        [helper.make_tensor_value_info("Y0", kind, None)],
        [onnx.numpy_helper.from_array(table.astype(object) if kind == TensorProto.STRING else table, "table")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    got = np.asarray(loaded(model, tmp_path).run(X)["Y0"])
    wanted = runtime(model, {"X": X})[0]
    assert got.dtype.kind == wanted.dtype.kind or kind == TensorProto.STRING
    assert got.reshape(wanted.shape).astype(str).tolist() == wanted.astype(str).tolist()


def test_refused_by_name(tmp_path: Path) -> None:
    machine = {"classlabels_ints": [0, 1], "coefficients": numbers(6), "rho": [0.1], "kernel_type": "LINEAR"}
    vectors = {
        "classlabels_ints": [0, 1],
        "coefficients": numbers(2),
        "rho": [0.1],
        "support_vectors": numbers(6),
        "vectors_per_class": [1, 1],
        "kernel_params": [0.5, 0.0, 3.0],
    }
    linear = {"coefficients": numbers(3), "intercepts": [0.1]}
    for kind, outputs, attributes, reason in [
        ("SVMClassifier", 2, machine, "two classes without support vectors"),
        ("SVMClassifier", 2, {**vectors, "post_transform": "SOFTMAX"}, "two classes with post_transform SOFTMAX"),
        ("SVMRegressor", 1, {**linear, "rho": [0.1], "post_transform": "LOGISTIC"}, "post_transform"),
        ("LinearRegressor", 1, {**linear, "post_transform": "LOGISTIC"}, "post_transform of one target"),
        ("LinearClassifier", 2, {**linear, "classlabels_ints": [0, 1]}, "1 intercepts for 2 classes"),
        ("LinearClassifier", 2, {**linear, "classlabels_ints": [5]}, "1 intercepts for 1 classes"),
    ]:
        attributes.pop("intercepts" if kind == "SVMRegressor" else "", None)
        with pytest.raises(hf.Unsupported, match=reason):
            loaded(model_of(kind, outputs, **attributes), tmp_path)


# --- dictionaries


def dictionary_model(keys: Any, value: int, sequence: bool) -> onnx.ModelProto:
    text = isinstance(keys[0], str)
    vocabulary = {"string_vocabulary" if text else "int64_vocabulary": keys}
    nodes = [
        helper.make_node("DictVectorizer", ["X"], ["dense"], domain="ai.onnx.ml", **vocabulary),
        helper.make_node("Scaler", ["dense"], ["Y0"], domain="ai.onnx.ml", offset=[1.0], scale=[2.0]),
    ]
    key = TensorProto.STRING if text else TensorProto.INT64
    kind = helper.make_map_type_proto(key, helper.make_tensor_type_proto(value, []))
    if sequence:
        kind = helper.make_sequence_type_proto(kind)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_value_info("X", kind)],
        [helper.make_tensor_value_info("Y0", TensorProto.FLOAT, None)],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


@pytest.mark.parametrize("value", [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64])
@pytest.mark.parametrize("keys", [["a", "b", "long name"], [4, 2, 9]])
@pytest.mark.parametrize("sequence", [False, True])
def test_dictionaries_become_columns(keys: list[Any], value: int, sequence: bool, tmp_path: Path) -> None:
    model = dictionary_model(keys, value, sequence)
    ours = loaded(model, tmp_path)
    assert ours.signature.features == [str(key) for key in keys]
    dtype = helper.tensor_dtype_to_np_dtype(value)
    rows = np.random.default_rng(0).integers(-5, 6, (20, 3)).astype(dtype)
    got = np.asarray(ours.run({str(key): rows[:, i] for i, key in enumerate(keys)})["Y0"])
    assert np.array_equal(got, np.asarray(ours.run(rows)["Y0"]))
    assert np.array_equal(got, (2.0 * (rows - 1.0)).astype(np.float32))
    if sequence or value != TensorProto.FLOAT:
        return  # ONNX Runtime in Python takes one map, of floats
    for row, answer in zip(rows, got, strict=True):
        wanted = runtime(model, {"X": {key: row[i].item() for i, key in enumerate(keys)}})[0]
        assert np.array_equal(answer, wanted.ravel())


def test_dictionary_of_skl2onnx(tmp_path: Path) -> None:
    from skl2onnx.common.data_types import DictionaryType, FloatTensorType, StringTensorType
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    rows = [{"rent": 1.0, "age": 3.0}, {"age": 2.0}, {"rent": 4.0, "rooms": 1.0}, {"rooms": 3.0, "age": 1.0}]
    fitted = make_pipeline(DictVectorizer(sparse=False), LinearRegression()).fit(rows, [1.0, 2.0, 0.0, 5.0])
    types = [("X", DictionaryType(StringTensorType([1]), FloatTensorType([1])))]
    model = loaded(skl2onnx.to_onnx(fitted, initial_types=types), tmp_path)
    assert model.signature.features == ["age", "rent", "rooms"]
    dense = {name: np.array([row.get(name, 0.0) for row in rows], np.float32) for name in model.signature.features}
    np.testing.assert_allclose(model.predict(dense), fitted.predict(rows), rtol=1e-6, atol=1e-6)


def test_maps_that_are_not_columns_are_refused(tmp_path: Path) -> None:
    model = dictionary_model(["a", "b"], TensorProto.FLOAT, False)
    model.graph.node[0].op_type = "CastMap"
    with pytest.raises(hf.Unsupported, match='input "X" is a map'):
        loaded(model, tmp_path)
    model = model_of("DictVectorizer", 1, string_vocabulary=["a", "b", "c"])
    with pytest.raises(hf.Unsupported, match=r"operator ai\.onnx\.ml\.DictVectorizer \(node 0\)"):
        loaded(model, tmp_path)


# --- text as numbers


def cast_model(to: int) -> onnx.ModelProto:
    model = model_of("Cast", 1, domain="", to=to)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1
    model.graph.output[0].type.tensor_type.elem_type = to
    return model


@pytest.mark.parametrize("to", [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.INT32])
def test_text_becomes_numbers(to: int, tmp_path: Path) -> None:
    whole = ["0", "-7", "+12", "2147483647", "-2147483648"]
    parts = ["3.14", "1e-5", "1E8", "-.5", "16777217.0", "0.1", "inf", "-INF", "+inf", "NaN", "nan"]
    fraction = to in (TensorProto.FLOAT, TensorProto.DOUBLE)
    x = np.array([[text] for text in (whole + parts if fraction else whole)], dtype=object)
    model = cast_model(to)
    got = np.asarray(loaded(model, tmp_path).run(x.astype(str))["Y0"])
    wanted = runtime(model, {"X": x})[0]
    assert np.array_equal(got, wanted, equal_nan=fraction)
    if fraction:
        assert np.array_equal(got, ReferenceEvaluator(model).run(None, {"X": x.astype(str)})[0], equal_nan=True)


def test_text_that_is_no_number_is_refused_when_it_is_met(tmp_path: Path) -> None:
    model = loaded(cast_model(TensorProto.FLOAT), tmp_path)
    for text in ("", "  ", "a", "1,5", "1 2", "0x10", "+-1", "1e400"):
        with pytest.raises(hf.InvalidArgument, match="a number wanted"):
            model.run(np.array([["1"], [text]]))
    assert np.asarray(loaded(cast_model(TensorProto.INT64), tmp_path).run(np.array([[" 2.75 "]]))["Y0"]) == 2
    with pytest.raises(hf.Unsupported, match="from text to bool"):
        loaded(cast_model(TensorProto.BOOL), tmp_path)
