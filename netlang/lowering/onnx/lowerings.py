"""How layers are said in ONNX.

The function of a layer takes the layer, its ``Own`` tensors, and a ``Value`` for each of its
inputs. It returns the ``Value`` that the layer gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from netlang.lowering.lowerings import Lowerings
from netlang.lowering.onnx.values import Constant, Value

if TYPE_CHECKING:
    from torch import Tensor

lowers = Lowerings("ONNX", {"layer": Value})


class Own:
    """The tensors of a layer, by the names that ``tensors()`` declares.

    ``owner`` is the node that they belong to. Layers that share weights have one ``Own``, so that
    the model holds each weight once.
    """

    def __init__(self, owner: str, tensors: Mapping[str, Tensor]) -> None:
        self.owner, self._tensors = owner, tensors
        self._made: dict[str, Constant] = {}

    def __getitem__(self, name: str) -> Constant:
        """A tensor as it is."""
        return self.made(name, lambda: self.array(name))

    def get(self, name: str) -> Constant | None:
        """A tensor as it is, None for one that the layer does not have."""
        return self[name] if name in self._tensors else None

    def array(self, name: str) -> Any:
        """The numbers of a tensor, as an array of numpy."""
        return self._tensors[name].float().cpu().numpy()

    def shaped(self, name: str, *sizes: int) -> Constant:
        """The numbers of a tensor in another shape."""
        called = f"{name}[{', '.join(map(str, sizes))}]"
        return self.made(called, lambda: self.array(name).reshape(sizes))

    def made(self, name: str, make: Callable[[], Any]) -> Constant:
        """What ``make`` makes of tensors, once for all layers that share them."""
        if name not in self._made:
            self._made[name] = Constant(make(), f"{self.owner}.{name}")
        return self._made[name]
