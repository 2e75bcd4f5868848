"""What an array data set has read: the samples of each input, and their targets."""

from __future__ import annotations

from typing import Any

from netlang.catalogue.data.arrays.targets import ArrayTargets
from netlang.language.shapes import Shape
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import np
from netlang.system.record import Record


class Arranged(Record):
    """``samples`` [N, *] of numbers, and their ``targets``. Those ``tested`` on come from a file of
    their own, if there are any. ``name`` and ``target`` are what messages call the arrays, and
    ``columns`` the features, if these have names. Without ``numbers``, the samples are zeros, which
    take no memory and stand for them. Where the array ``lengths`` says how long each is, they are
    sequences with NaN behind their ends; and of ``tokens``, there are so many.

    Further inputs of the same samples are ``beside`` them, and ``further`` are more targets, each
    with its name.
    """

    name: str
    target: str
    samples: Any
    targets: ArrayTargets
    files: tuple[Fingerprint, ...]
    tested: tuple[Any, Any] | None = None  # samples, and their targets' values
    columns: tuple[str, ...] = ()
    numbers: bool = True
    lengths: str = ""
    tokens: int | None = None
    beside: tuple[Arranged, ...] = ()
    further: tuple[tuple[str, ArrayTargets], ...] = ()

    @property
    def inputs(self) -> tuple[Arranged, ...]:
        """All inputs, each as if it were alone."""
        return (self, *self.beside)

    @property
    def shape(self) -> Shape:
        """The shape of a sample of this input."""
        return Shape(self.samples.shape[1:], self.tokens, padded=bool(self.lengths))

    @property
    def given(self) -> Any:
        """What the pipeline takes: the samples, or a list of those of each input."""
        return [one.samples for one in self.inputs] if self.beside else self.samples

    @property
    def given_to_test(self) -> Any:
        """The same of the samples to test on."""
        each = [one.tested[0] for one in self.inputs if one.tested]
        return each if self.beside else each[0]

    @property
    def all_targets(self) -> dict[str, ArrayTargets]:
        """All targets, by their names."""
        return {self.target: self.targets, **dict(self.further)}

    def numbers_of(self, target: str) -> Any:
        """The numbers of the ``target`` that is called so, or of the first.  Shape: [N]."""
        if self.further and target:
            return self.all_targets[target].values[:, 0]
        return self.targets.values[:, self.targets_named.index(target) if target else 0]

    @property
    def emptied(self) -> Arranged:
        """The same without numbers."""
        tested = (_zeros(self.tested[0]), self.tested[1]) if self.tested else None
        beside = tuple(one.emptied for one in self.beside)
        found = self.replace(samples=_zeros(self.samples), tested=tested, numbers=False)
        found = found.replace(beside=beside)
        return found.with_inputs_as_targets() if self.targets.are_inputs else found

    def with_inputs_as_targets(self) -> Arranged:
        """The same, where each sample is its own target."""
        tested = (self.tested[0], self.tested[0]) if self.tested else None
        return self.replace(targets=ArrayTargets(self.samples, are_inputs=True), tested=tested)

    @property
    def targets_named(self) -> tuple[str, ...]:
        """A name for each number to predict, or one for the class; none of inputs that are."""
        if self.targets.are_inputs:
            return ()
        return self.targets.names or names_of(self.target, self.targets)


def names_of(target: str, found: ArrayTargets) -> tuple[str, ...]:
    """A name for each number to predict that the array ``target`` has, or one for the class."""
    count = 1 if found.classes else found.values.shape[1]
    several = (f"{target}[{index}]" for index in range(count))
    return (target,) if count == 1 else tuple(several)


def _zeros(like: Any) -> Any:
    """An array of that shape and dtype, which takes no memory."""
    return np.broadcast_to(np.zeros((), like.dtype), like.shape)
