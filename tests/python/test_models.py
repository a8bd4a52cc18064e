"""Models, graphs, signatures and callables as Python meets them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest
from holdfast import _core


def linear(features: tuple[str, ...] = ("a", "b")) -> _core.Graph:
    signature = _core.Signature(
        [_core.TensorSpec("X", "float64", (-1, 2))],
        [_core.TensorSpec("y", "float64", (-1, 1))],
        prediction="y",
        features=list(features),
        task="regression",
    )
    graph = _core.Graph(signature, source="test")
    graph.add("linear", ["X"], ["y"], features=2, outputs=1, weights=[1.0, 2.0], intercept=[0.5])
    return graph


def stump(classes: list[object]) -> _core.Model:
    text = isinstance(classes[0], str)
    signature = _core.Signature(
        [_core.TensorSpec("X", "float64", (-1, 1))],
        [_core.TensorSpec("label", "string" if text else "int64", (-1,)), _core.TensorSpec("p", "float64", (-1, 2))],
        classes=classes,
        prediction="label",
        probability="p",
        task="classification",
    )
    graph = _core.Graph(signature)
    graph.add(
        "trees",
        ["X"],
        ["p"],
        features=1,
        outputs=2,
        roots=[0],
        left=[1, -1, -1],
        right=[2, -1, -1],
        feature=[0, -1, -1],
        threshold=[0.5, 0, 0],
        leaf_begin=[0, 0, 2, 4],
        leaf_output=[0, 1, 0, 1],
        leaf_value=[0.9, 0.1, 0.2, 0.8],
        comparison="less_equal",
        aggregate="average",
        input="float32",
    )
    graph.add("arg_max", ["p"], ["i"])
    graph.add("lookup", ["i"], ["label"], labels=classes)
    return graph.compile()


def test_predicts_arrays_and_columns() -> None:
    model = linear().compile()
    assert model.predict(np.array([[1, 1], [2, 0]])).tolist() == [3.5, 2.5]
    assert model.predict({"b": np.array([1, 2]), "other": np.array([9, 9]), "a": np.array([0.0, 1.0])}).tolist() == [
        2.5,
        5.5,
    ]
    assert model.run(np.ones((1, 2), np.float32))["y"].tolist() == [[3.5]]
    assert model.backend == "native"
    assert "float64[rows, 2]" in repr(model)


def test_string_and_integer_labels() -> None:
    X = np.array([[0.5], [0.6]])
    assert stump(["no", "yes"]).predict(X).tolist() == ["no", "yes"]
    assert stump([3, 7]).predict(X).tolist() == [3, 7]
    assert stump([3, 7]).predict_proba(X).tolist() == [[0.9, 0.1], [0.2, 0.8]]
    assert list(stump([3, 7]).run(X, outputs=["p"])) == ["p"]


def test_predict_into_writes_the_callers_array() -> None:
    out = np.zeros(3)
    linear().compile().predict_into(np.ones((3, 2)), out)
    assert out.tolist() == [3.5] * 3
    with pytest.raises(hf.InvalidArgument, match="float32"):
        linear().compile().predict_into(np.ones((3, 2)), np.zeros(3, np.float32))


def test_saves_to_the_bit(tmp_path: Path) -> None:
    model = stump(["no", "yes"])
    model.save(tmp_path / "m.hfm")
    back = _core.load_model_file(tmp_path / "m.hfm")
    assert back.graph == model.graph
    assert back.signature == model.signature
    assert _core.Graph.from_bytes(model.graph.to_bytes()) == model.graph
    with pytest.raises(hf.Unsupported, match="onnx"):
        model.save(tmp_path / "m.onnx")
    assert os.listdir(tmp_path) == ["m.hfm"]


def test_nodes_are_read_back() -> None:
    (node,) = linear().nodes
    assert (node["form"], node["reads"], node["writes"]) == ("linear", ["X"], ["y"])
    assert node["fields"]["weights"].tolist() == [1.0, 2.0]
    assert node["fields"]["compute"] == "float64"


def test_a_graph_is_made_again_from_its_nodes() -> None:
    """A field may have the name of a node's own part: linear's `outputs` is a number."""
    graph = linear()
    again = _core.Graph(graph.signature, graph.source)
    for node in graph.nodes:
        again.add(node["form"], node["reads"], node["writes"], **node["fields"])
    assert again == graph


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(hf.NotFound):
        _core.load_model_file(tmp_path / "absent.hfm")
    linear().compile().save(tmp_path / "m.hfm")
    whole = (tmp_path / "m.hfm").read_bytes()
    for bad in (whole[:-1], whole[:20], b"", b"{}", whole[:100] + b"?" + whole[101:]):
        (tmp_path / "bad.hfm").write_bytes(bad)
        with pytest.raises(hf.CorruptArtifact, match=r"bad\.hfm"):
            _core.load_model_file(tmp_path / "bad.hfm")


def test_bad_batches_are_named() -> None:
    model = linear().compile()
    with pytest.raises(hf.InvalidArgument, match=r"float64\[2, 3\] given"):
        model.predict(np.ones((2, 3)))
    with pytest.raises(hf.InvalidArgument, match='lacks the column "b"'):
        model.predict({"a": np.ones(2)})
    with pytest.raises(hf.InvalidArgument, match=r"text|string"):
        model.predict({"a": np.ones(1), "b": np.array(["x"])})
    with pytest.raises(hf.Unsupported):
        model.predict_proba(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"nope": 1}, "no field"), ({"weights": ["a"]}, "numbers"), ({"compute": "int8"}, "compute")],
)
def test_bad_nodes_are_named(fields: dict[str, object], message: str) -> None:
    graph = linear()
    good = {"features": 2, "outputs": 1, "weights": [1.0, 2.0], "intercept": [0.5]}
    with pytest.raises(hf.InvalidArgument, match=message):
        graph.add("linear", ["X"], ["z"], **{**good, **fields})
        graph.compile()


def test_callables() -> None:
    signature = linear().signature
    by_sum = _core.callable_model(lambda X: X.sum(axis=1) if isinstance(X, np.ndarray) else X["a"], signature)
    assert by_sum.predict(np.ones((50, 2))).tolist() == [2.0] * 50
    assert by_sum.predict({"a": np.array([3.0]), "b": np.array([1.0])}).tolist() == [3.0]
    by_name = _core.callable_model(lambda X: {"y": X[:, 0]}, signature)
    assert by_name.predict(np.ones((2, 2))).tolist() == [1.0, 1.0]
    assert by_name.backend == "callable"
    with pytest.raises(ZeroDivisionError):
        _core.callable_model(lambda X: 1 // 0, signature).predict(np.ones((50, 2)))
    with pytest.raises(hf.InvalidArgument, match=r"\(3, 3\) given"):
        _core.callable_model(lambda X: np.ones((3, 3)), signature).predict(np.ones((3, 2)))


def test_many_threads_get_the_same_bits() -> None:
    model = linear().compile()
    X = np.random.default_rng(0).normal(size=(2000, 2))
    wanted = model.predict(X)
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(bool((model.predict(X) == wanted).all()))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 8
