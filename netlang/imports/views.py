"""What a value of a foreign graph is of a layer's output: the same numbers, in other axes.

Transpose, Reshape and their like move no number's meaning: they name axes otherwise, take one
apart, or put two together. So a value is a *view* of what a layer gives: axes are made of atoms,
which are axes that nothing takes apart any further. ``[T, N, 3·E]`` of a layer's ``[N, T, E, 3]``
is a view, and so is the batch in another place, where recurrent networks of ONNX have it, and the
channels behind a picture's axes, where Keras has them. Only where the next layer needs its axes in
their order is a Permute or a Reshape written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.system.record import Record


class Atom:
    """An axis that is not taken apart; each is another one."""

    __slots__ = ("is_batch", "size")

    def __init__(self, size: int, is_batch: bool = False) -> None:
        self.size, self.is_batch = size, is_batch


Axis = tuple[Atom, ...]
Axes = tuple[Axis, ...]


class View(Record):
    """A value with these ``axes``, of the output of ``layer``, whose own axes are ``own``. The
    batch is the first of those, and alone.
    """

    layer: str
    own: Axes
    axes: Axes
    tokens: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(map(size_of, self.axes))

    @property
    def rank(self) -> int:
        return len(self.axes)

    @property
    def canonical(self) -> Axes:
        """Its axes with the batch in front, as layers of netlang take them."""
        batch = tuple(atom for axis in self.axes for atom in axis if atom.is_batch)
        rest = (tuple(atom for atom in axis if not atom.is_batch) for axis in self.axes)
        had_batch = [any(atom.is_batch for atom in axis) for axis in self.axes]
        kept = [axis for axis, had in zip(rest, had_batch, strict=True) if axis or not had]
        return (batch, *kept)

    @property
    def is_straight(self) -> bool:
        """Whether its batch is the first axis, and alone."""
        return bool(self.axes) and len(self.axes[0]) == 1 and self.axes[0][0].is_batch

    def permuted(self, order: Sequence[int]) -> View:
        return self.replace(axes=tuple(self.axes[at] for at in order))

    def with_new(self, places: Sequence[int]) -> View:
        """With axes of size 1 in these places of the new shape."""
        axes, rank = list(self.axes), self.rank + len(places)
        for at in sorted(place % rank for place in places):
            axes.insert(at, (Atom(1),))
        return self.replace(axes=tuple(axes))

    def without(self, places: Sequence[int]) -> View:
        """Without these axes, which have the size 1."""
        gone = {place % self.rank for place in places}
        return self.replace(axes=tuple(a for at, a in enumerate(self.axes) if at not in gone))

    def regrouped(self, sizes: Sequence[int]) -> View | None:
        """With axes of these sizes, None if no atom can be taken apart for that."""
        atoms = [atom for axis in self.axes for atom in axis if atom.size != 1 or atom.is_batch]
        if math.prod(sizes) != math.prod(atom.size for atom in atoms):
            return None
        parts: dict[int, tuple[Atom, Atom]] = {}
        axes: list[Axis] = []
        for size in sizes:
            axis: list[Atom] = []
            left = size
            while left != 1 or (atoms and atoms[0].is_batch and atoms[0].size == 1 and not axis):
                if not atoms:
                    return None
                atom = atoms.pop(0)
                if left % atom.size == 0:
                    axis.append(atom)
                    left //= atom.size
                elif atom.size % left == 0 and not atom.is_batch:
                    first, rest = Atom(left), Atom(atom.size // left)
                    parts[id(atom)] = first, rest
                    axis.append(first)
                    atoms.insert(0, rest)
                    left = 1
                else:
                    return None
            axes.append(tuple(axis) or (Atom(1),))
        return View(
            self.layer, tuple(_taken_apart(a, parts) for a in self.own), tuple(axes), self.tokens
        )


def _taken_apart(axis: Axis, parts: dict[int, tuple[Atom, Atom]]) -> Axis:
    found: list[Atom] = []
    for atom in axis:
        if id(atom) in parts:
            found.extend(_taken_apart(parts[id(atom)], parts))
        else:
            found.append(atom)
    return tuple(found)


def size_of(axis: Axis) -> int:
    return math.prod(atom.size for atom in axis)


def proper(axis: Axis) -> Axis:
    """The atoms of an axis that have a size other than 1."""
    return tuple(atom for atom in axis if atom.size != 1 and not atom.is_batch)


# The name of a layer that moves numbers, its arguments, and the sizes of a sample behind it.
Move = tuple[str, dict[str, object], tuple[int, ...]]


def moves(own: Axes, wanted: Axes) -> list[Move]:
    """The layers that make ``wanted`` axes of a layer's ``own``: each one's name, its arguments,
    and the sizes of a sample behind it.
    """
    sizes = tuple(size_of(axis) for axis in wanted[1:])
    have = [atom for axis in own[1:] for atom in proper(axis)]
    want = [atom for axis in wanted[1:] for atom in proper(axis)]
    now = tuple(size_of(axis) for axis in own[1:])
    if have == want:
        return [] if now == sizes else [regroup(now, sizes)]
    mine, theirs = _ends(own), _ends(wanted)
    # What stays together may be moved together, or each axis by itself: as few layers as possible.
    cuts = theirs, mine | theirs, mine, set[Atom]()
    return min((_permuted(have, want, now, sizes, one) for one in cuts), key=len)


def _ends(axes: Axes) -> set[Atom]:
    """The last atom of each axis."""
    return {atoms[-1] for axis in axes[1:] if (atoms := proper(axis))}


def _permuted(
    have: list[Atom],
    want: list[Atom],
    now: tuple[int, ...],
    sizes: tuple[int, ...],
    cuts: set[Atom],
) -> list[Move]:
    """The moves that permute runs of atoms, which end where there are ``cuts``."""
    found: list[Move] = []
    runs = _runs(have, want, cuts)
    apart = tuple(size_of(run) for run in runs)
    if apart != now:
        found.append(regroup(now, apart))
    order = [want.index(run[0]) for run in runs]
    dims = sorted(range(len(runs)), key=order.__getitem__)
    now = tuple(apart[at] for at in dims)
    found.append(("Permute", {"dims": tuple(dims)}, now))
    if now != sizes:
        found.append(regroup(now, sizes))
    return found


def _runs(have: list[Atom], want: list[Atom], cuts: set[Atom]) -> list[Axis]:
    """The longest runs of atoms that stay together, and do not go on behind a cut."""
    runs: list[list[Atom]] = []
    for atom in have:
        before = want.index(atom) - 1
        if runs and before >= 0 and runs[-1][-1] is want[before] and want[before] not in cuts:
            runs[-1].append(atom)
        else:
            runs.append([atom])
    return [tuple(run) for run in runs]


def regroup(now: tuple[int, ...], sizes: tuple[int, ...]) -> Move:
    """The layer that makes a sample of ``sizes`` of one that has the sizes ``now``."""
    if len(sizes) == 1:
        return "Flatten", {}, sizes
    both = zip(now, sizes, strict=False)
    head = next((at for at, (one, other) in enumerate(both) if one != other), 0)
    tail = len(sizes) - head - 1
    if tail >= 0 and len(now) >= head + tail and now[len(now) - tail :] == sizes[head + 1 :]:
        end = -1 - tail
        if math.prod(now[head : len(now) - tail]) == sizes[head] and len(now) - tail > head:
            return "Flatten", {"start_dim": head + 1, "end_dim": end}, sizes
    more = len(sizes) - len(now)
    if more > 0:
        for at, size in enumerate(now):
            inner = sizes[at : at + more + 1]
            around = sizes[:at] == now[:at] and sizes[at + more + 1 :] == now[at + 1 :]
            if around and math.prod(inner) == size:
                dim = -1 if at == len(now) - 1 else at + 1
                return "Unflatten", {"unflattened_size": inner, "dim": dim}, sizes
    return "Reshape", {"shape": sizes}, sizes
