"""Files that older XGBoost, LightGBM and CatBoost wrote, beside what these answered: tests/golden/boosters.

The bounds are those of the versions that are installed: test_xgboost.py, test_lightgbm.py, test_catboost.py.
"""

from __future__ import annotations

from pathlib import Path

import holdfast as hf
import numpy as np
import pytest

WRITTEN = Path(__file__).parent.parent / "golden/boosters"
BOUNDS = {"xgboost": 1e-6, "lightgbm": 1e-14, "catboost": 1e-13}
FILES = sorted(path.relative_to(WRITTEN) for path in WRITTEN.glob("*-*/*") if path.suffix != ".npz")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_the_answers_are_those_of_the_version_that_wrote_the_file(file: Path) -> None:
    library = file.parts[0].split("-")[0]
    recorded = np.load(WRITTEN / file.parent / "answers.npz")
    rows = recorded["categories_rows" if file.stem.startswith("categories") else "rows"]
    wanted = recorded[file.stem]
    model = hf.load_model(WRITTEN / file)
    assert model.backend == library
    outputs = model.run(rows)
    if "probabilities" in outputs:
        own = outputs["probabilities"] if wanted.ndim == 2 else outputs["probabilities"][:, 1]
    else:
        own = outputs["prediction"].reshape(wanted.shape)
    assert own.shape == wanted.shape
    assert np.all(np.abs(own - wanted) <= BOUNDS[library] * np.maximum(1, np.abs(wanted)))


def test_every_version_is_there() -> None:
    assert len(FILES) == 65
    assert len({file.parent for file in FILES}) == 8
