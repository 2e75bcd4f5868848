"""How layers, losses, optimizers, metrics, data and stopping rules are said in PyTorch.

The function of a layer takes the layer and the shape of a sample of each of its inputs. It returns
a ``TorchModule``, whose weights have the names and shapes that ``tensors`` declares, or a
``TorchExpression``. That of a loss takes the loss and the shape of a sample of the outputs, and
returns a ``TorchLoss``.

That of an optimizer takes the optimizer, and returns a ``TorchOptimizer``.

That of a metric takes the metric and the shape of a sample of what the outputs predict, ``y``: of
probabilities, if the metric reads these. It returns a ``TorchMetric``. The targets ``t`` are class
numbers of classes, and else values.

That of a data set takes the data set and the folder where the text is going to be; paths of files
in the text are relative to it. It returns a ``TorchData``.

That of an augmentation takes it and the program, and returns a ``TorchAugmentation``.

That of a schedule takes it, and returns a ``TorchSchedule``. That of a penalty returns a sum over
the parameters ``weights`` of those ``{names}`` that it is of. That of a clipping returns the call
that bounds the gradients of ``model``, and that of an average what makes an averaged ``model``.

That of a stopping rule takes the rule, and returns a ``TorchStop``.
"""

from netlang.lowering.lowerings import Lowerings
from netlang.lowering.pytorch.counterparts import (
    TorchAugmentation,
    TorchData,
    TorchExpression,
    TorchLoss,
    TorchMetric,
    TorchModule,
    TorchOptimizer,
    TorchSchedule,
    TorchStop,
)

lowers = Lowerings(
    "PyTorch",
    {
        "layer": TorchModule | TorchExpression,
        "loss": TorchLoss,
        "optimizer": TorchOptimizer,
        "metric": TorchMetric,
        "data set": TorchData,
        "augmentation": TorchAugmentation,
        "schedule": TorchSchedule,
        "penalty": str,
        "clipping": str,
        "average": str,
        "stopping rule": TorchStop,
    },
)
