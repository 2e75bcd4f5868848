"""How layers, losses, optimizers, metrics and data are said in PyTorch.

The function of a layer gets the layer and the shape of a sample of each of its inputs, and gives a
``TorchModule``, whose weights have the names and shapes that ``tensors`` gives, or a
``TorchExpression``. That of a loss gets the loss and the shape of a sample of the outputs, and
gives a ``TorchLoss``.

That of an optimizer gets the optimizer, and gives the expression that makes it for a ``model``.
That of a metric gets the metric and how many ``outputs`` a network has, the last dimension of
``y``, and gives an expression to which ``.item()`` may be added. The targets ``t`` are class
numbers if the metric is for classification, and else values.

That of a data set gets the data set and the folder where the text is going to be, to which the
paths of files in it are relative. It gives the ``TorchDefinition`` of ``load_data(seed)``, which
makes a dictionary of each part's inputs and targets, class numbers or values; a ``TableLoader``
takes another table, too.
"""

from netlang.lowering.table import Table

lowers = Table("PyTorch", "layer", "loss", "optimizer", "metric", "data set")
