"""The native engine calls compiled C, which does many steps on the network's own tensors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.augment import Seen
from netlang.catalogue.layers.members import MeanOfMembers
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer, SeveralOptimizers
from netlang.catalogue.randomness import dropout_key
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.descent import UNCHANGED, Descent, descent_of
from netlang.engine.native import cache
from netlang.engine.native.arguments import Arguments
from netlang.engine.native.compiled import CompiledCode, gemm_address
from netlang.engine.network import Network
from netlang.engine.pieces import stretch_samples
from netlang.engine.samples import Converted, checked, inputs_of, steps_of_run
from netlang.engine.shares import BringTogether, Share, alone
from netlang.engine.threads import thread_count, torch_threads
from netlang.engine.tuner import Tuner
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.c.generator.steps import has_steps
from netlang.lowering.lowerings import Unsupported, described
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_REALS = {"torch.float32": "float", "torch.float64": "double"}


class NativeEngine:
    """Trains and evaluates ``network`` in C, which is compiled for its type of numbers.

    Where a part of a step has no C, such as an optimizer of one's own, C has the gradients alone,
    and what is behind them is done on tensors.

    A step takes its batch as a whole.  Raises Unsupported if a layer or the loss has no C, or if a
    layer measures parts of a batch, of ``at_once`` samples each; and NotCompiled if the C cannot be
    compiled or kept.
    """

    name = "native"
    note = ""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer | Descent,
        batch_size: int,
        seed: int,
        at_once: int | None = None,
    ) -> None:
        self.network, self.loss = network, loss
        self.descent = descent_of(network, optimizer)
        self.optimizer = optimizer = self.descent.optimizer
        self.batch_size, self.seed = batch_size, seed
        self.dtype = network.parameters.dtype
        real = _REALS.get(str(self.dtype))
        if real is None or network.parameters.device.type != "cpu":
            raise Unsupported(f"it computes in float32 or float64 on the CPU, not in {self.dtype}")
        penalties, clipping = self.descent.penalties, self.descent.clipping
        self._has_steps = has_steps(optimizer, penalties, clipping)
        parts = network.graph, loss, optimizer, batch_size, real
        self._emission = emit(*parts, penalties=penalties, clipping=clipping)
        if self._has_steps:
            self._arguments = Arguments(self.descent, self._emission.arguments)
        elif optimizer.needs_loss and isinstance(network.modules[-1], MeanOfMembers):
            raise Unsupported(f"{optimizer.name} asks for the loss of each member, which C keeps")
        if self._emission.measures and at_once not in (None, batch_size):
            norms = (described(node) for node in network.graph.layers if node.own_statistics)
            each = "measures each of the batches that a step accumulates by itself"
            raise Unsupported(f"{next(norms, 'a layer')} {each}")
        self._gemm = gemm_address(real == "double")
        if self._emission.calls_blas and self._gemm is None:
            raise Unsupported("the network is large, and torch brings no BLAS that can be called")
        self._evaluate: Callable[[], float] | None = None  # the last gradients anew
        self.slices, self.slice_samples = self._emission.slices, self._emission.slice_samples
        self._code = CompiledCode(cache.compiled(self._emission.source), self.slices)
        most = torch.get_num_threads()  # of the BLAS, and else one for each slice
        self.threads = most if self._emission.calls_blas else min(self._emission.slices, most)
        self.threads_matter = self._emission.calls_blas
        self._tuner = Tuner(min(self._emission.slices, most))
        # A call does no more than this, so that progress is reported and signals are heard.
        self._most_steps = max(1, stretch_samples(network.graph, batch_size) // batch_size)
        self.evaluated_at_once, self.evaluated_together = stretch_samples(network.graph, 1), 1

    def gradients(self, batch: Batch) -> Tensor:
        batch = checked(self, batch)
        outputs: list[Tensor] = []
        self._evaluate = self._evaluation(batch, outputs)
        self._evaluate()
        return outputs[0]

    def _gradients(self, batch: Batch) -> Tensor:
        if not len(batch.inputs):
            self.network.zero_grad()
            return batch.inputs.new_empty(0, *self.network.graph.output.sizes)
        self._check_samples(len(batch.inputs))
        share, threads = Share.of(batch, self.slices), self._tuner.threads
        return self._of_share(share, alone, threads, self.network.gradients)

    def share_gradients(
        self, share: Share, bring_together: BringTogether, gradients: Tensor
    ) -> Tensor:
        self._check_samples(share.whole_size)
        threads = min(self.threads, len(share.slices))
        return self._of_share(share, bring_together, threads, gradients)

    def _of_share(
        self, share: Share, bring_together: BringTogether, threads: int, gradients: Tensor
    ) -> Tensor:
        self._check_network()  # the caller may have moved it between two calls
        targets, count = share.targets[share.begin :], share.count
        outputs = share.inputs.new_empty(count, *self.network.graph.output.sizes)
        phases = self._code.gradients(
            threads,
            samples=count,
            laid_out=1,
            order=share.numbers.to("cpu", torch.int64).contiguous(),
            inputs=share.inputs.contiguous(),
            outputs=outputs,
            sample_weights=share.weights,
            batch_samples=share.whole_size,
            first_slice=share.slices.start,
            last_slice=share.slices.stop,
            first_counted=-share.begin,
            last_counted=len(targets),
            gradients=gradients,
            weights=self.network.parameters,
            statistics=self.network.statistics,
            keys=self._keys(share.epoch),
            gemm=self._gemm,
            **_targets(targets),
        )
        for measured in phases:
            bring_together(measured)
        return outputs

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        self._check_network()
        self.optimizer.check(hyper)
        if not self._has_steps:
            self._step(hyper)
            return
        arguments = self._arguments.of(1, hyper)
        self._code.update(gradients=self.network.gradients, **self._of_steps(arguments))
        self.optimizer.steps += 1

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        samples, order, each = steps_of_run(self, batches, start, steps, hyper)
        do_steps, done = self._steps_in_c if self._has_steps else self._steps_on_tensors, 0
        while done < len(each):
            end = min(done + min(self._tuner.steps, self._most_steps), len(each))
            part = order[done * self.batch_size : end * self.batch_size]
            own = hyper if isinstance(hyper, Mapping) else each[done:end]
            began = time.perf_counter()
            outputs, targets = do_steps(batches, samples, part, start.epoch, own)
            self._tuner.record(end - done, time.perf_counter() - began)
            yield outputs, targets
            done = end

    def _steps_in_c(
        self,
        batches: Batches,
        samples: Converted,
        order: Tensor,
        epoch: int,
        hyper: Hyper | Sequence[Hyper],
    ) -> tuple[Tensor, Tensor]:
        """Steps on the samples of ``order``. Returns the outputs and targets."""
        steps, weights = -(-len(order) // self.batch_size), samples.weights
        seen = _seen(batches, samples, order, epoch)
        outputs = self._train(
            order,
            seen.inputs,
            seen.of_loss,
            epoch,
            sample_weights=None if weights is None else weights.index_select(0, order),
            laid_out=int(batches.lays_out),
            **self._of_steps(self._arguments.of(steps, hyper)),
        )
        self.optimizer.steps += steps
        return outputs, seen.targets

    def _steps_on_tensors(
        self,
        batches: Batches,
        samples: Converted,
        order: Tensor,
        epoch: int,
        hyper: Hyper | Sequence[Hyper],
    ) -> tuple[Tensor, Tensor]:
        """The same, where C has the gradients alone."""
        inputs, targets, weights = samples
        seen, outputs = batches.seen(inputs, targets, order, epoch), []
        numbers, x, t = (
            torch.split(one, self.batch_size) for one in (order, seen.inputs, seen.of_loss)
        )
        for step, each in enumerate(zip(numbers, x, t, strict=True)):
            w = None if weights is None else weights.index_select(0, each[0])
            own = hyper if isinstance(hyper, Mapping) else hyper[step]
            place: list[Tensor] = []
            self._evaluate = self._evaluation(Batch(*each, epoch, len(each[0]), w), place)
            if not self.optimizer.needs_loss:
                self._evaluate()
            self._step(own)
            outputs.append(place[0])
        return torch.cat(outputs), seen.targets

    def _step(self, hyper: Hyper) -> None:
        """A step on tensors, by the gradients that C left."""
        with torch.inference_mode(), torch_threads(1):
            self.descent.step(hyper, self._evaluate)

    def _evaluation(self, batch: Batch, outputs: list[Tensor]) -> Callable[[], float]:
        """What sets the gradients to those of a batch, each time with the same draws, and returns
        its part in the loss of the step if the optimizer needs it. It appends to the ``outputs``.
        """

        def evaluate() -> float:
            y = self._gradients(batch)
            outputs.append(y)
            if not self.optimizer.needs_loss:
                return 0.0
            whole = None if len(y) == batch.whole_size else batch.whole_size
            return self.loss.weighted(y, batch.targets, batch.weights, whole).item()

        return evaluate

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        graph = self.network.graph
        for part in torch.split(inputs_of(self.network, inputs), self.evaluated_at_once):
            self._check_network()  # the caller may have moved it between two parts
            outputs = part.new_empty(len(part), *graph.output.sizes)
            threads = thread_count(graph.macs * len(part))
            with torch_threads(1):  # the BLAS has threads of its own, and they change bits
                self._code.evaluate(
                    threads,
                    samples=len(part),
                    inputs=part,
                    outputs=outputs,
                    weights=self.descent.result.parameters,
                    statistics=self.descent.result.statistics,
                    gemm=self._gemm,
                )
            yield outputs

    def _check_network(self) -> None:
        """Raises TypeError if the network was moved since it was compiled."""
        weights = self.network.parameters
        if weights.dtype != self.dtype or weights.device.type != "cpu":
            raise TypeError(f"compiled for {self.dtype} on the CPU, and the network was moved")

    def _check_samples(self, count: int) -> None:
        """Raises ValueError for a batch that is too small for a layer."""
        last = count % self.batch_size or self.batch_size
        for node in self.network.graph.layers:
            least = 1 if node.frozen else node.layer.least_samples(*node.takes)
            if last * node.members < least:
                needs = f"is trained on at least {least} samples, and a batch has {last}"
                raise ValueError(f"{node.layer!r} {needs}")

    def _train(
        self, order: Tensor, inputs: Tensor, targets: Tensor, epoch: int, **fields: Any
    ) -> Tensor:
        """Train on the samples of ``order``.  Returns the outputs."""
        self._check_network()  # the caller may have moved it between two calls
        self._check_samples(order.numel())
        outputs = inputs.new_empty(order.numel(), *self.network.graph.output.sizes)
        self._code.train(
            self._tuner.threads,
            samples=order.numel(),
            order=order,
            inputs=inputs,
            outputs=outputs,
            keys=self._keys(epoch),
            gemm=self._gemm,
            **_targets(targets),
            **fields,
        )
        return outputs

    def _keys(self, epoch: int) -> list[int]:
        """The key of each layer that draws."""
        return [dropout_key(self.seed, epoch, number) for number in self._emission.random]

    def _of_steps(self, arguments: Tensor) -> dict[str, Any]:
        """What steps with these ``arguments`` change, and what they need."""
        average = self.descent.result if self.descent.average else None
        return {
            "weights": self.network.parameters,
            "statistics": self.network.statistics,
            "average": average and average.parameters,
            "average_statistics": average and average.statistics,
            "state": _vectors(self.optimizer),
            "steps_before": self.optimizer.steps,
            "arguments": arguments,
            "next_arguments": arguments.shape[1] if len(arguments) > 1 else 0,
        }


def _seen(batches: Batches, samples: Converted, order: Tensor, epoch: int) -> Seen:
    """All inputs, from which C takes those of ``order``, with the targets of these; or, of samples
    that the epoch changes, theirs.
    """
    inputs, targets, _ = samples
    if not batches.lays_out:
        return Seen(inputs, targets.index_select(0, order))
    seen = batches.seen(inputs, targets, order, epoch)
    mixed = None if seen.mixed is None else seen.mixed.contiguous()
    return Seen(seen.inputs.contiguous(), seen.targets.contiguous(), mixed)


def _targets(targets: Tensor) -> dict[str, Tensor]:
    """The targets in the field of C that is for their kind."""
    return {"classes" if targets.dtype == torch.int64 else "targets": targets.contiguous()}


def _vectors(optimizer: Optimizer) -> list[int]:
    """The addresses of the optimizer's vectors, and of which weights decay, where they differ."""
    vectors = optimizer.vectors()
    if isinstance(optimizer, SeveralOptimizers):
        return [address for one in optimizer.optimizers for address in _vectors(one)]
    decays = optimizer.decays()
    vectors += [] if decays is None else [decays]
    return [vector.data_ptr() for vector in vectors]
