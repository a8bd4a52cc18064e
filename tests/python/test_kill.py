"""A loop that is killed anywhere resumes to what an undisturbed one comes to."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "kill_runs.py"


def run(*arguments):
    """The program's own account of each kill is the test's output."""
    done = subprocess.run(
        [sys.executable, PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def test_killed_at_random_moments():
    assert "50 kills, 0 came to something else" in run("moments", 50, 20210701)


@pytest.mark.long
def test_killed_at_many_random_moments():
    assert "500 kills, 0 came to something else" in run("moments", 500, 20210702)


def test_killed_at_every_fail_point():
    told = run("points")
    for written in ("loop.transition.", "package.write.", "store.artifact.", "store.label.", "workspace.deploy."):
        assert written in told
