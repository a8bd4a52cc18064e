"""The onnx package's own tests of operators: each passes, or is refused for a reason that docs/models.md lists."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from onnx.backend.test.case.node import collect_testcases
from onnx_nodes import is_listed, outcome


def listed_cases() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    return {case.name: case for case in cases if is_listed(case.model)}


CASES = listed_cases()


@pytest.mark.parametrize("name", sorted(CASES))
def test_node(name: str) -> None:
    outcome(CASES[name])


def test_most_pass_and_the_rest_is_refused() -> None:
    outcomes = Counter(outcome(case) for case in CASES.values())
    print(f"\n{len(CASES)} node tests: {dict(outcomes.most_common())}")
    assert outcomes == {"passed": 493, "element type": 207, "no elements": 14, "mixes rows": 2, "training": 2}
