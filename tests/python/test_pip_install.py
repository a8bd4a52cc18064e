"""`pip install .` as a user runs it: the wheel's own build, into environments of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.long

USE = f"""
import sys
import holdfast as hf
import numpy as np

model = hf.load_model({str(ROOT / "tests/golden/models/linear_v1.hfm")!r})
assert np.isfinite(model.predict(np.zeros((3, len(model.signature.features))))).all()
assert hf.stats.ks(np.arange(50.0), np.arange(50.0) + 9).statistic == 0.18
assert not {{"torch", "pandas", "matplotlib"}} & set(sys.modules)
"""


def run(*command: str | Path, **environment: str) -> str:
    """What the command printed; its end where it failed."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT.parent, env=clean | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def test_core_needs_numpy_alone(tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", ROOT)

    listed = json.loads(run(python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"))
    assert {entry["name"] for entry in listed} - {"pip", "setuptools"} == {"holdfast", "numpy"}
    where = run(python, "-c", "import holdfast; print(holdfast.__file__)")
    assert where.startswith(str(tmp_path))
    run(python, "-c", USE)

    # What needs an extra prints the one line to run.
    command = subprocess.run([tmp_path / "venv/bin/holdfast", "--version"], capture_output=True, text=True)
    assert (command.returncode, command.stderr.strip()) == (
        1,
        "holdfast: typer is missing: pip install 'holdfast[cli]'",
    )


def test_the_torch_part_comes_beside_an_installed_torch(tmp_path):
    torch = pytest.importorskip("torch")
    target = tmp_path / "site"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation",
        "--no-deps", "--target", target, ROOT)  # fmt: skip
    assert (target / "holdfast/_torch_version.txt").read_text().strip() == torch.__version__.split("+")[0]

    network = tmp_path / "net.pt"
    torch.jit.script(torch.nn.Linear(2, 1)).save(network)
    code = f"""
import numpy as np
import holdfast as hf

assert hf.__file__.startswith({str(target)!r}), hf.__file__
print(hf.load_model({str(network)!r}, trusted=True).predict(np.ones((4, 2), np.float32)).shape)
"""
    assert run(sys.executable, "-c", code, PYTHONPATH=str(target)).strip() == "(4,)"
