"""What a run comes to, told in plain words by `holdfast status` and `loop.history()`."""

import re
import subprocess
import sys
from pathlib import Path

import holdfast as hf
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop
from holdfast._status import story
from sklearn.tree import DecisionTreeClassifier


def test_before_any_loop(workspace):
    assert story(workspace, "line") == (
        "line:\n"
        "  line@1 is live since 2024-03-01 00:00, deployed by me: the first.\n"
        "  No loop has run."
    )  # fmt: skip


def test_while_a_program_trains_and_after(workspace, tmp_path, clock):
    script = 'echo "0.4 epoch 4" >>"$(member progress)"; while [ ! -e "$here/go" ]; do sleep 0.01; done; ' + shop.GOOD
    loop = shop.controller(workspace, shop.program(tmp_path, script), approve="manual")
    loop.step(until="training")
    clock.advance("5m")
    shop.wait(lambda: loop.step() and workspace.jobs()[0].note, "its progress")
    told = story(workspace, "line")
    assert "The loop is training since 2024-03-01 00:00." in told
    assert "Job line-1 is running, attempt 1, 40% done (epoch 4), since 2024-03-01 00:05, by process " in told
    assert re.search(r"by process \d+\.\n", told)

    (tmp_path / "go").touch()
    shop.step_while(loop, "training")
    loop.step(until="awaiting_approval")
    assert "Job line-1 has succeeded." in story(workspace, "line")
    assert "Version 2 waits for a person to approve or reject it." in story(workspace, "line")

    workspace.registry.approve(workspace.registry.version("line", 2), by="she")
    loop.step(until="monitoring")
    told = story(workspace, "line")
    assert "line@2 is live since 2024-03-01 00:05, deployed by controller: deployed line v2 in place of v1." in told
    assert "The loop is monitoring since 2024-03-01 00:05. Its last run ended: live." in told
    lines = str(loop.history()).splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("#1 2024-03-01 00:00 retrain: ")
    assert lines[-1] == "#6 2024-03-01 00:05 deployed line v2 in place of v1"
    for line in lines[-5:]:
        assert line.split(" ", 1)[1] in told


def house_trainer(job):
    return hf.Package.open(Path(job.workdir).parents[4] / "better.zip")


class Trainer:
    def __call__(self, job):
        tree = DecisionTreeClassifier(max_depth=1, random_state=11)
        X, y = job.samples[job.features].to_numpy(), job.samples["label"].to_numpy()
        return hf.package(tree.fit(X, y), job.model, reference=(X, y), lineage={"trainer": "by hand", "parent": "x"})


def test_the_loop_fills_the_lineage(workspace, tmp_path):
    first = workspace.registry.version("line", 1)

    def lineage(trainer):
        loop = shop.controller(
            workspace, trainer, retrain=hf.when.metric("accuracy", over=hf.rows(40), min_labels=20).below(1.1)
        )
        loop.step(until="evaluating")
        made = workspace.registry.versions("line")[-1]
        job = workspace.jobs()[-1]
        loop.step(until="monitoring")
        assert (made.lineage["job"], made.lineage["samples"]) == (job.id, job.spec["samples"])
        return made

    made = lineage(house_trainer)
    assert made.lineage["parent"] == first.package
    assert made.lineage["trainer"].endswith("test_loop_story:house_trainer")
    assert made.lineage["seed"] == 0  # the estimator's own
    assert [one.number for one in workspace.registry.lineage(made)] == [2, 1]

    made = lineage(Trainer())
    # What a trainer says of itself counts; what the loop knows is the loop's to say.
    assert (made.lineage["trainer"], made.lineage["seed"]) == ("by hand", 11)
    assert len(made.lineage["parent"]) == 64


def test_a_lineage_that_somebody_else_wrote_stops_no_loop(workspace, tmp_path):
    x = np.random.default_rng(5).uniform(size=(400, 1))
    tree = DecisionTreeClassifier(max_depth=2, random_state=1).fit(x, (x[:, 0] > 0.6).astype(np.int64))
    endpoint = workspace.endpoint("line")
    for samples, parent in (("ab" * 32, "cd" * 32), ("by hand", "v1"), (["a"], 3)):
        theirs = workspace.registry.register(
            hf.package(tree, "line", lineage={"job": "line-77", "samples": samples, "parent": parent})
        )
        workspace.registry.approve(theirs, by="me")
        endpoint.deploy(theirs)
        assert [one.number for one in workspace.registry.lineage(theirs)] == [theirs.number]
    assert workspace.verify(), str(workspace.verify())
    loop = shop.controller(workspace, house_trainer)
    assert loop.step(until="training").after == "training"


def test_a_trainer_is_called_the_same_in_every_process(workspace, tmp_path):
    from holdfast._callables import called

    assert called(Trainer()) == f"{__name__}:Trainer" == called(Trainer)
    assert called(house_trainer) == f"{__name__}:house_trainer"
    assert called(Trainer().__call__) == f"{__name__}:Trainer.__call__"
    assert " at 0x" not in called([].append) + called(lambda job: None)


def test_after_failures_with_what_is_owed(workspace, tmp_path, clock):
    def broken(told):
        raise OSError("nobody home")

    loop = shop.controller(
        workspace, shop.program(tmp_path, "echo no disk left; exit 4"), notify=[broken], max_attempts=2, cooldown="2h"
    )
    loop.step(until="training")
    shop.step_while(loop, "training")
    told = story(workspace, "line")
    assert "The loop is waiting after a failed training since 2024-03-01 00:00." in told
    assert "Tries again after 2024-03-01 00:00." in told
    assert 'exit code 4 seen, 0 wanted; what it said is kept as the output of job "line-1"' in told
    assert "no disk left" not in told and workspace.job_output("line-1") == "no disk left\n"
    assert "not delivered to " in told and "last error: notifier " in told
    assert "OSError raised." in told and "nobody home" not in told
    clock.advance("10s")
    loop.step()
    shop.step_while(loop, "training")
    loop.step()
    told = story(workspace, "line")
    assert "Its last run ended: failed." in told
    assert "Retrains nothing before 2024-03-01 02:00." in told


def test_frozen_and_paused(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, shop.GOOD))
    loop.step()
    loop.pause()
    workspace.endpoint("line").freeze("stocktaking", by="me")
    told = story(workspace, "line")
    assert "Frozen since 2024-03-01 00:00: stocktaking." in told
    assert "The loop is choosing samples since 2024-03-01 00:00 (paused)." in told


def test_the_command_tells_it(workspace, tmp_path):
    shop.controller(workspace, shop.program(tmp_path, shop.GOOD)).step()
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", "status", tmp_path / "ws"], capture_output=True, text=True, check=True
    )
    assert "\nline:\n  line@1 is live since" in done.stdout
    assert "Job line-1 is queued." in done.stdout
