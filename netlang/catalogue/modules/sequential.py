"""Sequential runs modules one after another, and keeps their weights in one vector."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, overload

from netlang.catalogue.modules.layer import Join, Layer
from netlang.catalogue.modules.module import Module, Statistic, Weight
from netlang.language.diagnostics.wording import counted, type_of
from netlang.language.shapes import Shape, ShapeError, Unknown

if TYPE_CHECKING:
    from torch import Tensor

_MOST_DIMENSIONS = 64  # that a tensor of torch can have


class Sequential(Module):
    """Each module's output is the next one's input. They come in a list, or as arguments.

    Source: paper section VII.

    Their weights keep their values and move into its flat vectors, out of those of any other
    Sequential; an optimizer of that one no longer trains them. To change their dtype or device,
    call ``to`` of the outermost one.

    Raises ValueError for a layer that is in it twice, as a layer saves its last input only, and for
    one that cannot take the output before it, whatever the input is; TypeError for a join, which
    takes several inputs.

    ``len(model)`` counts its modules, ``model[0]`` is the first, and ``model[1:]`` is a Sequential
    of all others, which has the same weights.
    """

    def __init__(self, *modules: Module | Sequence[Module]) -> None:
        lists = (part if isinstance(part, Sequence) else [part] for part in modules)
        self.modules = tuple(itertools.chain.from_iterable(lists))
        for module in self.modules:
            if not isinstance(module, Module):
                package = type(module).__module__.partition(".")[0]
                owner = "" if package == "builtins" else f" of {package}"
                takes = "Sequential takes netlang's modules, such as ReLU()"
                raise TypeError(f"{takes}, and not {module!r}{owner}")
            if isinstance(module, Join):
                raise TypeError(f"Sequential passes on one value, and {module!r} takes several")
        layers = list(self.layers())
        if len(set(map(id, layers))) < len(layers):
            raise ValueError("a layer stands twice in this Sequential; make another one")
        _check_shapes(self.modules)
        self.packed()

    def forward(self, x: Tensor) -> Tensor:
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, dy: Tensor) -> Tensor:
        for module in reversed(self.modules):
            dy = module.backward(dy)
        return dy

    def accumulate(self, dy: Tensor) -> None:
        # The gradients stop at the first module that has weights.
        first = next((i for i, module in enumerate(self.modules) if module.size), None)
        if first is None:
            return
        for module in reversed(self.modules[first + 1 :]):
            dy = module.backward(dy)
        self.modules[first].accumulate(dy)

    def __len__(self) -> int:
        return len(self.modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...

    def __getitem__(self, index: int | slice) -> Module | Sequential:
        """A module, or for a slice a Sequential of those in it. Its weights are views of those of
        this one, so that an optimizer of either trains them.

        Raises IndexError and TypeError, and ValueError for a slice with a step.
        """
        if isinstance(index, slice):
            return self._part(index)
        try:
            return self.modules[index]
        except IndexError:
            has = counted(len(self.modules), "module")
            raise IndexError(f"this Sequential has {has}, and none at {index}") from None
        except TypeError:
            takes = "a number from 0 on, or a slice"
            raise TypeError(f"an index is {takes}, not {type_of(index)}") from None

    def _part(self, index: slice) -> Sequential:
        begin, end, step = index.indices(len(self.modules))
        if step != 1:
            raise ValueError("a slice of a Sequential has no step: its weights lie side by side")
        before, inside = self.modules[:begin], self.modules[begin:end]
        part = object.__new__(Sequential)
        part.modules, part.training = inside, self.training
        vectors = []
        for kind, vector in (
            (Weight, self.parameters),
            (Weight, self.gradients),
            (Statistic, self.statistics),
        ):
            first, own = _count_of(kind, before), _count_of(kind, inside)
            vectors.append(vector[first : first + own])
        part.bind(*vectors)
        return part

    def __repr__(self) -> str:
        return f"Sequential({[*self.modules]!r})"


def _count_of(kind: type[Weight | Statistic], modules: Iterable[Module]) -> int:
    """How many numbers of this kind the modules have themselves."""
    return sum(module._count(kind) for module in modules if not module.shares)


def _check_shapes(modules: Sequence[Module]) -> None:
    """Raises ValueError if a layer cannot take the output of those before it.

    The shapes around a module that is no layer are not known. The input may have any number of
    dimensions: the layers are right if they fit for one of these numbers.
    """
    for _, chain in itertools.groupby(_leaves(modules), lambda module: isinstance(module, Layer)):
        layers = [module for module in chain if isinstance(module, Layer)]
        furthest, said = -1, ""
        for rank in range(1, _MOST_DIMENSIONS):
            at, problem = _first_mismatch(layers, Shape.of(*(Unknown() for _ in range(rank))))
            if not problem:
                break
            if at > furthest:
                furthest, said = at, problem
        else:
            raise ValueError(said)


def _leaves(modules: Sequence[Module]) -> Iterator[Module]:
    """The modules in the order of ``forward``; for a Sequential, those that it runs."""
    for module in modules:
        if type(module).forward is Sequential.forward:
            yield from _leaves(module.modules)
        else:
            yield module


def _first_mismatch(layers: Sequence[Layer], shape: Shape) -> tuple[int, str]:
    """The index of the first layer that does not fit, and why, or "" if none is found."""
    for at, layer in enumerate(layers):
        try:
            shape = layer.infer(shape)
        except ShapeError as error:
            gives = f"{layers[at - 1]!r} before it gives {shape}" if at else f"gets {shape}"
            return at, f"{layer!r} takes shape {error.takes}, and {gives}"
        except (TypeError, ValueError):  # it computes with a size that is not known
            break
    return len(layers), ""
