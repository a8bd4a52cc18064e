"""The operators whose node tests run, why one may be refused, and the running of one."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from onnx_backend import HoldfastBackend, as_array

Array = np.ndarray[Any, Any]

# fmt: off
OPERATORS = {
    "Abs", "Add", "And", "ArgMax", "ArgMin", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Constant",
    "ConstantOfShape", "Div", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements",
    "Gelu", "Gemm", "Greater", "GreaterOrEqual", "HardSigmoid", "Identity", "IsNaN", "LayerNormalization",
    "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul", "Max", "Min", "Mul", "Neg", "Not", "Or",
    "PRelu", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round", "Selu",
    "Shape", "Sigmoid", "Sign", "Slice", "Softmax", "Softplus", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Tile",
    "TopK", "Transpose", "Unsqueeze", "Where", "Xor",
}
# fmt: on

# Why a file is refused; the same list is in docs/models.md.
REASONS = {
    "element type": r"of element type \d+ is not covered|has elements of type \d+",
    "no elements": r"without elements is not covered|does not say its number of columns",
    "training": r"in training mode is not covered|with more than one output is not covered",
    "text to bool": r"from text to bool is not covered",
    "integers": r"of (int64|bool) is not covered",
    "mixes rows": r"mixes rows",
}


def is_listed(model: onnx.ModelProto) -> bool:
    return all(
        node.domain == "ai.onnx.ml" or (node.domain in ("", "ai.onnx") and node.op_type in OPERATORS)
        for node in model.graph.node
    )


def same_texts(got: Array, wanted: Array) -> bool:
    """Of a float's digits the specification leaves open how many are written."""
    try:
        return np.array_equal(got.astype(np.float32), wanted.astype(np.float32), equal_nan=True)
    except ValueError:
        return got.tolist() == wanted.tolist()


def assert_equal(got: Array, wanted: Array, rtol: float, atol: float) -> None:
    assert got.shape == wanted.shape
    if wanted.dtype.kind == "f":
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True)
    elif wanted.dtype.kind in "OU":
        assert same_texts(got.astype(str), wanted.astype(str))
    else:
        assert got.dtype == wanted.dtype
        assert np.array_equal(got, wanted)


def outcome(case: Any) -> str:
    for inputs, wanted in case.data_sets:
        try:
            got = HoldfastBackend.run_model(case.model, inputs)
        except hf.Unsupported as refusal:
            reasons = [reason for reason, pattern in REASONS.items() if re.search(pattern, str(refusal))]
            assert reasons, str(refusal)
            return reasons[0]
        for one, other in zip(got, wanted, strict=True):
            assert_equal(one, as_array(other), case.rtol, case.atol)
    return "passed"
