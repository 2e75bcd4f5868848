"""The tensors of a training by their names in a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netlang.engine import Engine
from netlang.engine.network import Network

if TYPE_CHECKING:
    from torch import Tensor

AVERAGE = "averaged "  # before the names of the tensors of an average


def changing_tensors(engine: Engine) -> dict[str, Tensor]:
    """The tensors that training changes, by their names in a checkpoint."""
    return lasting_tensors(engine) | engine.descent.tensors()


def lasting_tensors(engine: Engine) -> dict[str, Tensor]:
    """Those of them that decide what the network and the result compute."""
    kept = weights_of(engine.network)
    if (result := engine.descent.result) is not engine.network:
        kept |= {f"{AVERAGE}{name}": tensor for name, tensor in weights_of(result).items()}
    return kept


def weights_of(network: Network) -> dict[str, Any]:
    """The tensors that decide what a trained network computes, by their names in a checkpoint."""
    return {"parameters": network.parameters, "statistics": network.statistics}
