"""TreeEnsemble of ai.onnx.ml 5, and what older tree ensembles can say besides what skl2onnx writes: random trees,
against ONNX Runtime and a walk written from the specification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnxruntime as ort
import pytest
from onnx import helper, numpy_helper

Array = np.ndarray[Any, Any]

ort.set_default_logger_severity(4)

TESTS = [np.less_equal, np.less, np.greater_equal, np.greater, np.equal, np.not_equal]
MEMBER = 6
ROWS = 60


def inputs(seed: int, dtype: Any, columns: int = 3) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, (ROWS, columns)) / 2.0  # thresholds and members will be equal to inputs
    x[rng.random(x.shape) < 0.15] = np.nan
    x[0], x[1] = np.inf, -np.inf
    return np.asarray(x.astype(dtype))


class Trees:
    """Random trees, as the attributes of the operator."""

    def __init__(self, seed: int, trees: int, targets: int, modes: list[int], dtype: Any, tracks: bool) -> None:
        self.rng = np.random.default_rng(seed)
        self.modes, self.targets, self.dtype = modes, targets, dtype
        self.members = np.arange(1.0, 8.0) if seed % 2 else np.arange(-3, 4) / 2.0
        self.nodes: list[dict[str, Any]] = []
        self.leaves: list[tuple[int, float]] = []
        self.tracks = tracks
        self.roots = [self.node(int(self.rng.integers(0, 4))) for _ in range(trees)]

    def leaf(self) -> int:
        self.leaves.append((int(self.rng.integers(self.targets)), float(self.dtype(self.rng.normal()))))
        return len(self.leaves) - 1

    def node(self, depth: int) -> int:
        mode = int(self.rng.choice(self.modes))
        members = (self.rng.permutation(self.members)[: self.rng.integers(1, 5)]).tolist()
        node = {
            "mode": mode,
            "feature": int(self.rng.integers(3)),
            "split": float(self.rng.integers(-3, 4) / 2.0),
            "members": members if mode == MEMBER else [],
            "track": int(self.tracks and self.rng.random() < 0.5),
        }
        self.nodes.append(node)
        place = len(self.nodes) - 1
        for side in ("true", "false"):
            is_leaf = depth == 0 or self.rng.random() < 0.3
            node[side] = (self.leaf() if is_leaf else self.node(depth - 1), int(is_leaf))
        return place

    def attributes(self) -> dict[str, Any]:
        array = numpy_helper.from_array
        members = [value for node in self.nodes for value in (*node["members"], np.nan) if node["mode"] == MEMBER]
        attributes = {
            "tree_roots": self.roots,
            "n_targets": self.targets,
            "nodes_featureids": [node["feature"] for node in self.nodes],
            "nodes_modes": array(np.array([node["mode"] for node in self.nodes], dtype=np.uint8)),
            "nodes_splits": array(np.array([node["split"] for node in self.nodes], dtype=self.dtype)),
            "nodes_truenodeids": [node["true"][0] for node in self.nodes],
            "nodes_trueleafs": [node["true"][1] for node in self.nodes],
            "nodes_falsenodeids": [node["false"][0] for node in self.nodes],
            "nodes_falseleafs": [node["false"][1] for node in self.nodes],
            "leaf_targetids": [target for target, _ in self.leaves],
            "leaf_weights": array(np.array([weight for _, weight in self.leaves], dtype=self.dtype)),
        }
        if self.tracks:
            attributes["nodes_missing_value_tracks_true"] = [node["track"] for node in self.nodes]
        if members:
            attributes["membership_values"] = array(np.array(members, dtype=self.dtype))
        return attributes

    def holds(self, node: dict[str, Any], x: Array) -> bool:
        value = x[node["feature"]]
        if np.isnan(value):
            return bool(node["track"]) or node["mode"] == 5
        if node["mode"] == MEMBER:
            return bool(value in node["members"])
        return bool(TESTS[node["mode"]](value, node["split"]))

    def reached(self, root: int, x: Array) -> tuple[int, float]:
        place, is_leaf = root, 0
        while not is_leaf:
            node = self.nodes[place]
            place, is_leaf = node["true" if self.holds(node, x) else "false"]
        return self.leaves[place]

    def answers(self, x: Array, aggregate: int) -> Array:
        """In double; 0 where no tree speaks of a target."""
        out = np.zeros((len(x), self.targets))
        for i, row in enumerate(x):
            found: list[list[float]] = [[] for _ in range(self.targets)]
            for root in self.roots:
                target, weight = self.reached(root, row)
                found[target].append(weight)
            for target, weights in enumerate(found):
                total = [sum(weights) / len(self.roots), sum(weights)]
                out[i, target] = [*total, min(weights, default=0.0), max(weights, default=0.0)][aggregate]
        return out


def file_of(path: Path, kind: str, columns: int, dtype: Any, result: Any, ml: int, **attributes: Any) -> Path:
    element, other = helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), helper.np_dtype_to_tensor_dtype(np.dtype(result))
    graph = helper.make_graph(
        [helper.make_node(kind, ["X"], ["Y"], domain="ai.onnx.ml", **attributes)],
        "g",
        [helper.make_tensor_value_info("X", element, ["N", columns])],
        [helper.make_tensor_value_info("Y", other, ["N", None])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", ml)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())
    return path


def runtime(path: Path, x: Array) -> Array:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"X": x})[0])


def close(got: Array, wanted: Array) -> None:
    assert got.shape == wanted.shape
    bound = 8 * np.finfo(got.dtype).eps
    np.testing.assert_allclose(got, wanted, rtol=bound, atol=bound)


ORDERED = [0, 1, 2, 3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "modes", [[0], [1], [0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [MEMBER], [0, MEMBER], [0, 1, 2, 3, 4, 5, MEMBER]]
)
@pytest.mark.parametrize("tracks", [False, True])
def test_random_trees(modes: list[int], tracks: bool, dtype: Any, tmp_path: Path) -> None:
    for seed in range(6):
        trees = Trees(seed, 1 + 4 * seed, 1 + seed % 3, modes, dtype, tracks)
        x = inputs(seed, dtype)
        for aggregate in range(4):
            attributes = {**trees.attributes(), "aggregate_function": aggregate}
            path = file_of(tmp_path / "m.onnx", "TreeEnsemble", 3, dtype, dtype, 5, **attributes)
            got = np.asarray(hf.load_model(path).run(x)["Y"])
            assert got.dtype == dtype
            close(got, trees.answers(x, aggregate))
            if MEMBER not in modes:
                close(got, runtime(path, x))
            elif seed % 2:  # ONNX Runtime's sets are of small whole numbers
                whole = np.random.default_rng(seed).integers(0, 9, x.shape).astype(dtype)
                close(np.asarray(hf.load_model(path).run(whole)["Y"]), runtime(path, whole))


@pytest.mark.parametrize("name", ["SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"])
@pytest.mark.parametrize("aggregate", range(4))
def test_post_transforms(name: str, aggregate: int, tmp_path: Path) -> None:
    number = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"].index(name)
    in_runtime = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"].index(name)  # its own numbers, not the specification's
    trees = Trees(3, 9, 3, ORDERED, np.float32, True)
    x = inputs(3, np.float32)
    attributes = {**trees.attributes(), "aggregate_function": aggregate}
    path = tmp_path / "m.onnx"
    file_of(path, "TreeEnsemble", 3, np.float32, np.float32, 5, **attributes, post_transform=number)
    got = np.asarray(hf.load_model(path).run(x)["Y"])
    file_of(path, "TreeEnsemble", 3, np.float32, np.float32, 5, **attributes, post_transform=in_runtime)
    close(got, runtime(path, x))
    raw = trees.answers(x, aggregate)
    if name == "SOFTMAX":
        close(got, np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True))
    elif name == "LOGISTIC":
        close(got, 1.0 / (1.0 + np.exp(-raw)))


def older(trees: Trees) -> dict[str, Any]:
    """The same trees in the attributes of TreeEnsembleRegressor."""
    names = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
    tree_of: dict[tuple[int, int], int] = {}
    for tree, root in enumerate(trees.roots):
        open_nodes = [(root, 0)]
        while open_nodes:
            place = open_nodes.pop()
            tree_of[place] = tree
            if not place[1]:
                open_nodes += [trees.nodes[place[0]]["true"], trees.nodes[place[0]]["false"]]
    places = sorted(tree_of, key=lambda place: (tree_of[place], place[1], place[0]))  # a tree's root comes first
    inner = [trees.nodes[i] if not leaf else None for i, leaf in places]
    first = {tree: i for i, tree in reversed(list(enumerate(tree_of[place] for place in places)))}
    number = {place: i - first[tree_of[place]] for i, place in enumerate(places)}
    leaves = [place for place in places if place[1]]
    return {
        "n_targets": trees.targets,
        "nodes_treeids": [tree_of[place] for place in places],
        "nodes_nodeids": [number[place] for place in places],
        "nodes_featureids": [node["feature"] if node else 0 for node in inner],
        "nodes_modes": [names[node["mode"]] if node else "LEAF" for node in inner],
        "nodes_values": [node["split"] if node else 0.0 for node in inner],
        "nodes_truenodeids": [number[node["true"]] if node else 0 for node in inner],
        "nodes_falsenodeids": [number[node["false"]] if node else 0 for node in inner],
        "nodes_missing_value_tracks_true": [node["track"] if node else 0 for node in inner],
        "target_treeids": [tree_of[place] for place in leaves],
        "target_nodeids": [number[place] for place in leaves],
        "target_ids": [trees.leaves[i][0] for i, _ in leaves],
        "target_weights": [trees.leaves[i][1] for i, _ in leaves],
    }


@pytest.mark.parametrize("name", ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"])
@pytest.mark.parametrize("aggregate", ["SUM", "AVERAGE", "MIN", "MAX"])
def test_regressors_with_options(name: str, aggregate: str, tmp_path: Path) -> None:
    trees = Trees(7, 8, 2, [*ORDERED, 4], np.float32, True)
    x = inputs(7, np.float32)
    # Every target is named by some tree on each way: what MIN and MAX give of one that is not, nobody says.
    trees.leaves = [(i % 2, weight) for i, (_, weight) in enumerate(trees.leaves)]
    attributes = {**older(trees), "aggregate_function": aggregate, "post_transform": name, "base_values": [0.25, -0.5]}
    path = file_of(tmp_path / "m.onnx", "TreeEnsembleRegressor", 3, np.float32, np.float32, 3, **attributes)
    close(np.asarray(hf.load_model(path).run(x)["Y"]), runtime(path, x))


def classifier(path: Path, weights: list[float], ids: list[int]) -> Path:
    leaf = {"class_treeids": [0] * 4, "class_nodeids": [1, 1, 2, 2], "class_ids": ids, "class_weights": weights}
    nodes = {
        "nodes_treeids": [0] * 3,
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [0] * 3,
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
    }
    options = {"classlabels_int64s": [0, 1], "post_transform": "LOGISTIC"}
    node = helper.make_node(
        "TreeEnsembleClassifier", ["X"], ["L", "Y"], domain="ai.onnx.ml", **nodes, **leaf, **options
    )
    x = helper.make_tensor_value_info("X", 1, ["N", 1])
    outputs = [helper.make_tensor_value_info("L", 7, ["N"]), helper.make_tensor_value_info("Y", 1, ["N", 2])]
    graph = helper.make_graph([node], "g", [x], outputs)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
    return path


def test_two_classes_with_a_margin_each(tmp_path: Path) -> None:
    x = np.array([[0.0], [1.0], [np.nan]], dtype=np.float32)
    path = classifier(tmp_path / "m.onnx", [-0.5, 0.5, 0.25, -0.25], [0, 1, 0, 1])
    got = hf.load_model(path).run(x)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    labels, probabilities = session.run(None, {"X": x})
    assert np.asarray(got["L"]).tolist() == labels.tolist() == [1, 0, 0]
    close(np.asarray(got["Y"]), probabilities)
    for weights, ids in (([0.2, 0.8, 0.5, 0.5], [0, 1, 0, 1]), ([0.5, -0.5, 0.5, -0.5], [1, 1, 1, 1])):
        with pytest.raises(hf.Unsupported, match="with two classes is covered where"):
            hf.load_model(classifier(path, weights, ids))


def test_what_is_refused(tmp_path: Path) -> None:
    def load(kind: str, ml: int, **attributes: Any) -> None:
        hf.load_model(file_of(tmp_path / "m.onnx", kind, 3, np.float32, np.float32, ml, **attributes))

    whole = Trees(1, 2, 1, [0, MEMBER], np.float32, True).attributes()
    load("TreeEnsemble", 5, **whole)
    for number in (1, 2, 3):
        with pytest.raises(hf.Unsupported, match="post_transform of one target"):
            load("TreeEnsemble", 5, **whole, post_transform=number)
    two = Trees(1, 2, 2, [0], np.float32, True)
    with pytest.raises(hf.Unsupported, match='post_transform "PROBIT"'):
        load("TreeEnsemble", 5, **two.attributes(), post_transform=4)
    with pytest.raises(hf.Unsupported, match='post_transform "PROBIT"'):
        load("TreeEnsembleRegressor", 3, **older(two), post_transform="PROBIT")
    array = numpy_helper.from_array
    spoilt: list[tuple[str, Any]] = [
        ("tree_roots", [10**9]),
        ("tree_roots", [whole["tree_roots"][0]] * 2),
        ("nodes_featureids", [3] * len(whole["nodes_featureids"])),
        ("nodes_truenodeids", [10**9] * len(whole["nodes_featureids"])),
        ("nodes_falsenodeids", [0] * len(whole["nodes_featureids"])),
        ("nodes_truenodeids", [0]),
        ("leaf_targetids", [1] * len(whole["leaf_targetids"])),
        ("nodes_modes", array(np.full(len(whole["nodes_featureids"]), 7, dtype=np.uint8))),
        ("nodes_modes", array(np.zeros(len(whole["nodes_featureids"]), dtype=np.int64))),
        ("nodes_splits", array(np.zeros(len(whole["nodes_featureids"]), dtype=np.float64))),
        ("membership_values", array(np.array([1.0], dtype=np.float32))),
        ("aggregate_function", 4),
        ("post_transform", 5),
        ("n_targets", 0),
    ]
    for name, value in spoilt:
        with pytest.raises(hf.CorruptArtifact, match=r"m\.onnx"):
            load("TreeEnsemble", 5, **{**whole, name: value})
    with pytest.raises(hf.Unsupported, match="operator set 3"):
        load("TreeEnsemble", 3, **whole)
