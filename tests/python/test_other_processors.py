"""Answers that another kind of processor logged are given again, row by row, to the bit: tests/golden/workspaces."""

import shutil
from pathlib import Path

import holdfast as hf
import pytest

WRITTEN = Path(__file__).parent.parent / "golden/workspaces"
ENDPOINTS = [
    "boosted", "deep_forest", "forest", "leaves", "linear_leaves", "logistic", "margins", "network", "tanh_margins",
]  # fmt: skip
ROWS = 48


@pytest.fixture(scope="module", params=sorted(folder.name for folder in WRITTEN.iterdir() if folder.is_dir()))
def written(request, tmp_path_factory):
    copy = tmp_path_factory.mktemp("written") / request.param
    shutil.copytree(WRITTEN / request.param, copy)
    with hf.Workspace(copy) as ws:
        yield ws


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_bits_are_the_same_on_every_processor(written, name):
    logged = written.interactions.to_pandas(endpoint=name)
    assert len(logged) == ROWS
    verdicts = {row: written.why(row, endpoint=name).verdict for row in logged["id"][::4]}
    assert set(verdicts.values()) == {"same_bits"}, verdicts
