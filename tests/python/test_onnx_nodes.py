"""The onnx package's own tests of operators: each passes, or is refused for a reason that docs/models.md lists."""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from onnx.backend.test.case.node import collect_testcases
from onnx_backend import HoldfastBackend, as_array

Array = np.ndarray[Any, Any]

# fmt: off
OPERATORS = {
    "Abs", "Add", "And", "ArgMax", "ArgMin", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Constant",
    "ConstantOfShape", "Div", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "GatherElements", "Gemm",
    "Greater", "GreaterOrEqual", "Identity", "IsNaN", "Less", "LessOrEqual", "Log", "MatMul", "Max", "Min", "Mul",
    "Neg", "Not", "Or", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round",
    "Shape", "Sigmoid", "Sign", "Slice", "Softmax", "Softplus", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Tile",
    "TopK", "Transpose", "Unsqueeze", "Where", "Xor",
}
# fmt: on

# Why a file is refused; the same list is in docs/models.md.
REASONS = {
    "element type": r"of element type \d+ is not covered|has elements of type \d+",
    "no elements": r"without elements is not covered|does not say its number of columns",
    "training": r"in training mode is not covered|with more than one output is not covered",
    "text to numbers": r"from text to numbers is not covered",
    "integers": r"of (int64|bool) is not covered",
    "mixes rows": r"mixes rows",
}


def listed_cases() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    kinds = {case.name: {(node.domain, node.op_type) for node in case.model.graph.node} for case in cases}
    return {
        case.name: case
        for case in cases
        if all(
            domain == "ai.onnx.ml" or (domain in ("", "ai.onnx") and kind in OPERATORS)
            for domain, kind in kinds[case.name]
        )
    }


CASES = listed_cases()


def assert_equal(got: Array, wanted: Array, rtol: float, atol: float) -> None:
    assert got.shape == wanted.shape
    if wanted.dtype.kind == "f":
        assert got.dtype == wanted.dtype
        np.testing.assert_allclose(got, wanted, rtol=rtol, atol=atol, equal_nan=True)
    elif wanted.dtype.kind in "OU":
        assert got.astype(str).tolist() == wanted.astype(str).tolist()
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


@pytest.mark.parametrize("name", sorted(CASES))
def test_node(name: str) -> None:
    outcome(CASES[name])


def test_most_pass_and_the_rest_is_refused() -> None:
    outcomes = Counter(outcome(case) for case in CASES.values())
    print(f"\n{len(CASES)} node tests: {dict(outcomes.most_common())}")
    assert outcomes["passed"] >= 425
