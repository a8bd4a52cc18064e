"""`convert`: fitted estimators as Holdfast models, straight from their arrays, in the estimator's own arithmetic.

Of scikit-learn what docs/models.md lists: trees and their ensembles, linear models, support vector
machines, networks, clusters, preprocessing, pipelines and wrappers; and the boosters and estimators of XGBoost,
LightGBM and CatBoost. Anything else is refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._core import Model

__all__ = ["convert"]


def convert(estimator: object, feature_names: Sequence[str] | None = None) -> Model:
    """A fitted estimator of scikit-learn, XGBoost, LightGBM or CatBoost as a `Model`.

    `model.save("x.hfm")` keeps it to the bit.

    `feature_names` name the columns of the input; without them they are the estimator's `feature_names_in_`, where it
    has them. The input is one matrix, of float64 (narrower numbers are widened; scalers, linear models and kernels
    compute in float64 whatever they are given) or of text. Where some columns are text and others numbers, it is one
    input a column, by name. In text, a missing value and the empty text are one. XGBoost's inputs are float32, as
    XGBoost itself computes; categories are given by their codes.

    Outputs of a classifier are `label`, and `probabilities` (rows, classes) or, of classifiers without them,
    `decision`, as `decision_function` gives it. Clusters and outlier detectors give `label` too. A regressor's output
    is `prediction`; a transformer's alone is `output`. Class labels are int64 or text: booleans become 0 and 1, whole
    floats become integers.

    In trees a NaN goes where training on missing values sent it. Elsewhere it is computed with, not refused.

    Raises Unsupported, naming the class, for what is not covered, and InvalidArgument for an estimator that is not
    fitted.

    >>> import numpy
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> model = convert(DecisionTreeClassifier().fit([[0.0], [1.0]], ["no", "yes"]))
    >>> model.predict(numpy.array([[0.9]])).tolist()
    ['yes']
    """
    from ._estimators import model_of  # some thirty modules, which `import holdfast` does without

    return model_of(estimator, feature_names)
