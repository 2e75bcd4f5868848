"""Netlang's own: the file is compiled, and a engine trains it as ``netlang run`` does."""

from __future__ import annotations

import numpy as np
import torch

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, TensorEngine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.native.inference import CompiledNetwork
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from tests.benchmarks.contestants import CannotTake
from tests.benchmarks.workloads import Floats, Workload


class Tensor:
    """The tensor engine. Its epochs gather their outputs too, as a run's metrics need them."""

    kind: type[TensorEngine] | type[NativeEngine] = TensorEngine

    def __init__(self, workload: Workload) -> None:
        compiled = program(workload)
        assert compiled.loss
        assert compiled.optimizer
        network = self.network = Network(compiled.graph, compiled.seed)
        for (weight, _), start in zip(network.param(), workload.weights(), strict=True):
            weight.copy_(torch.from_numpy(start))
        optimizer = type(compiled.optimizer).over(network, compiled.optimizer.values)
        self.engine = self.kind(
            network, compiled.loss, optimizer, compiled.batch_size, compiled.seed
        )
        inputs, labels = workload.data()
        samples = torch.from_numpy(inputs), torch.from_numpy(labels)
        self.batches = Batches(*samples, compiled.batch_size, compiled.seed)
        self.epoch = 0

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            self.epoch += 1
            for _ in self.engine.run(self.batches, Cursor(self.epoch)):
                pass

    def weights(self) -> list[Floats]:
        return [weight.numpy().copy() for weight, _ in self.network.param()]


class Native(Tensor):
    """The native engine.  Raises CannotTake for a network of which a part has no C."""

    kind = NativeEngine

    def __init__(self, workload: Workload) -> None:
        try:
            super().__init__(workload)
        except Unsupported as reason:
            raise CannotTake(str(reason)) from None


class OnTensors:
    """The tensor engine's outputs for NumPy's numbers."""

    def __init__(self, workload: Workload) -> None:
        self.engine = Tensor(workload).engine
        self.inputs, _ = workload.data()

    def predict(self) -> Floats:
        parts = [part.numpy() for part in self.engine.evaluate(torch.from_numpy(self.inputs))]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


class InC:
    """The network compiled alone, as ``model.compiled()`` has it, behind a table's pipeline.

    Raises CannotTake for a network of which a part has no C.
    """

    def __init__(self, workload: Workload) -> None:
        try:
            self.network = CompiledNetwork(Tensor(workload).network)
        except Unsupported as reason:
            raise CannotTake(str(reason)) from None
        inputs, _ = workload.data()
        self.inputs = np.asarray(inputs, np.float32)

    def predict(self) -> Floats:
        outputs: Floats = self.network(self.inputs)
        return outputs


def program(workload: Workload) -> Program:
    """What netlang makes of the workload's file."""
    source = SourceFile(workload.file.name, workload.text, workload.file)
    return compile_source(source, workload.overrides).require()
