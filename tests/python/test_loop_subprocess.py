"""Programs as trainers: what they get, what they give back, how they fail, and that they outlive their host."""

import contextlib
import csv
import datetime as dt
import json
import os
import signal
import sqlite3
import sys
import zipfile
from pathlib import Path

import holdfast as hf
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop


def to_training(loop):
    assert loop.step(until="training").after == "training"


def failed(loop, workspace):
    """The sentence of an attempt that failed."""
    to_training(loop)
    assert shop.step_while(loop, "training").after == "failed"
    job = workspace.jobs("line")[-1]
    assert job.error in loop.history()[-1].sentence
    return job.error


def test_a_script_trains_and_its_package_goes_live(workspace, tmp_path):
    trainer = shop.program(tmp_path, 'echo reading; echo "0.5 half way" >>"$(member progress)"; ' + shop.GOOD)
    loop = shop.controller(workspace, trainer)
    to_training(loop)
    begun = loop.step()
    assert (begun.before, begun.decision) == ("training", None) or begun.after == "evaluating"
    if begun.after == "training":
        shop.step_while(loop, "training")
    assert loop.step(until="monitoring").after == "monitoring"
    assert loop.status().outcome == "live"
    assert workspace.endpoint("line").live.number == 2

    (job,) = loop.jobs()
    assert (job.id, job.state, job.attempt, job.exit_code, job.progress, job.error) == (
        "line-1", "succeeded", 1, 0, 1.0, "",
    )  # fmt: skip
    assert job.note == "half way"
    assert workspace.job_output(job.id) == "reading\n"
    assert not (tmp_path / "ws/jobs/default/line-1").exists()


def test_what_a_program_is_given(workspace, tmp_path):
    keep = 'cp "$job" "$here/job.json"; cp "$(member samples)" "$here/samples.csv"; ' + shop.GOOD
    trainer = shop.program(tmp_path, keep)
    trainer = hf.Subprocess(trainer.argv, parameters={"depth": 3})
    loop = shop.controller(workspace, trainer)
    to_training(loop)
    shop.step_while(loop, "training")

    job = json.loads((tmp_path / "job.json").read_text())
    assert (job["format"], job["job"], job["model"], job["attempt"]) == (1, "line-1", "line", 1)
    assert job["parameters"] == {"depth": 3}
    assert hf.Package.open(Path(job["previous"])).identity == workspace.registry.version("line", 1).package
    assert job["signature"]["task"] == "classification"
    rows = list(csv.DictReader((tmp_path / "samples.csv").open()))
    assert list(rows[0]) == ["id", "time", *job["features"], "label", "label_time"]
    logged = workspace.interactions.to_pandas(endpoint="line", labelled=True).head(48)  # the newest fifth is held out
    assert [row["id"] for row in rows] == list(logged["id"])
    # To the bit.
    assert [float(row[job["features"][0]]) for row in rows] == list(logged[job["features"][0]])
    assert [int(row["label"]) for row in rows] == list(logged["label"])


def test_a_python_program_that_reads_csv_and_writes_a_package(workspace, tmp_path):
    script = tmp_path / "train.py"
    script.write_text("""
import csv, json, sys
import numpy as np
import holdfast as hf
from sklearn.tree import DecisionTreeClassifier
job = json.load(open(sys.argv[1]))
rows = list(csv.DictReader(open(job["samples"])))
x = np.array([[float(row[name]) for name in job["features"]] for row in rows])
y = np.array([int(row["label"]) for row in rows])
tree = DecisionTreeClassifier(max_depth=1, random_state=job["seed"] % 2**32).fit(x, y)
hf.package(tree, job["model"], reference=(x, y)).save(job["package"])
""")
    loop = shop.controller(workspace, hf.Subprocess([sys.executable, str(script)]))
    to_training(loop)
    assert shop.step_while(loop, "training").after == "evaluating", workspace.job_output("line-1")
    assert loop.step(until="monitoring").after == "monitoring"
    assert workspace.endpoint("line").live.number == 2


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo no such column >&2; exit 3", ["exit code 3", 'the output of job "line-1"']),
        ("kill -SEGV $$", ["exit code 139 (signal SIGSEGV) seen, 0 wanted"]),
        ("exit 0", ["no package seen", "package.zip"]),
        ('head -c 700 "$here/better.zip" >"$(member package).zip"', ["package.zip"]),
        ('echo hello >"$(member package).zip"', ["package.zip"]),
        ('cp "$here/other.zip" "$(member package).zip"', ['named "somebody-else"', '"line" wanted']),
        ('cp "$here/wider.zip" "$(member package).zip"', ["signature", "version 1 wanted"]),
    ],
)  # fmt: skip
def test_garbage_is_a_failed_attempt_with_a_sentence(workspace, tmp_path, script, words):
    shop.split_at(0.2, name="somebody-else").save(tmp_path / "other.zip")
    shop.split_at(0.2, features=2).save(tmp_path / "wider.zip")
    loop = shop.controller(workspace, shop.program(tmp_path, script))
    error = failed(loop, workspace)
    for word in words:
        assert word in error
    assert len(workspace.registry.versions("line")) == 1


def test_a_program_that_is_not_there(workspace):
    loop = shop.controller(workspace, hf.Subprocess(["/no/such/program"]))
    assert "exit code 127" in failed(loop, workspace)
    assert "/no/such/program" in workspace.job_output("line-1")


def test_a_failed_attempt_backs_off_is_tried_again_and_given_up(workspace, tmp_path, clock):
    loop = shop.controller(
        workspace, shop.program(tmp_path, "exit 1"), max_attempts=2, backoff="1m", cooldown="1h",
        retrain=hf.when.metric("accuracy", over=hf.rows(40), min_labels=20).below(1.1),
    )  # fmt: skip
    failed(loop, workspace)
    assert workspace.jobs()[0].state == "queued"
    assert loop.step().decision is None
    clock.advance("59s")
    assert loop.step().after == "failed"
    clock.advance("1s")
    assert loop.step().after == "training"
    shop.step_while(loop, "training")
    gave_up = loop.step()
    assert gave_up.after == "monitoring" and "gave up" in gave_up.decision.sentence
    (job,) = workspace.jobs()
    assert (job.state, job.attempt) == ("failed", 2)
    assert loop.status().outcome == "failed"
    clock.advance("59m")
    assert loop.step().after == "monitoring"
    clock.advance("1m")
    assert loop.step().after == "collecting"


def test_one_that_hangs_is_killed_with_its_grandchildren(workspace, tmp_path, clock):
    script = 'echo begun; (echo $$ >"$here/child"; sh -c "echo \\$\\$ >$here/grandchild; sleep 1000") & wait'
    trainer = shop.program(tmp_path, script)
    loop = shop.controller(workspace, trainer)
    to_training(loop)
    loop.step()
    grandchild = int(shop.wait(lambda: pid_in(tmp_path / "grandchild"), "the grandchild"))
    clock.advance("599s")
    assert loop.step().after == "training"
    clock.advance("1s")
    assert loop.step().after == "failed"
    assert "max_wait 10m" in loop.history()[-1].sentence
    shop.wait(lambda: not shop.alive(grandchild), "the grandchild's death")
    assert workspace.job_output("line-1") == "begun\n"


def test_max_wait_begins_anew_where_the_clock_was_set_back(workspace, tmp_path):
    trainer = shop.program(tmp_path, 'echo $$ >"$here/pid"; sleep 1000')
    loop = shop.controller(workspace, trainer)
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    del loop
    earlier = hf.SimulatedClock(shop.T0 - dt.timedelta(days=2))
    with hf.Workspace(tmp_path / "ws", clock=earlier) as again:
        loop = shop.controller(again, trainer)
        assert loop.step().after == "training"
        earlier.advance("599s")
        assert loop.step().after == "training"
        earlier.advance("1s")
        assert loop.step().after == "failed"
    assert not shop.alive(pid)


def everything_in(folder):
    with contextlib.closing(sqlite3.connect(folder / "holdfast.db")) as database:
        rows = list(database.iterdump())
    return rows, sorted(path for path in folder.rglob("*") if path.name not in ("holdfast.db-wal", "holdfast.db-shm"))


def test_a_dry_run_writes_and_ends_nothing(workspace, tmp_path, clock):
    script = 'echo $$ >"$here/pid"; while [ ! -e "$here/go" ]; do sleep 0.01; done; rm "$here/go" "$here/pid"; '
    trainer = shop.program(tmp_path, script + '[ -e "$here/well" ] || exit 1; ' + shop.GOOD)
    told = []
    loop = shop.controller(workspace, trainer, approve="manual", notify=[told.append], backoff="1m")
    seen = []

    def look():
        before, heard = everything_in(workspace.folder), len(told)
        step = loop.step(dry_run=True)
        assert everything_in(workspace.folder) == before and len(told) == heard
        seen.append(step.before)

    look()
    loop.step()
    look()
    loop.step()
    look()
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    look()
    assert shop.alive(pid)
    (tmp_path / "go").touch()
    shop.step_while(loop, "training")
    look()
    clock.advance("1m")
    look()
    loop.step()
    (tmp_path / "well").touch()
    (tmp_path / "go").touch()
    shop.step_while(loop, "training")
    look()
    loop.step()
    look()
    workspace.registry.approve("line@2", by="she")
    loop.step()
    look()
    loop.step()
    assert set(seen) == {
        "monitoring", "collecting", "training", "failed", "evaluating", "awaiting_approval", "deploying",
    }  # fmt: skip


def pid_in(path):
    return path.exists() and path.read_text().strip()


def test_a_program_is_known_before_it_begins(workspace, tmp_path):
    script = 'grep -q "^process $$ " "$(dirname "$job")/group" || exit 9; ' + shop.GOOD
    loop = shop.controller(workspace, shop.program(tmp_path, script))
    to_training(loop)
    assert shop.step_while(loop, "training").after == "evaluating"


def test_a_program_of_an_odd_name_is_killed(workspace, tmp_path, clock):
    program = tmp_path / "my ) 1 2 trainer"
    program.write_text(f"#!/bin/sh\necho $$ >{tmp_path}/pid; sleep 1000\n")
    program.chmod(0o755)
    loop = shop.controller(workspace, hf.Subprocess([str(program)]))
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    clock.advance("10m")
    assert loop.step().after == "failed"
    shop.wait(lambda: not shop.alive(pid), "its end")


def test_grandchildren_that_stay_behind_are_killed(workspace, tmp_path):
    script = 'sleep 1000 & echo $! >"$here/left"; ' + shop.GOOD
    loop = shop.controller(workspace, shop.program(tmp_path, script))
    to_training(loop)
    assert shop.step_while(loop, "training").after == "evaluating"
    left = int(pid_in(tmp_path / "left"))
    shop.wait(lambda: not shop.alive(left), "the end of what it left")


def test_output_without_end_is_cut_and_harms_nobody(workspace, tmp_path):
    trainer = shop.program(tmp_path, "head -c 20000000 /dev/zero | tr '\\0' x; " + shop.GOOD)
    trainer = hf.Subprocess(trainer.argv, max_output=1000)
    loop = shop.controller(workspace, trainer)
    to_training(loop)
    assert shop.step_while(loop, "training").after == "evaluating"
    assert workspace.job_output("line-1") == "x" * 1000


def test_cancelling_kills_the_program_and_ends_the_run(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, 'echo $$ >"$here/pid"; sleep 1000'))
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    loop.cancel("line-1", "a mistake", by="me")
    shop.wait(lambda: not shop.alive(pid), "its end")
    step = loop.step()
    assert (step.after, loop.status().outcome) == ("monitoring", "cancelled")
    assert "cancelled by me: a mistake" in step.decision.sentence
    assert workspace.jobs()[0].state == "cancelled"
    with pytest.raises(hf.Conflict, match="cancelled already"):
        loop.cancel("line-1")
    with pytest.raises(hf.NotFound, match="line-9"):
        loop.cancel("line-9")


def test_cancelling_needs_no_loop_and_no_step(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, 'echo $$ >"$here/pid"; sleep 1000'))
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    loop.pause()
    workspace.cancel("line-1", by="me")
    shop.wait(lambda: not shop.alive(pid), "its end")
    assert loop.step().after == "training"
    loop.resume()
    assert loop.step().after == "monitoring"
    assert not (tmp_path / "ws/jobs/default/line-1").exists()


def test_a_program_of_an_earlier_configuration_is_not_left_behind(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, 'echo $$ >"$here/pid"; sleep 1000'))
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    del loop
    other = shop.controller(workspace, lambda job: hf.Package.open(tmp_path / "better.zip"))
    assert other.step().after == "evaluating"
    assert not shop.alive(pid)


def test_a_supervisor_that_was_killed_is_a_failed_attempt_and_its_program_ends(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, 'echo $$ >"$here/pid"; sleep 1000'))
    to_training(loop)
    loop.step()
    pid = int(shop.wait(lambda: pid_in(tmp_path / "pid"), "the program"))
    loop.step()
    os.kill(int(workspace.jobs()[0].process.split()[1]), signal.SIGKILL)
    shop.step_while(loop, "training")
    assert "left no exit code" in loop.history()[-1].sentence
    shop.wait(lambda: not shop.alive(pid), "the program's end")


def test_a_subprocess_is_saved_and_loaded(workspace, tmp_path):
    loop = shop.controller(workspace, shop.program(tmp_path, shop.GOOD), backoff="7s", notify=["log"])
    loop.save()
    other = hf.Controller.load(workspace, "line")
    del loop
    to_training(other)
    assert shop.step_while(other, "training").after == "evaluating"


def test_a_subprocess_that_makes_no_sense_is_refused(workspace):
    with pytest.raises(hf.InvalidArgument, match="no program given"):
        shop.controller(workspace, hf.Subprocess([]))
    with pytest.raises(hf.InvalidArgument, match="max_wait"):
        shop.controller(workspace, hf.Subprocess(["true"], max_wait="0s"))


def test_a_package_as_a_folder(workspace, tmp_path):
    with zipfile.ZipFile(tmp_path / "better.zip") as made:
        made.extractall(tmp_path / "better")
    loop = shop.controller(workspace, shop.program(tmp_path, 'cp -r "$here/better" "$(member package)"'))
    to_training(loop)
    assert shop.step_while(loop, "training").after == "evaluating"
