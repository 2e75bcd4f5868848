"""What a first file has for rows of a table: the network and the training of RealMLP-TD-S.

Its authors chose the numbers on many tables. What is evaluated and kept are weights averaged over
some steps: where there are few rows, single steps are noise.

Source: Holzmüller et al. 2024.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from netlang.catalogue.data import Description
from netlang.runs.first_files.judging import metrics

_BATCH, _EPOCHS = 256, 256  # at most
_STEPS = 40_000  # of training: of more rows, there are fewer epochs
_RATES = {"classes": 0.04, "numbers": 0.07}
_SELU = "SeLU(alpha=1.6733, lam=1.0507)"


def network(described: Description) -> Iterator[str]:
    """The lines of a setting ``net``."""
    act = _SELU if described.classes else "Mish"
    yield "# Network and training are RealMLP-TD-S (Holzmüller et al. 2024), with averaged weights."
    yield "factors = Scale(_)  # one for each input, which is learned fast"
    yield "hidden = 256  # numbers in each hidden layer: `--set hidden=128` tries another"
    yield f"net = factors -> RealMLP(_, hidden=hidden, act={act})"


def training(described: Description) -> Iterator[str]:
    """The lines of the other settings that training needs."""
    rate = _RATES["classes" if described.classes else "numbers"]
    steps = math.ceil(described.train / _BATCH)
    batch = math.ceil(described.train / steps)  # all of one size, as a small one would be noise
    yield f"loss = {'SoftmaxCrossEntropy(label_smoothing=0.1)' if described.classes else 'MSE'}"
    yield from metrics(described)
    yield f"lr = {rate:g}  # learning rate: `netlang tune --set lr=1e-3..0.5:log` looks for one"
    yield "optimizer = ["
    yield "    Adam(lr=lr, beta2=0.95),"
    yield '    Adam(lr=lr / 10, beta2=0.95, only="biases"),'
    yield "    Adam(lr=6 * lr, beta2=0.95, on=factors),"
    yield "]"
    yield "schedule = CosineLog"
    yield "average = EMA(0.95)"
    if described.validation:
        yield "stop = Best(validation.loss)  # gives back the weights of the best epoch"
    yield f"epochs = {max(5, min(_EPOCHS, _STEPS // steps))}"
    yield f"batch = {batch}"
