"""One contract for every two-sample test and divergence: the answers to bad input, and what order cannot change."""

import inspect
import json
import math

import holdfast as hf
import numpy as np
import pandas as pd
import pytest

S = hf.stats
NUMBERS = [
    S.ks, S.wasserstein, S.cramer_von_mises, S.anderson_darling, S.kuiper, S.energy, S.mann_whitney, S.welch, S.levene,
]  # fmt: skip
CATEGORIES = [S.chi2, S.g_test, S.fisher, S.total_variation, S.l_infinity]
EITHER = [S.psi, S.js, S.kl, S.hellinger]
OF_MEANS = [S.wasserstein, S.energy, S.welch, S.levene]  # want finite values
NO_P_VALUE = [S.wasserstein, S.total_variation, S.l_infinity, *EITHER]
ALL = [*NUMBERS, *CATEGORIES, *EITHER]

every = pytest.mark.parametrize("test", ALL, ids=lambda test: test.__name__)
numeric = pytest.mark.parametrize("test", [*NUMBERS, *EITHER], ids=lambda test: test.__name__)
categorical = pytest.mark.parametrize("test", [*CATEGORIES, *EITHER], ids=lambda test: test.__name__)
NAN = float("nan")


def well_formed(result, test):
    assert result.test == test.__name__
    assert math.isnan(result.p_value) or 0 <= result.p_value <= 1
    if test in NO_P_VALUE:
        assert math.isnan(result.p_value)
    lower, upper = result.interval
    assert math.isnan(lower) == math.isnan(upper)
    assert not lower > upper
    json.dumps(result.to_dict())
    return result


# Those of several columns keep a contract of their own, in test_stats_multivariate.py; and what is not a test.
ELSEWHERE = {"block_length", "corrected", "domain_classifier", "mmd", "pca_reconstruction", "permutation_test"}


def test_the_contract_has_every_test():
    functions = {name for name in S.__all__ if inspect.isfunction(getattr(S, name))}
    assert {test.__name__ for test in ALL} == functions - ELSEWHERE


@every
def test_an_empty_or_all_missing_side_is_refused_by_name(test):
    full = [1.0, 2.0, 2.0]
    for empty in ([], [NAN, NAN]):
        for pair in ((empty, full), (full, empty), (empty, empty)):
            with pytest.raises(hf.InvalidArgument, match=test.__name__ if test not in EITHER else "."):
                test(*pair)


@numeric
def test_missing_values_are_left_out(test):
    a, b = [3.0, 1.0, NAN, 2.0, 5.0], [NAN, 2.0, 4.0, 7.0]
    seen, wanted = well_formed(test(a, b), test), test([3.0, 1.0, 2.0, 5.0], [2.0, 4.0, 7.0])
    assert (seen.statistic, seen.p_value, seen.effect) == pytest.approx(
        (wanted.statistic, wanted.p_value, wanted.effect), rel=0, abs=0, nan_ok=True
    )
    assert (seen.reference_rows, seen.current_rows) == (4, 3)


@every
def test_one_value_on_both_sides_is_no_difference(test):
    for n, m in ((4, 3), (300, 30)):
        seen = well_formed(test([2.5] * n, [2.5] * m), test)
        assert seen.effect == 0
        assert test in NO_P_VALUE or seen.p_value == 1


@every
def test_two_constants_apart_are_as_far_as_can_be(test):
    seen = well_formed(test([1.0] * 30, [2.0] * 40), test)
    if test is S.levene:  # of spreads, which are equal
        assert (seen.effect, seen.p_value) == (0, 1)
    else:
        assert abs(seen.effect) > 0.4
        assert test in NO_P_VALUE or seen.p_value <= 1e-3


@every
def test_one_row_is_answered(test):
    for a, b in (([1.0], [2.0]), ([1.0], [1.0]), ([1.0], [1.0, 2.0, 2.0]), ([1.0, 2.0, 2.0], [2.0])):
        seen = well_formed(test(a, b), test)
        if test in (S.welch, S.levene):
            assert math.isnan(seen.p_value)
            assert "one row" in seen.note
        elif test not in NO_P_VALUE:
            assert 0.05 < seen.p_value <= 1


@numeric
def test_infinite_values_have_ranks_but_no_distances(test):
    a, b = [1.0, 2.0, math.inf, 3.0], [-math.inf, 0.0, 1.5]
    seen = well_formed(test(a, b), test)
    if test in OF_MEANS:
        assert math.isnan(seen.effect)
        assert "infinite" in seen.note
    else:
        assert seen.effect == test([1.0, 2.0, 9.0, 3.0], [-9.0, 0.0, 1.5]).effect


@pytest.mark.parametrize("test", NUMBERS, ids=lambda test: test.__name__)
def test_text_where_numbers_are_wanted_is_refused(test):
    for a, b in ((["a"], ["b"]), ([1.0, 2.0], ["1", "2"]), (pd.Series(["x", None]), pd.Series([1.0, 2.0]))):
        with pytest.raises(hf.InvalidArgument):
            test(a, b)


@categorical
def test_categories_that_one_side_lacks_count(test):
    seen = well_formed(test(["a"] * 50, ["b"] * 60), test)
    assert abs(seen.effect) > 0.4
    assert test in NO_P_VALUE or seen.p_value < 1e-12


@categorical
def test_impossible_counts_are_refused(test):
    for a, b in (([1, 2], [1]), ([1, -2], [1, 2]), ([1, NAN], [1, 2]), ([1, math.inf], [1, 2]), ([0, 0], [1, 2])):
        with pytest.raises(hf.InvalidArgument, match=test.__name__):
            test(a, b, counts=True)


@numeric
@pytest.mark.parametrize("kind", ["sorted", "ties", "tiny", "huge", "10:1", "denormal"])
def test_order_and_scale_change_nothing(test, kind):
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=200), rng.normal(size=20 if kind == "10:1" else 150) + 0.5
    if kind == "ties":
        a, b = np.round(a), np.round(b)
    scale = {"tiny": 2.0**-600, "huge": 2.0**900, "denormal": 2.0**-1040}.get(kind, 1.0)
    if kind == "denormal":
        a, b = np.round(a * 16), np.round(b * 16)
    seen = well_formed(test(np.sort(a) * scale, np.sort(b)[::-1] * scale), test)
    wanted = test(rng.permutation(a), rng.permutation(b))
    if test is S.wasserstein and scale != 1.0:
        return  # its effect is in standard deviations, whose squares leave the doubles
    assert seen.effect == pytest.approx(wanted.effect, rel=0 if scale == 1.0 else 1e-12, abs=0)
    assert seen.p_value == pytest.approx(wanted.p_value, rel=0 if scale == 1.0 else 1e-12, abs=0, nan_ok=True)


def test_what_a_test_alone_asks_for_is_checked():
    for call in (
        lambda: S.levene([1.0, 2.0], [2.0, 3.0], center="mode"),
        lambda: S.kl([1, 2], [2, 1], counts=True, smoothing=0.0),
        lambda: S.psi([1, 2], [2, 1], counts=True, smoothing=NAN),
        lambda: S.fisher(["a", "b", "c"], ["a", "b", "b"]),
        lambda: S.fisher([0.5, 1], [1, 2], counts=True),
        lambda: S.energy([1.0], [2.0], permutations=0),
        lambda: S.hellinger([1.0, 2.0], [2.0, 3.0], bins=1),
    ):
        with pytest.raises(hf.InvalidArgument, match="wanted"):
            call()
