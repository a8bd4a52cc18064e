"""Other libraries beside Holdfast in one process, in every order of import that matters, and what an import costs.

Each bring LibTorch, OpenMP or protobuf of their own: what is loaded first must not break what is loaded second.
"""

import importlib.util
import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

OTHERS = ["torch", "xgboost", "lightgbm", "onnxruntime", "sklearn"]
MISSING = [name for name in OTHERS if importlib.util.find_spec(name) is None]

ORDERS = [
    ["holdfast", "torch", "xgboost", "lightgbm", "onnxruntime"],
    ["torch", "holdfast", "xgboost", "lightgbm", "onnxruntime"],
    ["xgboost", "lightgbm", "onnxruntime", "torch", "holdfast"],
    ["xgboost", "lightgbm", "onnxruntime", "holdfast", "torch"],
    ["onnxruntime", "holdfast", "lightgbm", "torch", "xgboost"],
    ["lightgbm", "torch", "onnxruntime", "xgboost", "holdfast"],
]

# Prints, as JSON, the largest difference between what each library says and what is wanted of it.
PREDICT = """
import json, sys, tempfile
from pathlib import Path
for name in ORDER: __import__(name)
import numpy as np, holdfast as hf
from sklearn.linear_model import LinearRegression
from sklearn.ensemble import RandomForestClassifier

rng = np.random.default_rng(1)
X = rng.normal(size=(400, 4)); y = X @ [1.0, 2.0, 3.0, 4.0]; c = (y > 0).astype(int)
worst, folder = {}, Path(tempfile.mkdtemp())

def compare(name, seen, wanted):
    worst[name] = float(np.max(np.abs(np.asarray(seen, float).ravel() - np.asarray(wanted, float).ravel())))

line, forest = LinearRegression().fit(X, y), RandomForestClassifier(20, random_state=0).fit(X, c)
compare("native", hf.convert(line).predict(X), line.predict(X))
compare("native forest", hf.convert(forest).predict_proba(X), forest.predict_proba(X))
if "torch" in ORDER:
    import torch
    net = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1)).eval()
    batch = torch.from_numpy(X.astype(np.float32))
    with torch.inference_mode(): wanted = net(batch).numpy()
    if TORCH_PART:
        torch.jit.trace(net, batch).save(folder / "net.pt")
        compare("TorchScript", hf.load_model(folder / "net.pt", trusted=True).predict(X.astype(np.float32)), wanted)
    compare("torch", net(torch.from_numpy(X.astype(np.float32))).detach().numpy(), wanted)
if "xgboost" in ORDER:
    import xgboost
    booster = xgboost.train({"max_depth": 3, "nthread": 2}, xgboost.DMatrix(X, y), 5)
    compare("xgboost", booster.predict(xgboost.DMatrix(X)), booster.inplace_predict(X))
if "lightgbm" in ORDER:
    import lightgbm
    tree = lightgbm.train({"verbose": -1, "num_threads": 2, "num_leaves": 7}, lightgbm.Dataset(X, y), 5)
    compare("lightgbm", tree.predict(X), tree.predict(X, num_threads=1))
if "onnxruntime" in ORDER:
    import onnxruntime
    from skl2onnx import to_onnx
    (folder / "line.onnx").write_bytes(to_onnx(line, X[:1].astype(np.float32)).SerializeToString())
    session = onnxruntime.InferenceSession(folder / "line.onnx", providers=["CPUExecutionProvider"])
    seen = session.run(None, {session.get_inputs()[0].name: X.astype(np.float32)})[0]
    compare("onnxruntime", seen, y)
    compare("ONNX", hf.load_model(folder / "line.onnx").predict(X.astype(np.float32)), seen)
print(json.dumps(worst))
"""


def in_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr[-3000:]}"
    return done.stdout.strip().splitlines()[-1]


def has_torch_part() -> bool:
    import holdfast

    return (Path(holdfast.__file__).parent / "_torch_version.txt").exists()


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_all_predict(order):
    here = [name for name in order if name not in MISSING]
    code = f"ORDER = {here!r}\nTORCH_PART = {has_torch_part()}\n{PREDICT}"
    worst = json.loads(in_process(code))
    assert worst["native"] < 1e-12
    assert worst["native forest"] < 1e-12
    wanted = {"torch": "TorchScript", "onnxruntime": "ONNX", "xgboost": "xgboost", "lightgbm": "lightgbm"}
    for library, name in wanted.items():
        if library in here and (library != "torch" or has_torch_part()):
            assert worst[name] < 1e-4, worst


@pytest.mark.parametrize("first", ["torch", "holdfast"])
def test_there_is_one_libtorch(first, tmp_path):
    pytest.importorskip("torch")
    if not has_torch_part():
        pytest.skip("holdfast was built without torch")
    second = "holdfast" if first == "torch" else "torch"
    code = f"""
import {first}, {second}
from holdfast._torch_backend import ensure_registered
ensure_registered()
print(len({{line.split()[-1] for line in open("/proc/self/maps") if "libtorch_cpu" in line}}))
"""
    assert in_process(code) == "1"


def test_an_import_brings_no_heavy_library():
    loaded = in_process("import sys, holdfast; print(sorted(m for m in sys.modules if '.' not in m))")
    heavy = {"torch", "pandas", "matplotlib", "pyarrow", "sklearn", "scipy", "typer", "polars"}
    assert heavy.isdisjoint(loaded.replace("'", "").strip("[]").split(", "))


def test_an_import_starts_no_thread():
    count = "len(os.listdir('/proc/self/task'))"
    assert in_process(f"import os, numpy; before = {count}; import holdfast; print({count} - before)") == "0"


def test_what_an_import_costs(record_property, capsys):
    """Milliseconds over `import numpy`: reported, not asserted."""
    code = "import time, numpy; t = time.perf_counter(); import holdfast; print((time.perf_counter() - t) * 1000)"
    median = statistics.median(float(in_process(code)) for _ in range(20))
    record_property("import_ms", median)
    with capsys.disabled():
        print(f"\nimport holdfast: {median:.1f} ms over import numpy (median of 20; at most 60 wanted)")
