"""Small networks as PyTorch writes them to ONNX files, beside PyTorch itself.

Both compute in float32, Holdfast with sums in double: answers agree within 2e-6 of max(1, |value|).
"""

from __future__ import annotations

import warnings
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step, self.norm, self.out = nn.Linear(6, 6), nn.LayerNorm(6), nn.Linear(6, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.out(self.norm(x + torch.relu(self.step(x)))), -1)


class Attention(nn.Module):
    """Three places of a row attend to one another."""

    def __init__(self) -> None:
        super().__init__()
        self.places, self.out = nn.Linear(6, 12), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        places = self.places(x).reshape(-1, 3, 4)
        shares = torch.softmax(places @ places.transpose(1, 2) / 2, -1)
        return self.out((shares @ places).mean(1))


def layered(*middle: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), *middle, nn.Linear(8, 3))


NETWORKS = {
    "relu": lambda: layered(nn.ReLU()),
    "leaky relu": lambda: layered(nn.LeakyReLU(0.2)),
    "parametric relu": lambda: layered(nn.PReLU(8)),
    "elu": lambda: layered(nn.ELU(0.7)),
    "selu": lambda: layered(nn.SELU()),
    "gelu": lambda: layered(nn.GELU()),
    "gelu by tanh": lambda: layered(nn.GELU("tanh")),
    "silu": lambda: layered(nn.SiLU()),
    "softplus": lambda: layered(nn.Softplus()),
    "clipped": lambda: layered(nn.Hardtanh()),
    "hard sigmoid": lambda: layered(nn.Hardsigmoid()),
    "batch norm": lambda: layered(nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.1)),
    "layer norm": lambda: layered(nn.LayerNorm(8), nn.Sigmoid()),
    "log softmax": lambda: nn.Sequential(nn.Linear(6, 4), nn.LogSoftmax(1)),
    "residual": Residual,
    "attention": Attention,
}


@pytest.mark.parametrize("operator_set", [11, 14, 17, 20])
@pytest.mark.parametrize("name", NETWORKS)
def test_network(name: str, operator_set: int, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = NETWORKS[name]().eval()
    x = 3 * torch.randn(40, 6)
    path = tmp_path / "network.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that writes old sets will go
        torch.onnx.export(
            network, (x,), path, dynamo=False, opset_version=operator_set, input_names=["x"], output_names=["y"],
            dynamic_axes={"x": {0: "rows"}, "y": {0: "rows"}},
        )  # fmt: skip
    model = hf.load_model(path)
    wanted = network(x).detach().numpy()
    answers = model.run(x.numpy())["y"]
    assert answers.shape == wanted.shape
    assert np.all(np.abs(answers - wanted) <= 2e-6 * np.maximum(1, np.abs(wanted)))
    one_by_one = np.concatenate([model.run(row[None])["y"] for row in x.numpy()])
    assert np.array_equal(one_by_one, answers)
    model.save(tmp_path / "network.hfm")
    assert np.array_equal(hf.load_model(tmp_path / "network.hfm").run(x.numpy())["y"], answers)
