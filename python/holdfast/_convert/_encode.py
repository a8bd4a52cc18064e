"""Encoders of categories, labels and bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._core import Unsupported
from ._answers import moved
from ._builder import Builder, Frame, Matrix
from ._features import class_labels, fitted
from ._registry import transformed, transformer
from ._stairs import stairs

_EXACT = 2**53


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ == "NAType" or value != value


def _number_keys(categories: Sequence[Any], name: str) -> list[float]:
    for value in categories:
        if isinstance(value, int) and abs(value) > _EXACT:
            raise Unsupported(f"convert: {name} with the category {value}, beyond 2^53, is not covered")
    return [float("nan") if _is_missing(value) else float(value) for value in categories]


def _text_keys(categories: Sequence[Any], name: str) -> list[str]:
    keys = ["" if _is_missing(value) else str(value) for value in categories]
    if keys.count("") > 1:
        raise Unsupported(f"convert: {name} with several of None, NaN and the empty text as categories is not covered")
    return keys


def positions(builder: Builder, column: Frame, categories: Any, name: str, *, refuse_unknown: bool) -> Matrix:
    """Each value's position among the categories; their number, of one that is none of them."""
    found = np.asarray(categories)
    present = [value for value in found.tolist() if not _is_missing(value)]
    if found.dtype.kind in "biuf" or all(isinstance(value, (bool, int, float)) for value in present):
        keys: dict[str, Any] = {"keys": "float64", "numbers": _number_keys(found.tolist(), name)}
        x = builder.numbers(column)
    elif all(isinstance(value, str) for value in present):
        keys = {"keys": "string", "items": _text_keys(found.tolist(), name)}
        x = builder.texts(column)
    else:
        raise Unsupported(f"convert: {name} over dtype {found.dtype} is not covered; numbers and text are")
    return builder.add("encode", x, 1, "int64", refuse_unknown=refuse_unknown, **keys)


def indicators(builder: Builder, x: Matrix, places: list[int], count: int) -> Matrix:
    """Columns of 0 and 1 from positions, moved to their places first; a place outside of the columns has none."""
    return builder.add("one_hot", moved(builder, x, places), count, count=count, to="float64")


def _grouped(encoder: Any, j: int) -> tuple[list[int], int | None]:
    """Where each category of column j goes when the rare ones are put together, and where these go."""
    categories = len(encoder.categories_[j])
    mapping = getattr(encoder, "_default_to_infrequent_mappings", None)
    if not getattr(encoder, "_infrequent_enabled", False) or mapping is None or mapping[j] is None:
        return list(range(categories)), None
    places = [int(place) for place in mapping[j]]
    rare = places[int(encoder._infrequent_indices[j][0])]
    return places + list(range(len(places), categories)), rare  # a missing value is not grouped


def _one_hot_places(encoder: Any, j: int) -> list[int]:
    """The indicator of each category of column j and of unknown ones; -1: none."""
    places, rare = _grouped(encoder, j)
    unknown = rare if rare is not None and encoder.handle_unknown in ("infrequent_if_exist", "warn") else -1
    all_places = [*places, unknown]
    dropped = None if encoder._drop_idx_after_grouping is None else encoder._drop_idx_after_grouping[j]
    if dropped is None:
        return all_places
    return [-1 if place == dropped else place - (place > dropped) for place in all_places]


@transformer("OneHotEncoder")
def _one_hot(builder: Builder, encoder: Any, x: Frame) -> Frame:
    parts: list[Matrix] = []
    for j, categories in enumerate(fitted(encoder, "categories_")):
        count = int(encoder._n_features_outs[j])
        if count == 0:
            continue
        column = builder.select(x, [j])
        refuse = encoder.handle_unknown == "error"
        found = positions(builder, column, categories, "OneHotEncoder", refuse_unknown=refuse)
        places = [count if place < 0 else place for place in _one_hot_places(encoder, j)]
        parts.append(indicators(builder, found, places, count))
    builder.gives_sparse |= bool(encoder.sparse_output)
    return Frame((builder.concat(parts),))


@transformer("OrdinalEncoder")
def _ordinal(builder: Builder, encoder: Any, x: Frame) -> Frame:
    parts: list[Matrix] = []
    for j, categories in enumerate(fitted(encoder, "categories_")):
        codes = [float(place) for place in _grouped(encoder, j)[0]]
        missing = getattr(encoder, "_missing_indices", {}).get(j)
        if missing is not None:
            codes[missing] = float(encoder.encoded_missing_value)
        refuse = encoder.handle_unknown == "error"
        codes.append(0.0 if refuse else float(encoder.unknown_value))
        column = builder.select(x, [j])
        found = positions(builder, column, categories, "OrdinalEncoder", refuse_unknown=refuse)
        parts.append(builder.add("numbers", found, 1, values=codes, to="float64"))
    return Frame((builder.concat(parts),))


@transformer("LabelEncoder")
def _labels(builder: Builder, encoder: Any, x: Frame) -> Frame:
    class_labels(encoder)
    found = positions(builder, x, encoder.classes_, "LabelEncoder", refuse_unknown=True)
    return Frame((builder.as_float64(found),))


@transformer("KBinsDiscretizer")
def _bins(builder: Builder, estimator: Any, x: Frame) -> Frame:
    edges = fitted(estimator, "bin_edges_")
    parts: list[Matrix] = []
    for j, own in enumerate(edges):
        inner = np.asarray(own, dtype=np.float64)[1:-1]
        codes = np.arange(len(inner) + 1, dtype=np.float64)[:, None]
        column = builder.numbers(builder.select(x, [j]))
        parts.append(stairs(builder, column, inner, codes))
    binned = Frame((builder.concat(parts),))
    return binned if estimator.encode == "ordinal" else transformed(builder, estimator._encoder, binned)


@transformer("Binarizer")
def _binarizer(builder: Builder, estimator: Any, x: Frame) -> Frame:
    value = builder.numbers(x)
    flags = builder.add("threshold", value, value.width, "int64", value=float(estimator.threshold))
    return Frame((builder.as_float64(flags),))


@transformer("TargetEncoder")
def _target(builder: Builder, encoder: Any, x: Frame) -> Frame:
    encodings = fitted(encoder, "encodings_")
    columns = len(encoder.categories_)
    targets = len(encodings) // columns
    parts: list[Matrix] = []
    for j, categories in enumerate(encoder.categories_):
        found = positions(builder, builder.select(x, [j]), categories, "TargetEncoder", refuse_unknown=False)
        for target in range(targets):
            mean = encoder.target_mean_ if targets == 1 else encoder.target_mean_[target]
            values = [*encodings[j * targets + target], float(mean)]
            parts.append(builder.add("numbers", found, 1, values=values, to="float64"))
    return Frame((builder.concat(parts),))
