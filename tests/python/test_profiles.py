"""hf.Profile: merges against the exact answer, privacy of saved files, histograms."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier

SECRET = "planted-secret@example.org"
EDGES = {"normal": [-1.0, 0.0, 1.0], "counts": [0.0, 1.0, 2.0, 5.0]}
OPTIONS: dict[str, Any] = {"private": ["user"], "edges": EDGES, "salt": "of the test"}


def frame(rows: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    normal = rng.normal(shift, 1.0, rows)
    normal[rng.random(rows) < 0.02] = np.nan
    return pd.DataFrame(
        {
            "normal": normal,
            "counts": rng.poisson(1.5, rows).astype(float),
            "city": np.array(["Oslo", "Riga", "Turku", "Bergen"])[rng.integers(0, 4, rows)],
            "user": np.char.add("user", rng.integers(0, 2000, rows).astype(str)),
        }
    )


def merged_at_random(profiles: list[bytes], rng: np.random.Generator) -> hf.Profile:
    """In a random order; each step merges two neighbours of the list, so that trees of any shape come about."""
    left = [hf.Profile.from_bytes(profiles[i]) for i in rng.permutation(len(profiles))]
    shape = rng.integers(0, 3)  # a chain, a balanced tree, anything
    while len(left) > 1:
        if shape == 1:
            left = [hf.Profile.merged(left[i : i + 2]) for i in range(0, len(left), 2)]
        else:
            at = 0 if shape == 0 else int(rng.integers(0, len(left) - 1))
            left[at] += left.pop(at + 1)
    return left[0]


def test_a_thousand_profiles_merge_in_any_order_to_what_all_rows_say() -> None:
    rows = frame(1_000_000, 1)
    parts = [hf.Profile.of(rows[i : i + 1000], **OPTIONS).to_bytes() for i in range(0, len(rows), 1000)]
    whole = hf.Profile.of(rows, **OPTIONS)
    x = np.sort(rows["normal"].dropna().to_numpy())
    bins = {name: np.histogram(rows[name].dropna(), [-np.inf, *np.nextafter(edges, np.inf), np.inf])[0]
            for name, edges in EDGES.items()}  # fmt: skip
    reference = frame(5000, 2, shift=0.02)
    tests = {"normal": hf.drift_tests.ks(tolerance=0.1), "city": hf.drift_tests.total_variation(tolerance=0.1)}
    exact = hf.drift(reference[["normal", "city"]], rows[["normal", "city"]], tests=tests)
    rng = np.random.default_rng(3)
    for _ in range(100):
        merged = merged_at_random(parts, rng)
        assert merged.rows == len(rows)
        for name in merged.columns:
            mine, one = merged[name], whole[name]
            for key in ("rows", "missing", "min", "max", "distinct", "histogram", "items", "other"):
                assert mine.get(key) == one.get(key), (name, key)
        normal = merged["normal"]
        assert normal["missing"] == rows["normal"].isna().sum()
        assert (normal["min"], normal["max"]) == (x[0], x[-1])
        assert normal["mean"] == pytest.approx(x.mean(), rel=1e-10)
        assert normal["standard_deviation"] == pytest.approx(x.std(ddof=1), rel=1e-10)
        for name, counts in bins.items():
            assert merged[name]["histogram"]["counts"] == counts.tolist()
        assert merged["city"]["items"] == rows["city"].value_counts().to_dict()
        assert merged["user"]["distinct"] == pytest.approx(rows["user"].nunique(), rel=4 * 0.0163)
        for q in (0.01, 0.1, 0.5, 0.9, 0.99):  # 99 % of whole distribution functions are within 0.45 %
            rank = np.searchsorted(x, merged.quantile("normal", q), side="right") / len(x)
            assert abs(rank - q) < 0.005
        bounded = hf.drift(hf.Profile.of(reference), merged, columns=["normal", "city"], tests=tests)
        for name in tests:
            assert {exact[name].verdict, bounded[name].verdict} != {"ok", "drift"}
            error = 0.01 if name == "normal" else 1e-12  # of both sketches
            assert bounded[name].effect == pytest.approx(exact[name].effect, abs=error)


def files_of(package: Path) -> list[bytes]:
    if package.is_dir():
        return [path.read_bytes() for path in package.rglob("*") if path.is_file()]
    with zipfile.ZipFile(package) as archive:
        return [package.read_bytes(), *(archive.read(name) for name in archive.namelist())]


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_no_file_of_a_package_holds_what_is_private(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(5)
    salary = 987654.321
    rows = pd.DataFrame(
        {
            "x": rng.normal(size=500),
            "salary": np.where(np.arange(500) == 7, salary, rng.normal(size=500)),
            "customer": np.arange(500.0) + 0.0625,
        }
    )
    labels = (rows["x"] > 0).astype(int)
    model = DecisionTreeClassifier(max_depth=1).fit(rows, labels)

    def packaged() -> hf.Package:
        columns = hf.Columns(entity="customer", id="id")
        return hf.package(model, "planted", reference=(rows, labels), private=["salary"], columns=columns)

    path = tmp_path / f"planted{ending}"
    packaged().save(path)
    reference = hf.Package.open(path).reference
    assert reference is not None
    assert {name for name in reference.columns if reference[name]["private"]} == {"salary", "customer"}
    for content in files_of(path):
        assert struct.pack("<d", salary) not in content
        assert struct.pack("<d", rows["customer"][250]) not in content
    assert any(struct.pack("<d", rows["x"].max()) in content for content in files_of(path))
    assert reference["salary"]["distinct"] == pytest.approx(500, rel=0.07)
    revealed = reference.describe_contents()
    assert revealed["salary"] == revealed["customer"] == []
    assert set(revealed["x"]) <= set(rows["x"])
    assert packaged().identity == hf.Package.open(path).identity


def test_no_saved_profile_holds_texts_that_are_private_or_rare(tmp_path: Path) -> None:
    rows = {
        "email": [SECRET] + ["someone@example.org"] * 499,
        "name": ["Rumpelstilzchen"] * 9 + ["nobody"] * 491,
        "user": [SECRET] * 500,
    }
    path = tmp_path / "texts.profile"
    profile = hf.Profile.of(rows, private=["email"], columns=hf.Columns(id="user"))
    profile.save(path)
    content = path.read_bytes()
    assert b"planted-secret" not in content
    assert b"Rumpelstilzchen" not in content
    loaded = hf.Profile.load(path)
    assert loaded["name"]["items"] == {"nobody": 491}
    assert loaded["name"]["item_error"] == 9
    assert loaded["email"]["distinct"] == 2
    assert profile.describe_contents() == {"email": [], "name": ["nobody"], "user": []}
    profile.save(path, min_count=1)
    assert b"Rumpelstilzchen" in path.read_bytes()


def test_private_counts_merge_within_a_process_and_by_a_salt() -> None:
    first, second = frame(3000, 6), frame(3000, 7)
    profile = hf.Profile.of(first, private=["user"])
    profile += hf.Profile.of(second, private=["user"])
    distinct = pd.concat([first, second])["user"].nunique()
    assert profile["user"]["distinct"] == pytest.approx(distinct, rel=0.07)
    salted = hf.Profile.of(first, private=["user"], salt="one") + hf.Profile.of(second, private=["user"], salt="two")
    assert "distinct" not in salted["user"]
    assert salted["user"]["rows"] == 6000


def test_like_takes_options_and_edges() -> None:
    reference = hf.Profile.of(frame(2000, 8), private=["user"], deciles=True, max_items=8)
    current = hf.Profile.of(frame(500, 9), like=reference)
    assert current["normal"]["histogram"]["edges"] == reference["normal"]["histogram"]["edges"]
    assert current["user"]["private"]
    assert (current + reference).rows == 2500
    with pytest.raises(hf.InvalidArgument, match="like="):
        hf.Profile.of(frame(10, 1), like=reference, private=["city"])
    with pytest.raises(hf.InvalidArgument, match="other edges"):
        current += hf.Profile.of(frame(10, 1), private=["user"], deciles=True, max_items=8)


def test_frequent_numbers_are_within_their_error() -> None:
    rows = frame(200_000, 10)
    truth = rows["counts"].value_counts()
    found = hf.Profile.of(rows)["counts"]["frequent"]
    assert {entry["value"] for entry in found} >= set(truth[truth > 0.02 * len(rows)].index)
    for entry in found:
        assert abs(entry["rows"] - truth[entry["value"]]) <= entry["error"]
