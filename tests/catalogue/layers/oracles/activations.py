"""Activations by other means."""

from __future__ import annotations

import torch
from torch.nn import functional

ORACLES = {
    "ReLU": lambda layer, x: functional.relu(x),
    "Tanh": lambda layer, x: 1 - 2 / (torch.exp(2 * x) + 1),
    "Sigmoid": lambda layer, x: 1 / (1 + torch.exp(-x)),
    # clamped, as autograd makes NaN of an infinity that where() leaves out
    "SeLU": lambda layer, x: (
        layer.lam * torch.where(x > 0, x, layer.alpha * (torch.exp(x.clamp(max=0)) - 1))
    ),
    "SiLU": lambda layer, x: functional.silu(x),
    "GELU": lambda layer, x: functional.gelu(x, approximate=layer.approximate),
    "ReLU6": lambda layer, x: functional.relu6(x),
    "LeakyReLU": lambda layer, x: functional.leaky_relu(x, layer.negative_slope),
    "PReLU": lambda layer, x: functional.prelu(x, layer.weight),
    "ELU": lambda layer, x: functional.elu(x, layer.alpha),
    "CELU": lambda layer, x: functional.celu(x, layer.alpha),
    "Softplus": lambda layer, x: functional.softplus(x, layer.beta, layer.threshold),
    "Softsign": lambda layer, x: functional.softsign(x),
    "HardSigmoid": lambda layer, x: (x + 3).clamp(0, 6) / 6,
    "HardTanh": lambda layer, x: functional.hardtanh(x, layer.min_val, layer.max_val),
    "Mish": lambda layer, x: functional.mish(x),
    "HardSwish": lambda layer, x: functional.hardswish(x),
    "Softmax": lambda layer, x: torch.exp(x) / torch.exp(x).sum(layer.dim, keepdim=True),
    "LogSoftmax": lambda layer, x: functional.log_softmax(x, layer.dim),
    "GLU": lambda layer, x: functional.glu(x, layer.dim),
}
