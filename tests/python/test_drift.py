"""hf.drift, its report and its profiles."""

import math
import pickle
import subprocess
import sys

import holdfast as hf
import numpy as np
import pandas as pd
import pytest


def frame(seed, n, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": rng.lognormal(size=n) + shift,
            "age": rng.integers(18, 90, n),
            "city": rng.choice(["Oslo", "Riga"], n),
            "member": rng.random(n) < 0.3,
            "id": np.arange(n),
            "at": pd.date_range("2024", periods=n, freq="s"),
            "note": [f"text {seed} {i}" for i in range(n)],
        }
    )


REFERENCE = frame(0, 20_000)


def test_the_same_is_ok_and_a_shift_is_drift():
    assert hf.drift(REFERENCE, frame(1, 20_000)[["age", "city", "member"]]).verdict == "ok"
    report = hf.drift(REFERENCE, frame(2, 5_000, shift=1.0))
    assert report.verdict == "drift"
    assert report.drifted == ["income"]
    assert report["income"].interval.lower > report["income"].tolerance
    assert report["age"].verdict == "ok"
    assert set(report.left_out) == {"id", "at", "note"}


def test_few_rows_are_insufficient():
    report = hf.drift(REFERENCE, frame(3, 20))
    assert report.verdict == "insufficient"
    column = report["age"]
    assert column.verdict == "insufficient"
    assert column.rows_wanted > 20
    assert column.detectable > column.tolerance


def test_profiles_answer_as_frames_do():
    current = frame(4, 3_000, shift=0.3)
    parts = [hf.Profile.of(current[i : i + 1000]) for i in range(0, 3000, 1000)]
    merged = hf.Profile.merged(parts)
    assert merged.rows == 3000
    ours, theirs = hf.drift(hf.Profile.of(REFERENCE), merged), hf.drift(REFERENCE, current)
    assert [(t.column, t.test) for t in ours.tests] == [(t.column, t.test) for t in theirs.tests]
    for bounded, exact in zip(ours.tests, theirs.tests, strict=True):  # a sketch may take a verdict away, never turn it
        assert bounded.verdict in (exact.verdict, "insufficient")
        assert bounded.interval.lower <= exact.interval.lower + 1e-3
        assert bounded.interval.upper >= exact.interval.upper - 1e-3


def test_tests_tolerances_and_columns_can_be_chosen():
    current = frame(5, 5_000, shift=0.4)
    report = hf.drift(
        REFERENCE,
        current,
        columns=["income", "city"],
        tests={"income": hf.drift_tests.wasserstein(tolerance=2.0), "city": ["chi2", hf.drift_tests.js()]},
    )
    assert [(t.column, t.test, t.tolerance) for t in report.tests] == [
        ("income", "wasserstein", 2.0),
        ("city", "chi2", 0.1),
        ("city", "js", 0.1),
    ]
    assert report.verdict == "ok"
    roles = hf.drift(REFERENCE, current, columns=hf.Columns(id="id", time="at", entity="member"))
    assert roles.left_out["member"] == "the entity"
    assert hf.drift(REFERENCE, current, share=0.9).verdict in ("ok", "insufficient")


def test_missing_values_and_new_categories_count():
    current = frame(6, 5_000)
    current.loc[:2000, "income"] = np.nan
    current["city"] = "Tartu"
    report = hf.drift(REFERENCE, current)
    assert report["income"].test == "missing"
    assert report["city"].statistic == 1.0


def test_bad_input_is_named():
    with pytest.raises(hf.InvalidArgument, match="nowhere"):
        hf.drift(REFERENCE, REFERENCE, columns=["nowhere"])
    with pytest.raises(hf.InvalidArgument, match="unknown; wanted: ks"):
        hf.drift(REFERENCE, REFERENCE, tests={"income": "unheard of"})
    with pytest.raises(hf.InvalidArgument, match="alpha"):
        hf.drift(REFERENCE, REFERENCE, alpha=2.0)
    with pytest.raises(hf.InvalidArgument, match="float64 wanted"):
        hf.drift({"x": [1.0, 2.0]}, {"x": ["a", "b"]})
    with pytest.raises(hf.InvalidArgument, match="does not compare text"):
        hf.drift({"x": ["a"]}, {"x": ["b"]}, tests={"x": "ks"})
    with pytest.raises(hf.NotFound, match="timestamp"):
        hf.drift(REFERENCE, REFERENCE)["at"]


def test_the_report_shows_itself(tmp_path):
    report = hf.drift(REFERENCE, frame(7, 5_000, shift=1.0))
    assert repr(report).startswith("DriftReport: drift (20,000 reference rows")
    table = report.to_pandas()
    assert len(table) == len(report.tests)
    assert table["effect"].dtype == np.float64
    path = tmp_path / "drift.html"
    report.save_html(path)
    page = path.read_text(encoding="utf-8")
    assert "income" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<svg" in report._repr_html_()
    hostile = hf.drift({"<script>": [1.0, 2.0]}, {"<script>": [1.0, 2.0]})
    assert "<script>" not in hostile._repr_html_()
    assert report.to_dict()["summary"]["verdict"] == "drift"


def test_plot_draws_every_test():
    import matplotlib

    matplotlib.use("Agg")
    report = hf.drift(REFERENCE, frame(8, 5_000))
    assert len(report.plot().get_yticklabels()) == len(report.tests)


def test_plot_without_matplotlib_names_the_pip_line():
    program = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.pyplot'] = None\n"
        "import holdfast as hf\n"
        "try: hf.drift({'x': [1.0]}, {'x': [1.0]}).plot()\n"
        "except ImportError as error: print(error)"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "pip install 'holdfast[plots]'" in out


def test_profiles_are_saved_merged_and_private(tmp_path):
    profile = hf.Profile.of(REFERENCE[["income", "city"]], private=["city"])
    profile.save(tmp_path / "p.profile")
    loaded = hf.Profile.load(tmp_path / "p.profile")
    assert loaded == profile
    assert pickle.loads(pickle.dumps(profile)) == profile
    assert b"Oslo" not in profile.to_bytes()
    assert "items" not in profile["city"]
    before = profile.rows
    profile += loaded
    assert profile.rows == 2 * before
    assert profile.quantile("income", 0.5) == pytest.approx(1.0, abs=0.05)
    with pytest.raises(hf.CorruptArtifact):
        hf.Profile.from_bytes(profile.to_bytes()[:-1])
    with pytest.raises(hf.InvalidArgument):
        profile += hf.Profile.of({"other": [1.0]})
    with pytest.raises(hf.InvalidArgument, match="email"):
        hf.Profile.of({"x": [1.0]}, private=["email"])


@pytest.mark.parametrize("values", [[], [1.0], [math.nan] * 3, [2.0] * 50, [math.inf, 1.0, -math.inf]])
def test_odd_columns_have_an_answer(values):
    for other in ([1.0, 2.0, 3.0], values):
        report = hf.drift({"x": np.array(values)}, {"x": np.array(other)})
        assert report.verdict in ("ok", "insufficient", "drift")
        assert repr(report)
        assert report._repr_html_()
