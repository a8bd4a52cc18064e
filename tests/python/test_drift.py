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


def test_profiles_never_contradict_frames():
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


def shops(seed, n, shift=0.0):
    rng = np.random.default_rng(seed)
    region = rng.choice(["north", "south", "west"], n)
    return pd.DataFrame(
        {
            "region": region,
            "open": rng.random(n) < 0.5,
            "income": rng.normal(size=n) + shift * (region == "south"),
            "size": rng.normal(size=n),
        }
    )


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "bh", "by"])
def test_corrections_stand_in_the_report(correction):
    report = hf.drift(shops(1, 3000), shops(2, 3000, shift=0.5), correction=correction)
    assert report.correction == correction and report.family == 8
    p = [test.p_drift for test in report.tests] + [1.0] * (report.family - len(report.tests))
    np.testing.assert_allclose(
        [t.p_corrected for t in report.tests], hf.stats.corrected(p, correction)[: len(report.tests)]
    )
    for test in report.tests:
        assert (test.verdict == "drift") == (test.p_corrected <= 0.05) == (test.interval.lower > test.tolerance)
    assert f"{report.family} tests, {correction}" in repr(report)
    assert report.to_dict()["correction"] == correction


def test_false_discovery_rates_agree_with_scipy():
    from scipy.stats import false_discovery_control

    rng = np.random.default_rng(3)
    for n in (1, 2, 7, 100):
        p = rng.random(n) ** 4
        for name in ("bh", "by"):
            np.testing.assert_allclose(hf.stats.corrected(p, name), false_discovery_control(p, method=name), rtol=1e-13)
    with pytest.raises(hf.InvalidArgument, match="bonferroni, holm, bh, by"):
        hf.stats.corrected([0.5], "sidak")


def test_fdr_is_short_for_benjamini_and_hochberg():
    report = hf.drift(REFERENCE, REFERENCE, fdr=0.1)
    assert (report.correction, report.alpha) == ("bh", 0.1)
    assert hf.drift(REFERENCE, REFERENCE, fdr=0.1, correction="by").correction == "by"
    with pytest.raises(hf.InvalidArgument, match="holm"):
        hf.drift(REFERENCE, REFERENCE, fdr=0.1, correction="holm")


def test_slices_are_ranked_and_never_change_the_whole(tmp_path):
    reference, current = shops(1, 6000), shops(2, 6000, shift=1.0)
    whole = hf.drift(reference, current)
    report = hf.drift(reference, current, by=["region", "open"])
    assert str(report.to_dict()["summary"]) == str(whole.to_dict()["summary"])
    assert report.by == ["region", "open"] and len(report.slices) == 6
    assert report.slice_family == 6 * 2 * 3
    first, second, *rest = report.slices
    assert {first.values["region"], second.values["region"]} == {"south"}
    assert first.verdict == "drift" and first["income"].verdict == "drift" and first.drifted == ["income"]
    assert not any(part.drifted for part in rest)
    strongest = [part.strongest for part in report.slices]
    ranks = [test.interval.lower / test.tolerance for test in strongest]
    assert ranks == sorted(ranks, reverse=True)
    assert first.name in ("region = south, open = true", "region = south, open = false")
    assert "income" in first and "region" not in first
    with pytest.raises(hf.NotFound, match="not compared"):
        first["region"]
    frame = report.to_pandas()
    assert len(frame) == len(report.tests) + sum(len(part.tests) for part in report.slices)
    assert set(frame["slice"]) == {"", *(part.name for part in report.slices)}
    report.save_html(tmp_path / "drift.html")
    page = (tmp_path / "drift.html").read_text(encoding="utf-8")
    assert "6 slices by region, open" in page and first.name in page
    assert "6 slices by region, open" in repr(report)


def test_slices_that_cannot_be_are_named():
    frame_ = shops(1, 500).assign(user=np.arange(500) // 2, none=None)
    for by, told in [("income", "continuous"), ("user", "more than 100 slices"), ("nowhere", "no column")]:
        with pytest.raises(hf.InvalidArgument, match=f'"{by}".*{told}|{told} "{by}"'):
            hf.drift(frame_, frame_, by=by)
    assert len(hf.drift(frame_, frame_, by="user", max_slices=250).slices) == 250
    with pytest.raises(hf.Unsupported, match="profile"):
        hf.drift(hf.Profile.of(frame_), frame_, by="region")
    alone = hf.drift(frame_[["region"]], frame_[["region"]], by="region")
    assert len(alone.slices) == 3 and alone.slices[0].strongest is None
    assert "nothing to compare" in repr(alone) and alone._repr_html_() and len(alone.to_pandas()) == 1
    hostile = pd.DataFrame({"<b>": ["<script>"] * 50, "x": np.arange(50) % 7})
    assert "<script>" not in hf.drift(hostile, hostile, by="<b>")._repr_html_()


def test_tolerances_are_made_of_past_windows():
    rng = np.random.default_rng(4)
    reference = {"x": rng.normal(size=20_000)}
    past = [{"x": rng.normal(loc=0.02 * i, size=1000)} for i in range(12)]
    for threshold in (hf.thresholds.quantile(0.9), hf.thresholds.standard_deviations(2.0, center="median")):
        test = hf.drift_tests.ks(threshold)
        assert test.tolerance == threshold and eval(repr(threshold)) == threshold
        effects = [hf.drift(reference, hf.Profile.of(window), tests={"x": "ks"})["x"].effect for window in past]
        found = hf.drift(reference, {"x": rng.normal(size=20_000)}, tests={"x": test}, past=past)["x"]
        expected = (
            np.quantile(effects, 0.9)
            if threshold == hf.thresholds.quantile(0.9)
            else np.median(effects) + 2.0 * np.std(effects, ddof=1)
        )
        assert found.tolerance == pytest.approx(expected, rel=1e-12)
        assert found.tolerance == pytest.approx(threshold(effects))
        few = hf.drift(reference, past[0], tests={"x": test}, past=past[:3])
        assert few.verdict == "insufficient" and "too few past windows" in few["x"].note
        assert "nan" not in few._repr_html_() and len(few.plot().texts) == 1
    assert hf.thresholds.constant(0.2) == hf.thresholds.Threshold.from_json(0.2)
    assert hf.drift_tests.ks(hf.thresholds.constant(0.2)) == hf.drift_tests.ks(0.2)
    with pytest.raises(hf.InvalidArgument, match="0 to 1 wanted"):
        hf.thresholds.quantile(2.0)
    with pytest.raises(hf.InvalidArgument, match="0 or more wanted"):
        hf.drift(reference, reference, tests={"x": hf.drift_tests.ks(-0.1)})


def test_rows_in_time_order_count_for_what_they_are_worth():
    rng = np.random.default_rng(5)
    reference = {"x": rng.normal(size=20_000)}
    repeated = {"x": np.repeat(rng.normal(loc=0.5, size=100), 10)}
    plain, bound = (hf.drift(reference, repeated, in_time_order=order)["x"] for order in (False, True))
    assert bound.interval.lower < plain.interval.lower
    assert "autocorrelated: worth" in bound.note
    with pytest.raises(hf.Unsupported, match="in_time_order"):
        hf.drift(reference, hf.Profile.of(repeated), in_time_order=True)


def test_what_a_side_lacks_is_named():
    report = hf.drift({"x": [1.0, 2.0], "old": [1.0, 2.0]}, {"x": [1.0, 2.0], "new": [1.0, 2.0]})
    assert report.left_out == {"old": "not in the current data", "new": "not in the reference"}
    with pytest.raises(hf.InvalidArgument, match='the reference side has no column "new"'):
        hf.drift({"x": [1.0]}, {"x": [1.0], "new": [1.0]}, tests={"new": "ks"})
