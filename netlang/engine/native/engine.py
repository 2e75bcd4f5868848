"""The native engine calls compiled C, which does many steps on the network's own tensors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.catalogue.augment import Seen
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer, SeveralOptimizers
from netlang.catalogue.randomness import dropout_key
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.descent import UNCHANGED, Descent, descent_of
from netlang.engine.native import cache
from netlang.engine.native.cc import find_compiler
from netlang.engine.native.compiled import CompiledCode, gemm_address
from netlang.engine.network import Network
from netlang.engine.pieces import stretch_samples
from netlang.engine.samples import Converted, checked, inputs_of, steps_of_run
from netlang.engine.threads import thread_count, torch_threads
from netlang.engine.tuner import Tuner
from netlang.language.diagnostics.wording import in_code, listed
from netlang.lowering.c.generator.emit import emit
from netlang.lowering.lowerings import Unsupported
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_REALS = {"torch.float32": "float", "torch.float64": "double"}


class NativeEngine:
    """Trains and evaluates ``network`` in C, which is compiled for its type of numbers.

    Raises Unsupported if a layer, the loss or the optimizer has no C, and NotCompiled if the C
    cannot be compiled or kept.
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
    ) -> None:
        self.network, self.loss = network, loss
        self.descent = descent_of(network, optimizer)
        if missing := self.descent.beside_optimizer:
            raise Unsupported(f"there is no C yet of {listed(in_code(missing))}")
        self.optimizer = optimizer = self.descent.optimizer
        self.batch_size, self.seed = batch_size, seed
        self.dtype = network.parameters.dtype
        real = _REALS.get(str(self.dtype))
        if real is None or network.parameters.device.type != "cpu":
            raise Unsupported(f"it computes in float32 or float64 on the CPU, not in {self.dtype}")
        _arguments(optimizer)
        self._emission = emit(network.graph, loss, optimizer, batch_size, real)
        self._gemm = gemm_address(real == "double")
        if self._emission.calls_blas and self._gemm is None:
            raise Unsupported("the network is large, and torch brings no BLAS that can be called")
        self._code = CompiledCode(_compiled(self._emission.source))
        most = torch.get_num_threads()  # of the BLAS, and else one for each slice
        self.threads = most if self._emission.calls_blas else min(self._emission.slices, most)
        self.threads_matter = self._emission.calls_blas
        self._tuner = Tuner(min(self._emission.slices, most))
        # A call does no more than this, so that progress is reported and signals are heard.
        self._most_steps = max(1, stretch_samples(network.graph, batch_size) // batch_size)
        self._most_samples = stretch_samples(network.graph, 1)  # that are evaluated

    def gradients(self, batch: Batch) -> Tensor:
        batch = checked(self, batch)
        if not len(batch.inputs):
            self.network.zero_grad()
            return batch.inputs.new_empty(0, *self.network.graph.output.sizes)
        return self._train(
            batch.numbers.to("cpu", torch.int64).contiguous(),
            batch.inputs,
            batch.targets,
            batch.epoch,
            gradients=self.network.gradients,
            sample_weights=batch.weights,
            batch_samples=batch.whole_size,
        )

    def update(self, hyper: Hyper = UNCHANGED) -> None:
        self._check_network()
        optimizer = self.optimizer
        self._code.update(
            weights=self.network.parameters,
            gradients=self.network.gradients,
            state=_vectors(optimizer),
            steps_before=optimizer.steps,
            arguments=_arguments(optimizer, {**self.descent.hyper(), **hyper}),
        )
        optimizer.steps += 1

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = UNCHANGED,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        samples, order, each = steps_of_run(self, batches, start, steps, hyper)
        is_constant = isinstance(hyper, Mapping) and not self.descent.rates
        weights, done = samples.weights, 0
        while done < len(each):
            end = min(done + min(self._tuner.steps, self._most_steps), len(each))
            part = order[done * self.batch_size : end * self.batch_size]
            w = None if weights is None else weights.index_select(0, part)
            values = each[:1] if is_constant else self._values(each[done:end])
            began = time.perf_counter()
            seen = _seen(batches, samples, part, start.epoch)
            fields = {"sample_weights": w, "laid_out": int(batches.augmenting is not None)}
            outputs = self._train(part, seen.inputs, seen.of_loss, start.epoch, values, **fields)
            self._tuner.record(end - done, time.perf_counter() - began)
            self.optimizer.steps += end - done
            yield outputs, seen.targets
            done = end

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        graph = self.network.graph
        for part in torch.split(inputs_of(self.network, inputs), self._most_samples):
            self._check_network()  # the caller may have moved it between two parts
            outputs = part.new_empty(len(part), *graph.output.sizes)
            threads = thread_count(graph.macs * len(part))
            with torch_threads(1):  # the BLAS has threads of its own, and they change bits
                self._code.evaluate(
                    threads,
                    samples=len(part),
                    inputs=part,
                    outputs=outputs,
                    weights=self.network.parameters,
                    gemm=self._gemm,
                )
            yield outputs

    def _values(self, each: Sequence[Hyper]) -> list[Hyper]:
        """What the next steps take, which say ``each`` what differs from the schedule."""
        return [{**self.descent.hyper(ahead), **hyper} for ahead, hyper in enumerate(each)]

    def _check_network(self) -> None:
        """Raises TypeError if the network was moved since it was compiled."""
        weights = self.network.parameters
        if weights.dtype != self.dtype or weights.device.type != "cpu":
            raise TypeError(f"compiled for {self.dtype} on the CPU, and the network was moved")

    def _train(
        self,
        order: Tensor,
        inputs: Tensor,
        targets: Tensor,
        epoch: int,
        hyper: Sequence[Hyper] = (UNCHANGED,),
        **fields: Any,
    ) -> Tensor:
        """Train on the samples of ``order``, with one ``hyper`` for all steps or for each.

        Returns the outputs.
        """
        self._check_network()  # the caller may have moved it between two calls
        optimizer = self.optimizer
        outputs = inputs.new_empty(order.numel(), *self.network.graph.output.sizes)
        arguments = [_arguments(optimizer, values) for values in hyper]
        self._code.train(
            self._tuner.threads,
            samples=order.numel(),
            order=order,
            inputs=inputs,
            outputs=outputs,
            weights=self.network.parameters,
            state=_vectors(optimizer),
            steps_before=optimizer.steps,
            arguments=[*chain.from_iterable(arguments)],
            next_arguments=len(arguments[0]) if len(arguments) > 1 else 0,
            keys=[dropout_key(self.seed, epoch, number) for number in self._emission.random],
            gemm=self._gemm,
            **{"classes" if targets.dtype == torch.int64 else "targets": targets},
            **fields,
        )
        return outputs


def _seen(batches: Batches, samples: Converted, order: Tensor, epoch: int) -> Seen:
    """All inputs, from which C takes those of ``order``, with the targets of these; or, of samples
    that the epoch changes, theirs.
    """
    inputs, targets, _ = samples
    if batches.augmenting is None:
        return Seen(inputs, targets.index_select(0, order))
    seen = batches.seen(inputs, targets, order, epoch)
    mixed = None if seen.mixed is None else seen.mixed.contiguous()
    return Seen(seen.inputs.contiguous(), seen.targets.contiguous(), mixed)


def _arguments(optimizer: Optimizer, hyper: Hyper = UNCHANGED) -> list[float]:
    """The optimizer's arguments in a step, and of several those of each, one behind the other.

    Raises Unsupported for one that is no number.
    """
    optimizer.check(hyper)
    if isinstance(optimizer, SeveralOptimizers):
        each = enumerate(optimizer.optimizers)
        return [value for n, one in each for value in _arguments(one, optimizer.of_one(n, hyper))]
    values = {name: getattr(optimizer, name) for name in optimizer.step_arguments} | dict(hyper)
    for name, value in values.items():
        if not isinstance(value, int | float):
            raise Unsupported(f"{optimizer.name} takes {name}={value!r}, which is no number")
    return [float(value) for value in values.values()]


def _vectors(optimizer: Optimizer) -> list[int]:
    """The addresses of the optimizer's vectors, and of which weights decay, where they differ."""
    vectors = optimizer.vectors()
    if isinstance(optimizer, SeveralOptimizers):
        return [address for one in optimizer.optimizers for address in _vectors(one)]
    decays = optimizer.decays()
    vectors += [] if decays is None else [decays]
    return [vector.data_ptr() for vector in vectors]


def _compiled(source: str) -> Path:
    """The compiled file of ``source``, which the cache has if it was compiled before."""
    compiler = find_compiler()
    key = cache.key_of(source, compiler)
    return cache.find(key) or cache.build(key, source, compiler)
