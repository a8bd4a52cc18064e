"""Holdfast as a backend of the onnx package: what its node tests run.

A batch is rows of one matrix, so that a model of several inputs reads them from one flat input, in which the adapter
lays them side by side; and what an operator takes as shape, axes, bounds or a count becomes a constant of the file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.base import Backend, BackendRep

Array = np.ndarray[Any, Any]

# Inputs, by operator, that say how to compute rather than what with.
CONTROLS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(["Reshape", "Expand", "Tile", "Squeeze", "Unsqueeze", "TopK"], (1,)),
    **dict.fromkeys(
        [f"Reduce{kind}" for kind in ("Sum", "Mean", "Prod", "Max", "Min", "SumSquare", "LogSumExp")], (1,)
    ),
    **dict.fromkeys(["ReduceL1", "ReduceL2", "ReduceLogSum"], (1,)),
    "Slice": (1, 2, 3, 4),
    "ConstantOfShape": (0,),
}


def element_type(value: onnx.ValueInfoProto) -> int:
    return value.type.tensor_type.elem_type


def as_array(given: Any) -> Array:
    return numpy_helper.to_array(given) if isinstance(given, TensorProto) else np.asarray(given)


def extents(value: onnx.ValueInfoProto) -> tuple[int, ...] | None:
    shape = value.type.tensor_type
    if not shape.HasField("shape") or not all(dim.HasField("dim_value") for dim in shape.shape.dim):
        return None
    return tuple(dim.dim_value for dim in shape.shape.dim)


COVERED = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.INT32,
    TensorProto.BOOL,
    TensorProto.STRING,
)


class HoldfastRep(BackendRep):
    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model

    def run(self, inputs: Any, **_: Any) -> tuple[Any, ...]:
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        given = {value.name: as_array(array) for value, array in zip(model.graph.input, inputs, strict=True)}
        self._fix_controls(model, given)
        batch = self._one_input(model, given)
        loaded = load(model)
        spec = loaded.signature.inputs[0]
        if tuple(spec.shape[1:]) == batch.shape:  # one row
            batch = batch[None]
        elif batch.ndim == 1:
            batch = batch[:, None]
        out = loaded.run(batch)
        return tuple(self._shaped(value, np.asarray(out[value.name])) for value in model.graph.output)

    @staticmethod
    def _fix_controls(model: onnx.ModelProto, given: dict[str, Array]) -> None:
        for node in model.graph.node:
            for i in CONTROLS.get(node.op_type, ()):
                if i < len(node.input) and node.input[i] in given:
                    array = given.pop(node.input[i])
                    model.graph.initializer.append(numpy_helper.from_array(array, node.input[i]))
        kept = [value for value in model.graph.input if value.name in given]
        del model.graph.input[:]
        model.graph.input.extend(kept)

    @staticmethod
    def _one_input(model: onnx.ModelProto, given: dict[str, Array]) -> Array:
        values = list(model.graph.input)
        foreign = [value for value in values if element_type(value) not in COVERED]
        if len(values) == 1 or foreign:  # those are refused when the file is loaded
            return given[(foreign or values)[0].name]
        types = {element_type(value) for value in values}
        common = types.pop() if len(types) == 1 else TensorProto.DOUBLE
        dtype = helper.tensor_dtype_to_np_dtype(common) if values else np.dtype(np.float32)
        flat = np.concatenate([given[value.name].ravel().astype(dtype) for value in values] or [np.zeros(1, dtype)])
        del model.graph.input[:]
        packed = helper.make_tensor_value_info("packed", common if values else TensorProto.FLOAT, [len(flat)])
        model.graph.input.append(packed)
        before, start = [], 0
        for value in values:
            array = given[value.name]
            at = np.arange(start, start + array.size, dtype=np.int64).reshape(array.shape)
            start += array.size
            model.graph.initializer.append(numpy_helper.from_array(at, f"places of {value.name}"))
            same = element_type(value) == common
            taken = value.name if same else f"part of {value.name}"
            before.append(helper.make_node("Gather", ["packed", f"places of {value.name}"], [taken], axis=0))
            if not same:
                before.append(helper.make_node("Cast", [taken], [value.name], to=element_type(value)))
        if all(opset.domain not in ("", "ai.onnx") for opset in model.opset_import):
            model.opset_import.append(helper.make_opsetid("", 13))
        nodes = before + list(model.graph.node)
        del model.graph.node[:]
        model.graph.node.extend(nodes)
        return flat

    @staticmethod
    def _shaped(value: onnx.ValueInfoProto, array: Array) -> Array:
        shape = extents(value)
        if shape is not None:
            array = array.reshape(shape)
        if element_type(value) == TensorProto.INT32:  # Holdfast's integers are int64
            array = array.astype(np.int32)
        return array


def load(model: onnx.ModelProto) -> hf.Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        path.write_bytes(model.SerializeToString())
        return hf.load_model(path)


class HoldfastBackend(Backend):
    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **_: Any) -> HoldfastRep:
        if not cls.supports_device(device):
            raise ValueError(f"device {device} given, CPU wanted")
        return HoldfastRep(model)

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any) -> tuple[Any, ...]:
        return cls.prepare(model, device).run(inputs, **kwargs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device == "CPU"
