"""Targets in an array are classes, or numbers to predict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from netlang.catalogue.arguments import LARGEST
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.columns.labels import as_number, is_whole
from netlang.catalogue.data.columns.missing import marks_of_missing
from netlang.catalogue.data.columns.quantities import is_quantity
from netlang.catalogue.targets import NO_CLASS
from netlang.system.lazy import np
from netlang.system.record import Record

IGNORED = -100  # what PyTorch takes for a place of no class
_MEND = "mend or remove the sample"
_LAST, _SURROGATES = 0x10FFFF, (0xD800, 0xDFFF)  # code points: the last one, and those of no text


class ArrayTargets(Record):
    """``values`` are class numbers [N] int64, or numbers to predict [N, targets] float64.

    ``known`` are the values in the file that stand for the classes, in their order; if they
    ``are_numbered``, 0, 1, ... stand for them, whether or not all are there.
    ``other_task`` is what whole numbers may have been meant for. If they ``are_inputs``, the values
    are the samples [N, *] themselves, which are to be given back. Classes at each place of a sample
    are [N, *], with NO_CLASS where there is none. Numbers of several arrays have ``names``.
    """

    values: Any
    classes: tuple[str, ...] | None = None
    known: Any = None
    are_numbered: bool = False
    other_task: str = ""
    are_inputs: bool = False
    names: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """How many samples, or places in them, are of each class."""
        if self.classes is None:
            return ()
        labels = self.values[self.values != NO_CLASS]
        return tuple(np.bincount(labels, minlength=len(self.classes)).tolist())


def read_targets(array: Any, task: str, names: tuple[str, ...] = ()) -> ArrayTargets:
    """The targets in an array [N] or [N, targets]; ``task`` is an argument of ``Arrays``.

    ``names`` are those of the classes 0, 1, ...; without them, classes are called as the array has
    them.  Raises Refused.
    """
    found = plain(array, task == "classification")
    if found.dtype.kind == "U":
        if task == "regression":
            raise Refused("its targets are texts", "give numbers to predict")
        known, firsts, labels = np.unique(found, return_index=True, return_inverse=True)
        classes = tuple(known.tolist())
        _check_names(classes, firsts, task)
        return ArrayTargets(labels.astype(np.int64), classes, known)
    numbers = _numbers(found)
    if found.ndim > 1 and task == "classification":
        return _at_each_place(found, names)
    if found.ndim == 2:
        are_classes = task == "auto" and found.dtype.kind in "iu" and bool((found > 1).any())
        return ArrayTargets(numbers, other_task="classification" if are_classes else "")
    whole = found.dtype.kind != "f" or bool((numbers == np.floor(numbers)).all())
    if task == "regression" or (not whole and not names and task == "auto"):
        return ArrayTargets(numbers[:, None])
    if not whole:
        row = int((numbers != np.floor(numbers)).argmax())
        reason = f"the class of sample {row + 1} is {found[row]}, no whole number"
        raise Refused(reason, 'leave out `task="classification"` to predict numbers')
    if names:
        known = np.arange(len(names))
        return ArrayTargets(labels_in(found, known), names, known, are_numbered=True)
    known = np.unique(found)
    called = tuple(str(int(value)) for value in known)
    if task == "auto" and is_quantity(called, len(found)):
        return ArrayTargets(numbers[:, None], other_task="classification")
    other = "regression" if task == "auto" else ""
    return ArrayTargets(labels_in(found, known), called, known, other_task=other)


def _at_each_place(found: Any, names: tuple[str, ...]) -> ArrayTargets:
    """Classes at each place of a sample, from an array [N, *] of whole numbers, of which NO_CLASS
    and IGNORED are no class.  Raises Refused.
    """
    if found.ndim == 2 and ((found == 0) | (found == 1)).all() and (found.sum(1) <= 1).all():
        help = "give a class number for each sample: `y.argmax(1)` of ones and zeros"
        raise Refused(f"its targets {[*found.shape]} are no classes", help)
    if (found != np.floor(found)).any():
        row = int((found != np.floor(found)).reshape(len(found), -1).any(1).argmax())
        raise Refused(f"the classes of sample {row + 1} are no whole numbers", _MEND)
    is_none = (found == NO_CLASS) | (found == IGNORED)
    known = np.arange(len(names)) if names else np.unique(found[~is_none])
    if not len(known):
        raise _no_class()
    called = names or tuple(str(int(value)) for value in known)
    return ArrayTargets(places_in(found, known), called, known, are_numbered=bool(names))


def places_in(found: Any, known: Any) -> Any:
    """Which of the ``known`` classes is at each place, or NO_CLASS.  Shape: [N, *] -> [N, *] int64.

    Raises Refused.
    """
    is_none = (found == NO_CLASS) | (found == IGNORED)
    return np.where(is_none, NO_CLASS, labels_in(np.where(is_none, known[0], found), known))


def targets_like(others: ArrayTargets, array: Any) -> Any:
    """The values of the targets in an array that is to be read as the ``others`` were.

    Raises Refused.
    """
    found = plain(array, others.classes is not None and others.values.ndim > 1)
    if others.classes is not None and others.values.ndim > 1:
        if found.shape[1:] != others.values.shape[1:] or found.dtype.kind == "U":
            raise Refused("its targets are no such classes", "give the test the same places")
        values = places_in(found, others.known)
        if (values == NO_CLASS).all():
            raise _no_class()
        return values
    if others.classes is not None:
        if found.ndim != 1 or (found.dtype.kind == "U") != (others.known.dtype.kind == "U"):
            raise Refused("its targets are no such classes", "give the test the same classes")
        return labels_in(found, others.known)
    numbers = _numbers(found) if found.dtype.kind != "U" else found
    width = others.values.shape[1]
    if found.dtype.kind == "U" or numbers.size != len(numbers) * width:
        raise Refused(f"its targets are not {width} numbers for each sample", "give as many")
    return numbers.reshape(len(numbers), width)


def _no_class() -> Refused:
    return Refused("its targets name no class", "give a class number at each place")


def labels_in(array: Any, known: Any) -> Any:
    """Which of the ``known`` values, in ascending order, each is.  Shape: [N] -> [N] int64.

    Raises Refused for one that is none of them.
    """
    places = np.searchsorted(known, array).clip(max=len(known) - 1)
    other = known[places] != array
    if other.any():
        row = int(other.reshape(len(other), -1).any(1).argmax())
        there = f"{known[0]} to {known[-1]}" if len(known) > 1 else f"{known[0]}"
        wrong = array[row][other[row]].flat[0] if array.ndim > 1 else array[row]
        reason = f"the class of sample {row + 1} is {wrong}, and there are {there}"
        raise Refused(reason, f"{_MEND}, or name as many `classes`")
    return places.astype(np.int64)


def plain(array: Any, of_places: bool = False) -> Any:
    """Targets [N] or [N, targets], or with ``of_places`` [N, *]: texts as Python has them, and 1
    and 0 for true and false.

    Raises Refused.
    """
    of_texts = array.ndim == 2 and array.dtype.kind in "SU" and array.shape[1] > 1
    if of_texts or (array.ndim > 2 and not of_places):
        reason = f"its targets have too many dimensions: {[*array.shape]}"
        help = "give a class or a number for each sample, or a row of numbers"
        of_numbers = array.dtype.kind in "biu" and not of_texts
        places = '; for a class at each place, add `task="classification"`' if of_numbers else ""
        raise Refused(reason, f"{help}{places}")
    found = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if found.dtype.kind == "b":
        return found.astype(np.uint8)
    if found.dtype.kind == "S":
        return _decoded(found)
    if found.dtype.kind == "U":
        points = found.astype(found.dtype.newbyteorder("="), order="C").view(np.uint32)
        wrong = (points > _LAST) | ((points >= _SURROGATES[0]) & (points <= _SURROGATES[1]))
        if wrong.any():
            row = int(wrong.reshape(len(found), -1).any(1).argmax())
            raise Refused(f"the class of sample {row + 1} is no text of Unicode", _MEND)
    return found


def _decoded(found: Any) -> Any:
    """Bytes as the texts that they are in UTF-8.  Raises Refused."""
    try:
        return np.char.decode(found, "utf-8", "strict")
    except UnicodeDecodeError:
        rows = enumerate(np.char.decode(found, "utf-8", "replace").tolist(), 1)
        row = next(row for row, text in rows if "\ufffd" in text)
        raise Refused(f"the class of sample {row} is no text in UTF-8", _MEND) from None


def _check_names(names: Sequence[str], firsts: Any, task: str) -> None:
    """Raises Refused for texts that name no classes; sample ``firsts`` is the first of each."""
    absent = marks_of_missing(names)
    for name, first in zip(names, firsts.tolist(), strict=True):
        reason = f"the class of sample {first + 1} is `{name}`"
        if not name:
            raise Refused(f"sample {first + 1} has no class", _MEND)
        if name in absent:
            raise Refused(f"{reason}, which marks a missing one", _MEND)
        if name.strip() != name:
            raise Refused(f"{reason}, with a blank around it", "remove it: `numpy.char.strip(y)`")
    numbers = [as_number(name) for name in names] if task == "auto" else []
    if numbers and all(numbers) and not all(is_whole(number) for number in numbers if number):
        help = 'save numbers, `y.astype(float)`, or add `task="classification"` if each is a class'
        raise Refused("its targets are numbers that are written as texts", help)


def _numbers(found: Any) -> Any:
    """Numbers in 64 bits.  Raises Refused for one that 32-bit floats do not hold."""
    numbers = found.astype(np.float64)
    usable = np.abs(numbers) <= LARGEST  # NaN is not
    if not usable.all():
        row = int(np.argwhere(~usable)[0][0])
        raise Refused(f"the target of sample {row + 1} is {found[row]}", _MEND)
    return numbers
