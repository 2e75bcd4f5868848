"""A state_dict has tensors by names, such as ``layer1.0.conv1.weight``.

Those that have all but the last part of their names in common are one module's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.imports.refused import Refused
from netlang.language.model_files import MODEL
from netlang.system.record import Record
from netlang.system.tensor_file import NotReadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_COUNTS = "num_batches_tracked"  # which batches a BatchNorm has seen: nothing depends on it


class Module(Record):
    """The ``tensors`` of a module by their own names, such as ``weight``."""

    name: str
    tensors: Mapping[str, Array]

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.tensors[name].shape)

    @property
    def kind(self) -> str:
        """The netlang layer that has such tensors, as far as that can be told."""
        if "running_mean" in self.tensors:
            return "BatchNorm"
        if "weight_ih_l0" in self.tensors:
            gates = self.shape("weight_hh_l0")
            return {1: "RNN", 3: "GRU", 4: "LSTM"}.get(gates[0] // gates[1], "")
        if "in_proj_weight" in self.tensors:
            return "Attention"
        if "weight" not in self.tensors:
            return ""
        rank = len(self.shape("weight"))
        if rank == 2:
            named = re.search(r"emb|wte|wpe|tok", self.name.lower())
            return "Embedding" if named and "bias" not in self.tensors else "Linear"
        return {1: "LayerNorm", 3: "Conv1d", 4: "Conv2d"}.get(rank, "")


def modules_of(data: bytes) -> tuple[Module, ...]:
    """The modules in a safetensors file, as people count their names.  Raises Refused."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    if _is_own(data):
        help = "`netlang predict` takes it as it is, and so does a line `start`"
        raise Refused("it is a model that netlang has written", help)
    try:
        found = load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise Refused(f"it is cut off, or no safetensors file ({error})") from None
    modules: dict[str, dict[str, Any]] = {}
    for name in sorted(found, key=_counted):
        before, _, own = name.rpartition(".")
        if own != _COUNTS and found[name].is_floating_point():
            modules.setdefault(before, {})[own] = found[name].float().numpy()
    if not modules:
        raise Refused("it has no tensors of numbers")
    return tuple(Module(name, tensors) for name, tensors in modules.items())


def _is_own(data: bytes) -> bool:
    try:
        MODEL.about(data)
    except NotReadable:
        return False
    return True


def _counted(name: str) -> list[tuple[int, str]]:
    """A key by which ``layer10`` stands behind ``layer9``."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(one), "") if one.isdecimal() else (-1, one) for one in parts]
