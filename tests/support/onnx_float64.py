"""A float64 evaluation of ONNX files, written from the operators' specification alone: shares no code with Holdfast.

Source: ONNX, "ai.onnx.ml" operators SVMClassifier, LinearClassifier, Scaler, Normalizer; Wu, Lin, Weng, JMLR 2004,
method 2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx

Array = np.ndarray[Any, Any]


def probabilities(path: Path, x: Array) -> Array:
    """Class probabilities of a file made of Scaler, Normalizer, LinearClassifier and SVMClassifier; (rows, classes)."""
    value = x.astype(np.float64)
    for node in onnx.load(path).graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Scaler":
            value = (value - np.array(attributes["offset"])) * np.array(attributes["scale"])
        elif node.op_type == "LinearClassifier":
            value = _linear(value, attributes)
        elif node.op_type == "SVMClassifier":
            value = _svm(value, attributes)
        elif node.op_type == "Normalizer":
            assert attributes["norm"] == b"L1"
            value = value / np.abs(value).sum(axis=1, keepdims=True)
        else:
            assert node.op_type in ("Cast", "Identity"), node.op_type
    return value


def _linear(x: Array, attributes: dict[str, Any]) -> Array:
    intercepts = np.array(attributes["intercepts"], dtype=np.float64)
    weights = np.array(attributes["coefficients"], dtype=np.float64).reshape(len(intercepts), -1)
    scores = x @ weights.T + intercepts
    transform = attributes.get("post_transform", b"NONE")
    if transform == b"LOGISTIC":
        return 1 / (1 + np.exp(-scores))
    assert transform == b"SOFTMAX", transform
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _kernel(x: Array, vectors: Array, attributes: dict[str, Any]) -> Array:
    gamma, coef0, degree = attributes["kernel_params"]
    kind = attributes["kernel_type"]
    if kind == b"RBF":
        return np.exp(-gamma * ((x[:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2))
    dot = x @ vectors.T
    if kind == b"LINEAR":
        return dot
    return (gamma * dot + coef0) ** degree if kind == b"POLY" else np.tanh(gamma * dot + coef0)


def _svm(x: Array, attributes: dict[str, Any]) -> Array:
    counts = attributes["vectors_per_class"]
    classes = len(counts)
    vectors = np.array(attributes["support_vectors"], dtype=np.float64).reshape(sum(counts), -1)
    coefficients = np.array(attributes["coefficients"], dtype=np.float64).reshape(classes - 1, -1)
    kernel = _kernel(x, vectors, attributes)
    starts = np.concatenate([[0], np.cumsum(counts)])
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    likely = np.full((len(x), classes, classes), 0.5)
    for pair, (i, j) in enumerate(pairs):
        of_i, of_j = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
        decision = (
            kernel[:, of_i] @ coefficients[j - 1, of_i]
            + kernel[:, of_j] @ coefficients[i, of_j]
            + attributes["rho"][pair]
        )
        share = 1 / (1 + np.exp(attributes["prob_a"][pair] * decision + attributes["prob_b"][pair]))
        share = np.clip(share, 1e-7, 1 - 1e-7)
        likely[:, i, j], likely[:, j, i] = share, 1 - share
    return np.stack([_coupled(row) for row in likely])


def _coupled(likely: Array) -> Array:
    """Algorithm 2 of Wu, Lin and Weng with libsvm's stop: until the gradient is within 0.005 / classes."""
    classes = len(likely)
    q = -likely * likely.T
    np.fill_diagonal(q, (likely**2).sum(axis=0) - np.diagonal(likely) ** 2)
    p = np.full(classes, 1 / classes)
    for _ in range(max(100, classes)):
        if np.abs(q @ p - p @ q @ p).max() < 0.005 / classes:
            break
        for t in range(classes):
            p[t] += (p @ q @ p - (q @ p)[t]) / q[t, t]
            p /= p.sum()
    return p
