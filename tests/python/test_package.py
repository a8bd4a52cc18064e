"""Packages as Python sees them."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest


@pytest.fixture(scope="module")
def parts():
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    X, y = load_breast_cancer(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0).fit(X[:300], y[:300])
    return forest, (X[:300], y[:300]), (X[300:], y[300:])


@pytest.fixture(scope="module")
def package(parts):
    forest, train, reference = parts
    return hf.package(
        forest, "cancer", train=train, reference=reference, evaluate=["accuracy", "auc"], lineage={"seed": 0}
    )


def test_metrics_are_computed_on_the_reloaded_file(parts, package) -> None:
    forest, _, (X, y) = parts
    assert package.metrics["accuracy"].value == pytest.approx(forest.score(X, y), rel=1e-12)
    assert package.metrics["accuracy"].rows == len(y)
    assert package.lineage["seed"] == 0
    assert package.lineage["train"]["samples"] == 300
    assert len(package.lineage["train"]["sha256"]) == 64
    assert package.reference.rows == len(y)
    from sklearn.metrics import f1_score, precision_score

    more = hf.package(forest, "cancer", reference=(X, y), evaluate=["f1(average=macro)", "precision"]).metrics
    assert more["precision"].value == pytest.approx(precision_score(y, forest.predict(X)), rel=1e-12)
    assert more["f1(average=macro)"].value == pytest.approx(f1_score(y, forest.predict(X), average="macro"), rel=1e-12)


@pytest.mark.parametrize("name", ["cancer.zip", "cancer"])
def test_folder_and_zip_are_one(parts, package, tmp_path: Path, name: str) -> None:
    forest, _, (X, _) = parts
    package.save(tmp_path / name)
    again = hf.Package.open(tmp_path / name)
    assert again == package and again.identity == package.identity
    for model in (again.load(), hf.load_model(tmp_path / name)):
        np.testing.assert_array_equal(model.predict(X), forest.predict(X))
        np.testing.assert_array_equal(model.predict_proba(X), package.load().predict_proba(X))


def test_the_bytes_are_a_function_of_the_content(parts, package) -> None:
    forest, train, reference = parts
    again = hf.package(
        forest, "cancer", train=train, reference=reference, evaluate=["accuracy", "auc"], lineage={"seed": 0}
    )
    assert again.to_bytes() == package.to_bytes()


def test_a_zip_any_tool_made_is_read(package, tmp_path: Path) -> None:
    package.save(tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted((tmp_path / "folder").iterdir()):
            made.write(file, file.name)
    assert hf.Package.open(tmp_path / "made.zip").identity == package.identity


def test_damage_is_named(package, tmp_path: Path) -> None:
    package.save(tmp_path / "p")
    (tmp_path / "p" / "more.txt").write_text("more")
    with pytest.raises(hf.CorruptArtifact, match=r"more\.txt"):
        hf.Package.open(tmp_path / "p")
    (tmp_path / "p" / "more.txt").unlink()
    (tmp_path / "p" / "model.hfm").unlink()
    with pytest.raises(hf.CorruptArtifact, match=r"model\.hfm"):
        hf.Package.open(tmp_path / "p")
    with pytest.raises(hf.NotFound):
        hf.load_model(tmp_path / "nothing.zip")
    with pytest.raises(hf.Conflict):
        package.save(tmp_path / "p")


def test_a_bomb_and_an_escape_are_refused(package, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("manifest.json", b"0" * (100 << 20))
    with pytest.raises(hf.CorruptArtifact, match="bomb"):
        hf.Package.open(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "escape.zip", "w") as escape:
        escape.writestr("../../outside.txt", "x")
    with pytest.raises(hf.CorruptArtifact, match="outside"):
        hf.Package.open(tmp_path / "escape.zip")
    assert not (tmp_path.parent.parent / "outside.txt").exists()


def test_a_models_file_and_a_model_are_packaged_too(parts, package, tmp_path: Path) -> None:
    _, _, reference = parts
    (tmp_path / "given.hfm").write_bytes(package.file("model.hfm"))
    by_path = hf.package(tmp_path / "given.hfm", "cancer", reference=reference, evaluate=["accuracy"])
    by_model = hf.package(package.load(), "cancer", reference=reference, evaluate=["accuracy"])
    assert by_path.identity == by_model.identity
    assert json.loads(by_path.file("manifest.json"))["model_file"] == "model.hfm"


def test_what_is_wrong_is_named(parts) -> None:
    forest, _, (X, y) = parts
    with pytest.raises(hf.InvalidArgument, match="reference="):
        hf.package(forest, "cancer", evaluate=["accuracy"])
    with pytest.raises(hf.InvalidArgument, match="rows of features"):
        hf.package(forest, "cancer", reference=(X, y[:-1]))
    with pytest.raises(hf.InvalidArgument, match="precisely"):
        hf.package(forest, "cancer", reference=(X, y), evaluate=["precisely"])
    with pytest.raises(hf.InvalidArgument, match="top"):
        hf.package(forest, "cancer", reference=(X, y), evaluate=["f1(top=3)"])
    with pytest.raises(hf.InvalidArgument, match=r"\.\./up"):
        hf.package(forest, "../up")


def git(folder, *words):
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "PATH": os.environ["PATH"]}
    who = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_lineage_says_what_made_the_model(parts, tmp_path, monkeypatch):
    import sklearn

    forest, train, _ = parts
    monkeypatch.chdir(tmp_path)
    made = hf.package(forest, "cancer", train=train).lineage
    assert made["holdfast"] == hf.__version__
    assert made["estimator"] == {
        "class": "sklearn.ensemble._forest.RandomForestClassifier",
        "library": "sklearn",
        "version": sklearn.__version__,
    }
    assert made["parameters"]["n_estimators"] == forest.n_estimators
    assert made["parameters"] == {**forest.get_params()}
    assert made["seed"] == forest.random_state
    assert "code" not in made
    # What the caller says counts.
    said = hf.package(forest, "cancer", lineage={"seed": 7, "parameters": {"mine": 1}, "parent": "a" * 64}).lineage
    assert (said["seed"], said["parameters"], said["parent"]) == (7, {"mine": 1}, "a" * 64)
    # The same estimator makes the same package.
    assert hf.package(forest, "cancer", train=train).identity == hf.package(forest, "cancer", train=train).identity


def test_the_lineage_says_the_revision_of_the_code(parts, tmp_path, monkeypatch):
    forest, _, _ = parts

    def code():
        return hf.package(forest, "cancer").lineage.get("code")

    house = tmp_path / "house"
    (house / "src").mkdir(parents=True)
    monkeypatch.chdir(house / "src")
    git(house, "init", "-q", "-b", "main")
    assert code() is None  # no commit yet
    (house / "file").write_text("x")
    git(house, "add", ".")
    git(house, "commit", "-q", "-m", "first")
    head = git(house, "rev-parse", "HEAD")
    assert len(head) == 40 and code() == head
    git(house, "pack-refs", "--all")
    assert code() == head
    git(house, "worktree", "add", "-q", "../tree")
    monkeypatch.chdir(tmp_path / "tree")
    assert code() == head
    git(tmp_path / "tree", "checkout", "-q", "--detach")
    assert code() == head
    # What is damaged is not known, and harms nothing.
    (house / ".git/HEAD").write_bytes(b"\xff\xfe nonsense")
    monkeypatch.chdir(house)
    assert code() is None
    assert hf.package(forest, "cancer", lineage={"code": "mine"}).lineage["code"] == "mine"


def test_the_lineage_holds_no_secrets_and_nothing_that_is_no_json(tmp_path, monkeypatch):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    monkeypatch.chdir(tmp_path)
    X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    tree = DecisionTreeClassifier(random_state=5).fit(X, y)
    odd = {
        "api_key": "s3cr3t",
        "db_password": "s3cr3t",
        "where": "postgresql://me:s3cr3t@db/x",
        "options": {"auth_token": "s3cr3t", "depth": np.int64(3)},
        "missing": float("nan"),
        "rows": np.zeros(3),
        "loss": len,
        "random_state": np.random.RandomState(3),
        "long": "x" * 1000,
        "many": list(range(1000)),
    }
    monkeypatch.setattr(tree, "get_params", lambda deep: odd, raising=False)
    package = hf.package(tree, "m")
    assert package.lineage["parameters"] == {
        "api_key": "(left out)",
        "db_password": "(left out)",
        "where": "(left out)",
        "options": {"auth_token": "(left out)", "depth": 3},
        "missing": "nan",
        "rows": "numpy.ndarray",
        "loss": "builtins.builtin_function_or_method",
        "random_state": "numpy.random.mtrand.RandomState",
        "long": "x" * 200,
        "many": "builtins.list",
    }
    assert "seed" not in package.lineage
    package.save(tmp_path / "m")
    assert not any(b"s3cr3t" in path.read_bytes() for path in (tmp_path / "m").rglob("*") if path.is_file())

    pipeline = make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=5)).fit(X, y)
    assert hf.package(pipeline, "m").lineage["seed"] == 5

    def broken(deep):
        raise RuntimeError("s3cr3t")

    monkeypatch.setattr(tree, "get_params", broken)
    assert hf.package(tree, "m").lineage["parameters"] == {}
