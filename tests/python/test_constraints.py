"""Constraints: inferred, checked on frames, carried in packages, counted as an endpoint answers."""

import pickle
import threading

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LinearRegression

NAN = float("nan")


def people(rows=2000, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "income": rng.lognormal(size=rows),
            "plan": rng.choice(["free", "pro", "team"], size=rows, p=[0.6, 0.3, 0.1]),
            "email": [f"user{i}.{seed}@example.org" for i in range(rows)],
            "active": rng.random(rows) < 0.5,
            "at": pd.date_range("2024-01-01", periods=rows, freq="min"),
            "score": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
        }
    )


def found(violations):
    return {(one.column, one.rule): one for one in violations}


def test_types_ranges_categories_and_shares_are_inferred():
    frame = people()
    c = hf.Constraints.of(frame)
    assert (c.columns, c.rows) == (list(frame), 2000)
    assert {name: c[name]["type"] for name in c.columns} == {
        "age": "integer", "income": "number", "plan": "text", "email": "text", "active": "boolean", "at": "time",
        "score": "number",
    }  # fmt: skip
    assert (c["age"]["least"], c["age"]["most"]) == (18, 79)
    assert c["plan"]["categories"] == ["free", "pro", "team"]
    assert "categories" not in c["email"]
    assert c["email"]["unique"] and c["at"]["unique"] and c["at"]["increasing"]
    missing = int(frame["score"].isna().sum())
    assert c["score"]["missing"] == pytest.approx(scipy_stats.beta.ppf(0.99, missing + 1, 2000 - missing), rel=1e-12)
    assert c["income"]["tolerated"]["range"] == pytest.approx(scipy_stats.beta.ppf(0.99, 2, 1999), rel=1e-12)
    assert c["plan"]["tolerated"]["category"] == pytest.approx(scipy_stats.beta.ppf(0.99, 1, 2000), rel=1e-12)
    assert [(one.column, one.rule, one.violated) for one in c.check(frame)] == [("score", "missing", False)]


def test_what_is_wrong_is_counted_by_column_and_rule():
    c = hf.Constraints.of(people())
    frame = people(500, seed=1)
    frame["age"] = frame["age"].astype(object).where(np.arange(500) % 10 != 0, None)
    frame.loc[:49, "income"] *= -1
    frame.loc[:24, "plan"] = "gold"
    frame.loc[5, "email"] = frame.loc[4, "email"]
    frame = frame.iloc[::-1].drop(columns="active").assign(extra=1)
    seen = found(c.check(frame))
    assert {key for key, one in seen.items() if one.violated} == {
        ("age", "missing"), ("income", "range"), ("plan", "category"), ("email", "unique"), ("at", "increasing"),
        ("active", "column"),
    }  # fmt: skip
    assert seen["age", "missing"].count == 50
    one, rules = seen["income", "range"], c["income"]
    outside = int(((frame["income"] < rules["least"]) | (frame["income"] > rules["most"])).sum())
    assert outside >= 50
    assert (one.count, one.rows, one.share) == (outside, 500, outside / 500)
    assert one.lower == pytest.approx(scipy_stats.beta.ppf(0.01, outside, 501 - outside), rel=1e-12)
    assert len(one.examples) == 3
    assert seen["plan", "category"].examples == ["gold"]
    assert seen["at", "increasing"].count == 499
    assert not seen["extra", "unexpected"].violated


def test_a_column_of_another_type_is_one_violation():
    c = hf.Constraints.of(people())
    frame = people(100, seed=2)
    seen = found(c.check(frame.assign(age=frame["age"].astype(str), plan=1.0, at="2024-01-01", active=[2] * 100)))
    for name in ("age", "plan", "at", "active"):
        assert seen[name, "type"].count == 100
        assert seen[name, "type"].violated
    frame = frame.assign(age=frame["age"].astype(float), income=frame["income"].astype("float32"), active=1)
    assert c.check(frame).ok  # the same values in another container
    seen = found(c.check(frame.assign(age=frame["age"] + 0.5, income=np.inf)))
    assert set(seen) >= {("age", "type"), ("income", "finite")}


def test_new_rows_of_the_same_kind_do_not_violate():
    draws, alarms, cells = 400, 0, 0
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        frames = [
            pd.DataFrame({"x": rng.normal(size=n), "t": rng.standard_t(2, n), "k": rng.zipf(1.7, n) % 1000}).assign(
                k=lambda frame: frame["k"].astype(str)
            )
            for n in (300, 1000)
        ]
        violations = hf.Constraints.of(frames[0]).check(frames[1])
        alarms += sum(one.violated for one in violations)
        cells += 3
    assert alarms / cells <= 0.01


@pytest.mark.parametrize("load", [load_breast_cancer, load_diabetes, load_wine])
def test_halves_of_real_data_agree_and_broken_ones_do_not(load):
    rows = load(as_frame=True).data.sample(frac=1, random_state=0)
    half = len(rows) // 2
    c = hf.Constraints.of(rows.iloc[:half])
    assert c.check(rows.iloc[half:]).ok
    first = rows.columns[0]
    seen = found(c.check(rows.iloc[half:].assign(**{first: rows[first] * 1000 + 1})))
    assert [key for key, one in seen.items() if one.violated and key[0] == first] == [(first, "range")]


def test_private_columns_show_no_value():
    frame = people().drop(columns="score").assign(plan="a-planted-secret", income=123.456789)
    c = hf.Constraints.of(frame, private=["plan", "income", "email"])
    told = repr(c.to_dict())
    assert "a-planted-secret" not in told and "123.456789" not in told
    assert c["email"]["unique"]
    for one in c.check(frame.assign(email="same@example.org", income="a-planted-secret")):
        assert one.column in ("email", "income") and one.violated
        assert one.examples == []


def test_rare_categories_are_not_written_and_not_missed():
    frame = pd.DataFrame({"city": ["a"] * 60 + ["b"] * 30 + ["rare"] * 3})
    c = hf.Constraints.of(frame, min_count=10)
    assert c["city"]["categories"] == ["a", "b"]
    assert c["city"]["tolerated"]["category"] == pytest.approx(scipy_stats.beta.ppf(0.99, 4, 90), rel=1e-12)
    assert c.check(frame).ok
    assert "categories" not in hf.Constraints.of(people(), max_categories=2)["plan"]


def test_rules_can_be_edited_saved_and_sent(tmp_path):
    c = hf.Constraints.of(people())
    strict = c.edited("income", least=0, most=None, tolerated=None).edited("score", missing=0, required=False)
    assert "most" not in strict["income"] and strict["income"]["least"] == 0
    frame = people(1000, seed=3)
    frame.loc[7, "income"] = -0.1
    seen = found(strict.check(frame))
    assert seen["income", "range"].violated  # one row of a thousand: nothing is tolerated
    assert seen["score", "missing"].violated
    assert strict.check(people(100, seed=3).drop(columns="score")).ok
    strict.save(tmp_path / "rules.json")
    for other in (hf.Constraints.load(tmp_path / "rules.json"), hf.Constraints.from_dict(strict.to_dict()),
                  pickle.loads(pickle.dumps(strict))):  # fmt: skip
        assert other == strict != c
    with pytest.raises(hf.InvalidArgument, match=r"income.*minimum"):
        c.edited("income", minimum=0)
    with pytest.raises(hf.NotFound, match="wage"):
        c.edited("wage", least=0)


def test_bad_input_is_refused_or_answered():
    for empty in ({}, {"x": []}, np.ones((0, 2))):
        with pytest.raises(hf.InvalidArgument, match="constraints"):
            hf.Constraints.of(empty)
    with pytest.raises(hf.InvalidArgument):
        hf.Constraints.of({"x": [1.0]}, private=["y"])
    with pytest.raises(hf.InvalidArgument):
        hf.Constraints.of({"x": [1.0]}, max_categories=0)
    one = hf.Constraints.of({"x": [1.0], "y": [NAN], "z": [2.0]})
    assert one.check({"x": [5.0], "y": ["anything"], "z": [2.0]}).ok  # one row lets expect nothing
    assert one.check({"x": [], "y": [], "z": []}).ok
    infinite = hf.Constraints.of({"x": [1.0, np.inf] * 200})
    assert infinite.check({"x": [np.inf] * 50}).ok
    assert "finite" not in infinite["x"]
    for level in (0, 1, NAN):
        with pytest.raises(hf.InvalidArgument, match="level"):
            one.check({"x": [1.0]}, level=level)


# --- in packages and as an endpoint answers


@pytest.fixture
def endpoint(tmp_path):
    frame = people()[["age", "income"]].astype(float)
    model = LinearRegression().fit(frame, frame["income"])
    pkg = hf.package(model, "income", reference=(frame, frame["income"]))
    with hf.Workspace(tmp_path / "ws") as ws:
        ep = ws.create_endpoint("income")
        ep.deploy(ws.registry.approve(ws.registry.register(pkg), by="me"))
        yield ep


def test_a_package_carries_the_constraints_of_its_reference(tmp_path):
    frame = people()[["age", "income"]].astype(float).assign(income=lambda f: f["income"] + 77.25)
    model = LinearRegression().fit(frame, frame["income"])
    pkg = hf.package(model, "income", reference=(frame, frame["income"]), private=["income"])
    assert pkg.constraints == hf.Constraints.of(frame, private=["income"], min_count=10)
    assert "constraints.json" in pkg.files
    assert hf.package(model, "income").constraints is None
    own = pkg.constraints.edited("age", least=0)
    own_pkg = hf.package(model, "income", reference=(frame, frame["income"]), constraints=own)
    own_pkg.save(tmp_path / "own.zip")
    assert hf.Package.open(tmp_path / "own.zip").constraints == own


def test_an_endpoint_counts_violations_as_it_answers(endpoint):
    good = people(200, seed=5)[["age", "income"]].astype(float)
    endpoint.predict(good.clip(lower=0.2))
    assert endpoint.monitor.violations().ok
    bad = good.assign(age=-1.0).to_numpy()

    def ask():
        for row in bad:
            endpoint.predict(row[None, :])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    violations = endpoint.monitor.violations()
    assert violations.rows == 1000
    one = found(violations)["age", "range"]
    assert (one.count, one.rows, one.violated, one.examples) == (800, 1000, True, ["-1"])


def test_another_version_counts_anew_and_one_without_constraints_says_so(tmp_path):
    frame = people()[["age", "income"]].astype(float)
    model = LinearRegression().fit(frame, frame["income"])
    with hf.Workspace(tmp_path / "ws") as ws:
        ep = ws.create_endpoint("income")
        with pytest.raises(hf.NotFound, match=r"constraints\.json"):
            ep.monitor.violations()
        first = ws.registry.register(hf.package(model, "income", reference=(frame, frame["income"])))
        ep.deploy(ws.registry.approve(first, by="me"))
        ep.predict(frame[:10].assign(age=500.0))
        assert ep.monitor.violations().rows == 10
        second = ws.registry.register(hf.package(model, "income", lineage={"without": "reference"}))
        ep.deploy(ws.registry.approve(second, by="me"))
        ep.predict(frame[:10])
        with pytest.raises(hf.NotFound):
            ep.monitor.violations()
        ep.rollback("back")
        assert ep.monitor.violations().rows == 0
