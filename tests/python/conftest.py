"""The workspace of tests/support/shop.py, for the tests of its loop."""

import sys
from pathlib import Path

import holdfast as hf
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop


@pytest.fixture
def clock():
    return hf.SimulatedClock(shop.T0)


@pytest.fixture
def workspace(tmp_path, clock):
    shop.make(tmp_path)
    with hf.Workspace(tmp_path / "ws", clock=clock) as opened:
        yield opened
