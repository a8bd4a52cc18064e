"""IsolationForest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._answers import Classes, position_of
from ._builder import Builder, Frame
from ._features import fitted
from ._registry import predictor
from ._trees import Ensemble


def _usual_depth(rows: Any) -> Any:
    """The mean depth of an unsuccessful search in a binary search tree of so many rows.

    Source: Liu, Ting, Zhou, "Isolation forest", ICDM 2008, equation 1.
    """
    count = np.asarray(rows, dtype=np.float64)
    many = np.maximum(count, 3.0)
    deep = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    return np.where(count <= 1.0, 0.0, np.where(count == 2.0, 1.0, deep))


def _depths(tree: Any) -> Any:
    """Of each node: its depth, and the usual depth of a tree of the rows that training left in it."""
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):  # children come after their parents
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1.0
    return depth + _usual_depth(tree.n_node_samples)


@predictor("IsolationForest")
def _forest(builder: Builder, estimator: Any, x: Frame) -> Classes:
    value = builder.numbers(x)
    ensemble = Ensemble()
    for member, columns in zip(fitted(estimator, "estimators_"), estimator.estimators_features_, strict=True):
        ensemble.add(member.tree_, _depths(member.tree_)[:, None], columns=columns)
    depths = builder.add("trees", value, 1, aggregate="sum", **ensemble.fields(value.width, 1))
    usual = len(estimator.estimators_) * float(_usual_depth(estimator._max_samples))
    if usual == 0.0:  # of single rows: every score is -1/2
        share = builder.constant(depths, [-1.0])
    else:
        share = builder.add("elementwise", depths, 1, operation="divide", constant=[-usual])
    score = builder.add("elementwise", [builder.constant(depths, [2.0]), share], 1, operation="power")
    turned = builder.add("elementwise", score, 1, operation="multiply", constant=[-1.0])
    decision = builder.add("elementwise", turned, 1, operation="subtract", constant=[float(estimator.offset_)])
    return Classes([-1, 1], position_of(builder, decision, or_equal=True), decision=decision)
