"""In lockstep, netlang and PyTorch train from the same weights, batches and random draws.

Only rounding differs then. In float64 that is hardly anything. In float32 the two differ by about
what float32 costs each of them, which is its distance from float64.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from netlang.catalogue.modules import DrawRequest, Layer
from netlang.compiler.ir import Program
from netlang.engine import Batches, Cursor
from netlang.engine.threads import torch_threads
from netlang.lowering.lowerings import Unsupported
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.training import Training
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Difference(Record):
    """The largest difference of two weights after an epoch, divided by the largest weight.

    ``float64`` and ``float32`` compare netlang's weights with PyTorch's. ``netlang`` and ``torch``
    say what float32 costs each: they compare its weights in float32 with PyTorch's in float64.
    """

    epoch: int
    float64: float
    float32: float
    netlang: float
    torch: float


class Lockstep:
    """Trains both, in float64 and in float32; ``differences`` are those of the epochs so far.

    Raises Unsupported for a schedule that looks at a metric.

    ``engine`` is netlang's, and ``note`` says why if another was asked for. Up to ``threads``
    share a step of either.
    """

    def __init__(self, twin: Twin, backend: str) -> None:
        self.program = twin.program
        if self.program.rates and self.program.rates.plateau:
            raise Unsupported("in lockstep nothing is measured that a Plateau could look at")
        single = _Trainings(self.program, backend, twin, torch.float32)
        double = _Trainings(self.program, backend, twin, torch.float64)
        double.start_as(single)
        self._trainings: list[_Trainings] = [double, single]
        self.name = self.program.source.name
        engine = single.ours.engine
        self.engine, self.threads, self.note = engine.name, engine.threads, engine.note
        self.weights = single.weights
        self.differences: list[Difference] = []

    @property
    def diverged(self) -> bool:
        """Whether weights became infinite or NaN, which cannot be compared."""
        found = (one for difference in self.differences for one in vars(difference).values())
        return not all(map(math.isfinite, found))

    def epochs(self) -> Iterator[Difference]:
        """Train, and compare after each epoch. No training is held when it is over."""
        single, double = self._trainings.pop(), self._trainings.pop()
        for epoch in range(1, self.program.epochs + 1):
            ours32, torch32 = single.epoch(epoch)
            ours64, torch64 = double.epoch(epoch)
            difference = Difference(
                epoch,
                float64=_distance(ours64, torch64),
                float32=_distance(ours32, torch32),
                netlang=_distance(ours32, torch64),
                torch=_distance(torch32, torch64),
            )
            self.differences.append(difference)
            yield difference


class _Trainings:
    """Netlang's training and the twin's, in numbers of one type."""

    def __init__(self, program: Program, backend: str, twin: Twin, dtype: torch.dtype) -> None:
        self.program, self.dtype, self.modules = program, dtype, twin.modules
        with _default(dtype):
            self.ours = Training(program, backend)
            self.theirs = twin.training(program.seed)
        train = self.ours.split.train
        self.inputs, self.targets = train.inputs, train.targets
        self.sample_weights = train.weights
        self._give_weights()
        self._random = self._drawing_layers()
        self._step: Any = getattr(self.theirs.optimizer, "step", None)

    def start_as(self, other: _Trainings) -> None:
        """Take the other's data and weights, in this one's type of numbers."""
        self.inputs = other.inputs.to(self.dtype)
        is_class_numbers = not other.targets.is_floating_point()
        self.targets = other.targets if is_class_numbers else other.targets.to(self.dtype)
        if other.sample_weights is not None:
            self.sample_weights = other.sample_weights.to(self.dtype)
        self.ours.network.parameters.copy_(other.ours.network.parameters)
        self._give_weights()

    def epoch(self, epoch: int) -> tuple[Tensor, Tensor]:
        """Train both for an epoch, and return the weights of both after it."""
        program = self.program
        weights = self.sample_weights
        size, seed = program.batch_size, program.seed
        augmenting = self.ours.batches.augmenting
        batches = Batches(
            self.inputs, self.targets, size, seed, weights=weights, augmenting=augmenting
        )
        order = batches.order(Cursor(epoch))
        with _default(self.dtype):
            for _ in self.ours.engine.run(batches, Cursor(epoch)):
                pass
            if self.ours.optimizer.needs_loss:
                self._draw_at_each_look(epoch, order)
            else:
                self._draw(epoch, order)
            samples = self.inputs, self.targets
            self.theirs.data["train"] = samples if weights is None else (*samples, weights)
            if augmenting:  # then the twin, too, sees what ours has seen
                self.theirs.give_samples(lambda x, t, some: augmenting.seen(x, t, some, epoch))
            with torch_threads(self.ours.engine.threads):
                self.theirs.epoch(order)
        return self._weights()

    def _draw(self, epoch: int, order: Tensor) -> None:
        """Draw for the steps of samples in this order."""
        program = self.program
        for number, layer in self._random:
            node, key = program.graph.nodes[number], (program.seed, epoch, number)
            about = program.at_once, layer.drawn(*node.takes), self.dtype
            layer.draw(DrawRequest(*key, order, *about).of_members(node.members))

    def _draw_at_each_look(self, epoch: int, order: Tensor) -> None:
        """Let each step of the twin look at the loss with the same draws again and again."""
        steps = iter(torch.split(order, self.program.batch_size))

        @wraps(self._step)
        def step(evaluate: Callable[[], Tensor]) -> Any:
            samples = next(steps)

            def look() -> Tensor:
                self._draw(epoch, samples)
                return evaluate()

            return self._step(look)

        self.theirs.optimizer.step = step

    @property
    def weights(self) -> int:
        return sum(one.numel() for one, _ in self._shared_weights())

    def _give_weights(self) -> None:
        with torch.no_grad():
            for ours, theirs in self._shared_weights():
                theirs.copy_(ours)

    def _weights(self) -> tuple[Tensor, Tensor]:
        none = self.ours.network.parameters[:0]  # where no weights are
        pairs = [(none, none), *self._shared_weights()]
        ours = torch.cat([one.flatten() for one, _ in pairs])
        return ours, torch.cat([other.detach().flatten() for _, other in pairs])

    def _shared_weights(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Each weight that both have."""
        paths: set[str] = set()
        for number, path in self.modules.items():
            if path in paths:  # of a shared layer
                continue
            paths.add(path)
            layer = self.ours.network.modules[number]
            module = self.theirs.model.get_submodule(path)
            for name in layer.declared_weights():
                yield getattr(layer, name), getattr(module, name)

    def _drawing_layers(self) -> list[tuple[int, Layer]]:
        """Layers of ours, with their nodes' numbers, that draw instead of the twin's modules."""
        found: list[tuple[int, Layer]] = []
        by_path: dict[str, list[Layer]] = {}
        for number, path in self.modules.items():
            declared = self.program.graph.nodes[number].layer
            if declared.draws:
                layer = type(declared).declared(declared.values)
                found.append((number, layer))
                for name, drawing in layer.drawing().items():
                    by_path.setdefault(f"{path}.{name}".strip("."), []).append(drawing)
        for path, layers in by_path.items():
            module = self.theirs.model.get_submodule(path)
            module.register_forward_hook(partial(_drawn, itertools.cycle(layers)))
        return found


def _drawn(layers: Iterator[Layer], module: Any, inputs: tuple[Tensor], y: Tensor) -> Tensor:
    """Replace the output ``y`` of ``module``, in training, by that of the next of ``layers``."""
    return next(layers).forward(*inputs) if module.training else y


@contextmanager
def _default(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _distance(one: Tensor, other: Tensor) -> float:
    """The largest difference, divided by the largest number of ``other``; 0 if both are equal."""
    if torch.equal(one, other) and one.isfinite().all():
        return 0.0
    one, other = one.double(), other.double()
    return ((one - other).abs().max() / other.abs().max()).item()
