"""Interactions in from other systems, and out to them."""

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import holdfast as hf
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.tree import DecisionTreeClassifier

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
COLUMNS = hf.Columns(
    id="key", time="at", prediction="yhat", probability=["p0", "p1"], target="truth", label_time="known", entity="user"
)


def frame(rows=12):
    numbers = np.arange(rows)
    truth = pd.array(numbers % 2, dtype="Int64")
    truth[3] = pd.NA
    return pd.DataFrame(
        {
            "key": [f"r{n}" for n in numbers],
            "at": pd.date_range(START, periods=rows, freq="min"),
            "x": numbers / 4,
            "colour": np.where(numbers % 3 == 0, "red", "blue"),
            "yhat": (numbers % 3 == 0).astype(np.int64),
            "p0": 1 - numbers / 100,
            "p1": numbers / 100,
            "truth": truth,
            "known": pd.date_range(START + timedelta(hours=1), periods=rows, freq="min"),
            "user": [f"u{n % 4}" for n in numbers],
        }
    )


@pytest.fixture
def ws(tmp_path):
    with hf.Workspace(tmp_path / "ws", clock=hf.SimulatedClock(START + timedelta(days=1))) as workspace:
        workspace.create_endpoint("line")
        yield workspace


@pytest.fixture(params=["frame", "arrow", "csv", "parquet"])
def source(request, tmp_path):
    made = frame()
    if request.param == "frame":
        return made
    if request.param == "arrow":
        return pa.Table.from_pandas(made, preserve_index=False)
    path = tmp_path / f"log.{request.param}"
    made.to_csv(path, index=False) if request.param == "csv" else made.to_parquet(path, index=False)
    return path


def test_a_log_comes_in_whatever_holds_it(ws, source):
    loaded = ws.interactions.load(source, endpoint="line", columns=COLUMNS)
    assert loaded == hf.Loaded(rows=12, new=12, labels=11)
    got = ws.interactions.to_pandas(endpoint="line")
    wanted = frame()
    assert list(got["id"]) == list(wanted["key"])
    assert list(got["time"]) == list(wanted["at"])
    np.testing.assert_array_equal(got["x"], wanted["x"])
    assert list(got["colour"]) == list(wanted["colour"])
    assert list(got["yhat"]) == list(wanted["yhat"])
    np.testing.assert_array_equal(got["p1"], wanted["p1"])
    assert got["label"].isna().tolist() == [n == 3 for n in range(12)]
    assert list(got["label"].dropna()) == list(wanted["truth"].dropna())
    assert got["label_time"].iloc[5] == wanted["known"].iloc[5]
    again = ws.interactions.load(source, endpoint="line", columns=COLUMNS)
    assert again.new == 0 and ws.verify().checked["labels"] == 11


def test_outputs_take_the_names_that_the_version_gives_them(ws):
    rows = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
    version = ws.registry.register(hf.package(DecisionTreeClassifier(max_depth=1).fit(rows, [0, 0, 1, 1]), "line"))
    ws.registry.approve(version, by="me")
    ws.endpoint("line").deploy(version)
    columns = hf.Columns(
        id="key",
        time="at",
        prediction="yhat",
        probability=["p0", "p1"],
        target="truth",
        label_time="known",
        features=["x"],
    )
    ws.interactions.load(frame(), endpoint="line", columns=columns, version=version)
    scores = ws.endpoint("line").monitor.performance("rows(100)", metrics=["accuracy", "log_loss"])
    made = frame().dropna()
    truth, predicted = made["truth"].astype(int), made["yhat"]
    assert scores["accuracy"].value == pytest.approx((truth == predicted).mean(), abs=1e-12)
    likelihood = np.where(truth == 1, made["p1"], made["p0"])
    assert scores["log_loss"].value == pytest.approx(-np.log(np.clip(likelihood, 1e-15, 1)).mean(), rel=1e-9)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("key", None, 'row 8, column "key"'),
        ("at", "yesterday-ish", 'row 8, column "at"'),
        ("at", None, 'row 8, column "at"'),
        ("known", None, 'row 8, column "known"'),
    ],
)
def test_errors_name_row_and_column_and_nothing_of_the_piece_is_in(ws, column, value, said):
    broken = frame().astype({"at": str, "known": str})
    broken[column] = broken[column].astype(object)
    broken.loc[7, column] = value
    with pytest.raises(hf.InvalidArgument, match=said):
        ws.interactions.load(broken, endpoint="line", columns=COLUMNS)
    assert ws.interactions.count(endpoint="line") == 0


def test_a_load_that_was_cut_off_goes_on_where_it_stood(ws):
    rows = 25_000
    made = frame(rows)
    good = made["key"].iloc[24_000]
    made.loc[24_000, "key"] = None
    with pytest.raises(hf.InvalidArgument, match=r"row 24001.*20000 rows before this piece are in"):
        ws.interactions.load(made, endpoint="line", columns=COLUMNS)
    assert ws.interactions.count(endpoint="line") == 20_000
    made.loc[24_000, "key"] = good
    assert ws.interactions.load(made, endpoint="line", columns=COLUMNS).new == 5_000
    other = frame(10)
    other.loc[5, "x"] = -1.0
    with pytest.raises(hf.Conflict, match="r5"):
        ws.interactions.load(other, endpoint="line", columns=COLUMNS)


def test_missing_columns_and_files_are_named(ws, tmp_path):
    with pytest.raises(hf.InvalidArgument, match='"user"'):
        ws.interactions.load(frame().drop(columns="user"), endpoint="line", columns=COLUMNS)
    with pytest.raises(hf.InvalidArgument, match="time"):
        ws.interactions.load(frame(), endpoint="line", columns=hf.Columns(id="key"))
    with pytest.raises(hf.NotFound, match=r"none\.csv"):
        ws.interactions.load(tmp_path / "none.csv", endpoint="line", columns=COLUMNS)
    (tmp_path / "not.parquet").write_bytes(b"x" * 100)
    with pytest.raises(hf.CorruptArtifact, match=r"not\.parquet"):
        ws.interactions.load(tmp_path / "not.parquet", endpoint="line", columns=COLUMNS)


def test_export_to_arrow_and_parquet_is_what_pandas_shows(ws, tmp_path):
    ws.interactions.load(frame(23_000), endpoint="line", columns=COLUMNS)
    # Another schema, so that pieces differ in their columns.
    ws.interactions.load(
        pd.DataFrame({"key": ["z"], "at": [START + timedelta(days=60)], "x": [7], "extra": ["new"]}),
        endpoint="line",
        columns=hf.Columns(id="key", time="at"),
    )
    whole = ws.interactions.to_pandas(endpoint="line")
    assert ws.interactions.to_arrow(endpoint="line").num_rows == 23_001
    path = tmp_path / "out.parquet"
    assert ws.interactions.to_parquet(path, endpoint="line") == 23_001
    read = pq.read_table(path)
    assert sorted(read.column_names) == sorted(whole.columns)
    assert read.column("id").to_pylist() == list(whole["id"])
    np.testing.assert_array_equal(read.column("x").to_numpy(), whole["x"])
    assert read.column("extra").to_pylist()[-2:] == [None, "new"]
    np.testing.assert_array_equal(
        read.column("label").to_numpy(zero_copy_only=False), whole["label"].to_numpy(dtype=float, na_value=np.nan)
    )
    some = ws.interactions.to_parquet(path, endpoint="line", since=START + timedelta(minutes=22_990), labelled=True)
    assert some == 10 and pq.read_table(path).num_rows == 10
    assert ws.interactions.to_parquet(path, endpoint="line", until=START - timedelta(days=1)) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.parquet", "ws"]


def test_the_commands(ws, tmp_path):
    frame().to_csv(tmp_path / "log.csv", index=False)

    def command(*arguments):
        return subprocess.run([sys.executable, "-m", "holdfast", *map(str, arguments)], capture_output=True, text=True)

    done = command("import", ws.folder, tmp_path / "log.csv", "--id", "key", "--time", "at", "--target", "truth")
    assert done.returncode == 0 and "12 rows read, 12 new, 11 labels" in done.stdout, done.stderr
    done = command(
        "export", ws.folder, tmp_path / "out.parquet", "--endpoint", "line", "--since", "2024-05-01T00:06:00Z"
    )
    assert done.returncode == 0 and "6 rows" in done.stdout, done.stderr
