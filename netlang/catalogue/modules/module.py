"""Modules: all that computes has ``forward``, ``backward``, ``param`` and ``zero_grad``.

A module's weights are views of one flat vector, and its gradients are views of another, so that an
optimizer's step takes a few operations for any network.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.modules.weights import PlacedWeight, Weights
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from netlang.catalogue.modules.layer import Layer

_VECTORS = ("parameters", "gradients", "statistics")

# A Tensor, or None where there is no gradient, as at tokens; of several inputs, a tuple of these.
Gradient = Any


class _Shaped(Record):
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


class Weight(_Shaped):
    """A tensor that training changes.

    ``initial(values, generator)`` fills the tensor ``values`` in place, with numbers drawn from
    ``generator``. ``decay`` is false for biases and others that weight decay leaves alone; an
    optimizer asks for it by ``decay_mask``. Along the first ``stacked`` dimensions lie tensors of
    one kind, such as those of members or of features.
    """

    initial: Callable[[Tensor, Generator], object]
    decay: bool = True
    stacked: int = 0

    @property
    def is_matrix(self) -> bool:
        """Whether vectors are multiplied with it, or with each of those that it stacks."""
        return self.decay and len(self.shape) - self.stacked == 2


class Statistic(_Shaped):
    """A tensor, such as a running mean, that no optimizer changes, but its layer's ``forward``, in
    place, while training.
    """

    value: float = 0.0  # of all its elements at the beginning


class Module(Weights):
    """It runs forwards and backwards, and may have weights.

    The tensors of its layers are views of its ``parameters``, ``gradients`` and ``statistics``.
    ``training`` says to layers such as Dropout whether they are trained or evaluated. The tensors
    of a ``frozen`` one stay as they are while others are trained.

    A module of your own sets ``modules`` in its ``__init__`` to those that it is made of. When one
    of its vectors is first used, the tensors of these move into it, and the list is fixed.
    """

    modules: Sequence[Module] = ()  # that it is made of, in the order of ``forward``
    shares: Module | None = None  # an earlier module, whose tensors it uses instead of its own
    training: bool = True
    frozen: bool = False
    parts: Sequence[str] = ()  # of a file, that it belongs to and that settings name

    @cached_property
    def parameters(self) -> Tensor:
        return self.packed().parameters

    @cached_property
    def gradients(self) -> Tensor:
        return self.packed().gradients

    @cached_property
    def statistics(self) -> Tensor:
        """All statistics, one after another.  Shape: [elements]."""
        return self.packed().statistics

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The output for the batch ``x``. It saves what ``backward`` needs.

        Shape: [N, *] -> [N, *], of the weights' dtype and device.
        """

    @abstractmethod
    def backward(self, dy: Tensor) -> Gradient:
        """The loss's gradient at the input of the last ``forward``, from ``dy`` at its output.

        The gradients of the weights are added to ``gradients``.  Shape: that of the output -> that
        of the input.
        """

    def accumulate(self, dy: Tensor) -> None:
        """``backward`` without the gradient at the input, which is not needed.  Shape: ``dy`` has
        that of the output.
        """
        self.backward(dy)

    def __call__(self, *x: Tensor) -> Tensor:
        return self.forward(*x)

    def train(self, training: bool = True) -> Self:
        """From now on it is trained, or evaluated: layers such as Dropout differ. Returns itself.

        A frozen layer that keeps statistics is evaluated even then, so that they stay.
        """
        keeps_statistics = self.frozen and self._count(Statistic) > 0
        self.training = training and not keeps_statistics
        for module in self.modules:
            module.train(training)
        return self

    def eval(self) -> Self:
        """``train(False)``."""
        return self.train(False)

    def to(self, target: torch.dtype | torch.device | str) -> Self:
        """Move all its tensors to another dtype or device.

        Raises TypeError for a dtype that is not one of floating-point numbers.
        """
        vectors = [getattr(self, name).to(target) for name in _VECTORS]
        if not vectors[0].is_floating_point():
            raise TypeError(f"weights are floating-point numbers, and {target} has none")
        self.bind(*vectors)
        return self

    def tensors(self) -> Mapping[str, Weight | Statistic]:
        """A layer's own tensors by name. Each becomes an attribute, a gradient ``<name>_grad``."""
        return {}

    def declared_weights(self) -> dict[str, Weight]:
        """The weights among ``tensors``."""
        return {name: one for name, one in self.tensors().items() if isinstance(one, Weight)}

    @property
    def size(self) -> int:
        """How many weights there are."""
        return self._count(Weight)

    def _count(self, kind: type[Weight | Statistic]) -> int:
        own = sum(one.size for one in self.tensors().values() if isinstance(one, kind))
        return own + sum(part._count(kind) for part in self.modules if not part.shares)

    def layers(self) -> Iterator[Layer]:
        """The layers in it, in the order of ``forward``."""
        for module in self.modules:
            yield from module.layers()

    def named_layers(self) -> Iterator[tuple[str, Layer]]:
        """All layers with their names, except those that share the tensors of others."""
        layers = [*self.layers()]
        for name, layer in zip(numbered(layers), layers, strict=True):
            if not layer.shares:
                yield name, layer

    def named_tensors(self) -> dict[str, Tensor]:
        """All weights and statistics by name, such as ``linear2.weight``; shared ones come once.

        They are views of ``parameters`` and ``statistics``, until these are moved.
        """
        return {
            f"{name}.{own}": getattr(layer, own)
            for name, layer in self.named_layers()
            for own in layer.tensors()
        }

    def param(self) -> list[tuple[Tensor, Tensor]]:
        """Pairs (weight, its gradient), which are views of the flat vectors."""
        return [
            (getattr(layer, name), getattr(layer, f"{name}_grad"))
            for _, layer in self.named_layers()
            for name in layer.declared_weights()
        ]

    def placed_weights(self) -> Iterator[PlacedWeight]:
        for path, layer in self.named_layers():
            for name, weight in layer.declared_weights().items():
                yield PlacedWeight(layer, name, weight, f"{path}.{name}")

    def bind(self, parameters: Tensor, gradients: Tensor, statistics: Tensor) -> None:
        """From now on, keep all its tensors in these flat vectors.

        Shape: parameters and gradients [size], statistics [elements].
        """
        self.parameters, self.gradients, self.statistics = parameters, gradients, statistics
        weights, their_gradients, others = map(_Parts, (parameters, gradients, statistics))
        for name, one in self.tensors().items():
            if isinstance(one, Weight):
                self._keep(name, weights.next(one.size).view(one.shape))
                self._keep(f"{name}_grad", their_gradients.next(one.size).view(one.shape))
            else:
                self._keep(name, others.next(one.size).view(one.shape))
        for part in self.modules:
            if owner := part.shares:
                part.bind(owner.parameters, owner.gradients, owner.statistics)
            else:
                size, kept = part.size, part._count(Statistic)
                part.bind(weights.next(size), their_gradients.next(size), others.next(kept))

    def packed(self) -> Self:
        """Move the tensors of its modules into flat vectors of its own. Returns itself.

        Raises AttributeError for a layer whose tensors were never made, and TypeError for a module
        that does not list what it is made of.
        """
        if self.tensors():
            raise AttributeError(f"{self!r} has no tensors yet: `make_tensors` makes them")
        if not self.modules and any(isinstance(one, Module) for one in vars(self).values()):
            raise TypeError(f"{type(self).__name__} has to list what it is made of in `modules`")
        self.modules = tuple(self.modules)  # one that came later would be in no vector
        own = [part for part in self.modules if not part.shares]
        self.bind(*(_concatenated([getattr(part, name) for part in own]) for name in _VECTORS))
        return self

    def __getstate__(self) -> dict[str, Any]:
        """For pickles and deep copies: of all tensors, only the vectors of each layer are kept.

        Each view of a vector would become a tensor of its own.
        """
        cls = type(self)
        # A tensor that this one lacks is None.
        own = vars(self).items()
        kept = {name: one for name, one in own if one is None or not _is_view(cls, name)}
        vectors = {name: kept.pop(name).clone() for name in _VECTORS if name in kept}
        return kept if self.modules or self.shares else kept | vectors

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        owner = self.shares or self
        if self.modules:
            self.packed()
        elif "parameters" in vars(owner):
            self.bind(owner.parameters, owner.gradients, owner.statistics)

    def __copy__(self) -> Self:
        """A module that shares all tensors with this one."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def _keep(self, name: str, view: Tensor) -> None:
        """Set the attribute ``name`` to ``view``, a part of a flat vector."""
        cls = type(self)
        if not _is_view(cls, name):
            if hasattr(cls, name) or vars(self).get(name) is not None:
                raise TypeError(f"{cls.__name__}: the name {name!r} of a tensor is taken")
            setattr(cls, name, _View(name))
        vars(self)[name] = view

    def make_tensors(self, source: Generator) -> None:
        """Make its flat vectors, and fill them.

        Weights are drawn on the device of ``source``, so that they are the same on any other.
        """
        parameters = torch.zeros(self.size, device="cpu")
        statistics = torch.zeros(self._count(Statistic), device="cpu")
        self.bind(parameters, torch.zeros_like(parameters), statistics)
        for _, layer in self.named_layers():
            layer.initialize(source)
        if (device := torch.get_default_device()) != parameters.device:
            self.to(device)


class _View:
    """Copies what is assigned to a module's tensor into the flat vector that holds it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set__(self, module: Module, value: Any) -> None:
        view = vars(module).get(self.name)
        if not isinstance(view, torch.Tensor):
            vars(module)[self.name] = value
        elif not isinstance(value, torch.Tensor) or value.shape != view.shape:
            raise ValueError(f"{module!r}: {self.name} is a tensor of shape {[*view.shape]}")
        elif value is not view:  # `+=` has changed it in place
            view.copy_(value.detach())


def _is_view(cls: type[Module], name: str) -> bool:
    return isinstance(getattr(cls, name, None), _View)


class _Parts:
    """Cuts a vector into parts, one after another."""

    def __init__(self, vector: Tensor) -> None:
        self._vector, self._end = vector, 0

    def next(self, size: int) -> Tensor:
        begin, self._end = self._end, self._end + size
        return self._vector[begin : self._end]


def _concatenated(vectors: list[Tensor]) -> Tensor:
    """One vector of the dtype and on the device of the vectors that are not empty."""
    return torch.cat([one for one in vectors if len(one)] or vectors[:1] or [torch.zeros(0)])


def numbered(layers: Iterable[Layer]) -> Iterator[str]:
    """A name for each layer: its class's in lower case, and a number, as in ``linear2``."""
    counts: Counter[str] = Counter()
    for layer in layers:
        name = layer.name.lower()
        counts[name] += 1
        yield f"{name}{counts[name]}"
