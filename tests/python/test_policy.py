"""Policies as Python sees them."""

from __future__ import annotations

import json
from datetime import timedelta

import holdfast as hf
import pytest

START = "2021-07-01T00:00:00Z"


def observation(time: str = START, metrics: list[dict] | None = None) -> hf.Observation:
    return hf.Observation.from_json(
        {
            "format": 1,
            "time": time,
            "namespace": "default",
            "endpoint": "housing",
            "transaction": 42,
            "live_version": 1,
            "live_since": START,
            "last_retrain": None,
            "interactions": 500,
            "labelled": 340,
            "metrics": metrics or [],
            "yields": [],
            "drifts": [],
            "events": [],
            "comparisons": [],
        }
    )


def mae(value: float, rows: int = 340) -> dict:
    return {
        "query": {"metric": "mae", "over": "1h", "min_labels": 200, "by": "recorded"},
        "value": {
            "metric": "mae",
            "value": value,
            "rows": rows,
            "interval": {"lower": 0.4, "upper": 0.6, "level": 0.95},
        },
    }


def tour() -> hf.Rule:
    return hf.any_of(
        hf.when.metric("mae", over="1h", min_labels=200).above(0.45).held_for("5m"),
        hf.when.yield_below(0.7, over=hf.rows(29), drop_tolerance=0.05),
        hf.when.drift(share=0.3),
        hf.when.every("7d"),
    ).cooldown("6h")


def test_the_tours_policy_round_trips_and_reads_back_as_python() -> None:
    rule = tour()
    stored = json.loads(json.dumps(rule.to_json()))
    assert hf.Rule.from_json(stored) == rule
    assert hash(hf.Rule.from_json(stored)) == hash(rule)
    assert eval(repr(rule), {"hf": hf}) == rule


def test_windows_are_rows_durations_and_timedeltas() -> None:
    rule = hf.when.metric("mae", over=timedelta(hours=1)).above(1)
    assert rule == hf.when.metric("mae", over="1h").above(1)
    assert hf.when.metric("mae", over=hf.rows(5)).above(1).to_json()["over"] == "rows(5)"


def test_a_decision_has_reasons_as_data_and_as_a_sentence() -> None:
    rule = hf.when.metric("mae", over="1h", min_labels=200).above(0.45)
    decision = rule.decide(observation(metrics=[mae(0.52)]))
    assert decision.action == "retrain"
    assert decision.sentence == "retrain: mae over 1h was 0.52 on 340 labels, above 0.45"
    assert decision.reasons[0].numbers["value"] == 0.52
    assert decision.reasons[0].truth == "yes"
    assert decision.observation_hash == observation(metrics=[mae(0.52)]).hash
    assert hf.Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
    assert "mae over 1h" in repr(decision)


def test_unknown_never_acts_and_is_named() -> None:
    rule = hf.when.metric("mae", over="1h", min_labels=200).above(0.45)
    decision = rule.decide(observation(metrics=[mae(9.0, rows=37)]))
    assert decision.action == "none"
    assert "needs 200 labels, has 37" in decision.sentence
    truth, reasons, state = rule.evaluate(observation())
    assert (truth, state) == ("unknown", None)
    assert "was not observed" in reasons[0].sentence


def test_state_goes_from_call_to_call() -> None:
    rule = hf.when.metric("mae", over="1h", min_labels=200).above(0.45).held_for("5m").cooldown("1h")
    state = None
    actions = []
    for minute in (0, 5, 6, 59):
        seen = observation(f"2021-07-01T00:{minute:02}:00Z", [mae(0.52)])
        decision = rule.decide(seen, state)
        state = json.loads(json.dumps(decision.state_after))
        actions.append(decision.action)
    assert actions == ["none", "retrain", "none", "none"]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: hf.when.metric("mae", by="noon"), "noon"),
        (lambda: hf.when.metric("mae", over="1x").above(1), "1x"),
        (lambda: hf.when.metric("mae").above(float("nan")), "finite"),
        (lambda: hf.when.yield_below(7), "0 to 1"),
        (lambda: hf.any_of(), "at least one"),
        (lambda: hf.Rule.from_json({"rule": "sometimes"}), "sometimes"),
        (lambda: hf.promote_if(metric="mae", confidence=2), "confidence"),
        (lambda: hf.select.labelled(latest=0), "latest"),
        (lambda: hf.Observation.from_json({"format": 1}), "time"),
    ],
)
def test_what_is_wrong_is_named(make, word) -> None:
    with pytest.raises(hf.InvalidArgument, match=word):
        make()


def test_promotion_and_selection() -> None:
    promote = hf.promote_if(metric="mae", min_improvement=0.01, confidence=0.95)
    assert hf.PromoteIf.from_json(promote.to_json()) == promote
    assert promote.decide(observation()).action == "none"
    assert eval(repr(promote), {"hf": hf}) == promote
    chosen = hf.select.labelled(latest=2)
    assert chosen.choose(5) == [3, 4]
    assert hf.Selection.from_json(chosen.to_json()) == chosen
