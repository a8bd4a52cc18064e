"""What is wrong with an input is said by a typed error that names the thing, what was seen and what was wanted."""

import io
import os
import pickle
import sqlite3
import stat
import zipfile

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

FRAME = pd.DataFrame({"a": [0.1, 0.9, 0.3, 0.7], "b": [1.0, 2.0, 3.0, 4.0]})
TRUTH = np.array([0, 1, 0, 1])


@pytest.fixture(scope="module")
def package():
    return hf.package(DecisionTreeClassifier(max_depth=1).fit(FRAME, TRUTH), "line", reference=(FRAME, TRUTH))


@pytest.fixture
def model_file(package, tmp_path):
    path = tmp_path / "tree.hfm"
    package.load().save(path)
    return path


@pytest.fixture
def workspace(package, tmp_path):
    with hf.Workspace(tmp_path / "workspace") as opened:
        version = opened.registry.register(package)
        opened.registry.approve(version, by="me")
        opened.create_endpoint("line").deploy(version)
        yield opened


def refused(error, *words):
    """The error is of its own type, of the built-in that belongs to it, and names all of these."""
    return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{word})" for word in words))


def in_child(body):
    """What `body` says in a forked process, or the error it raises there."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            said = body()
        except BaseException as error:
            said = error
        try:
            answer = pickle.dumps(said)
        except Exception:
            answer = pickle.dumps((type(said).__name__, str(said)))
        os.write(writing, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(answer)


# --- model files


def test_missing_model_file(tmp_path):
    with refused(hf.NotFound, "forest.onnx"):
        hf.load_model(tmp_path / "forest.onnx")


@pytest.mark.parametrize("kept", [0, 1, 7, 40, -1])
def test_truncated_model_file(model_file, kept):
    model_file.write_bytes(model_file.read_bytes()[:kept])
    with refused(hf.CorruptArtifact, "tree.hfm"):
        hf.load_model(model_file)


def test_truncated_onnx_file(tmp_path):
    import skl2onnx

    tree = DecisionTreeClassifier(max_depth=1).fit(FRAME.to_numpy(), TRUTH)
    whole = skl2onnx.to_onnx(tree, FRAME.to_numpy(np.float32)).SerializeToString()
    path = tmp_path / "tree.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    with refused(hf.CorruptArtifact, "tree.onnx"):
        hf.load_model(path)


@pytest.mark.parametrize("name", ["tree.hfm", "tree.onnx", "tree.zip"])
def test_foreign_model_file(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    with refused((hf.CorruptArtifact, hf.Unsupported), name):
        hf.load_model(path)


def test_model_file_of_no_backend(tmp_path):
    path = tmp_path / "tree.pickle"
    path.write_bytes(pickle.dumps("code"))
    with refused(hf.Unsupported, "tree.pickle"):
        hf.load_model(path)


# --- packages


def zip_with(package, **changes):
    """The package's zip with entries added (bytes) or left out (None)."""
    buffer = io.BytesIO()
    whole = io.BytesIO()
    whole.write(package.to_bytes() if hasattr(package, "to_bytes") else package.zip_bytes())
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            if changes.get(name, b"") is not None:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../escaped", "/tmp/holdfast-escaped", "a/../../escaped", "a\\..\\..\\escaped"])
def test_zip_that_escapes_its_folder(package, tmp_path, name):
    path = tmp_path / "inside" / "escape.zip"
    path.parent.mkdir()
    path.write_bytes(zip_with(package, **{name: b"outside"}))
    with refused(hf.CorruptArtifact, "escape.zip", "escaped"):
        hf.Package.open(path)
    assert [entry.name for entry in tmp_path.rglob("*") if entry.is_file()] == ["escape.zip"]


def test_zip_with_a_link(package, tmp_path):
    link = zipfile.ZipInfo("linked")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    path.write_bytes(zip_with(package))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    with refused(hf.CorruptArtifact, "link.zip", "linked"):
        hf.Package.open(path)


def test_package_with_a_file_too_many_and_one_too_few(package, tmp_path):
    path = tmp_path / "odd.zip"
    path.write_bytes(zip_with(package, **{"extra.txt": b"unlisted"}))
    with refused(hf.CorruptArtifact, "odd.zip", "extra.txt"):
        hf.Package.open(path)
    path.write_bytes(zip_with(package, **{"reference.profile": None}))
    with refused(hf.CorruptArtifact, "odd.zip", "reference.profile"):
        hf.Package.open(path)


def test_refused_package_leaves_the_registry_as_it_was(workspace, tmp_path):
    path = tmp_path / "half.zip"
    path.write_bytes(b"PK\x03\x04half")
    with refused(hf.CorruptArtifact, "half.zip"):
        workspace.registry.register(hf.Package.open(path))
    assert [version.number for version in workspace.registry.versions("line")] == [1]


# --- requests


@pytest.mark.parametrize(
    "batch, words",
    [
        (np.zeros((2, 3)), ["3", "2"]),
        (np.zeros((2, 2, 2)), ["2"]),
        (np.array([["x", "y"]]), ["x|string|<U1|text"]),
        (np.zeros((1, 2), complex), ["complex"]),
        (FRAME.rename(columns={"b": "c"}), ["b", "c"]),
        (FRAME.assign(b=["x", "y", "z", "w"]), ["b"]),
        ({"a": np.zeros(2), "b": np.zeros(3)}, ["b"]),
    ],
)
def test_wrong_shape_dtype_or_column(workspace, batch, words):
    endpoint = workspace.endpoint("line")
    for call in (endpoint.predict, workspace.registry.package(workspace.registry.version("line", 1)).load().predict):
        with pytest.raises(
            (hf.InvalidArgument, hf.Unsupported), match="(?s)" + "".join(f"(?=.*{word})" for word in words)
        ):
            call(batch)
    assert workspace.interactions.count(endpoint="line") == 0


def test_ids_and_labels_that_do_not_fit(workspace):
    endpoint = workspace.endpoint("line")
    with refused(hf.InvalidArgument, "1", "4"):
        endpoint.predict(FRAME, ids=["only one"])
    with refused(hf.InvalidArgument, "1", "2"):
        workspace.interactions.label(["a"], [1, 0])
    with refused(hf.InvalidArgument, "NaN|null"):
        workspace.interactions.label(["a", "b"], [1.0, float("nan")])
    assert workspace.interactions.count(endpoint="line") == 0


def test_same_id_with_other_features(workspace):
    endpoint = workspace.endpoint("line")
    endpoint.set_logging(durability="before_reply")
    endpoint.predict(FRAME, ids=["a", "b", "c", "d"])
    with refused(hf.Conflict, "line", '"a"'):
        endpoint.predict(FRAME + 1, ids=["a", "b", "c", "d"])
    assert workspace.interactions.count(endpoint="line") == 4


def test_unknown_endpoint_and_version(workspace):
    with refused(hf.NotFound, '"nowhere"', '"line"'):
        workspace.endpoint("nowhere")
    with refused(hf.NotFound, "line", "7"):
        workspace.registry.version("line", 7)
    with refused(hf.NotFound, "ghost"):
        workspace.registry.version("ghost", 1)


def test_undecided_version_is_not_deployed(workspace):
    made = hf.package(DecisionTreeClassifier(max_depth=1).fit(FRAME, 1 - TRUTH), "line")
    pending = workspace.registry.register(made)
    with refused(hf.Conflict, "line@2", "pending", "approved"):
        workspace.endpoint("line").deploy(pending)
    assert [row.version for row in workspace.endpoint("line").ledger()] == [1]


# --- folders and processes


def test_workspace_of_a_newer_schema(tmp_path):
    folder = tmp_path / "workspace"
    hf.Workspace(folder).close()
    database = sqlite3.connect(folder / "holdfast.db")
    database.execute("PRAGMA user_version = 999")
    database.close()
    before = (folder / "holdfast.db").read_bytes()
    with refused(hf.Unsupported, "holdfast.db", "999", "newer"):
        hf.Workspace(folder)
    assert (folder / "holdfast.db").read_bytes() == before


def test_foreign_and_truncated_workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "holdfast.db").write_bytes(b"not a database at all" * 100)
    with refused(hf.CorruptArtifact, "holdfast.db"):
        hf.Workspace(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_folder_that_cannot_be_written(package, tmp_path):
    for folder in [tmp_path, *tmp_path.parents]:
        if (
            folder != folder.parent
            and folder.stat().st_uid == os.geteuid()
            and not folder.stat().st_mode & stat.S_IXOTH
        ):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)

    def unprivileged(body):
        def attempt():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                body()
            except hf.PermissionDenied as error:
                return type(error).__name__, isinstance(error, PermissionError), str(error)
            return "nothing was refused"

        return in_child(attempt)

    for body, name in [
        (lambda: hf.Workspace(tmp_path / "workspace"), "workspace"),
        (lambda: package.save(tmp_path / "line.zip"), "line.zip"),
        (lambda: package.save(tmp_path / "line"), "line"),
        (lambda: package.load().save(tmp_path / "line.hfm"), "line.hfm"),
        (lambda: package.load().save(tmp_path / "line.onnx"), "line.onnx"),
    ]:
        kind, is_builtin, message = unprivileged(body)
        assert kind == "PermissionDenied" and is_builtin and name in message
    assert list(tmp_path.iterdir()) == []


def test_workspace_used_after_fork(workspace, tmp_path):
    endpoint = workspace.endpoint("line")
    model = workspace.registry.package(workspace.registry.version("line", 1)).load()
    expected = model.predict(FRAME).tolist()

    def attempt():
        said = []
        for body in (
            lambda: endpoint.predict(FRAME),
            lambda: workspace.endpoints(),
            lambda: workspace.interactions.label(["a"], [1]),
        ):
            try:
                body()
                said.append("nothing was refused")
            except hf.UsedAfterFork as error:
                said.append(str(error))
        with hf.Workspace(workspace.folder) as anew:
            answer = anew.endpoint("line").predict(FRAME, ids=["in", "the", "child", "!"])
            return said, model.predict(FRAME).tolist(), answer.values.tolist()

    said, native, anew = in_child(attempt)
    assert all("fork" in message for message in said), said
    assert native == anew == expected
    assert workspace.interactions.count(endpoint="line") == 4
