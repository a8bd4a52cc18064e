"""Functions of one column that are constant, or straight, between knots: one balanced tree finds the piece."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._builder import Builder, Matrix

Array = npt.NDArray[Any]


def stairs(builder: Builder, x: Matrix, edges: Array, values: Array) -> Matrix:
    """values[i] (pieces, k) where i edges are x or less."""
    left: list[int] = []
    right: list[int] = []
    piece: list[int] = []

    def grow(first: int, last: int) -> int:
        """The tree over the pieces first .. last; node numbers in depth-first order."""
        node = len(left)
        middle = (first + last) // 2
        left.append(-1)
        right.append(-1)
        piece.append(middle)
        if first < last:
            left[node] = grow(first, middle)
            right[node] = grow(middle + 1, last)
        return node

    grow(0, len(edges))
    leaf = np.asarray(left) < 0
    places = np.asarray(piece)
    width = values.shape[1]
    return builder.add(
        "trees",
        x,
        width,
        features=1,
        outputs=width,
        input="float64",
        comparison="less",
        roots=[0],
        left=left,
        right=right,
        feature=np.where(leaf, -1, 0),
        threshold=np.where(leaf, 0.0, np.append(edges, 0.0)[places]),
        leaf_begin=np.concatenate([[0], np.cumsum(np.where(leaf, width, 0))]),
        leaf_output=np.tile(np.arange(width), int(leaf.sum())),
        leaf_value=values[places[leaf]].ravel(),
    )


def interpolated(builder: Builder, x: Matrix, knots: Array, heights: Array) -> Matrix:
    """numpy.interp: straight lines between knots, flat outside; at knots that repeat, the last one's height."""
    edges, first = np.unique(knots, return_index=True)
    last = np.append(first[1:], len(knots)) - 1
    slopes = (heights[first[1:]] - heights[last[:-1]]) / np.diff(edges)
    starts = np.concatenate([edges[:1], edges])
    values = np.concatenate([heights[:1], heights[last]])
    pieces = np.stack([starts, values, np.concatenate([[0.0], slopes, [0.0]])], axis=1)
    found = stairs(builder, x, edges, pieces)
    start, value, slope = (builder.add("select", found, 1, columns=[i]) for i in range(3))
    risen = builder.add("elementwise", [x, start], 1, operation="subtract")
    risen = builder.add("elementwise", [risen, slope], 1, operation="multiply")
    return builder.add("elementwise", [risen, value], 1, operation="add")
