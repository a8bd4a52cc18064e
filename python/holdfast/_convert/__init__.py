"""`convert`: fitted estimators as Holdfast models, straight from their arrays, in the estimator's own arithmetic.

Covered, of scikit-learn 1.3 and newer: decision trees and extra trees, forests of both, gradient boosting, linear and
logistic models, support vector machines, StandardScaler, SimpleImputer, and pipelines of these; and the boosters and
estimators of XGBoost and LightGBM. Anything else is refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._core import Model, Unsupported
from ._boosters import BOOSTERS, converted
from ._builder import Builder, Matrix
from ._features import feature_count, feature_names_of
from ._linear import LINEAR
from ._pipeline import final_step, steps_of
from ._preprocess import TRANSFORMERS
from ._svm import SVM
from ._trees import TREES

__all__ = ["convert"]

_PREDICTORS = {**TREES, **LINEAR, **SVM}


def _covered() -> str:
    return ", ".join([*_PREDICTORS, *TRANSFORMERS, "Pipeline", *BOOSTERS])


def _name_of(estimator: object) -> str:
    """The class's name where it is scikit-learn's own; a subclass may compute something else."""
    kind = type(estimator)
    return kind.__name__ if kind.__module__.split(".")[0] == "sklearn" else f"{kind.__module__}.{kind.__qualname__}"


def convert(estimator: object, feature_names: Sequence[str] | None = None) -> Model:
    """A fitted estimator of scikit-learn, XGBoost or LightGBM as a `Model`; `model.save("x.hfm")` keeps it to the bit.

    `feature_names` name the columns of the input; without them they are the estimator's `feature_names_in_`, where it
    has them. Inputs are float64; narrower ones are widened, and scalers, linear models and kernels compute in float64
    whatever they are given. XGBoost's are float32, as XGBoost itself computes; categories are given by their codes.

    Outputs of a classifier are `label`, and `probabilities` (rows, classes) or, of support vectors without
    probabilities, `decision`, as `decision_function` gives it. A regressor's is `prediction`; a transformer's alone is
    `output`. Class labels are int64 or text: booleans become 0 and 1, whole floats become integers.

    In trees a NaN goes where training on missing values sent it. Elsewhere it is computed with, not refused.

    Raises Unsupported, naming the class, for what is not covered, and InvalidArgument for an estimator that is not
    fitted.

    >>> import numpy
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> model = convert(DecisionTreeClassifier().fit([[0.0], [1.0]], ["no", "yes"]))
    >>> model.predict(numpy.array([[0.9]])).tolist()
    ['yes']
    """
    booster = converted(estimator, feature_names)
    if booster is not None:
        return booster
    steps = steps_of(estimator)
    names = feature_names_of(steps, feature_names)
    builder = Builder(features=names, columns=feature_count(steps))
    value: Matrix = builder.input
    for step in steps[:-1]:
        inner = _name_of(step)
        if inner not in TRANSFORMERS:
            raise Unsupported(f"convert: {inner} inside a pipeline is not covered; {', '.join(TRANSFORMERS)} are")
        value = TRANSFORMERS[inner](builder, step, value)
    last = final_step(steps)
    name = _name_of(last)
    if name in TRANSFORMERS:
        builder.transformed(TRANSFORMERS[name](builder, last, value))
    elif name in _PREDICTORS:
        _PREDICTORS[name](builder, last, value)
    else:
        raise Unsupported(f"convert: {name} is not covered; covered are {_covered()}")
    return builder.compile()
