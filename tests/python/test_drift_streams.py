"""Watching real streams: silent while they are stationary, and not where they are documented to shift.

The streams are those that nannyml and river bring along; tools/setup.py downloads their wheels to build/data.
"""

import gzip
import io
import itertools
import zipfile
from pathlib import Path

import holdfast as hf
import pandas as pd
import pytest

DATA = Path(__file__).resolve().parents[2] / "build/data"


def stored(package, name, **options):
    (wheel,) = DATA.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as files:
        data = files.read(f"{package}/{name}")
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            data = inner.read(inner.namelist()[0])
    return pd.read_csv(io.BytesIO(data), **options)


def looks(reference, stream, rows):
    """What each of the stream's windows says at one false alarm in 1,000."""
    windows = [stream.iloc[i : i + rows].reset_index(drop=True) for i in range(0, len(stream) - rows + 1, rows)]
    return [hf.drift(reference, window, alpha=0.001, in_time_order=True) for window in windows]


# Each analysis period is documented to drift in its second half; see nannyml's "Datasets".
NANNYML = {
    "synthetic_car_loan": {"car_value", "loan_length", "repaid_loan_on_prev_car"},
    "regression_synthetic": {"accident_count", "fuel"},
    "mc": {"app_channel", "credit_bureau_score"},
    "synthetic_sample": {"distance_from_office", "public_transportation_cost", "wfh_prev_workday"},
}
NO_FEATURES = ["id", "timestamp", "period", "y_true", "y_pred", "y_pred_proba", "repaid", "work_home_actual"]


@pytest.mark.parametrize("name", NANNYML)
def test_nannymls_streams(name):
    reference = stored("nannyml", f"datasets/data/{name}_reference.csv")
    analysis = stored("nannyml", f"datasets/data/{name}_analysis.csv")
    outputs = [column for column in reference if column.startswith("y_pred")]
    features = [column for column in reference if column not in (*NO_FEATURES, *outputs)]
    half = len(reference) // 2
    before = looks(reference[features][:half], reference[features][half:], 5000)
    assert not any(report.drifted for report in before)
    during = looks(reference[features], analysis[features], 5000)
    first, second = during[: len(during) // 2], during[len(during) // 2 :]
    assert not any(report.drifted for report in first)
    assert all(report.verdict == "drift" for report in second)
    assert {column for report in second for column in report.drifted} == NANNYML[name]


@pytest.mark.parametrize(("name", "rows"), [("phishing.csv.gz", 100), ("segment.csv.zip", 150)])
def test_rivers_stationary_streams(name, rows):
    stream = stored("river", f"datasets/{name}")
    third = len(stream) // 3
    assert not any(report.drifted for report in looks(stream[:third], stream[third:], rows))


def test_a_runners_paces():
    # Interval training: river's annotators see changes at these rows; walking and running take turns.
    pace = stored("river", "drift/datasets/run_log.csv")[["Pace"]]
    ends = [114, 174, 204, 240, 258, 317, 376]
    paces = [pace[a:b].reset_index(drop=True) for a, b in itertools.pairwise(ends)]
    for before, after in itertools.pairwise(paces):
        assert hf.drift(before, after).verdict == "drift"


def test_days_of_a_room_are_worth_a_row_each():
    # One row in 16 minutes, 90 a day: what goes by the day is told by many days, and four raise no alarm.
    room = stored("river", "drift/datasets/occupancy.csv")[["V1", "V2", "V3", "V4"]]
    assert {report.verdict for report in looks(room[:90], room[90:], 90)} == {"insufficient"}
