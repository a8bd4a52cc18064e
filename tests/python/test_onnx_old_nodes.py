"""The node tests that older onnx packages brought as files, operator sets 6 to 22: each passes, or is refused for a
reason that docs/models.md lists. tools/setup.py downloads their wheels to build/data.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from onnx_nodes import is_listed, outcome

Array = np.ndarray[Any, Any]

DATA = Path(__file__).resolve().parents[2] / "build/data"


@dataclass
class Case:
    model: onnx.ModelProto
    data_sets: list[tuple[list[Array], list[Array]]]
    rtol: float = 1e-3  # the package's own
    atol: float = 1e-7


def tensor(content: bytes) -> Array:
    return np.asarray(numpy_helper.to_array(onnx.TensorProto.FromString(content)))


def case_of(wheel: zipfile.ZipFile, folder: str, model: onnx.ModelProto) -> Case:
    def tensors(kind: str, values: Any) -> list[Array]:
        """Sequences and the like are left out: a file that has one is refused before it is run."""
        contents = [wheel.read(f"{folder}/test_data_set_0/{kind}_{i}.pb") for i in range(len(values))]
        return [
            tensor(content) if value.type.HasField("tensor_type") else np.zeros(0)
            for content, value in zip(contents, values, strict=True)
        ]

    return Case(model, [(tensors("input", model.graph.input), tensors("output", model.graph.output))])


@cache
def cases(version: str) -> dict[str, Case]:
    (path,) = DATA.glob(f"onnx-{version}-*.whl")
    found = {}
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            match = re.fullmatch(r"(onnx/backend/test/data/node/(\w+))/model\.onnx", name)
            if match is None:
                continue
            model = onnx.load_from_string(wheel.read(name))
            if is_listed(model):
                found[match[2]] = case_of(wheel, match[1], model)
    return found


EXPECTED = {
    "1.10.2": {"passed": 399, "element type": 36, "training": 2, "mixes rows": 1},
    "1.17.0": {"passed": 473, "element type": 85, "no elements": 13, "mixes rows": 2, "training": 2},
}


@pytest.mark.parametrize("version", EXPECTED)
def test_each_passes_or_is_refused(version: str) -> None:
    outcomes: Counter[str] = Counter()
    for name, case in cases(version).items():
        try:
            outcomes[outcome(case)] += 1
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
    print(f"\n{len(cases(version))} node tests of onnx {version}: {dict(outcomes.most_common())}")
    assert outcomes == EXPECTED[version]
