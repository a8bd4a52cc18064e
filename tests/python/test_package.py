"""Packages as Python sees them."""

from __future__ import annotations

import json
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
    with pytest.raises(hf.InvalidArgument, match="precision"):
        hf.package(forest, "cancer", reference=(X, y), evaluate=["precision"])
    with pytest.raises(hf.InvalidArgument, match=r"\.\./up"):
        hf.package(forest, "../up")
