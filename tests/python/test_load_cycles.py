"""A model that is loaded, asked and dropped a thousand times leaves nothing behind: resident memory stays flat."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest

CYCLES = 1000
KINDS = ("model.hfm", "model.onnx", "model.ubj", "model.json", "model.txt")
SLACK = 2 << 20  # bytes; a model that stayed would take a hundred times as much


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def write(path: Path, x: Any, y: Any) -> None:
    if path.suffix in (".ubj", ".json"):
        import xgboost

        booster = xgboost.train({"max_depth": 6, "nthread": 1}, xgboost.DMatrix(x, y), 40)
        booster.save_model(path)
    elif path.suffix == ".txt":
        import lightgbm

        settings = {"num_leaves": 63, "num_threads": 1, "verbose": -1}
        lightgbm.train(settings, lightgbm.Dataset(x, y), 40).save_model(path)
    else:
        from sklearn.ensemble import RandomForestRegressor

        forest = RandomForestRegressor(20, max_depth=7, random_state=0).fit(x, y)
        if path.suffix == ".hfm":
            hf.convert(forest).save(path)
        else:
            import skl2onnx

            path.write_bytes(skl2onnx.to_onnx(forest, x[:1]).SerializeToString())


@pytest.mark.parametrize("name", KINDS)
def test_resident_memory_is_flat(tmp_path: Path, name: str) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 5)).astype(np.float32)
    path = tmp_path / name
    write(path, x, x[:, 0] * x[:, 1] + x[:, 2])
    row = x[:1]
    wanted = hf.load_model(path).predict(row)

    def cycles(count: int) -> None:
        for _ in range(count):
            np.testing.assert_array_equal(hf.load_model(path).predict(row), wanted)

    cycles(CYCLES // 10)
    before = resident()
    cycles(CYCLES)
    assert resident() - before < SLACK
