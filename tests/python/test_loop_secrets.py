"""What a trainer prints or raises, is given or knows: kept as its output alone, if at all."""

import json
import sys
from pathlib import Path

import holdfast as hf
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import shop
from holdfast._status import story

SECRET = "s3cr3t-0f-the-house"


def files_with(folder, words):
    """Names of the files that hold them."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in Path(folder).rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    )


def give_up(workspace, trainer, **options):
    """Runs a training that fails to its end; everything that anybody is told of it."""
    told = []
    loop = shop.controller(
        workspace, trainer, max_attempts=1, notify=["log", lambda one: told.append(one.to_dict())], **options
    )
    loop.step(until="training")
    steps = [shop.step_while(loop, "training"), loop.step()]
    assert loop.status().outcome == "failed"
    (job,) = workspace.jobs()
    return "\n".join(
        [
            *map(repr, [*steps, loop, loop.status(), job, *loop.history()]),
            *(f"{one.sentence} {one.reasons}" for one in loop.history()),
            json.dumps(told),
            str(loop.history()),
            story(workspace, "line"),
            job.error,
            job.note,
        ]
    )


def test_what_a_program_prints_is_its_output_alone(workspace, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("TOKEN", SECRET)
    trainer = shop.program(tmp_path, 'echo "postgresql://me:$TOKEN@db: refused" >&2; echo "$TOKEN"; exit 3')
    said = give_up(workspace, trainer)
    assert "exit code 3 seen, 0 wanted" in said
    assert workspace.job_output("line-1").count(SECRET) == 2
    (job,) = workspace.jobs()
    workspace.close()
    assert SECRET not in said + "".join(capfd.readouterr())
    assert files_with(workspace.folder, SECRET) == [f"artifacts/{job.log[:2]}/{job.log}.log"]


def test_a_programs_arguments_and_environment_are_kept_nowhere_unless_saved(workspace, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("TOKEN", SECRET)
    trainer = shop.program(tmp_path, "exit 1")
    said = give_up(workspace, hf.Subprocess([*trainer.argv, "--password", SECRET + "-argument"]))
    assert 'trainer "sh": exit code 1' in said
    workspace.close()
    assert SECRET not in said + "".join(capfd.readouterr())
    assert files_with(workspace.folder, SECRET) == []


@pytest.mark.parametrize(
    ("raised", "kind"),
    [(RuntimeError, "RuntimeError"), (hf.InvalidArgument, "InvalidArgument"), (KeyError, "KeyError")],
)
def test_what_a_function_raises_is_its_output_alone(workspace, capfd, raised, kind):
    def train(job):
        raise raised(f"no connection as me:{SECRET}")

    said = give_up(workspace, train)
    assert f'failed (attempt 1 of 1): {kind} raised; what it said is kept as the output of job "line-1"' in said
    output = workspace.job_output("line-1")
    assert SECRET in output and __file__ in output  # with the place that raised it
    (job,) = workspace.jobs()
    workspace.close()
    assert SECRET not in said + "".join(capfd.readouterr())
    assert files_with(workspace.folder, SECRET) == [f"artifacts/{job.log[:2]}/{job.log}.log"]


def test_what_a_receiver_raises_is_nowhere(workspace, capfd):
    from holdfast import _core

    def broken(told):
        raise ConnectionError(f"hook {SECRET}")

    shop.controller(workspace, shop.program(workspace.folder.parent, shop.GOOD), notify=[broken]).step()
    (owed,) = _core.undelivered(workspace._core, "line")
    assert owed.error.endswith('broken": ConnectionError raised')
    told = story(workspace, "line")
    workspace.close()
    assert SECRET not in told + owed.error + "".join(capfd.readouterr())
    assert files_with(workspace.folder, SECRET) == []


def test_words_that_are_no_text_harm_nobody(workspace, tmp_path):
    script = r"""
        printf '\377 out'
        { printf '0.5 \377'; printf '\303\251%.0s' $(seq 150); echo; } >>"$(member progress)"
    """
    loop = shop.controller(workspace, shop.program(tmp_path, script + shop.GOOD))
    loop.step(until="training")
    assert shop.step_while(loop, "training").after == "evaluating"
    assert workspace.job_output("line-1") == "� out"
    (job,) = workspace.jobs()
    assert job.note == "�" + "é" * 98  # 199 bytes: the next would not fit in 200
    assert "line-1" in story(workspace, "line")
