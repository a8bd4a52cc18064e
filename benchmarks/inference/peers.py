"""How each peer opens a model of models.py and answers: a function from float32 rows to what it predicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Answer = Callable[[Any], Any]
CLASSIFIERS = "bef"


def holdfast(folder: Path, name: str) -> Answer:
    import holdfast

    model = holdfast.load_model(folder / {"c": "c.txt", "d": "d.ubj"}.get(name, f"{name}.onnx"))
    return model.predict_proba if name in CLASSIFIERS else model.predict


def onnx_runtime(folder: Path, name: str) -> Answer:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = str(folder / f"{name}.onnx")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    wanted = [session.get_outputs()[-1].name]  # of a classifier, the probabilities
    return lambda x: session.run(wanted, {feed: x})


def treelite_gtil(folder: Path, name: str) -> Answer:
    import treelite

    model = treelite.Model.deserialize(str(folder / f"{name}.treelite"))
    dtype = "float32" if name == "d" else "float64"
    return lambda x: treelite.gtil.predict(model, x.astype(dtype), nthread=1)


def tl2cgen(folder: Path, name: str) -> Answer:
    import tl2cgen

    predictor = tl2cgen.Predictor(str(folder / f"{name}.so"), nthread=1)
    dtype = "float32" if name == "d" else "float64"
    return lambda x: predictor.predict(tl2cgen.DMatrix(x.astype(dtype), dtype=dtype))


def lleaves(folder: Path, name: str) -> Answer:
    import lleaves

    model = lleaves.Model(model_file=str(folder / f"{name}.txt"))
    model.compile(cache=str(folder / f"{name}.lleaves"))
    return lambda x: model.predict(x.astype("float64"), n_jobs=1)


def lightgbm(folder: Path, name: str) -> Answer:
    import lightgbm

    booster = lightgbm.Booster(model_file=str(folder / f"{name}.txt"))
    return lambda x: booster.predict(x, num_threads=1)


def xgboost(folder: Path, name: str) -> Answer:
    import xgboost

    booster = xgboost.Booster({"nthread": 1}, model_file=str(folder / f"{name}.ubj"))
    return booster.inplace_predict


def scikit_learn(folder: Path, name: str) -> Answer:
    import joblib

    estimator = joblib.load(folder / f"{name}.joblib")
    return estimator.predict_proba if name in CLASSIFIERS else estimator.predict


FORESTS = (holdfast, onnx_runtime, treelite_gtil, scikit_learn)
PEERS: dict[str, tuple[Callable[[Path, str], Answer], ...]] = {
    "a": FORESTS,
    "b": FORESTS,
    "c": (holdfast, onnx_runtime, treelite_gtil, tl2cgen, lleaves, lightgbm),
    "d": (holdfast, onnx_runtime, treelite_gtil, tl2cgen, xgboost),
    "e": (holdfast, onnx_runtime, scikit_learn),
    "f": (holdfast, onnx_runtime, scikit_learn),
}
