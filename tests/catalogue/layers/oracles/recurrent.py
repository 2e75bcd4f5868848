"""Recurrent layers by torch's own, of the same name, with the same weights."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def by_torch(layer: Any, x: Tensor) -> Tensor:
    """The outputs of torch's layer; at the last step, those that it keeps of either direction."""
    weights = {name: getattr(layer, name) for name in layer.declared_weights()}
    states, kept = torch.func.functional_call(twin_of(layer), weights, (x,))
    if layer.output == "all":
        return states  # type: ignore[no-any-return]
    last = kept[0] if isinstance(kept, tuple) else kept  # the states of all layers and directions
    return torch.cat([*last[-2 if layer.bidirectional else -1 :]], -1)


def twin_of(layer: Any) -> nn.RNNBase:
    """Torch's layer of the same name and arguments."""
    arguments = {name: value for name, value in layer.values.items() if name != "output"}
    twin: nn.RNNBase = getattr(nn, layer.name)(**arguments, batch_first=True)
    return twin.to(layer.parameters.dtype)


ORACLES = dict.fromkeys(("RNN", "GRU", "LSTM"), by_torch)
