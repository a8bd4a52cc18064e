"""The demo tells a true story, and its C++ side tells it again without Python."""

import os
import re
import subprocess
import sys
from pathlib import Path

import holdfast as hf
import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/california_housing"
BUILD = ROOT / "build/dev"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demo printed, and the folder that it left."""
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run([sys.executable, EXAMPLE / "run.py", "--out", out], capture_output=True, text=True, cwd=out)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout, out


@pytest.fixture(scope="module")
def decisions(demo):
    with hf.Workspace(demo[1] / "workspace", create=False) as workspace:
        return hf._core.decisions(workspace._core, "housing")


def fired_by(decision):
    """The rules that made it: those of its reasons that held, but for the ones that only combine or wait."""
    return {reason.rule.removeprefix("hf.when.").split("(")[0] for reason in decision.reasons if reason.truth == "yes"}


def test_a_metric_and_drift_each_fire_a_retraining(decisions):
    fired = [fired_by(decision) for decision in decisions if decision.action == "retrain"]
    assert any("metric" in rules for rules in fired), fired
    assert any("drift" in rules for rules in fired), fired
    assert not any("every" in rules for rules in fired)


def test_challengers_are_promoted_and_refused(decisions):
    actions = [decision.action for decision in decisions]
    assert "promote" in actions and "reject" in actions


def test_every_decision_has_its_reasons(decisions):
    for decision in decisions:
        assert decision.sentence
        if decision.action in ("retrain", "promote", "reject"):
            assert decision.reasons and all(reason.sentence for reason in decision.reasons)


def test_the_loop_beats_the_model_that_is_never_retrained(demo):
    told, _ = demo
    with_loop, frozen = (
        float(re.search(rf"{name} +([\d.]+)", told)[1]) for name in ("with the loop", "never retrained")
    )
    assert with_loop > frozen


def test_the_report_stands_alone(demo):
    page = (demo[1] / "report.html").read_text()
    assert page.startswith("<!doctype html>") and "data:image/png;base64," in page
    assert not re.search(r"(src|href)=\"https?:", page)


@pytest.fixture(scope="module")
def cpp_program(tmp_path_factory):
    """The example built as a program of its own, against an installed Holdfast."""
    folder = tmp_path_factory.mktemp("cpp")
    for command in (
        ["cmake", "--install", BUILD, "--prefix", folder / "prefix"],
        [
            "cmake",
            "-S",
            EXAMPLE / "cpp",
            "-B",
            folder / "build",
            f"-Dholdfast_ROOT={folder / 'prefix'}",
            "-DCMAKE_BUILD_TYPE=Release",
        ],
        ["cmake", "--build", folder / "build"],
    ):
        done = subprocess.run(
            command, capture_output=True, text=True, env={k: v for k, v in os.environ.items() if k != "DESTDIR"}
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return folder / "build/california_housing"


def test_cpp_tells_the_same_story(demo, decisions, cpp_program):
    workspace = demo[1] / "workspace"
    for _ in range(2):  # each run in a namespace of its own
        done = subprocess.run([cpp_program, workspace], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        same, answers = map(int, re.search(r"(\d+) of (\d+) answers have the same bits", done.stdout).groups())
        assert same == answers > 8000
        assert "not the same package" not in done.stdout
    for number in (1, 2):
        with hf.Workspace(workspace, namespace=f"cpp-{number}", create=False) as opened:
            again = hf._core.decisions(opened._core, "housing")
        assert [(d.time, d.action, d.sentence) for d in again] == [(d.time, d.action, d.sentence) for d in decisions]


def test_cpp_names_a_workspace_that_is_not_there(cpp_program, tmp_path):
    done = subprocess.run([cpp_program, tmp_path / "nothing"], capture_output=True, text=True)
    assert done.returncode == 1 and "nothing" in done.stderr and not (tmp_path / "nothing").exists()
