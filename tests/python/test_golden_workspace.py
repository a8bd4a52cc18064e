"""What another kind of processor answered is answered again, to the bit."""

from __future__ import annotations

import shutil
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden/workspace"
FOLDERS = sorted(path for path in GOLDEN.iterdir() if path.is_dir() and not path.name.startswith("_"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("rows_a_call", [1, 64])
def test_logged_answers_have_the_same_bits(folder: Path, tmp_path: Path, rows_a_call: int) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    with hf.Workspace(tmp_path / "copy") as workspace:
        assert len(workspace.endpoints()) == 7
        for name in workspace.endpoints():
            model = workspace.endpoint(name).model
            assert model is not None
            log = workspace.interactions.to_pandas(endpoint=name)
            assert len(log) == 64
            x = log[[f"x{i}" for i in range(5)]].to_numpy(dtype=np.float32)
            calls = [model.run(x[begin : begin + rows_a_call]) for begin in range(0, 64, rows_a_call)]
            for output in model.signature.outputs:
                seen = np.concatenate([call[output.name] for call in calls]).reshape(64, -1)
                name_in_log = "output.label" if output.name == "label" else output.name
                count = seen.shape[1]
                columns = [name_in_log] if count == 1 else [f"{name_in_log}.{i}" for i in range(count)]
                wanted = log[columns].to_numpy()
                if seen.dtype.kind == "f":
                    assert seen.tobytes() == wanted.astype(seen.dtype).tobytes(), (name, output.name)
                else:
                    assert (seen == wanted).all(), (name, output.name)
