"""The native engine: a run of many steps is a call of compiled C on the network's own tensors."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Hyper, Optimizer
from netlang.catalogue.randomness import dropout_key
from netlang.compiler.ir.pieces import stretch_rows
from netlang.engine.batches import Batch, Batches, Cursor
from netlang.engine.contract import OWN, check_samples, hyper_of_steps, samples_of_run
from netlang.engine.native import cache
from netlang.engine.native.cc import find_compiler
from netlang.engine.native.library import Library, gemm_address
from netlang.engine.native.tuner import Tuner
from netlang.engine.network import Network
from netlang.engine.threads import one_thread, thread_count
from netlang.lowering.c.emit import emit
from netlang.lowering.c.errors import Unsupported
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_REALS = {"torch.float32": "float", "torch.float64": "double"}


class NativeEngine:
    """Trains ``network`` in place and evaluates it, in C.

    The C is written for the network's type of numbers.  Raises Unsupported if a part of the program
    has no C, and NoLibrary if that cannot be compiled or kept.
    """

    name = "native"
    note = ""

    def __init__(
        self, network: Network, loss: Loss, optimizer: Optimizer, batch: int, seed: int
    ) -> None:
        self.network, self.loss, self.optimizer = network, loss, optimizer
        self.batch, self.seed = batch, seed
        self.dtype = network.parameters.dtype
        real = _REALS.get(str(self.dtype))
        if real is None or network.parameters.device.type != "cpu":
            raise Unsupported(f"it computes in float32 or float64 on the CPU, not in {self.dtype}")
        _numbers(optimizer)
        self._emission = emit(network.graph, loss, type(optimizer), batch, real)
        if self._emission.calls_blas and gemm_address(real == "double") is None:
            raise Unsupported("the network is large, and torch brings no BLAS that can be called")
        threads = min(self._emission.slices, torch.get_num_threads())
        self._file = _compiled(self._emission.source)
        self._library = Library(self._file, threads)
        self._tuner = Tuner(threads)
        self._most = max(1, stretch_rows(network.graph, batch) // batch)  # steps in a call
        self._sums = network.parameters.new_zeros(self._emission.slices, network.size)

    def gradients(self, batch: Batch) -> Tensor:
        inputs, targets = self._checked(batch.inputs, batch.targets)
        if len(inputs) > self.batch:
            raise ValueError(f"made for batches of {self.batch} samples, not {len(inputs)}")
        if not len(inputs):
            self.network.zero_grad()
            return inputs.new_empty(0, *self.network.graph.output.sizes)
        outputs = self._train(batch.samples, inputs, targets, batch.epoch, whole=batch.rows)
        self.network.gradients.copy_(self._sums[0])
        for part in self._sums[1:]:
            self.network.gradients.add_(part)
        return outputs

    def update(self, hyper: Hyper = OWN) -> None:
        network, optimizer = self.network, self.optimizer
        gradients = torch.zeros_like(self._sums)
        gradients[0] = self._as_c_reads(network.gradients)
        state, weights = optimizer.vectors(), network.parameters
        self._library.update(weights, gradients, state, optimizer.steps, _numbers(optimizer, hyper))
        optimizer.steps += 1

    def run(
        self,
        batches: Batches,
        start: Cursor,
        steps: int | None = None,
        hyper: Hyper | Sequence[Hyper] = OWN,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        inputs, targets = self._checked(batches.inputs, batches.targets)
        order = samples_of_run(batches, self.batch, start, steps)
        each = hyper_of_steps(hyper, -(-len(order) // self.batch))
        done = 0
        while done < len(each):
            end = min(done + min(self._tuner.steps, self._most), len(each))
            samples = order[done * self.batch : end * self.batch]
            t = targets.index_select(0, samples)
            values = each[:1] if isinstance(hyper, Mapping) else each[done:end]
            began = time.perf_counter()
            outputs = self._train(samples, inputs, t, start.epoch, values)
            self._tuner.record(end - done, time.perf_counter() - began)
            self.optimizer.steps += end - done
            yield outputs, t
            done = end

    def evaluate(self, inputs: Tensor) -> Iterator[Tensor]:
        graph, weights = self.network.graph, self.network.parameters
        if inputs.shape[1:] != graph.input.sizes:
            raise ValueError(f"inputs have shape {list(inputs.shape)}, not the network's")
        for part in torch.split(self._as_c_reads(inputs), stretch_rows(graph, 1)):
            outputs = part.new_empty(len(part), *graph.output.sizes)
            threads = thread_count(graph.macs * len(part))
            with one_thread():  # the BLAS has threads of its own, and they change bits
                self._library.evaluate(threads, part, outputs, weights)
            yield outputs

    def _checked(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Both as the C reads them.  Raises ValueError for samples that do not fit."""
        check_samples(self.network.graph, inputs, targets)
        inputs = self._as_c_reads(inputs)
        if targets.dim() > len(self.network.graph.output.sizes):
            return inputs, self._as_c_reads(targets)
        return inputs, targets.to("cpu", torch.int64).contiguous()

    def _as_c_reads(self, numbers: Tensor) -> Tensor:
        """Raises TypeError if the network was moved since it was compiled."""
        weights = self.network.parameters
        if weights.dtype != self.dtype or weights.device.type != "cpu":
            raise TypeError(f"compiled for {self.dtype} on the CPU, and the network was moved")
        return numbers.to(weights).contiguous()

    def _train(
        self,
        samples: Tensor,
        inputs: Tensor,
        targets: Tensor,
        epoch: int,
        hyper: Sequence[Hyper] = (OWN,),
        whole: int = 0,
    ) -> Tensor:
        """Steps with one set of ``hyper`` for all or each; or a part of a ``whole`` batch."""
        network, optimizer = self.network, self.optimizer
        outputs = inputs.new_empty(len(samples), *network.graph.output.sizes)
        self._library.train(
            threads=self._tuner.threads,
            order=samples,
            inputs=inputs,
            targets=targets,
            outputs=outputs,
            weights=network.parameters,
            gradients=self._sums,
            state=optimizer.vectors(),
            taken=optimizer.steps,
            arguments=[_numbers(optimizer, values) for values in hyper],
            keys=[dropout_key(self.seed, epoch, number) for number in self._emission.random],
            whole=whole,
        )
        return outputs


def _numbers(optimizer: Optimizer, hyper: Hyper = OWN) -> list[float]:
    """Its arguments in a step, which C takes as numbers.  Raises Unsupported for any other."""
    optimizer.check(hyper)
    values = {one.name: getattr(optimizer, one.name) for one in optimizer.arguments} | dict(hyper)
    for name, value in values.items():
        if not isinstance(value, int | float):
            raise Unsupported(f"{optimizer.name} takes {name}={value!r}, which is no number")
    return [float(value) for value in values.values()]


def _compiled(source: str) -> Path:
    """The library of ``source``, out of the cache if it was compiled before."""
    compiler = find_compiler()
    key = cache.key_of(source, compiler)
    return cache.find(key) or cache.build(key, source, compiler)
