"""What the tests of `hf.convert` share: data, and comparisons with the estimator itself."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
from sklearn import datasets
from sklearn.base import clone

Array = np.ndarray[Any, Any]

TREES, KERNELS = 1e-12, 1e-9


@lru_cache
def data(name: str) -> tuple[Array, Array]:
    bunch = getattr(datasets, f"load_{name}")()
    return np.asarray(bunch.data, dtype=np.float64), np.asarray(bunch.target)


def fit(estimator: Any, x: Array, y: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(estimator).fit(x, y)


def scores_of(estimator: Any, x: Array) -> tuple[str, Array] | None:
    """The output that holds scores, and what scikit-learn says it is; None where it gives none."""
    if hasattr(estimator, "predict_proba"):
        return "probabilities", estimator.predict_proba(x)
    if not hasattr(estimator, "decision_function"):
        return None
    values = estimator.decision_function(x)
    return "decision", values.reshape(len(x), -1)


def assert_close(got: Array, wanted: Array, tolerance: float) -> None:
    """Within the tolerance of max(1, |value|), NaN where NaN is wanted."""
    got, wanted = np.asarray(got, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    assert got.shape == wanted.shape
    assert np.array_equal(np.isnan(got), np.isnan(wanted))
    error = np.nan_to_num(np.abs(got - wanted) / np.maximum(1.0, np.abs(wanted)))
    assert float(np.max(error, initial=0.0)) <= tolerance


def dense(values: Any) -> Array:
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def assert_equal_to(estimator: Any, model: Any, x: Any, tolerance: float, fitted_form: Any = None) -> None:
    """`fitted_form` is x as the estimator takes it, where that is not how the model does."""
    own = x if fitted_form is None else fitted_form
    outputs = model.run(x)
    if "output" in outputs:
        assert_close(outputs["output"], dense(estimator.transform(own)), tolerance)
    elif "prediction" in outputs:
        assert_close(model.predict(x), estimator.predict(own), tolerance)
    else:
        assert list(model.predict(x)) == list(estimator.predict(own))
        scores = scores_of(estimator, own)
        assert set(outputs) == {"label", *([] if scores is None else [scores[0]])}
        if scores is not None:
            assert_close(outputs[scores[0]], scores[1], tolerance)


def assert_rows_stand_alone(model: Any, x: Array) -> None:
    """A row by itself gives the bits that it gives among others."""
    together = model.run(x)
    for i in (0, len(x) // 2, len(x) - 1):
        for name, values in model.run(x[i : i + 1]).items():
            same = np.asarray(together[name])[i : i + 1]
            assert np.asarray(values).tolist() == same.tolist() or np.asarray(values).tobytes() == same.tobytes()


def check(estimator: Any, x: Any, path: Path, tolerance: float = TREES) -> Any:
    """Converts a fitted estimator; the model answers as it does, row by row too, and reloads to the bit."""
    model = hf.convert(estimator)
    assert_equal_to(estimator, model, x, tolerance)
    assert_rows_stand_alone(model, x)
    assert_reloads(model, x[:50], path / "model.hfm")
    return model


def assert_reloads(model: Any, x: Array, path: Path) -> None:
    model.save(path)
    again = hf.load_model(path)
    before, after = model.run(x), again.run(x)
    assert list(before) == list(after)
    for name, values in before.items():
        same = np.asarray(values)
        assert (
            same.tolist() == np.asarray(after[name]).tolist()
            if same.dtype.kind in "UO"
            else (same.tobytes() == np.asarray(after[name]).tobytes())
        )
    assert again.signature == model.signature
