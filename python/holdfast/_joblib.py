"""`.joblib` files: scikit-learn reads them, `convert` makes models of what they hold."""

from __future__ import annotations

import importlib
import io

from ._convert import convert
from ._core import CorruptArtifact, Error, Model, Unsupported


def read(data: bytes, path: str) -> Model:
    """The model of a file's bytes, which may run any code: ``holdfast._core`` calls it for trusted files only.

    Raises Unsupported where scikit-learn or a module that the file names is not installed, and for what `convert` does
    not cover; CorruptArtifact for bytes that joblib cannot read.
    """
    try:
        joblib = importlib.import_module("joblib")
    except ModuleNotFoundError:
        raise Unsupported(
            f'model file "{path}": scikit-learn reads it, and is not installed; run: pip install scikit-learn'
        ) from None
    try:
        estimator = joblib.load(io.BytesIO(data))
    except (ImportError, AttributeError) as error:
        raise Unsupported(f'model file "{path}": it names what is not there: {error}') from error
    except Exception as error:
        raise CorruptArtifact(f'model file "{path}": joblib cannot read it: {error}') from error
    try:
        return convert(estimator)
    except Error as error:
        raise type(error)(f'model file "{path}": {error}') from error
