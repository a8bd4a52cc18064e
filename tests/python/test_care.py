"""verify, backup, restore, retention, erasure; and the commands for them."""

import os
import random
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta, timezone

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
X = np.array([[0.0], [1.0], [2.0], [3.0]])
Y = np.array([0, 0, 1, 1])


@pytest.fixture
def folder(tmp_path):
    """A workspace with a version, an endpoint, logged rows and labels."""
    folder = tmp_path / "workspace"
    clock = hf.SimulatedClock(START)
    with hf.Workspace(folder, clock=clock) as ws:
        package = hf.package(DecisionTreeClassifier(max_depth=1).fit(X, Y), "line", reference=(X, Y))
        version = ws.registry.register(package)
        ws.registry.approve(version, by="me")
        endpoint = ws.create_endpoint("line", good=["1"])
        endpoint.deploy(version)
        for day in range(4):
            ids = [f"{day}-{row}" for row in range(4)]
            endpoint.predict(X, ids=ids)
            ws.interactions.label(ids, Y)
            clock.advance(timedelta(days=1))
    return folder


def opened(folder, **options):
    return hf.Workspace(folder, clock=hf.SimulatedClock(START + timedelta(days=4)), **options)


def command(*arguments):
    return subprocess.run([sys.executable, "-m", "holdfast", *map(str, arguments)], capture_output=True, text=True)


def artifact(folder):
    [path] = (folder / "artifacts").rglob("*.zip")
    return path


def test_a_sound_workspace_is_verified(folder):
    with opened(folder) as ws:
        found = ws.verify()
        assert found and found.ok and not found.findings and not found.notes
        assert found.checked["interactions"] == 16 and found.checked["packages"] == 1
        (folder / "artifacts" / "stray").write_text("nothing names this")
        found = ws.verify()
        assert found.ok and found.notes == ['nothing names "artifacts/stray"']
    done = command("verify", folder)
    assert done.returncode == 0 and "16 interactions" in done.stdout


@pytest.mark.parametrize("damage", ["missing", "flipped", "truncated", "foreign"])
def test_a_damaged_package_is_found_named_and_never_served(folder, damage):
    path = artifact(folder)
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "flipped":
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    elif damage == "truncated":
        path.write_bytes(content[:-30])
    else:
        hf.package(DecisionTreeClassifier(max_depth=1).fit(X, 1 - Y), "line").save(path.with_suffix(".other.zip"))
        path.with_suffix(".other.zip").replace(path)
    with opened(folder) as ws:
        found = ws.verify()
        assert not found
        assert found.findings[0].thing == "version line@1"
        assert path.stem[:16] in str(found)
        with pytest.raises(hf.Unavailable, match="line@1"):
            ws.endpoint("line").predict(X)
    done = command("verify", folder)
    assert done.returncode == 10 and "FOUND version line@1" in done.stdout


def test_a_database_that_cannot_be_opened_is_a_finding(folder):
    (folder / "holdfast.db").write_bytes(b"not a database at all" * 300)
    done = command("verify", folder)
    assert done.returncode == 10 and "holdfast.db" in done.stdout
    done = command("verify", folder / "nowhere")
    assert done.returncode == 1 and "no workspace" in done.stderr


def test_rows_that_contradict_each_other_are_found(folder):
    # As a program would that writes to the database past Holdfast.
    import sqlite3

    database = sqlite3.connect(f"file:{folder / 'holdfast.db'}?vfs=holdfast", uri=True)
    database.executescript(
        """UPDATE versions SET state = 'pending';
           INSERT INTO deployments
               (namespace, endpoint, model, version, kind, by, reason, event_time, recorded_time, txn)
               VALUES ('default', 'line', 'line', 7, 'deploy', '', '', 1, 1, 2);
           UPDATE counter SET txn = 2;
           UPDATE interactions SET data = x'00' WHERE id = '0-0';
           UPDATE interactions SET schema = 1, role = 'other' WHERE id = '0-1';
           UPDATE endpoints SET good = '[ ]';
           UPDATE labels SET value = x'01' WHERE id = '1-1';"""
    )
    database.close()
    with opened(folder) as ws:
        text = str(ws.verify())
    for wanted in (
        'version line@1: state "pending" seen, "approved"',
        "line@7, which is not registered",
        "a row of transaction",
        'interaction "0-0"',
        'role "other"',
        'column "good": JSON in another form',
        'label of "1-1": neither number nor text',
    ):
        assert wanted in text, text


def test_flipped_bits_of_any_file_are_found_or_harmless(folder, tmp_path):
    with opened(folder) as ws:
        wanted = ws.interactions.to_pandas(endpoint="line")
    seed = random.Random(20240501)
    files = [folder / "holdfast.db", artifact(folder)]
    found = 0
    for turn in range(30):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        path = copy / files[turn % 2].relative_to(folder)
        content = bytearray(path.read_bytes())
        content[seed.randrange(len(content))] ^= 1 << seed.randrange(8)
        path.write_bytes(content)
        try:
            with opened(copy, create=False) as ws:
                if not ws.verify():
                    found += 1
                    continue
                pd.testing.assert_frame_equal(ws.interactions.to_pandas(endpoint="line"), wanted)
                assert ws.endpoint("line").predict(X).values.tolist() == Y.tolist()
        except (hf.CorruptArtifact, hf.Unsupported):
            found += 1
    assert found >= 27


def test_backup_and_restore(folder, tmp_path):
    out = tmp_path / "out.zip"
    with opened(folder) as ws:
        ws.backup(out)
        before = ws.interactions.to_pandas(endpoint="line")
        ws.endpoint("line").predict(X, ids=["l0", "l1", "l2", "l3"])
        ws.backup(tmp_path / "second.zip")
    hf.restore(out, tmp_path / "new")
    with opened(tmp_path / "new", create=False) as ws:
        assert ws.verify()
        pd.testing.assert_frame_equal(ws.interactions.to_pandas(endpoint="line"), before)
        assert ws.endpoint("line").predict(X).values.tolist() == Y.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out.zip", "second.zip", "workspace"]


def test_restore_refuses_what_it_must(folder, tmp_path):
    out = tmp_path / "out.zip"
    with opened(folder) as ws:
        ws.backup(out)
    with pytest.raises(hf.Conflict, match="not empty"):
        hf.restore(out, folder)
    with pytest.raises(hf.NotFound):
        hf.restore(tmp_path / "none.zip", tmp_path / "new")
    # A package whose bytes were changed, in a zip that is whole.
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-1] + b"x" if name.endswith(".zip") else content)
    with pytest.raises(hf.CorruptArtifact, match="version line@1"):
        hf.restore(bad, tmp_path / "new")
    with zipfile.ZipFile(tmp_path / "escapes.zip", "w") as target:
        target.writestr("../escaped", b"x")
    with pytest.raises(hf.CorruptArtifact, match=r"escape|part"):
        hf.restore(tmp_path / "escapes.zip", tmp_path / "new")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("holdfast.db", bytes(100_000_000))
    with pytest.raises(hf.CorruptArtifact, match="bomb"):
        hf.restore(tmp_path / "bomb.zip", tmp_path / "new")
    content = bytearray(out.read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "flipped.zip").write_bytes(content)
    with pytest.raises(hf.CorruptArtifact):
        hf.restore(tmp_path / "flipped.zip", tmp_path / "new")
    left = {path.name for path in tmp_path.iterdir()}
    assert "new" not in left and not any(name.startswith(".") for name in left)


WRITER = """
import sys, holdfast as hf
ws = hf.Workspace(sys.argv[1])
print("ready", flush=True)
n = 0
while True:
    n += 1
    ws.record_metric("n", n)
    ws.record_event("n", {"n": n})
    ws.interactions.label([f"w{n}"], [n])
"""


def test_backups_taken_while_others_write_are_sound(folder, tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, folder], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "ready\n"
        labels = []
        with hf.Workspace(folder) as ws:
            for turn in range(4):
                ws.backup(tmp_path / f"{turn}.zip")
                assert writer.poll() is None
                hf.restore(tmp_path / f"{turn}.zip", tmp_path / f"r{turn}")
                with hf.Workspace(tmp_path / f"r{turn}", create=False) as copy:
                    labels.append(copy.verify().checked["labels"])
    finally:
        writer.kill()
        writer.wait()
    assert labels == sorted(labels) and labels[-1] > labels[0]


def test_commands_for_backup(folder, tmp_path):
    assert command("backup", folder, tmp_path / "out.zip").returncode == 0
    done = command("restore", tmp_path / "out.zip", tmp_path / "new")
    assert done.returncode == 0 and "verified" in done.stdout
    assert command("verify", tmp_path / "new").returncode == 0
    done = command("restore", tmp_path / "out.zip", tmp_path / "new")
    assert done.returncode == 1 and "not empty" in done.stderr


def test_prune_by_age_and_by_size(folder):
    with opened(folder) as ws:
        log = ws.interactions
        assert log.prune("line", older_than="30d") == []
        [removal] = log.prune("line", older_than="3d")
        assert (removal.interactions, removal.labels, removal.reason) == (4, 4, "older than 3d")
        assert removal.first_event == removal.last_event == START
        assert log.count(endpoint="line") == 12
        [removal] = log.prune("line", larger_than=1)
        assert removal.interactions == 12
        assert [row.interactions for row in log.removals("line")] == [4, 12]
        assert ws.verify()
        with pytest.raises(hf.InvalidArgument):
            log.prune("line", larger_than=-1)
        with pytest.raises(hf.NotFound):
            log.prune("none", older_than="1d")


def test_erase_leaves_no_byte_of_a_person(folder):
    frame = pd.DataFrame(
        {
            "id": [f"row-{n}" for n in range(300)],
            "at": pd.date_range(START, periods=300, freq="s"),
            "name": ["Erika Mustermann" if n % 3 == 0 else "somebody else" for n in range(300)],
            "who": ["erika-77" if n % 3 == 0 else "other" for n in range(300)],
            "truth": ["her-secret" if n % 3 == 0 else "plain" for n in range(300)],
        }
    )
    columns = hf.Columns(id="id", time="at", target="truth", entity="who")

    def kept(text):
        return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())

    with opened(folder) as ws:
        ws.interactions.load(frame, endpoint="line", columns=columns)
        ws.interactions.count(endpoint="line")
        assert kept("Erika Mustermann")
        [removal] = ws.interactions.erase("erika-77")
        assert (removal.interactions, removal.labels) == (100, 100)
        for text in ("Erika Mustermann", "erika-77", "her-secret"):
            assert not kept(text)
        assert kept("somebody else")
        assert ws.interactions.count(endpoint="line") == 16 + 200
        assert ws.verify()
        assert ws.interactions.erase("nobody") == []
    assert not kept("Erika Mustermann")


def test_a_decision_that_saw_removed_rows_explains_as_missing(folder):
    with opened(folder) as ws:
        loop = hf.Controller(
            ws,
            endpoint="line",
            retrain=hf.when.metric("accuracy", over="10d", min_labels=4).below(2.0),
            trainer=lambda job: None,
            promote=hf.promote_if("accuracy", 0.01),
        )
        decision = loop.step().decision
        assert hf.explain(decision, ws).verdict == "reproduced"
        ws.interactions.prune("line", older_than="3d")
        explanation = hf.explain(decision, ws)
        assert explanation.verdict == "missing"
        assert any("4 interactions and 4 labels" in note and "older than 3d" in note for note in explanation.notes)


def test_labels_for_ten_thousand_unknown_ids(folder):
    with opened(folder) as ws:
        ids = [f"unknown-{n}" for n in range(10_000)]
        ws.interactions.label(ids, np.arange(10_000))
        assert ws.interactions.count(endpoint="line", labelled=True) == 16
        assert ws.verify().checked["labels"] == 10_016


def test_clock_jumps(folder):
    clock = hf.SimulatedClock(START + timedelta(days=400))
    with hf.Workspace(folder, clock=clock) as ws:
        ws.endpoint("line").predict(X, ids=["a", "b", "c", "d"])
    with hf.Workspace(folder, clock=hf.SimulatedClock(START - timedelta(days=400))) as ws:
        ws.endpoint("line").predict(X, ids=["e", "f", "g", "h"])
        ws.interactions.label(["a", "e"], [1, 0])
        frame = ws.interactions.to_pandas(endpoint="line")
        assert list(frame["id"][:4]) == ["e", "f", "g", "h"] and list(frame["id"][-4:]) == ["a", "b", "c", "d"]
        assert frame["transaction"].iloc[0] > frame["transaction"].iloc[-1]
        assert ws.verify()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_read_only_folder_as_an_unprivileged_user(folder, tmp_path):
    for above in [tmp_path, *tmp_path.parents]:
        if above.stat().st_uid == os.geteuid() and above != above.parent:
            above.chmod(above.stat().st_mode | 0o005)
    program = (
        "import os, sys\nimport holdfast as hf\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n    hf.Workspace(sys.argv[1])\n"
        "except hf.PermissionDenied as error:\n    print('refused', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True)
    assert done.stdout.startswith("refused") and str(folder) in done.stdout, done.stderr
    assert command("verify", folder).returncode == 0
