"""Packages: a model with everything that lets others trust it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Union

from . import _core
from ._core import Columns, Constraints, Model, Package, Signature
from ._lineage import known

__all__ = ["Package", "load_model", "package"]

StrPath = Union[str, "os.PathLike[str]"]


def load_model(
    path: StrPath,
    *,
    trusted: bool = False,
    allowed_sha256: Iterable[str] = (),
    device: str = "cpu",
    threads: int = 1,
    signature: Signature | None = None,
) -> Model:
    """Loads a model file, or the model of a package (a directory or a ``.zip``).

    Files that carry code (TorchScript, AOTInductor, joblib) load only with ``trusted=True`` or when ``allowed_sha256``
    names their hash. ``signature`` says what a file cannot say about itself.

    Raises NotFound, CorruptArtifact (truncated, foreign or changed), Unsupported (by name).
    """
    return _core.load_model(Path(path), trusted, list(allowed_sha256), device, threads, signature)


def package(
    model: Any,
    name: str,
    *,
    train: tuple[Any, Any] | None = None,
    reference: tuple[Any, Any] | None = None,
    evaluate: Iterable[str] = (),
    lineage: Mapping[str, Any] | None = None,
    claimed: Mapping[str, float] | None = None,
    private: Iterable[str] = (),
    columns: Columns | None = None,
    constraints: Constraints | None = None,
    trusted: bool = False,
    allowed_sha256: Iterable[str] = (),
    signature: Signature | None = None,
) -> Package:
    """Packages an estimator, a Model, or a model file.

    ``train`` is a pair (features, truth): the number of its rows and their SHA-256 go into the lineage, not the rows.
    ``reference`` is such a pair that the model was not trained on: its features give the reference profile (of
    ``private`` columns, and those that ``columns`` says are the id or the entity, counts alone; values of text in fewer
    than 10 rows are not written; ``pkg.reference.describe_contents()`` lists what it reveals), and on its rows the
    metrics in ``evaluate`` are computed, by the model as it is reloaded from the package. They also give the
    constraints (``Constraints.of``, without categories of fewer than ten rows) that an endpoint counts violations of,
    unless ``constraints`` are given.

    The lineage fills itself with what can be known: "holdfast" (its version), "code" (the commit that git has checked
    out in the working directory), and of an estimator "estimator" (class, library, version), "parameters" (those of
    ``get_params`` that are plain values; what looks secret is left out) and "seed" (its ``random_state``). ``lineage``
    is whatever else is known, or known better, as JSON: "parent" (the package it was made from), "samples", "trainer".
    A loop adds "job", "parent", "samples" (hash of the sample manifest), and where they are not there "trainer" and
    "seed". ``claimed`` are metrics that the trainer says, by name; they are kept apart from those computed here.

    >>> pkg = hf.package(forest, "housing", reference=(X_test, y_test), evaluate=["accuracy"])  # doctest: +SKIP
    >>> pkg.metrics["accuracy"].value  # doctest: +SKIP
    0.93
    """
    file: bytes | None = None
    file_name = ""
    allowed = list(allowed_sha256)
    if isinstance(model, (str, os.PathLike)):
        path = Path(model)
        loaded = _core.load_model(path, trusted, allowed, "cpu", 1, signature)
        file, file_name = path.read_bytes(), "model" + path.suffix
    else:
        loaded = model if isinstance(model, Model) else _converted(model)
    return _core.package_build(
        loaded,
        name,
        file_name,
        file,
        train,
        reference,
        [evaluate] if isinstance(evaluate, str) else list(evaluate),
        {**known(model), **(lineage or {}), **({"claimed": dict(claimed)} if claimed else {})},
        [private] if isinstance(private, str) else list(private),
        columns,
        constraints,
        trusted,
        allowed,
        signature,
    )


def _converted(estimator: Any) -> Model:
    from ._convert import convert

    return convert(estimator)
