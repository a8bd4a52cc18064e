"""usage: make_net.py net.pt: writes y = 2 a + 0.5 b + 1 as TorchScript."""

import sys

import torch

net = torch.nn.Linear(2, 1)
with torch.no_grad():
    net.weight.copy_(torch.tensor([[2.0, 0.5]]))
    net.bias.fill_(1.0)
torch.jit.trace(net.eval(), torch.zeros(3, 2)).save(sys.argv[1])
