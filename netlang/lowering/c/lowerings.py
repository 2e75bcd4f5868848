"""How layers, losses and optimizers are said in C.

The function of a layer takes the layer and the shapes of a sample of its inputs, and returns an
``Elementwise``, a ``Rowwise`` or a ``Routine``. The function of a loss takes the loss and the shape
of a sample of the outputs, and returns an ``ElementwiseLoss`` or a ``RowwiseLoss``. The function of
an optimizer takes the optimizer, and returns an ``Update``. A network with an item that has no
function, or whose function returns None, trains on tensors.
"""

from netlang.lowering.c.kernels import LayerKernel, LossKernel, Update
from netlang.lowering.lowerings import Lowerings

lowers = Lowerings("C", {"layer": LayerKernel, "loss": LossKernel, "optimizer": Update})

# Why a network of several outputs is trained on tensors.
SEVERAL = "C has one loss, and here each output has one of its own"
