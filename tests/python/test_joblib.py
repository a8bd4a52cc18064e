"""`.joblib` files: read by scikit-learn, only when trusted, and then as `hf.convert` reads their estimators."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import holdfast as hf
import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def fitted() -> Any:
    return make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)).fit(X, Y)


@pytest.fixture(scope="module")
def path(fitted: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("joblib") / "model.joblib"
    joblib.dump(fitted, file)
    return file


def test_it_answers_as_the_converted_estimator(fitted: Any, path: Path) -> None:
    model = hf.load_model(path, trusted=True)
    assert model.backend == "joblib"
    assert model.predict(X).tolist() == fitted.predict(X).tolist()
    assert model.predict_proba(X).tobytes() == hf.convert(fitted).predict_proba(X).tobytes()


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 1)])
def test_compressed_files(fitted: Any, tmp_path: Path, compress: Any) -> None:
    joblib.dump(fitted, tmp_path / "m.joblib", compress=compress)
    model = hf.load_model(tmp_path / "m.joblib", trusted=True)
    assert model.predict(X).tolist() == fitted.predict(X).tolist()


def test_it_loads_only_when_trusted_or_of_an_allowed_hash(path: Path) -> None:
    with pytest.raises(hf.Unsupported, match=r'"joblib" carry code and load only with trusted=true') as error:
        hf.load_model(path)
    digest = str(error.value).split()[-1]
    assert len(hf.load_model(path, allowed_sha256=[digest]).predict(X)) == len(X)
    with pytest.raises(hf.Unsupported, match="carry code"):
        hf.load_model(path, allowed_sha256=["0" * 64])


def test_an_untrusted_file_runs_nothing(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    joblib.dump(Harm(), tmp_path / "m.joblib")
    with pytest.raises(hf.Unsupported, match="carry code"):
        hf.load_model(tmp_path / "m.joblib")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("held", "named"),
    [
        (KNeighborsClassifier().fit(X, Y), r"KNeighborsClassifier is not covered"),
        ({"model": LogisticRegression()}, r"builtins\.dict is not covered"),
    ],
)
def test_what_cannot_be_converted_is_named(held: Any, named: str, tmp_path: Path) -> None:
    joblib.dump(held, tmp_path / "m.joblib")
    with pytest.raises(hf.Unsupported, match=rf'm\.joblib": convert: {named}'):
        hf.load_model(tmp_path / "m.joblib", trusted=True)


def test_an_estimator_that_is_not_fitted(tmp_path: Path) -> None:
    joblib.dump(LogisticRegression(), tmp_path / "m.joblib")
    with pytest.raises(hf.InvalidArgument, match="not fitted"):
        hf.load_model(tmp_path / "m.joblib", trusted=True)


@pytest.mark.parametrize("data", [b"", b"not a pickle", b"\x80\x05"])
def test_bytes_that_are_no_joblib_file(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(data)
    with pytest.raises(hf.CorruptArtifact, match=r"m\.joblib"):
        hf.load_model(tmp_path / "m.joblib", trusted=True)


def test_a_file_cut_short(path: Path, tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(path.read_bytes()[:-100])
    with pytest.raises(hf.CorruptArtifact, match=r"m\.joblib"):
        hf.load_model(tmp_path / "m.joblib", trusted=True)


def test_a_class_that_is_not_there(tmp_path: Path) -> None:
    code = "import joblib, sys\nclass Mine: pass\njoblib.dump(Mine(), sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "m.joblib")], check=True)
    with pytest.raises(hf.Unsupported, match=r"names what is not there: .*Mine"):
        hf.load_model(tmp_path / "m.joblib", trusted=True)


def test_names_that_a_signature_gives(path: Path) -> None:
    json = hf.load_model(path, trusted=True).signature.to_json()
    named = hf.Signature.from_json({**json, "features": ["a", "b", "c", "d"]})
    model = hf.load_model(path, trusted=True, signature=named)
    columns = {name: X[:, i] for i, name in enumerate("abcd")}
    assert model.predict(columns).tolist() == model.predict(X).tolist()


def test_a_package_of_it_is_trusted_or_allowed_too(fitted: Any, path: Path, tmp_path: Path) -> None:
    package = hf.package(path, "iris", reference=(X, Y), evaluate=["accuracy"], trusted=True)
    assert package.metrics["accuracy"].value == pytest.approx(fitted.score(X, Y))
    package.save(tmp_path / "iris.zip")
    with pytest.raises(hf.Unsupported, match="carry code"):
        hf.load_model(tmp_path / "iris.zip")
    model = hf.load_model(tmp_path / "iris.zip", trusted=True)
    assert model.predict_proba(X).tobytes() == hf.convert(fitted).predict_proba(X).tobytes()
    assert len(hf.load_model(tmp_path / "iris.zip", allowed_sha256=[package.identity]).predict(X)) == len(X)


def test_an_endpoint_serves_it_once_it_is_approved(path: Path, tmp_path: Path) -> None:
    package = hf.package(path, "iris", trusted=True)
    with hf.Workspace(tmp_path / "ws") as workspace:
        version = workspace.registry.approve(workspace.registry.register(package), by="me", note="checked")
        endpoint = workspace.create_endpoint("iris")
        endpoint.deploy(version, by="me")
        answered = endpoint.predict(X[:3]).outputs["label"]
    assert np.asarray(answered).tolist() == hf.load_model(path, trusted=True).predict(X[:3]).tolist()


def test_importing_holdfast_imports_no_scikit_learn() -> None:
    code = "import sys, holdfast\nassert 'sklearn' not in sys.modules and 'joblib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_saves_as_hfm(path: Path, tmp_path: Path) -> None:
    model = hf.load_model(path, trusted=True)
    model.save(tmp_path / "m.hfm")
    assert hf.load_model(tmp_path / "m.hfm").predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
