"""The registry, the ledger and why, from Python; signatures checked by the openssl command."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import small_loop

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
HOUR = dt.timedelta(hours=1)
X = np.arange(20.0).reshape(10, 2)


def package(slope: float, name: str = "m", **more) -> hf.Package:
    return hf.package(LinearRegression().fit(X, slope * X[:, 0]), name, **more)


@pytest.fixture
def clock():
    return hf.SimulatedClock(START)


@pytest.fixture
def ws(tmp_path, clock):
    with hf.Workspace(tmp_path / "ws", clock=clock, seed=3) as opened:
        yield opened


def approved(ws: hf.Workspace, slope: float, **more) -> hf.Version:
    return ws.registry.approve(ws.registry.register(package(slope, **more)), by="me", note=f"slope {slope}")


def keys(folder: Path, name: str, algorithm: str = "ed25519") -> tuple[str, str, Path]:
    """A key pair as the openssl command makes it."""
    private, public = folder / f"{name}.pem", folder / f"{name}.pub.pem"
    extra = ["-pkeyopt", "ec_paramgen_curve:P-256"] if algorithm == "EC" else []
    subprocess.run(["openssl", "genpkey", "-algorithm", algorithm, *extra, "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    return private.read_text(), public.read_text(), public


def test_a_version_has_three_names(ws):
    first, second = approved(ws, 1), approved(ws, 2)
    ws.registry.alias("m", "champion", first, by="me", note="until spring")
    assert ws.registry.resolve("m") == second
    assert ws.registry.resolve("m@1") == ws.registry.resolve("m@champion") == first
    ws.registry.alias("m", "champion", "m@2")
    ws.registry.alias("m", "older", 1)
    assert ws.registry.aliases("m") == {"champion": 2, "older": 1}
    ws.registry.alias("m", "older", None)
    assert [(move.alias, move.version) for move in ws.registry.alias_history("m")] == [
        ("champion", 1),
        ("champion", 2),
        ("older", 1),
        ("older", None),
    ]
    endpoint = ws.create_endpoint("m")
    endpoint.deploy("m@champion", by="me")
    assert endpoint.live == second
    assert ws.registry.package("m@1").identity == first.package
    assert ws.registry.history("m@1")[0].note == "slope 1"
    assert ws.registry.archive("m@1", by="me").state == "archived"
    with pytest.raises(hf.NotFound, match='alias "best" not found; there is "champion"'):
        endpoint.deploy("m@best")
    with pytest.raises(hf.InvalidArgument, match='of "n" given'):
        ws.registry.alias("m", "champion", ws.registry.register(package(3, "n")))


def test_metrics_claimed_are_not_metrics_computed(ws):
    made = package(1, reference=(X, X[:, 0]), evaluate=["mae"], claimed={"mae": 0.0, "r2": 1.0}, lineage={"seed": 7})
    version = ws.registry.register(made)
    assert set(version.metrics) == {"mae"} and version.metrics["mae"].value < 1e-9
    assert version.claimed == made.claimed == {"mae": 0.0, "r2": 1.0}
    assert version.lineage["seed"] == 7
    assert package(1).claimed == {}


def test_a_zip_goes_out_and_comes_in(ws, tmp_path):
    version = approved(ws, 1)
    ws.registry.export("m", tmp_path / "m.zip")
    with hf.Workspace(tmp_path / "other") as other:
        taken = other.registry.register(tmp_path / "m.zip")
        assert (taken.package, taken.state) == (version.package, "pending")
        assert other.registry.package(taken).to_bytes() == ws.registry.package(version).to_bytes()


def test_a_signature_is_what_openssl_says(tmp_path):
    private, _, public_file = keys(tmp_path, "mine")
    made = package(1)
    signed = made.sign(private)
    assert signed == made and made.signed_by == [] and len(signed.signed_by) == 1
    signed.save(tmp_path / "p.zip")
    signed.save(tmp_path / "p")
    told = json.loads(zipfile.ZipFile(tmp_path / "p.zip").read("signatures.json"))
    assert json.loads((tmp_path / "p" / "signatures.json").read_text()) == told
    assert list(told["signatures"]) == signed.signed_by
    (tmp_path / "message").write_text(f"holdfast package {made.identity}")
    (tmp_path / "signature").write_bytes(bytes.fromhex(told["signatures"][signed.signed_by[0]]))
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public_file, "-rawin", "-sigfile"]
    subprocess.run([*verify, tmp_path / "signature", "-in", tmp_path / "message"], check=True)
    (tmp_path / "message").write_text(f"holdfast package {package(2).identity}")
    assert subprocess.run([*verify, tmp_path / "signature", "-in", tmp_path / "message"], check=False).returncode != 0


def test_only_trusted_signatures_pass(tmp_path):
    private, public, _ = keys(tmp_path, "trusted")
    foreign, _, _ = keys(tmp_path, "foreign")
    made = package(1)
    with hf.Workspace(tmp_path / "ws", trusted_keys=[public]) as ws:
        with pytest.raises(hf.PermissionDenied, match=f"{made.identity}: not signed, a signature by [0-9a-f]{{64}}"):
            ws.registry.register(made)
        by_foreign = made.sign(foreign)
        with pytest.raises(hf.PermissionDenied, match=f"signed by {by_foreign.signed_by[0]}, a signature by"):
            ws.registry.register(by_foreign)
        version = ws.registry.approve(ws.registry.register(by_foreign.sign(private)), by="me")
        ws.create_endpoint("m").deploy(version)
        assert len(ws.registry.package(version).signed_by) == 2
    with hf.Workspace(tmp_path / "ws") as careless:
        careless.registry.approve(careless.registry.register(package(2)), by="me")
    with hf.Workspace(tmp_path / "ws", trusted_keys=public) as ws:
        with pytest.raises(hf.PermissionDenied, match="not signed"):
            ws.endpoint("m").deploy("m@2")
        with pytest.raises(hf.PermissionDenied, match="not signed"):
            ws.registry.package("m@2")


def test_keys_of_another_kind_are_refused_by_name(tmp_path):
    private, public, _ = keys(tmp_path, "elliptic", "EC")
    with pytest.raises(hf.InvalidArgument, match="type EC given, Ed25519 wanted"):
        package(1).sign(private)
    with pytest.raises(hf.InvalidArgument, match="type EC given, Ed25519 wanted"):
        hf.Workspace(tmp_path / "ws", trusted_keys=[public])
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:x", "-out", locked], check=True
    )
    with pytest.raises(hf.InvalidArgument, match="an unencrypted Ed25519 key wanted") as refused:
        package(1).sign(locked.read_text())
    assert locked.read_text().splitlines()[1] not in str(refused.value)


def test_the_ledger_says_from_when_until_when(ws, clock):
    endpoint = ws.create_endpoint("m")
    endpoint.deploy(approved(ws, 1), by="me", reason="first")
    clock.advance("1h")
    endpoint.deploy(approved(ws, 2), by="me", reason="better")
    clock.advance("1h")
    endpoint.rollback("worse", by="you")
    rows = endpoint.ledger()
    assert [(row.kind, row.version, row.time - START, row.until and row.until - START) for row in rows] == [
        ("deploy", 1, 0 * HOUR, HOUR),
        ("deploy", 2, HOUR, 2 * HOUR),
        ("rollback", 1, 2 * HOUR, None),
    ]
    assert ws.what_served("m", START - HOUR) is None
    assert ws.what_served("m", START + 0.5 * HOUR).reason == "first"
    assert ws.what_served("m", START + 1.5 * HOUR).version == 2
    assert ws.what_served("m", START + 9 * HOUR).by == "you"
    with pytest.raises(hf.NotFound, match="elsewhere"):
        ws.what_served("elsewhere", START)


def test_why_an_answer_was_given(ws, clock):
    endpoint = ws.create_endpoint("m")
    endpoint.deploy(approved(ws, 2), by="me", reason="first")
    answer = endpoint.predict(X, ids=range(10))
    ws.interactions.label([3], [12.0])
    why = ws.why(3)
    assert why.verdict == "same_bits", str(why)
    assert why.features == {"x0": 6.0, "x1": 7.0}
    assert list(why.outputs.values()) == [answer.values[3]]
    assert (why.endpoint, why.id, why.version.number, why.label, why.time) == ("m", "3", 1, 12.0, START)
    assert why.package == why.version.package == package(2).identity
    assert why.deployment.reason == "first" and why.approvals[0].note == "slope 2"
    assert "by me: slope 2" in str(why) and "the same bits" in why.text
    with pytest.raises(hf.NotFound, match='"77"'):
        ws.why(77)


def test_why_tells_the_loop_that_made_the_version(tmp_path):
    folder = tmp_path / "loop"
    small_loop.run(folder)
    with hf.Workspace(folder, clock=hf.SimulatedClock(START)) as ws:
        made = [v for v in ws.registry.versions("line") if "job" in v.lineage and v.state == "approved"]
        rows = ws.interactions.to_pandas(endpoint="line", version=made[0].number)
        why = ws.why(rows["id"].iloc[0], endpoint="line")
        assert [d.policy for d in why.decisions] == ["retrain", "select", "train", "promote", "deploy"]
        assert [d.sequence for d in why.decisions] == list(
            range(why.decisions[0].sequence, why.decisions[0].sequence + 5)
        )
        assert why.verdict == "same_bits"
        assert all(d.sentence in why.text for d in why.decisions)
        assert why.approvals[0].by == "rule"
        line = ws.registry.lineage(made[-1])
        assert [v.number for v in line] == sorted((v.number for v in line), reverse=True)
        assert line[-1].number == 1
        assert "parent" not in line[-1].lineage or line[-1].lineage["parent"] is None
        # What the loop needs is no garbage, however old it is.
        for path in (folder / "artifacts").rglob("*"):
            os.utime(path, (0, 0))
        assert ws.collect_garbage().files == []
        assert hf.explain(why.decisions[3], ws).verdict == "reproduced"


def test_garbage_is_what_nothing_needs(ws):
    version = approved(ws, 1)
    folder = ws.folder / "artifacts"
    kept = next(folder.rglob(version.package + ".zip"))
    lost = kept.with_name("0" * 64 + ".zip")
    shutil.copy(kept, lost)
    half = kept.with_name("." + kept.name + ".tmp-1-2")
    half.write_bytes(b"half")
    assert ws.collect_garbage().files == []
    old = time.time() - 7200
    for path in (kept, lost, half):
        os.utime(path, (old, old))
    told = ws.collect_garbage(dry_run=True)
    assert set(told.files) == {lost, half} and told.bytes == lost.stat().st_size + 4
    assert ws.collect_garbage(grace="3h").files == []
    assert set(ws.collect_garbage().files) == {lost, half}
    assert kept.exists() and not lost.exists() and not half.exists()
    ws.registry.package(version)
