"""Writes tests/unit/stats/true_effects.hpp: how far a current distribution must be moved for each test's true effect
to be its tolerance, or twice that. By NumPy and SciPy alone: quadrature on the distribution functions, roots by Brent.

    python tests/support/true_effects.py
"""

from __future__ import annotations

import functools
import math
import pathlib

import numpy as np
from scipy import optimize, stats

TOLERANCES = {
    "ks": 0.1, "wasserstein": 0.1, "energy": 0.01, "cramer_von_mises": 0.05, "anderson_darling": 0.02, "kuiper": 0.1,
    "mann_whitney": 0.1, "mean": 0.2, "levene": 0.2, "chi2": 0.1, "g_test": 0.01, "psi": 0.1, "js": 0.1,
    "hellinger": 0.1, "kl": 0.1,
}  # fmt: skip
OF_BINS = ("chi2", "g_test", "psi", "js", "hellinger", "kl")
FIVE = np.array([0.27, 0.25, 0.21, 0.15, 0.12])
ZEROS = 0.35
POINTS = 8_001


LAWS = {"normal": stats.norm, "t3": stats.t(3), "lognormal": stats.lognorm(1.0)}


@functools.cache
def points(kind):
    tails = 10.0 ** -np.linspace(4, 12, 1000)
    u = np.unique(np.concatenate([tails, np.linspace(1e-4, 1 - 1e-4, POINTS)]))
    x = np.unique(np.concatenate([LAWS[kind].ppf(u), LAWS[kind].isf(tails)]))
    return x, LAWS[kind].cdf(x)


def curves(kind, shift):
    """Values x, with F and G just after each."""
    if kind == "five":
        x = np.arange(5.0)
        q = FIVE + shift * np.array([-1.0, 0.0, 0.0, 0.0, 1.0])
        return x, np.cumsum(FIVE), np.cumsum(q)
    if kind == "zeros":
        y = np.concatenate([[0.0], stats.expon.ppf(np.linspace(1e-7, 1 - 1e-7, POINTS)), np.linspace(16.2, 30, 2000)])
        tail = stats.expon.cdf(y)
        return y, ZEROS + (1 - ZEROS) * tail, (ZEROS - shift) + (1 - ZEROS + shift) * tail
    law, (x, f) = LAWS[kind], points(kind)
    moved = law.cdf(x * math.exp(-shift)) if kind == "lognormal" else law.cdf(x - shift)
    return x, f, moved


def moments(kind, shift):
    """Means and variances of both."""
    if kind == "five":
        x, q = np.arange(5.0), FIVE + shift * np.array([-1.0, 0.0, 0.0, 0.0, 1.0])
        return FIVE @ x, FIVE @ x**2 - (FIVE @ x) ** 2, q @ x, q @ x**2 - (q @ x) ** 2
    if kind == "zeros":
        a, b = 1 - ZEROS, 1 - ZEROS + shift
        return a, 2 * a - a * a, b, 2 * b - b * b
    law = LAWS[kind]
    mean, variance = law.stats()
    scale = math.exp(shift) if kind == "lognormal" else 1.0
    return mean, variance, mean * scale if kind == "lognormal" else mean + shift, variance * scale**2


def bins(kind, shift):
    """Shares of both in the reference's deciles."""
    if kind == "five":
        return FIVE, FIVE + shift * np.array([-1.0, 0.0, 0.0, 0.0, 1.0])
    if kind == "zeros":
        p = np.diff(np.concatenate([[0.0, ZEROS], np.arange(4, 11) / 10]))
        return p, np.concatenate([[ZEROS - shift], p[1:] * (1 - ZEROS + shift) / (1 - ZEROS)])
    law = LAWS[kind]
    edges = law.ppf(np.arange(1, 10) / 10)
    moved = law.cdf(edges * math.exp(-shift)) if kind == "lognormal" else law.cdf(edges - shift)
    return np.full(10, 0.1), np.diff(np.concatenate([[0.0], moved, [1.0]]))


def of_bins(test, p, q, w):
    gap, pooled = p - q, w * p + (1 - w) * q
    if test == "psi":
        return np.sum(gap * np.log(p / q))
    if test == "kl":
        return np.sum(p * np.log(p / q))
    if test == "hellinger":
        return math.sqrt(0.5 * np.sum((np.sqrt(p) - np.sqrt(q)) ** 2))
    if test == "js":
        return math.sqrt(0.5 * np.sum(p * np.log2(2 * p / (p + q)) + q * np.log2(2 * q / (p + q))))
    if test == "chi2":
        return math.sqrt(w * (1 - w) * np.sum(gap**2 / pooled))
    return np.sum(w * p * np.log2(p / pooled) + (1 - w) * q * np.log2(q / pooled))


def effect(test, kind, shift, w):
    """The true effect; w: the reference's share of all rows."""
    if test in OF_BINS:
        return of_bins(test, *bins(kind, shift), w)
    if test == "mean":
        a, v, b, u = moments(kind, shift)
        return abs(a - b) / math.sqrt((v + u) / 2)
    x, f, g = curves(kind, shift)
    gap, width, h = f - g, np.diff(x), w * f + (1 - w) * g
    discrete = kind == "five"

    def along(values):  # integral dx
        return np.sum(values[:-1] * width) if discrete else np.trapezoid(values, x)

    def over_rows(values):  # integral dH
        steps = np.diff(np.concatenate([[0.0], h]))
        if discrete:
            return np.sum(values * steps)
        middle = np.concatenate([[values[0]], 0.5 * (values[1:] + values[:-1])])
        return np.sum(middle * steps)

    if test == "ks":
        return np.max(np.abs(gap))
    if test == "kuiper":
        return np.max(gap) + np.max(-gap)
    if test == "wasserstein":
        return along(np.abs(gap)) / math.sqrt(moments(kind, shift)[1])
    if test == "energy":
        return along(gap**2) / along(f * (1 - g) + g * (1 - f))
    if test == "cramer_von_mises":
        return math.sqrt(over_rows(gap**2))
    if test == "anderson_darling":
        room = h * (1 - h)
        return over_rows(np.divide(gap**2, room, out=np.zeros_like(room), where=room > 1e-13))
    before = np.concatenate([[0.0], f[:-1]])  # mann_whitney: P(X < Y) - P(X > Y)
    steps = np.diff(np.concatenate([[0.0], g]))
    return abs(np.sum((before + f - 1) * steps))


def shift_for(test, kind, wanted, w):
    if test == "levene":
        return wanted  # the current values are multiplied by exp(shift)
    most = {"five": 0.2699, "zeros": 0.3499}.get(kind, 3.0)
    if effect(test, kind, most, w) < wanted:
        return math.nan
    return optimize.brentq(lambda shift: effect(test, kind, shift, w) - wanted, 0.0, most, xtol=1e-8, rtol=1e-7)


def main():
    lines = []
    for test, tolerance in TOLERANCES.items():
        for kind in ("normal", "lognormal", "t3", "five", "zeros"):
            shifts = [shift_for(test, kind, times * tolerance, w) for w in (0.5, 10 / 11) for times in (1, 2)]
            numbers = ", ".join("unreachable" if math.isnan(s) else f"{s:.9g}" for s in shifts)
            lines.append(f'    {{"{test}", "{kind}", {tolerance}, {{{numbers}}}}},')
    text = f"""/// Written by tests/support/true_effects.py: how far to move the current distribution for a true
/// effect of the tolerance and of twice that, with as many reference rows as current ones and with ten times as many.
#pragma once

#include <limits>
#include <string_view>

namespace holdfast {{

struct TrueEffect {{
    std::string_view test, kind;
    double tolerance;
    double shifts[4];  // once and twice the tolerance at 1:1, then at 10:1
}};

inline constexpr double unreachable = std::numeric_limits<double>::infinity();
inline constexpr TrueEffect true_effects[] = {{
{chr(10).join(lines)}
}};

}}  // namespace holdfast
"""
    target = pathlib.Path(__file__).parents[1] / "unit" / "stats" / "true_effects.hpp"
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
