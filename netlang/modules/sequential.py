"""Modules one after another, their weights packed into one vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from netlang.lazy import torch
from netlang.modules.module import Layer, Module, Pair

if TYPE_CHECKING:
    from torch import Tensor


class Sequential(Module):
    """Each module's output is the next one's input: of a list, or of the arguments.

    Source: paper section VII.

    The modules' weights move into this one's flat vectors, out of any other Sequential's, and
    keep their values; to change their dtype or device, use ``to`` of the outermost. Raises
    ValueError if a layer stands in it twice: a layer remembers its last input only.
    """

    def __init__(self, *modules: Module | Sequence[Module]) -> None:
        self.modules = list(_flat(modules))
        for module in self.modules:
            if not isinstance(module, Module):
                raise TypeError(f"Sequential takes modules, such as ReLU(), and not {module!r}")
        layers = list(self.layers())
        if len(set(map(id, layers))) < len(layers):
            raise ValueError("a layer stands twice in this Sequential; make one for each place")
        parameters = [module.parameters for module in self.modules]
        self.attach(_concatenated(parameters), _concatenated([m.gradients for m in self.modules]))

    @property
    def size(self) -> int:
        return sum(module.size for module in self.modules)

    def attach(self, parameters: Tensor, gradients: Tensor) -> None:
        self.parameters, self.gradients = parameters, gradients
        at = 0
        for module in self.modules:
            end = at + module.size
            module.attach(parameters[at:end], gradients[at:end])
            at = end

    def forward(self, x: Tensor) -> Tensor:
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, dy: Tensor) -> Tensor:
        for module in reversed(self.modules):
            dy = module.backward(dy)
        return dy

    def accumulate(self, dy: Tensor) -> None:
        # Nothing before the first module with weights has to be gone through.
        first = next((i for i, module in enumerate(self.modules) if module.size), None)
        if first is None:
            return
        for module in reversed(self.modules[first + 1 :]):
            dy = module.backward(dy)
        self.modules[first].accumulate(dy)

    def param(self) -> list[Pair]:
        return [pair for module in self.modules for pair in module.param()]

    def layers(self) -> Iterator[Layer]:
        for module in self.modules:
            yield from module.layers()

    def __repr__(self) -> str:
        return f"Sequential({self.modules!r})"


def _flat(modules: Sequence[Module | Sequence[Module]]) -> Iterator[Module]:
    for module in modules:
        if isinstance(module, Sequence):
            yield from module
        else:
            yield module


def _concatenated(vectors: list[Tensor]) -> Tensor:
    """One vector; those of modules without weights say nothing of its dtype and device."""
    return torch.cat([one for one in vectors if len(one)] or vectors or [torch.zeros(0)])
