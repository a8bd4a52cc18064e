"""The loop among processes: one leads, another takes over, what trains is adopted, a stage may be its own process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import holdfast as hf
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop

# A process that steps a saved loop: `child.py FOLDER NOW STAGE [JOB]`.
CHILD = """
import sys
import holdfast as hf
folder, now, stage, *job = sys.argv[1:]
with hf.Workspace(folder, clock=hf.SimulatedClock(now)) as workspace:
    loop = hf.Controller.load(workspace, "line")
    step = loop.step(until=stage, job=job[0] if job else "")
    print(step.before, step.after, step.job, flush=True)
    if stage == "collecting":
        sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path):
    shop.make(tmp_path)
    (tmp_path / "child.py").write_text(CHILD)
    return tmp_path


def save(folder, script, **options):
    with hf.Workspace(folder / "ws", clock=hf.SimulatedClock(shop.T0)) as workspace:
        shop.controller(workspace, shop.program(folder, script), **options).save()


def child(folder, stage, job="", *, now=shop.T0):
    return subprocess.Popen(
        [sys.executable, folder / "child.py", folder / "ws", now.isoformat(), stage, *([job] if job else [])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ran(folder, stage, job=""):
    out, errors = child(folder, stage, job).communicate("\n", timeout=60)
    assert out, errors
    return out.split()


def opened(folder, *, after="0s"):
    clock = hf.SimulatedClock(shop.T0)
    clock.advance(after)
    return hf.Workspace(folder / "ws", clock=clock)


@pytest.mark.long
def test_every_stage_is_a_process_of_its_own_and_may_run_again(folder):
    save(folder, shop.GOOD)
    assert ran(folder, "collecting") == ["monitoring", "collecting", "line-1"]
    assert ran(folder, "collecting") == ["collecting", "collecting", "line-1"]
    assert ran(folder, "training", "line-1") == ["collecting", "training", "line-1"]
    assert ran(folder, "training", "line-1") == ["training", "training", "line-1"]
    shop.wait(lambda: ran(folder, "evaluating", "line-1")[1] == "evaluating", "the training's end")
    assert ran(folder, "awaiting_approval", "line-1") == ["evaluating", "deploying", "line-1"]
    assert ran(folder, "monitoring", "line-1")[:2] == ["deploying", "monitoring"]
    # An earlier stage of a job that has ended, called again, does nothing.
    for stage in ("training", "evaluating", "monitoring"):
        assert ran(folder, stage, "line-1")[:2] == ["monitoring", "monitoring"]
    with opened(folder) as workspace:
        assert [row.version for row in workspace.endpoint("line").ledger() if row.kind == "deploy"] == [1, 2]
        assert [decision.policy for decision in hf.Controller.load(workspace, "line").history()] == [
            "retrain", "select", "train", "promote", "deploy",
        ]  # fmt: skip


def test_a_stage_called_again_does_nothing(folder):
    with opened(folder) as workspace:
        loop = shop.controller(workspace, lambda job: hf.Package.open(folder / "better.zip"))
        job = loop.step(until="collecting").job
        assert loop.step(until="collecting").decision is None
        assert loop.step(until="training", job="line-7").after == "collecting"
        for stage in ("training", "evaluating", "awaiting_approval", "monitoring"):
            loop.step(until=stage, job=job)
            decisions = len(loop.history())
            for earlier in ("training", "evaluating", "monitoring") if stage == "monitoring" else ("collecting", stage):
                loop.step(until=earlier, job=job)
            assert len(loop.history()) == decisions
        with pytest.raises(hf.InvalidArgument, match='"lunch" given, one of monitoring, collecting'):
            loop.step(until="lunch")


def test_another_waits_for_the_leader_and_takes_over_when_it_dies(folder):
    save(folder, shop.GOOD)
    leader = child(folder, "collecting")
    assert leader.stdout.readline().split() == ["monitoring", "collecting", "line-1"]
    with opened(folder) as workspace:
        other = hf.Controller.load(workspace, "line")
        with pytest.raises(hf.Unavailable, match=f"led by process {leader.pid} "):
            other.step()
        os.kill(leader.pid, signal.SIGKILL)
        shop.wait(lambda: not shop.alive(leader.pid), "its death")
        assert other.step().after == "training"
    leader.communicate()


def test_another_takes_over_when_the_lease_has_run_out(folder):
    save(folder, shop.GOOD, lease="5m")
    leader = child(folder, "collecting")
    leader.stdout.readline()
    os.kill(leader.pid, signal.SIGSTOP)  # it lives, and does nothing
    try:
        with opened(folder, after="299s") as workspace, pytest.raises(hf.Unavailable):
            hf.Controller.load(workspace, "line").step()
        with opened(folder, after="300s") as workspace:
            assert hf.Controller.load(workspace, "line").step().after == "training"
    finally:
        os.kill(leader.pid, signal.SIGCONT)
    assert leader.communicate("\n", timeout=60)[1] == ""


def test_a_program_that_trains_is_adopted_by_the_next_process(folder):
    save(folder, 'echo began >>"$here/began"; while [ ! -e "$here/go" ]; do sleep 0.01; done; ' + shop.GOOD)
    ran(folder, "training")
    first = child(folder, "evaluating", "line-1")
    assert first.stdout.readline().split() == ["training", "training", "line-1"]
    first.communicate()
    shop.wait((folder / "began").exists, "the program")
    with opened(folder) as workspace:
        loop = hf.Controller.load(workspace, "line")
        assert loop.step().after == "training"
        assert workspace.jobs()[0].state == "running"
        assert shop.alive(int(workspace.jobs()[0].process.split()[1]))
        (folder / "go").touch()
        assert shop.step_while(loop, "training").after == "evaluating"
        (job,) = workspace.jobs()
        assert (job.state, job.attempt, job.exit_code) == ("succeeded", 1, 0)
    assert (folder / "began").read_text() == "began\n"


@pytest.mark.parametrize("point", ["loop.training.started", "loop.transition.begin", "loop.transition.before_commit"])
def test_a_host_killed_while_it_starts_a_program_starts_no_second(folder, point):
    save(folder, 'echo began >>"$here/began"; while [ ! -e "$here/go" ]; do sleep 0.01; done; ' + shop.GOOD)
    ran(folder, "training")
    killed = subprocess.run(
        [sys.executable, folder / "child.py", folder / "ws", shop.T0.isoformat(), "evaluating", "line-1"],
        env={**os.environ, "HOLDFAST_FAIL_POINT": point}, capture_output=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    shop.wait((folder / "began").exists, "the program")
    with opened(folder) as workspace:
        loop = hf.Controller.load(workspace, "line")
        assert loop.step().after == "training"
        (folder / "go").touch()
        assert shop.step_while(loop, "training").after == "evaluating"
        assert workspace.jobs()[0].attempt == 1
    assert (folder / "began").read_text() == "began\n"


def test_progress_is_seen_and_a_job_cancelled_from_another_process(folder):
    # A callable that trains in this process; another looks on, and cancels.
    look = """
import sys
import holdfast as hf
with hf.Workspace(sys.argv[1]) as workspace:
    job = workspace.jobs("line")[0]
    print(job.state, job.progress, job.note)
    if len(sys.argv) > 2:
        workspace.cancel(job.id, "enough", by="another")
"""
    seen = []

    def train(job):
        job.progress(0.4, "epoch 4")
        seen.append(subprocess.run([sys.executable, "-c", look, folder / "ws"], capture_output=True, text=True).stdout)
        subprocess.run([sys.executable, "-c", look, folder / "ws", "cancel"], check=True, stdout=subprocess.DEVNULL)
        with pytest.raises(hf.Conflict, match="cancelled"):
            job.progress(1.0)
        return hf.Package.open(folder / "better.zip")

    with opened(folder) as workspace:
        loop = shop.controller(workspace, train)
        loop.step(until="training")
        assert loop.step().after == "monitoring"
        assert seen == ["running 0.4 epoch 4\n"]
        assert loop.status().outcome == "cancelled"
        assert "cancelled by another: enough" in loop.history()[-1].sentence
        assert len(workspace.registry.versions("line")) == 1


def test_pausing_from_another_process_stops_the_leader(folder):
    with opened(folder) as workspace, opened(folder) as elsewhere:
        leader = shop.controller(workspace, lambda job: hf.Package.open(folder / "better.zip"))
        leader.step()
        shop.controller(elsewhere, lambda job: None).pause()
        assert leader.step().decision is None
        assert leader.status().paused
        leader.resume()
        assert leader.step().after == "training"


def test_waiting_for_approval_holds_no_thread(folder):
    save(folder, shop.GOOD, approve="manual")
    shop.wait(lambda: ran(folder, "awaiting_approval")[1] == "awaiting_approval", "the challenger")
    with opened(folder) as workspace:
        loop = hf.Controller.load(workspace, "line")
        before = len(os.listdir("/proc/self/task"))
        assert loop.step().after == "awaiting_approval"
        assert len(os.listdir("/proc/self/task")) == before
        workspace.registry.approve(workspace.registry.version("line", 2), by="she", note="looks right")
        assert loop.step(until="monitoring").after == "monitoring"
        assert workspace.endpoint("line").live.number == 2
