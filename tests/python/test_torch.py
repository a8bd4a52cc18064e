"""TorchScript and AOTInductor files, as Python loads them."""

import gc
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not (Path(hf.__file__).parent / "_torch_version.txt").exists():
    pytest.skip("holdfast was built without torch", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
BOTH = ["net.pt", "net.pt2"]

NET = '''
import torch

class Net(torch.nn.Module):
    """Scores of three classes, and the best of them."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.linear = torch.nn.Linear(4, 3)

    def forward(self, x):
        score = self.linear(x).softmax(1)
        return score, score.argmax(1)
'''

COMPILE = f"""{NET}
import sys
rows = torch.export.Dim("rows")
program = torch.export.export(Net().eval(), (torch.randn(5, 4),), dynamic_shapes={{"x": {{0: rows}}}})
torch._inductor.aoti_compile_and_package(program, package_path=sys.argv[1])
"""


def make_net() -> "torch.nn.Module":
    names: dict = {}
    exec(NET, names)
    return names["Net"]().eval()


@pytest.fixture(scope="module")
def net():
    return make_net()


def compiled_package() -> Path:
    """The net as a .pt2: compiled once a release of torch, for it takes the better part of a minute."""
    key = hashlib.sha256(f"{torch.__version__} {COMPILE}".encode()).hexdigest()[:16]
    kept = ROOT / "build/test-models" / f"{key}.pt2"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:  # /tmp may be another file system
            fresh = Path(folder) / "fresh.pt2"
            subprocess.run([sys.executable, "-c", COMPILE, str(fresh)], check=True, capture_output=True, timeout=1500)
            fresh.replace(kept)
    return kept


@pytest.fixture(scope="module")
def files(tmp_path_factory, net) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("torch")
    torch.jit.trace(net, torch.randn(5, 4)).save(str(folder / "net.pt"))
    return {"net.pt": folder / "net.pt", "net.pt2": compiled_package()}


@pytest.fixture(scope="module")
def signature() -> "hf.Signature":
    from_json = hf.Signature.from_json
    spec = {"dtype": "float32", "unit": ""}
    return from_json(
        {
            "task": "classification",
            "inputs": [{**spec, "name": "X", "shape": [-1, 4]}],
            "outputs": [
                {**spec, "name": "probabilities", "shape": [-1, 3]},
                {"name": "label", "dtype": "int64", "shape": [-1], "unit": ""},
            ],
            "features": ["a", "b", "c", "d"],
            "classes": {"dtype": "int64", "values": [0, 1, 2]},
            "prediction": "label",
            "probability": "probabilities",
        }
    )


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)


@pytest.mark.parametrize("name", BOTH)
def test_equals_torch(files, net, signature, x, name):
    model = hf.load_model(files[name], trusted=True, signature=signature)
    with torch.inference_mode():
        score, label = net(torch.from_numpy(x))
    np.testing.assert_allclose(model.predict_proba(x), score.numpy(), rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(model.predict(x), label.numpy())
    assert model.backend == "torch"


@pytest.mark.parametrize("name", BOTH)
def test_takes_what_the_others_take(files, signature, x, name):
    model = hf.load_model(files[name], trusted=True, signature=signature)
    expected = model.predict_proba(x)
    columns = {key: x[:, i].astype(np.float64) for i, key in enumerate("abcd")}
    for given in [x.astype(np.float64), np.asfortranarray(x), x[::-1][::-1], torch.from_numpy(x), columns]:
        # another layout may take another path through the matrix product
        np.testing.assert_allclose(model.predict_proba(given), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", BOTH)
def test_derived_signature(files, name):
    model = hf.load_model(files[name], trusted=True)
    assert [spec.name for spec in model.signature.outputs] == ["y0", "y1"]
    assert len(model.signature.inputs) == 1
    with pytest.raises(hf.InvalidArgument, match=r"y1.*int64.*signature"):
        model.run(np.zeros((2, 4), np.float32))


@pytest.mark.parametrize("name", BOTH)
def test_only_trusted_or_allowed(files, signature, name):
    with pytest.raises(hf.Unsupported, match="trusted"):
        hf.load_model(files[name], signature=signature)
    digest = hashlib.sha256(files[name].read_bytes()).hexdigest()
    hf.load_model(files[name], allowed_sha256=[digest], signature=signature)
    with pytest.raises(hf.Unsupported, match=digest):
        hf.load_model(files[name], allowed_sha256=["0" * 64], signature=signature)


@pytest.mark.parametrize("name", BOTH)
def test_wrong_width(files, name):
    model = hf.load_model(files[name], trusted=True)
    with pytest.raises(hf.InvalidArgument) as caught:
        model.predict(np.zeros((2, 9), np.float32))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("damage", ["truncated", "foreign", "empty"])
def test_damaged(files, tmp_path, name, damage):
    whole = files[name].read_bytes()
    before = set(Path(tempfile.gettempdir()).glob("*aotinductor_*"))
    bad = tmp_path / name
    bad.write_bytes({"truncated": whole[: len(whole) // 2], "foreign": b"hello " * 100, "empty": b""}[damage])
    with pytest.raises(hf.CorruptArtifact) as caught:
        hf.load_model(bad, trusted=True)
    assert str(bad) in str(caught.value)
    assert set(Path(tempfile.gettempdir()).glob("*aotinductor_*")) <= before
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("held", [True, False])
def test_nothing_is_left_behind_at_exit(files, tmp_path, held):
    keep = "model = " if held else ""
    code = f"import holdfast as hf\n{keep}hf.load_model({str(files['net.pt2'])!r}, trusted=True)\n"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_state_dict_is_no_model(tmp_path, net):
    path = tmp_path / "weights.pt"
    torch.save(net.state_dict(), path)
    with pytest.raises(hf.CorruptArtifact, match=r"weights\.pt"):
        hf.load_model(path, trusted=True)


@pytest.mark.parametrize("name", BOTH)
def test_from_many_threads(files, signature, x, name):
    from concurrent.futures import ThreadPoolExecutor

    model = hf.load_model(files[name], trusted=True, signature=signature)
    expected = model.predict_proba(x)
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(lambda _: model.predict_proba(x), range(64)):
            np.testing.assert_array_equal(answer, expected)


def test_the_number_of_threads_is_put_back(files, x):
    before = torch.get_num_threads()
    hf.load_model(files["net.pt"], trusted=True, threads=1).run(x, ["y0"])
    assert torch.get_num_threads() == before


def test_a_package_is_opened_once_and_leaves_no_file(files, signature, x, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    first = hf.load_model(files["net.pt2"], trusted=True, signature=signature)
    second = hf.load_model(files["net.pt2"], trusted=True, signature=signature)
    np.testing.assert_array_equal(first.predict(x), second.predict(x))
    assert not list(tmp_path.glob("holdfast-*"))


@pytest.mark.parametrize("name", BOTH)
def test_loading_the_same_file_again_leaves_nothing(files, signature, x, name):
    # a .pt2 would cost some 300 KiB each time, if it were opened again
    def cycles(count: int) -> None:
        for _ in range(count):
            hf.load_model(files[name], trusted=True, signature=signature).predict(x)

    def resident() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    cycles(30)
    before = resident()
    cycles(100)
    assert resident() - before < 2 << 20


def test_another_release_is_refused_by_name():
    from holdfast import _torch_backend

    with pytest.raises(hf.Unsupported, match=r"torch 1\.2\.3\+cpu is installed.*built for torch 2\.13\.0"):
        _torch_backend._check_release("2.13.0", "1.2.3+cpu")
    _torch_backend._check_release("2.13.0", "2.13.0+cpu")


def test_without_torch(files, tmp_path):
    """A process that cannot import torch says what to install."""
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('torch')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import holdfast as hf\n"
    code += f"hf.load_model({str(files['net.pt'])!r}, trusted=True)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert "Unsupported" in done.stderr
    assert "pip install torch==" in done.stderr


@pytest.mark.parametrize("name", BOTH)
def test_an_approved_package_is_served(files, signature, x, name, tmp_path):
    """Approval is what allows the code of a package to be loaded."""
    package = hf.package(files[name], "net", trusted=True, signature=signature)
    with hf.Workspace(tmp_path / "ws") as ws:
        version = ws.registry.register(package)
        with pytest.raises(hf.Error):
            ws.create_endpoint("early").deploy(version)
        ws.registry.approve(version, by="test")
        endpoint = ws.create_endpoint("net")
        endpoint.deploy(version)
        answer = endpoint.predict({key: x[:, i] for i, key in enumerate("abcd")}, ids=[str(i) for i in range(len(x))])
    direct = hf.load_model(files[name], trusted=True, signature=signature)
    np.testing.assert_array_equal(answer.values, direct.predict(x))
