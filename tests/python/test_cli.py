"""The holdfast command."""

import contextlib
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from holdfast._cli import main

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def holdfast(*arguments):
    """The command, in this process."""
    out, err = io.StringIO(), io.StringIO()
    argv = sys.argv
    sys.argv = ["holdfast", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main()
    except SystemExit as end:
        status = end.code or 0
    finally:
        sys.argv = argv
    return Done(status, out.getvalue(), err.getvalue())


def in_its_own_process(*arguments, **environment):
    command = [sys.executable, "-m", "holdfast", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


def ran(*arguments):
    done = holdfast(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def failed(*arguments):
    """The one line that a command ends with when something is wrong."""
    done = holdfast(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("holdfast: ") and done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(1)
    same = pd.DataFrame(
        {
            "income": rng.normal(size=40000),
            "rooms": rng.integers(1, 9, 40000),
            "region": rng.choice(list("nesw"), 40000),
        }
    )
    same[:20000].to_csv(folder / "reference.csv", index=False)
    same[20000:].to_csv(folder / "same.csv", index=False)
    same[20000:].assign(income=lambda frame: frame["income"] + 2).to_parquet(folder / "moved.parquet", index=False)
    same[20000:20020].to_csv(folder / "few.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def estimator():
    from sklearn.tree import DecisionTreeClassifier

    X = pd.DataFrame({"a": np.linspace(0, 1, 50), "b": np.zeros(50)})
    return DecisionTreeClassifier(max_depth=2).fit(X, (X["a"] > 0.5).astype(int)), X


@pytest.fixture
def package(estimator, tmp_path):
    tree, X = estimator
    path = tmp_path / "housing.zip"
    hf.package(tree, "housing", reference=(X, tree.predict(X)), evaluate=["accuracy"]).save(path)
    return path


def test_version():
    assert ran("--version") == f"holdfast {hf.__version__}\n"
    assert in_its_own_process("--version").stdout == f"holdfast {hf.__version__}\n"
    failed = in_its_own_process("status", "/nowhere")
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)


def test_help_names_every_command():
    told = ran("--help")
    for command in ("drift", "package", "registry", "rollback", "status", "why", "output", "garbage"):
        assert command in told


@pytest.mark.parametrize(
    "current, fail_on, status, verdict",
    [
        ("same.csv", None, 0, "ok"),
        ("same.csv", "insufficient", 0, "ok"),
        ("moved.parquet", None, 0, "drift"),
        ("moved.parquet", "drift", 10, "drift"),
        ("moved.parquet", "insufficient", 10, "drift"),
        ("few.csv", "drift", 0, "insufficient"),
        ("few.csv", "insufficient", 11, "insufficient"),
    ],
)
def test_drift(tables, current, fail_on, status, verdict):
    done = holdfast("drift", tables / "reference.csv", tables / current, *(["--fail-on", fail_on] if fail_on else []))
    assert done.returncode == status, done.stdout + done.stderr
    assert f"{verdict}: 20000 reference rows" in done.stdout


def test_drift_report_as_html(tables, tmp_path):
    ran("drift", tables / "reference.csv", tables / "moved.parquet", "--html", tmp_path / "drift.html")
    page = (tmp_path / "drift.html").read_text()
    assert "income" in page and "<html" in page


def test_drift_by_slices(tables):
    told = ran("drift", tables / "reference.csv", tables / "moved.parquet", "--by", "region", "--correction", "holm")
    assert told.count("region = ") == 4
    assert "continuous" in failed("drift", tables / "reference.csv", tables / "same.csv", "--by", "income")


def test_what_cannot_be_understood_or_done(tables, tmp_path):
    assert holdfast("drift", "one.csv").returncode == 2
    assert holdfast("drift", tables / "same.csv", tables / "same.csv", "--fail-on", "rain").returncode == 2
    assert "nowhere.csv" in failed("drift", tables / "reference.csv", tmp_path / "nowhere.csv")
    (tmp_path / "broken.csv").write_bytes(b"\xff\xfe\x00\x01")
    assert "broken.csv" in failed("drift", tables / "reference.csv", tmp_path / "broken.csv")
    assert "a workspace wanted" in failed("status", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_package_with_reference_and_metrics(estimator, tmp_path):
    tree, X = estimator
    hf.convert(tree).save(tmp_path / "tree.hfm")
    X.assign(dear=tree.predict(X)).to_csv(tmp_path / "train.csv", index=False)
    model, csv = tmp_path / "tree.hfm", tmp_path / "train.csv"
    told = ran(
        "package",
        model,
        "--name",
        "housing",
        "--reference",
        csv,
        "--target",
        "dear",
        "--evaluate",
        "accuracy",
        "-o",
        tmp_path / "m.zip",
    )
    made = hf.Package.open(tmp_path / "m.zip")
    assert made.identity in told and made.metrics["accuracy"].value == 1.0 and made.reference is not None
    ran("package", model, "--name", "housing", "--reference", csv, "-o", tmp_path / "without.zip")
    assert "price" in failed(
        "package", model, "--name", "h", "--reference", csv, "--target", "price", "-o", tmp_path / "no.zip"
    )
    assert not (tmp_path / "no.zip").exists()


def test_registry_and_rollback(package, estimator, tmp_path):
    folder = tmp_path / "housing"
    assert "housing@1 pending" in ran("registry", folder, "register", package)
    assert "housing@1 pending" in ran("registry", folder, "register", package)
    assert "housing@1 approved" in ran("registry", folder, "approve", "housing@1", "--by", "me", "--note", "baseline")
    assert re.search(r"housing@1 +approved.*accuracy=1", ran("registry", folder, "list"))
    assert "version 9 given" in failed("registry", folder, "reject", "housing", "9")
    assert holdfast("registry", folder, "approve", "housing").returncode == 2
    assert holdfast("registry", folder, "approve", "@2").returncode == 2
    assert holdfast("registry", folder, "approve", "housing@").returncode == 2

    tree, _ = estimator
    with hf.Workspace(folder) as workspace:
        second = workspace.registry.register(hf.package(tree, "housing", lineage={"second": True}))
        workspace.registry.approve(second, by="me")
        endpoint = workspace.create_endpoint("housing")
        endpoint.deploy(workspace.registry.version("housing", 1))
        endpoint.deploy(second)
    assert "housing@1 is live" in ran("rollback", folder, "housing", "--reason", "it disappoints", "--by", "me")
    with hf.Workspace(folder) as workspace:
        last = workspace.endpoint("housing").ledger()[-1]
        assert (last.kind, last.version, last.by, last.reason) == ("rollback", 1, "me", "it disappoints")
    assert "no earlier version" in failed("rollback", folder, "housing", "--reason", "again")


@pytest.fixture
def housing(package, estimator, tmp_path):
    """A workspace with two versions, the second made of the first, and an endpoint that has answered."""
    tree, X = estimator
    folder = tmp_path / "housing"
    with hf.Workspace(folder) as workspace:
        first = workspace.registry.register(hf.Package.open(package))
        workspace.registry.approve(first, by="me", note="baseline")
        second = workspace.registry.register(
            hf.package(
                tree, "housing", reference=(X, tree.predict(X)), evaluate=["accuracy"], claimed={"accuracy": 0.987},
                lineage={"parent": first.package, "trainer": "house:train", "samples": "ab" * 32},
            )
        )  # fmt: skip
        endpoint = workspace.create_endpoint("housing")
        endpoint.deploy(first, by="me")
        endpoint.predict(X[:1], ids=["one"])
    return folder, first, second


def test_names_of_versions(housing):
    folder, _, _ = housing
    assert ran("registry", folder, "alias", "housing@2", "challenger", "--by", "me", "--note", "as agreed") == (
        "housing@challenger is housing@2\n"
    )
    assert "housing@2 approved" in ran("registry", folder, "approve", "housing@challenger")
    ran("registry", folder, "alias", "housing@1", "champion")
    table = ran("registry", folder, "aliases").splitlines()
    assert re.fullmatch(r"housing@challenger +housing@2 +\d{4}-\d\d-\d\d \d\d:\d\d +me +as agreed", table[1])
    assert table[2].startswith("housing@champion")
    assert len(ran("registry", folder, "aliases", "--model", "elsewhere").splitlines()) == 1
    ran("registry", folder, "alias", "housing@champion", "challenger")
    assert ran("registry", folder, "unalias", "housing@challenger") == "housing@challenger is no more\n"
    assert 'alias "challenger" not found' in failed("registry", folder, "unalias", "housing@challenger")
    assert 'alias "challenger" not found' in failed("registry", folder, "show", "housing@challenger")
    assert "version 7 given" in failed("registry", folder, "alias", "housing@7", "champion")
    assert "no version's number wanted" in failed("registry", folder, "alias", "housing@1", "7")
    assert holdfast("registry", folder, "alias", "housing", "champion").returncode == 2
    assert holdfast("registry", folder, "unalias", "housing").returncode == 2
    assert "housing@2 archived" in ran("registry", folder, "archive", "housing", "2")


def test_show_tells_all_of_a_version(housing):
    folder, first, second = housing
    ran("registry", folder, "alias", "housing@1", "champion")
    told = ran("registry", folder, "show", "housing")  # the latest that is approved
    assert told.startswith("housing@1 is approved\n")
    assert re.search(r"live at +housing\n", told) and re.search(r"aliases +champion\n", told)
    assert re.search(r"approved +\d{4}-\d\d-\d\d \d\d:\d\d by me: baseline\n", told)
    told = ran("registry", folder, "show", "housing", "2")
    assert told.startswith("housing@2 is pending\n")
    assert re.search(rf"package +{second.package}\n", told) and re.search(r"signed by +nobody\n", told)
    assert re.search(r"live at +no endpoint\n", told)
    assert re.search(r"accuracy +1 +computed by Holdfast on 50 rows\n", told)
    assert re.search(r"accuracy +0.987 +claimed by its trainer\n", told)
    assert "lineage: housing@2 <- housing@1\n" in told
    assert re.search(rf"parent +{first.package}\n", told) and re.search(r"trainer +house:train\n", told)
    assert re.search(r'parameters +\{.*"max_depth": 2', told)
    assert re.search(rf"holdfast +{hf.__version__}\n", told)
    assert "claimed  " not in told
    assert "no version of that model" in failed("registry", folder, "show", "nothing")


def test_why(housing):
    folder, first, _ = housing
    told = ran("why", folder, "one")
    assert told.startswith("Interaction one of housing at ") and first.package[:12] in told
    assert "Predicted again from the logged features: the same bits." in told
    assert ran("why", folder, "one", "--endpoint", "housing") == told
    assert "not logged" in failed("why", folder, "two")
    assert "elsewhere" in failed("why", folder, "one", "--endpoint", "elsewhere")


def test_garbage(housing):
    folder, _, _ = housing
    assert ran("garbage", folder) == "0 files, 0 bytes removed\n"
    left = folder / "artifacts" / "cd" / ("cd" * 32 + ".zip")
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"12345")
    assert ran("garbage", folder) == "0 files, 0 bytes removed\n"  # too young
    os.utime(left, (0, 0))
    name = left.relative_to(folder)
    assert ran("garbage", folder, "--dry-run") == f"{name}\n1 file, 5 bytes to remove\n"
    assert left.exists()
    assert ran("garbage", folder, "--grace", "2h") == f"{name}\n1 file, 5 bytes removed\n"
    assert not left.exists()
    assert "duration" in failed("garbage", folder, "--grace", "soon")
    assert "a workspace wanted" in failed("garbage", folder / "nothing")


def test_output_of_a_job(tmp_path):
    shop.make(tmp_path)
    with hf.Workspace(tmp_path / "ws") as workspace:
        loop = shop.controller(workspace, shop.program(tmp_path, "echo no such column; exit 3"))
        loop.step(until="training")
        shop.step_while(loop, "training")
    assert ran("output", tmp_path / "ws", "line-1") == "no such column\n"
    assert 'job "line-7"' in failed("output", tmp_path / "ws", "line-7")


def test_status(package, estimator, tmp_path):
    folder = tmp_path / "housing"
    _, X = estimator
    with hf.Workspace(folder) as workspace:
        version = workspace.registry.register(hf.Package.open(package))
        workspace.registry.approve(version, by="me")
        endpoint = workspace.create_endpoint("housing")
        endpoint.deploy(version)
        answer = endpoint.predict(X)
        workspace.interactions.label(answer.ids[:20], answer.values[:20])
    assert re.search(r"housing +housing@1 .* 50 +20 ", ran("status", folder))

    # It looks and touches nothing: a version that cannot be loaded is not tried, an approval is not followed.
    with hf.Workspace(folder) as workspace:
        workspace.endpoint("housing").freeze(reason="audit")
        before = len(workspace.endpoint("housing").ledger())
    for artifact in (folder / "artifacts").rglob("*"):
        if artifact.is_file():
            artifact.write_bytes(b"damaged")
    assert re.search(r"housing \(frozen\) +housing@1 ", ran("status", folder))
    with hf.Workspace(folder) as workspace:
        kinds = [row.kind for row in workspace._core.ledger("housing")]
    assert len(kinds) == before and "load_failed" not in kinds

    readme = tmp_path / "README.md"
    readme.write_text("above\n<!-- holdfast:status -->\nstale\n<!-- /holdfast:status -->\nbelow\n")
    for _ in range(2):
        ran("status", folder, "--markdown", readme)
        text = readme.read_text()
        assert text.startswith("above\n") and text.endswith("\nbelow\n") and "stale" not in text
        assert text.count("| housing (frozen) | housing@1 |") == 1
    readme.write_text("no markers")
    assert "holdfast:status" in failed("status", folder, "--markdown", readme)
    assert readme.read_text() == "no markers"


def test_without_typer_one_line_says_what_to_install(tmp_path):
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = in_its_own_process("--version", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (1, "holdfast: typer is missing: pip install 'holdfast[cli]'\n")
