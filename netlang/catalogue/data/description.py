"""A description says what samples are like and how many there are, before any is loaded.

It needs no tensor, and a model file keeps it as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Self

from netlang.language.shapes import Shape
from netlang.system.record import Value

# A column's name, its kind, "number", "category" or "text", and how many inputs it makes
InputColumn = tuple[str, str, int]


class Description(Value):
    """What the compiler has to know: a sample's shape, its target, and how many samples there are.

    ``classes`` are the names of the classes in the order of their numbers, None for regression. A
    batch's targets have the shape [N, *target_shape]: without dimensions for a class, (5,) for a
    class at each of 5 positions or for 5 numbers, (1, 28, 28) for a picture.
    ``other_task`` is the task that may have been meant, where the data set does not state one.
    ``labels`` tells that the targets are 0 or 1 each, and do not exclude each other. Of a table,
    ``target`` has the columns to predict, ``columns`` those of inputs, ``counts`` how many rows
    have each class, if that is known; ``dropped`` rows are left out, ``without_target`` of them as
    they have none, and the others as they lack cells. ``filled`` says of the columns of inputs
    whose missing cells are filled in how many these are.

    ``inputs`` are the names and shapes of several inputs, which lie side by side in one row: then
    a sample's shape, ``input``, is that of the row.

    ``tasks`` are the names and descriptions of several targets of different kinds, each as if the
    others were not there. They lie side by side in one row of floats, class numbers as whole ones:
    then ``target_shape`` is that of the row. Several numbers, or labels, are one target.
    """

    input: Shape
    train: int
    test: int
    classes: tuple[str, ...] | None
    target_shape: tuple[int, ...] = ()
    validation: int = 0
    other_task: str = ""
    labels: bool = False
    target: tuple[str, ...] = ()
    columns: tuple[InputColumn, ...] = ()
    counts: tuple[int, ...] = ()
    dropped: int = 0
    without_target: int = 0
    filled: tuple[tuple[str, int], ...] = ()
    inputs: tuple[tuple[str, Shape], ...] = ()
    tasks: tuple[tuple[str, Description], ...] = ()

    @classmethod
    def of_tasks(cls, tasks: Mapping[str, Description]) -> Description:
        """The description of data with several targets, each of which has one of its own."""
        first = next(iter(tasks.values()))
        row = sum(one.targets for one in tasks.values())
        target = tuple(name for one in tasks.values() for name in one.target)
        return first.replace(
            classes=None,
            target_shape=(row,),
            other_task="",
            labels=False,
            target=target,
            counts=(),
            tasks=tuple(tasks.items()),
        )

    def for_outputs(self, count: int) -> tuple[tuple[str, Description], ...] | None:
        """What each of a network's outputs has to predict, and its name; None where there is not
        one target for each. Several numbers are a target each if there are as many outputs.
        """
        if self.tasks or count == 1:
            found = self.tasks or (("", self),)
            return found if len(found) == count else None
        if self.classes is not None or self.target_shape != (count,):
            return None
        names = self.target or tuple(f"output{number}" for number in range(1, count + 1))
        return tuple((one, self.replace(target_shape=(1,), target=(one,))) for one in names)

    @property
    def places(self) -> dict[str, tuple[int, Shape]]:
        """Where in a sample's row each input that has a name begins, and its shape: the columns of
        a table, or the ``inputs``.
        """
        columns = [(name, Shape.of(width)) for name, _, width in self.columns]
        named = self.inputs or columns
        begins = accumulate((shape.size for _, shape in named), initial=0)
        return {name: (begin, shape) for (name, shape), begin in zip(named, begins, strict=False)}

    @property
    def samples(self) -> int:
        return self.train + self.validation + self.test

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that metrics are measured on, those that there are."""
        sizes = {"train": self.train, "validation": self.validation, "test": self.test}
        return tuple(part for part, size in sizes.items() if size)

    @property
    def judged(self) -> str:
        """The part that a network is judged by: the test, or what comes nearest to it."""
        return self.parts[-1]

    @property
    def task(self) -> str:
        """ "classification", "regression" or "labels"; "several" of the targets of ``tasks``."""
        if self.tasks:
            return "several"
        if self.labels:
            return "labels"
        return "regression" if self.classes is None else "classification"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes or labels, of which numbers stand for those that have none."""
        if self.classes is not None:
            return self.classes
        named = len(self.target) == self.targets
        return self.target if named else tuple(map(str, range(1, self.outputs + 1)))

    @property
    def targets(self) -> int:
        """How many classes or numbers a sample has to predict."""
        return math.prod(self.target_shape)

    @property
    def output(self) -> Shape:
        """The shape that a network has to give: an output for each class, or for each number; the
        row of all outputs where there are several.
        """
        if self.tasks:
            return Shape.of(sum(one.output.size for _, one in self.tasks))
        return Shape.of(*self.target_shape, *([] if self.classes is None else [len(self.classes)]))

    @property
    def outputs(self) -> int:
        """The last dimension of ``output``."""
        return self.output.sizes[-1]

    def about(self) -> dict[str, object]:
        """What the columns of a table become, as JSON holds it; nothing of other data."""
        if not self.columns:
            return {}
        keys = "name", "kind", "inputs"
        names = self.classes or ()
        counts = self.counts or [None] * len(names)
        classes = dict(zip(names, counts, strict=True)) or None
        return {
            "columns": [dict(zip(keys, column, strict=True)) for column in self.columns],
            "target": [*self.target],
            "task": self.task,
            "classes": classes,
            "dropped": self.dropped,
            "without_target": self.without_target,
            "filled": dict(self.filled),
        }

    def to_json(self) -> dict[str, Any]:
        """The description as JSON."""
        inputs = [
            [name, [*shape.sizes], shape.vocabulary, shape.padded] for name, shape in self.inputs
        ]
        tasks = [[name, one.to_json()] for name, one in self.tasks]
        shape = {"input": [*self.input.sizes], "tokens": self.input.vocabulary}
        shape["padded"] = self.input.padded
        return self.as_dict() | shape | {"inputs": inputs, "tasks": tasks}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The description that ``to_json`` made ``data`` of.  Raises ValueError for other data."""
        match data:
            case {
                "input": [*sizes],
                "tokens": int() | None as tokens,
                "padded": bool(padded),
                "train": int(train),
                "test": int(test),
                "classes": list() | None as classes,
                "target_shape": [*target_shape],
                "validation": int(validation),
                "other_task": str(other_task),
                "labels": bool(labels),
                "target": list(target),
                "columns": list(columns),
                "counts": list(counts),
                "dropped": int(dropped),
                "without_target": int(without_target),
                "filled": list(filled),
                "inputs": list(inputs),
                "tasks": list(tasks),
            } if (
                all(isinstance(one, int) and one > 0 for one in (*sizes, train, *target_shape))
                and min(test, validation, dropped, without_target) >= 0
                and (classes is None or _are_names(classes))
                and all(isinstance(one, str) for one in target)
                and all(isinstance(one, int) and one >= 0 for one in counts)
                and len(counts) in (0, len(classes or ()))
                and (classes or target_shape)
                and len(target) in (0, 1 if classes else math.prod(target_shape))
                and not (classes and labels)
                and (tokens is None or tokens > 0)
                and without_target <= dropped
            ):
                names = None if classes is None else tuple(classes)
                found = tuple(map(_column, columns))
                if found and [sum(inputs for *_, inputs in found)] != sizes:
                    raise ValueError("the columns of a table make other inputs")
                of_task = names, tuple(target_shape), validation, other_task, labels
                about = tuple(target), found, tuple(counts)
                gaps = dropped, without_target, tuple(map(_count, filled))
                named = tuple(map(_input, inputs))
                if named and [sum(shape.size for _, shape in named)] != sizes:
                    raise ValueError("the inputs that have names make another row")
                shape = Shape(tuple(sizes), tokens, padded)
                several = tuple(map(cls._task, tasks))
                if several and [sum(one.targets for _, one in several)] != target_shape:
                    raise ValueError("the tasks make another row of targets")
                return cls(shape, train, test, *of_task, *about, *gaps, named, several)
        raise ValueError("this is no description of data")

    @classmethod
    def _task(cls, data: object) -> tuple[str, Self]:
        """Raises ValueError for what is no name and description of one target."""
        match data:
            case [str(name), {"tasks": []} as described]:
                return name, cls.from_json(described)
        raise ValueError("this is no target among several")


def _are_names(classes: Sequence[object]) -> bool:
    """Whether these are names of two classes or more, each another."""
    return all(isinstance(one, str) for one in classes) and len({*classes}) == len(classes) > 1


def _column(data: object) -> InputColumn:
    """Raises ValueError for what is no column."""
    match data:
        case [str(name), "number" | "category" | "text" as kind, int(inputs)] if inputs > 0:
            return name, kind, inputs
    raise ValueError("this is no column of a table")


def _input(data: object) -> tuple[str, Shape]:
    """Raises ValueError for what is no input with a name."""
    match data:
        case [str(name), list(sizes), int() | None as tokens, bool(padded)] if all(
            isinstance(one, int) and one > 0 for one in sizes
        ) and (tokens is None or tokens > 0):
            return name, Shape(tuple(sizes), tokens, padded)
    raise ValueError("this is no input that has a name")


def _count(data: object) -> tuple[str, int]:
    """Raises ValueError for what is no column and how many cells it has."""
    match data:
        case [str(name), int(cells)] if cells > 0:
            return name, cells
    raise ValueError("this is no count of cells")
