"""The fully connected layer by other means."""

from __future__ import annotations

from torch.nn import functional

ORACLES = {
    "Linear": lambda layer, x: functional.linear(
        x, layer.weight, layer.bias if layer.with_bias else None
    ),
}
