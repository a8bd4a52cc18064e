"""A loop that is killed anywhere resumes to what an undisturbed one comes to."""

import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"


def run(*arguments, program="kill_runs.py"):
    """The program's own account of each kill is the test's output."""
    done = subprocess.run(
        [sys.executable, SUPPORT / program, *map(str, arguments)],
        cwd="/",  # under no commit, which lineages name and somebody may change meanwhile
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
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


def test_either_of_two_processes_killed():
    assert "20 kills, 0 came to something else" in run(20, 20210703, program="kill_pairs.py")


@pytest.mark.long
def test_either_of_two_processes_killed_at_many_random_moments():
    assert "2000 kills, 0 came to something else" in run(2000, 20210704, program="kill_pairs.py")
