"""How layers, losses and optimizers are said in C.

The function of a layer takes the layer and the shapes of a sample of its inputs, and returns an
``Elementwise``, a ``Rowwise`` or a ``Routine``. The function of a loss takes the loss and the shape
of a sample of the outputs, and returns an ``ElementwiseLoss``, a ``RowwiseLoss`` or a
``SamplewiseLoss``. The function of an optimizer takes the optimizer, and returns an ``Update``;
that of a penalty or a clipping takes it, and returns a ``Change``. A network with a layer or a loss
that has no function, or whose function returns None, trains on tensors; where there is none for
what a step does, C has the gradients alone.

``computes`` has the functions of layers that C computes and does not train: they return a
``ForwardOnly``, which exported files alone use. A layer that trains in C needs none.
"""

from __future__ import annotations

from typing import Any

from netlang.catalogue.items import Item
from netlang.lowering.c.kernels import Change, ForwardOnly, LayerKernel, LossKernel, Update
from netlang.lowering.lowerings import Lowerings

lowers = Lowerings(
    "C",
    {
        "layer": LayerKernel,
        "loss": LossKernel,
        "optimizer": Update,
        "penalty": Change,
        "clipping": Change,
    },
)


class _Computes(Lowerings):
    """Those of ``lowers`` count, too."""

    def says(self, item: type[Item]) -> bool:
        return super().says(item) or lowers.says(item)

    def lowered(self, item: Item, *about: object, name: str = "") -> Any:
        """The ForwardOnly of a layer, or else what it is trained by.  Raises Unsupported."""
        if type(item) in lowers.functions and type(item) not in self.functions:
            return lowers.lowered(item, *about, name=name)
        return super().lowered(item, *about, name=name)


computes = _Computes("exported C", {"layer": ForwardOnly | LayerKernel}, decorator="c.lowers")
