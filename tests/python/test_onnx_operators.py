"""Standard operators and ai.onnx.ml's encoders, against ONNX Runtime on rows with NaN, infinities and signed zeros."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_diabetes, load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

Array = np.ndarray[Any, Any]

ort.set_default_logger_severity(4)

FLOAT, DOUBLE, INT64, STRING = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING
NUMBERS = {FLOAT: np.float32, DOUBLE: np.float64, INT64: np.int64}
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -1.5, 1e-40, 88.0, -104.0, 1.0, -1.0, 3.0]


def rows(kind: int, columns: int = 4, special: bool = True) -> Array:
    random = np.random.default_rng(5)
    if kind == INT64:
        return random.integers(-9, 9, (40, columns))
    x = random.normal(size=(40, columns)) * 3.0
    if special:
        x[: len(SPECIAL)] = np.array(SPECIAL)[:, None]
    return x.astype(NUMBERS[kind])


def file_of(
    path: Path,
    nodes: list[Any],
    kind: int,
    columns: int,
    result: int,
    constants: dict[str, Array] | None = None,
    opset: int = 17,
    ml: int = 3,
    shape: list[Any] | None = None,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", kind, ["N", columns])],
        [helper.make_tensor_value_info("Y", result, shape)],
        [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", ml)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
    return path


def both(path: Path, x: Array) -> tuple[Array, Array]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = session.run(None, {"X": x})[0]
    got = np.asarray(hf.load_model(path).run(x)["Y"])
    return got.reshape(np.shape(wanted)), np.asarray(wanted)


def assert_close(got: Array, wanted: Array, ulp: int = 4) -> None:
    """Within a few units of the dtype: ONNX Runtime rounds between the steps of a function, Holdfast once."""
    assert got.dtype == wanted.dtype
    if got.dtype.kind != "f":
        assert np.array_equal(got, wanted)
        return
    epsilon = ulp * np.finfo(got.dtype).eps
    np.testing.assert_allclose(got, wanted, rtol=epsilon, atol=epsilon, equal_nan=True)


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@pytest.mark.parametrize(
    "operator",
    ["Neg", "Abs", "Exp", "Log", "Sigmoid", "Relu", "Tanh", "Sqrt", "Floor", "Ceil", "Round", "Reciprocal"],
)
def test_functions(operator: str, kind: int, tmp_path: Path) -> None:
    x = rows(kind)
    path = file_of(tmp_path / "m.onnx", [helper.make_node(operator, ["X"], ["Y"])], kind, 4, kind)
    got, wanted = both(path, x)
    finite = np.isfinite(x) | (operator in ("Neg", "Abs", "Floor", "Ceil", "Round", "Reciprocal", "Sqrt"))
    assert_close(got[finite], wanted[finite], ulp=16)
    if operator in ("Neg", "Abs", "Floor", "Ceil", "Round"):
        assert np.array_equal(np.signbit(got), np.signbit(wanted))


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
def test_activations_beside_scipy(kind: int, tmp_path: Path) -> None:
    from scipy import special

    x = np.concatenate([rows(kind), np.linspace(-7.0, 7.0, 4000).astype(NUMBERS[kind]).reshape(-1, 4)])
    x[~np.isfinite(x)] = 0.25
    slopes = np.array([0.1, -0.5, 2.0, 0.0], x.dtype)
    wide = x.astype(np.float64)
    below = special.expm1(np.minimum(wide, 0.0))
    alpha, gamma = (float(np.float32(value)) for value in (1.67326319217681884765625, 1.05070102214813232421875))
    bent = wide + 0.044715 * wide**3
    wanted: list[tuple[str, dict[str, Any], Array]] = [
        ("LeakyRelu", {}, np.where(wide < 0, float(np.float32(0.01)) * wide, wide)),
        ("LeakyRelu", {"alpha": -2.0}, np.where(wide < 0, -2.0 * wide, wide)),
        ("PRelu", {}, np.where(wide < 0, slopes.astype(np.float64) * wide, wide)),
        ("Elu", {"alpha": 0.5}, np.where(wide < 0, 0.5 * below, wide)),
        ("Selu", {}, gamma * np.where(wide < 0, alpha * below, wide)),
        ("HardSigmoid", {"alpha": 0.25, "beta": 0.5}, np.clip(0.25 * wide + 0.5, 0.0, 1.0)),
        ("Gelu", {}, wide * special.ndtr(wide)),
        ("Gelu", {"approximate": "tanh"}, wide / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * bent))),
        ("LogSoftmax", {}, special.log_softmax(wide, axis=1)),
    ]
    for operator, attributes, exact in wanted:
        inputs = ["X", "S"] if operator == "PRelu" else ["X"]
        node = helper.make_node(operator, inputs, ["Y"], **attributes)
        constants = {"S": slopes} if operator == "PRelu" else {}
        path = file_of(tmp_path / "m.onnx", [node], kind, 4, kind, constants, opset=20)
        assert_close(np.asarray(hf.load_model(path).run(x)["Y"]), exact.astype(x.dtype), 1 if kind == FLOAT else 16)


@pytest.mark.parametrize("operator", ["LeakyRelu", "Elu", "Selu", "HardSigmoid"])
def test_activations_of_nan_and_infinities(operator: str, tmp_path: Path) -> None:
    x = rows(FLOAT)
    got, wanted = both(file_of(tmp_path / "m.onnx", [helper.make_node(operator, ["X"], ["Y"])], FLOAT, 4, FLOAT), x)
    infinite = np.isinf(x)
    assert infinite.any()
    assert_close(got[infinite], wanted[infinite])
    assert np.isnan(got[np.isnan(x)]).all()


def test_activations_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    def load(node: Any, constants: dict[str, Array]) -> None:
        hf.load_model(file_of(tmp_path / "m.onnx", [node], FLOAT, 4, FLOAT, constants, opset=20))

    slopes = helper.make_node("PRelu", ["X", "S"], ["Y"])
    for wrong, message in (
        (np.ones(3, np.float32), "do not broadcast"),
        (np.ones((2, 1, 4), np.float32), "has slopes that do not broadcast"),
        (np.ones(4, np.float64), "joins float32 with float64"),
    ):
        with pytest.raises(hf.CorruptArtifact, match=message):
            load(slopes, {"S": wrong})
    with pytest.raises(hf.Unsupported, match="with approximate sigmoid is not covered"):
        load(helper.make_node("Gelu", ["X"], ["Y"], approximate="sigmoid"), {})
    scale = {"S": np.ones((2, 1, 4), np.float32)}
    with pytest.raises(hf.CorruptArtifact, match="does not broadcast to what it is for"):
        load(helper.make_node("LayerNormalization", ["X", "S"], ["Y"]), scale)
    with pytest.raises(hf.Unsupported, match="mixes rows"):
        load(helper.make_node("LayerNormalization", ["X", "S"], ["Y"], axis=0), {"S": np.ones(4, np.float32)})


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
def test_functions_beside_scipy(kind: int, tmp_path: Path) -> None:
    from scipy import special

    x = rows(kind, 1)
    grid = np.concatenate([x, np.linspace(-7.0, 7.0, 4001).astype(x.dtype)[:, None]])
    wanted = {
        "Erf": special.erf(grid.astype(np.float64)),
        "Softplus": np.logaddexp(0.0, grid.astype(np.float64)),
        "Sign": np.sign(grid.astype(np.float64)),
        "Tanh": np.tanh(grid.astype(np.float64)),
    }
    for operator, exact in wanted.items():
        path = file_of(tmp_path / "m.onnx", [helper.make_node(operator, ["X"], ["Y"])], kind, 1, kind)
        ulp = 1 if kind == FLOAT else 16
        assert_close(np.asarray(hf.load_model(path).run(grid)["Y"]), exact.astype(x.dtype), ulp=ulp)


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE, INT64])
@pytest.mark.parametrize(
    "operator", ["Add", "Sub", "Mul", "Div", "Min", "Max", "Less", "LessOrEqual", "Greater", "Equal"]
)
@pytest.mark.parametrize("side", ["value", "left", "right", "number"])
def test_pairs(operator: str, kind: int, side: str, tmp_path: Path) -> None:
    x = rows(kind)
    dtype = NUMBERS[kind]
    constant = np.array([[2, -1, 3, 1]], dtype=dtype) if side != "number" else np.array(2, dtype=dtype)
    if operator == "Div" and kind == INT64:
        x = np.where(x == 0, 1, x)
    other = helper.make_node("Abs", ["X"], ["C"]) if side == "value" else None
    names = ["C", "X"] if side == "left" else ["X", "C"]
    nodes = [node for node in (other, helper.make_node(operator, names, ["Y"])) if node is not None]
    result = TensorProto.BOOL if operator[0] in "LGE" else kind
    path = file_of(tmp_path / "m.onnx", nodes, kind, 4, result, None if other else {"C": constant})
    got, wanted = both(path, x)
    assert_close(got, wanted, ulp=1)


def test_powers(tmp_path: Path) -> None:
    exponents = np.array([[0.5, 2.0, -3.0, 2.75]], dtype=np.float32)
    for kind in (FLOAT, DOUBLE):
        x = rows(kind)
        constants = {"C": exponents.astype(NUMBERS[kind])}
        path = file_of(tmp_path / "m.onnx", [helper.make_node("Pow", ["X", "C"], ["Y"])], kind, 4, kind, constants)
        got, _ = both(path, x)
        with np.errstate(all="ignore"):
            exact = np.power(x.astype(np.float64), constants["C"].astype(np.float64)).astype(x.dtype)
        root = ~np.isneginf(x[:, 0]) & ~np.signbit(x[:, 0])  # C's pow(-inf, 0.5) and pow(-0, 0.5) are not square roots
        assert_close(got[:, 1:], exact[:, 1:], ulp=64 if kind == DOUBLE else 1)
        assert_close(got[root, 0], exact[root, 0], ulp=1)


def test_whole_numbers_beyond_doubles(tmp_path: Path) -> None:
    x = np.array([[2**53 + 1, -(2**62)], [2**63 - 1, 5]], dtype=np.int64)
    constants = {"C": np.array([[2**53 + 3, 2**62 + 1]], dtype=np.int64)}
    for operator in ("Add", "Mul", "Max", "Sub"):
        path = file_of(tmp_path / "m.onnx", [helper.make_node(operator, ["X", "C"], ["Y"])], INT64, 2, INT64, constants)
        got, wanted = both(path, x)
        assert_close(got, wanted)


def test_division_of_integers_by_zero_is_refused_when_met(tmp_path: Path) -> None:
    nodes = [helper.make_node("Div", ["X", "C"], ["Y"])]
    path = file_of(tmp_path / "m.onnx", nodes, INT64, 2, INT64, {"C": np.array([[1, 0]])})
    with pytest.raises(hf.InvalidArgument, match="divided by 0"):
        hf.load_model(path).run(np.ones((1, 2), dtype=np.int64))


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@pytest.mark.parametrize("opset", [11, 13, 18])
@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("kinds", ["Sum", "Mean", "Prod", "Max", "Min", "SumSquare", "LogSumExp", "L1", "L2"])
def test_reductions(kinds: str, kind: int, opset: int, keep: int, tmp_path: Path) -> None:
    x = rows(kind, special=False)
    as_input = opset >= 18 or (kinds == "Sum" and opset >= 13)
    attributes = {} if as_input else {"axes": [-1]}
    names = ["X", "A"] if as_input else ["X"]
    nodes = [helper.make_node(f"Reduce{kinds}", names, ["Y"], keepdims=keep, **attributes)]
    constants = {"A": np.array([1], dtype=np.int64)} if as_input else None
    path = file_of(tmp_path / "m.onnx", nodes, kind, 4, kind, constants, opset=opset)
    got, wanted = both(path, x)
    assert_close(got, wanted, ulp=16)


@pytest.mark.parametrize("operator", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [0, 1])
def test_positions_of_extremes(operator: str, last: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 3, (60, 5)).astype(np.float32)
    nodes = [helper.make_node(operator, ["X"], ["Y"], axis=1, keepdims=0, select_last_index=last)]
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, FLOAT, 5, INT64), x)
    assert_close(got, wanted)


@pytest.mark.parametrize("largest", [0, 1])
def test_the_best_of_a_row(largest: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 4, (60, 6)).astype(np.float32)
    for wanted_output in ("values", "positions"):
        names = ["Y", "other"] if wanted_output == "values" else ["other", "Y"]
        nodes = [helper.make_node("TopK", ["X", "K"], names, largest=largest)]
        result = FLOAT if wanted_output == "values" else INT64
        path = file_of(tmp_path / "m.onnx", nodes, FLOAT, 6, result, {"K": np.array([3], dtype=np.int64)})
        got, wanted = both(path, x)
        assert_close(got, wanted)


def test_shapes_that_hold_the_number_of_rows(tmp_path: Path) -> None:
    """(rows, 6) to (rows, 2, 3), turned, back, and joined with a constant of as many rows."""
    nodes = [
        helper.make_node("Shape", ["X"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["count"]),
        helper.make_node("Concat", ["count", "two_three"], ["to"], axis=0),
        helper.make_node("Reshape", ["X", "to"], ["boxes"]),
        helper.make_node("Transpose", ["boxes"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("Flatten", ["turned"], ["flat"]),
        helper.make_node("Concat", ["count", "one"], ["column"], axis=0),
        helper.make_node("ConstantOfShape", ["column"], ["ones"], value=helper.make_tensor("v", FLOAT, [1], [1.0])),
        helper.make_node("Concat", ["flat", "ones"], ["Y"], axis=1),
    ]
    constants = {
        "zero": np.array([0], dtype=np.int64),
        "two_three": np.array([2, 3], dtype=np.int64),
        "one": np.array([1], dtype=np.int64),
    }
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, FLOAT, 6, FLOAT, constants), rows(FLOAT, 6, special=False))
    assert_close(got, wanted)


def test_what_mixes_rows_is_refused(tmp_path: Path) -> None:
    for nodes in (
        [helper.make_node("ReduceMean", ["X"], ["Y"], axes=[0])],
        [helper.make_node("Softmax", ["X"], ["Y"], axis=0)],
        [helper.make_node("Transpose", ["X"], ["T"]), helper.make_node("MatMul", ["X", "T"], ["Y"])],
    ):
        path = file_of(tmp_path / "m.onnx", nodes, FLOAT, 4, FLOAT)
        with pytest.raises(hf.Unsupported, match=rf"operator {nodes[-1].op_type} \(node {len(nodes) - 1}\) mixes rows"):
            hf.load_model(path)


def test_operator_sets_that_are_too_new_are_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path / "m.onnx", [helper.make_node("Relu", ["X"], ["Y"])], FLOAT, 4, FLOAT, opset=29)
    with pytest.raises(
        hf.Unsupported, match=r"operator Relu \(node 0\) of operator set 29 is not covered; 6 to 28 are"
    ):
        hf.load_model(path)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_networks_of_scikit_learn(activation: str, tmp_path: Path) -> None:
    import skl2onnx

    x, y = load_diabetes(return_X_y=True)
    x = (x / x.std(axis=0)).astype(np.float32)
    network = MLPRegressor(hidden_layer_sizes=(64, 64), activation=activation, max_iter=60, random_state=0).fit(
        x, y / y.std()
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(skl2onnx.to_onnx(network, x[:1]).SerializeToString())
    wanted = network.predict(x.astype(np.float64))
    assert np.abs(hf.load_model(path).predict(x) - wanted).max() <= 1e-5 * np.abs(wanted).max()

    x, y = load_iris(return_X_y=True)
    x = x.astype(np.float32)
    for target in (y, y == 1, np.array(["a", "b", "c"])[y]):
        labels = MLPClassifier(hidden_layer_sizes=(16,), activation=activation, max_iter=80, random_state=0).fit(
            x, target
        )
        path.write_bytes(skl2onnx.to_onnx(labels, x[:1], options={"zipmap": False}).SerializeToString())
        model = hf.load_model(path)
        session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        wanted_label, wanted_probability = session.run(None, {"X": x})
        assert np.array_equal(model.predict(x), wanted_label)
        assert np.abs(model.predict_proba(x) - wanted_probability).max() <= 1e-6


MAPS: dict[str, tuple[dict[str, Any], Any, int]] = {
    "text to integers": (
        {"keys_strings": ["a", "b"], "values_int64s": [7, 9], "default_int64": 3},
        ["a", "b", "?"],
        INT64,
    ),
    "text to numbers": ({"keys_strings": ["a", "b"], "values_floats": [0.5, 1.5]}, ["b", "", "a"], FLOAT),
    "integers to text": (
        {"keys_int64s": [5, -2], "values_strings": ["x", "y"], "default_string": "z"},
        [5, -2, 1],
        STRING,
    ),
    "numbers to integers": ({"keys_floats": [0.5, 2.0], "values_int64s": [1, 2]}, [0.5, 2.0, 3.0], INT64),
    "numbers to numbers": (
        {"keys_floats": [0.0, 2.5], "values_floats": [9.0, 8.0], "default_float": 1.0},
        [-0.0, 2.5, 7.0],
        FLOAT,
    ),
    "positions to text": ({"keys_int64s": [0, 1], "values_strings": ["no", "yes"]}, [1, 0, 1], STRING),
}


@pytest.mark.parametrize("name", MAPS)
def test_label_encoders(name: str, tmp_path: Path) -> None:
    attributes, given, result = MAPS[name]
    kind = STRING if isinstance(given[0], str) else (INT64 if isinstance(given[0], int) else FLOAT)
    x = np.array(given, dtype=object if kind == STRING else NUMBERS[kind])[:, None]
    nodes = [helper.make_node("LabelEncoder", ["X"], ["Y"], domain="ai.onnx.ml", **attributes)]
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, kind, 1, result), x)
    assert got.tolist() == wanted.tolist()


@pytest.mark.parametrize("kind", [STRING, INT64, FLOAT])
def test_one_hot_encoders(kind: int, tmp_path: Path) -> None:
    cats: dict[str, Any] = {"cats_strings": ["b", "a", "c"]} if kind == STRING else {"cats_int64s": [2, 0, 1]}
    given = [["a", "b"], ["?", "c"]] if kind == STRING else [[0, 2], [9, 1]]
    x = np.array(given, dtype=object if kind == STRING else NUMBERS[kind])
    nodes = [helper.make_node("OneHotEncoder", ["X"], ["Y"], domain="ai.onnx.ml", **cats)]
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, kind, 2, FLOAT), x)
    assert_close(got, wanted)
    nodes = [helper.make_node("OneHotEncoder", ["X"], ["Y"], domain="ai.onnx.ml", zeros=0, **cats)]
    with pytest.raises(hf.InvalidArgument, match="3 known values wanted"):
        hf.load_model(file_of(tmp_path / "m.onnx", nodes, kind, 2, FLOAT)).run(x)


def test_mapped_categories_and_binarized_numbers(tmp_path: Path) -> None:
    cats = {"cats_strings": ["a", "b"], "cats_int64s": [4, 8], "default_int64": -5, "default_string": "?"}
    nodes = [helper.make_node("CategoryMapper", ["X"], ["Y"], domain="ai.onnx.ml", **cats)]
    texts = np.array([["a"], ["z"], ["b"]], dtype=object)
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, STRING, 1, INT64), texts)
    assert got.tolist() == wanted.tolist() == [[4], [-5], [8]]
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, INT64, 1, STRING), np.array([[8], [4], [1]]))
    assert got.tolist() == wanted.tolist() == [["b"], ["a"], ["?"]]
    nodes = [helper.make_node("Binarizer", ["X"], ["Y"], domain="ai.onnx.ml", threshold=0.5)]
    got, wanted = both(file_of(tmp_path / "m.onnx", nodes, FLOAT, 4, FLOAT), rows(FLOAT, special=False))
    assert_close(got, wanted)


def test_a_pipeline_of_text_and_numbers(tmp_path: Path) -> None:
    import pandas as pd
    import skl2onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"size": random.normal(size=300).astype(np.float32), "town": random.choice(["x", "y", "z"], 300)}
    )
    y = (frame["size"] + (frame["town"] == "y") > 0.4).astype(int)
    parts = ColumnTransformer(
        [("n", StandardScaler(), ["size"]), ("t", OneHotEncoder(handle_unknown="ignore"), ["town"])]
    )
    fitted = make_pipeline(parts, LogisticRegression()).fit(frame, y)
    types = [("size", FloatTensorType([None, 1])), ("town", StringTensorType([None, 1]))]
    path = tmp_path / "m.onnx"
    path.write_bytes(skl2onnx.to_onnx(fitted, initial_types=types, options={"zipmap": False}).SerializeToString())
    frame.loc[:5, "town"] = "unseen"
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feeds = {"size": frame[["size"]].to_numpy(), "town": frame[["town"]].to_numpy(dtype=object)}
    wanted_label, wanted = session.run(None, feeds)
    model = hf.load_model(path)
    assert np.array_equal(model.predict(frame), wanted_label)
    assert np.abs(model.predict_proba(frame) - wanted).max() <= 1e-6
