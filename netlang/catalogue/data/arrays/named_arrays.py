"""What a file may say of arrays, beside their name: which there are, and where each of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.arrays.array_data import (
    SHAPE,
    STANDARDIZE,
    TEST,
    VALIDATION,
    ArrayData,
)
from netlang.catalogue.data.arrays.opened import Opened, Refused, locate, opened, refusal
from netlang.language.diagnostics import NetError
from netlang.language.paths import Located
from netlang.system.record import Record

INPUT = "input"  # the target of samples that are their own
_NAMING = "inputs", "target", "test_inputs", "test_target", "lengths", "test_lengths"
_OF_TEST = "a test has all that is learned from: inputs, targets, and lengths if there are any"


class Place(Record):
    """Where an array is: the argument and path that say so, the file, the name in an archive."""

    argument: str
    path: str
    located: Located
    name: str

    def opened(self, data: ArrayData) -> Opened:
        """The file.  Raises NetError."""
        return opened(data, self.path, self.located, "path" if self.name else self.argument)

    def refused(self, data: ArrayData, why: Refused) -> NetError:
        return refusal(data, self.path, why, self.argument)


class NamedArrays(ArrayData, abstract=True):
    """The arguments of ``Arrays``, and where the arrays are that they name."""

    path: str = arg(
        doc="the NPZ file, or the NPY file of inputs, relative to the file that names it",
        known_as=("file", "filename"),
    )
    inputs: str | tuple[str, ...] = arg(
        default="x", doc="the array of inputs in an NPZ file, or a list", known_as=("x", "X")
    )
    target: str | tuple[str, ...] = arg(
        default="y",
        doc="the array of targets in an NPZ file, or a list, or their NPY file; or `input`",
        known_as=("label", "labels", "y", "targets"),
    )
    test: float = TEST
    standardize: bool = STANDARDIZE
    task: str = arg(
        default="auto",
        choices=("auto", "classification", "regression"),
        doc="what the targets are; auto takes few whole numbers for classes",
    )
    classes: tuple[str, ...] = arg(
        default=(), doc="names of the classes 0, 1, ...; by default their numbers"
    )
    validation: float = VALIDATION
    test_inputs: str | tuple[str, ...] | None = arg(
        default=None, doc="the array of inputs to test on, if there is one, as `inputs` is named"
    )
    test_target: str | tuple[str, ...] | None = arg(
        default=None, doc="the array of their targets, as `target` is named"
    )
    shape: tuple[Size, ...] | None = SHAPE
    lengths: str | tuple[str, ...] | None = arg(
        default=None,
        doc="the array of how many steps each sequence has, where samples [N, steps, features], or "
        '[N, steps] of tokens, are of unequal length; of several inputs, one for each, or ""',
    )
    tokens: int | tuple[int, ...] | None = arg(
        default=None,
        at_least=0,
        doc="how many tokens there are, where inputs are whole numbers that stand for something; "
        "of several inputs, one for each, and 0 for one of numbers",
        known_as=("vocab_size", "vocabulary", "num_tokens", "num_embeddings"),
    )
    test_lengths: str | tuple[str, ...] | None = arg(
        default=None, doc="the array of lengths to test on, as `lengths` is named"
    )

    @property
    def has_several(self) -> bool:
        """Whether there are several inputs."""
        return not isinstance(self.inputs, str) and len(self.inputs) > 1

    def each_of(self, argument: str) -> list[Any]:
        """What an argument says of each input, or of each target; none where it is not given.

        Raises NetError where it says something of more or fewer.
        """
        value: Any = self.values[argument]
        if value is None:
            return []
        found = [*value] if isinstance(value, tuple) else [value]
        of = "target" if argument in ("target", "test_target") else "inputs"
        named: Any = self.values[of]
        count = 1 if isinstance(named, str) else len(named)
        if argument == "tokens" and not isinstance(value, tuple):
            return found * count
        if argument != of and len(found) != count:
            what = f"`{argument}` is about {len(found)} of them, and `{of}` names {count}"
            help = f"give a list of {count}, in the order of `{of}`"
            raise self.refused_at(argument, Refused(what, help))
        return found

    def refused_at(self, argument: str, why: Refused) -> NetError:
        """The error of what an argument says."""
        return refusal(self, self.path, why, argument)

    def _names(self) -> dict[str, list[str]]:
        """The names of all arrays, by the argument that names them.  Raises NetError."""
        for argument in ("inputs", "target"):
            names = self.each_of(argument)
            if not all(names):
                why = Refused(f"`{argument}` names no array", 'name one: `inputs="x"`')
                raise self.refused_at(argument, why)
            if twice := [name for place, name in enumerate(names) if name in names[:place]]:
                why = Refused(f"`{argument}` names `{twice[0]}` twice", "name each once")
                raise self.refused_at(argument, why)
        named = {one: self.each_of(one) for one in _NAMING}
        if self.target == INPUT:
            self._check_given_back(named)
            named["target"] = []
        self._check_test(named)
        return named

    def _check_given_back(self, named: Mapping[str, Sequence[str]]) -> None:
        """Raises NetError for what inputs that are their own targets cannot have."""
        for other in ("test_target", "lengths"):
            if named[other]:
                why = Refused("its targets are the inputs", f"leave `{other}` out")
                raise self.refused_at(other, why)
        if self.has_several:
            why = Refused("its targets are the inputs, which are several", "name a target")
            raise self.refused_at("target", why)

    def _check_test(self, named: Mapping[str, Sequence[str]]) -> None:
        """Raises NetError for a test that lacks what is learned from, or has more."""
        parts = {"test_inputs": "inputs", "test_target": "target", "test_lengths": "lengths"}
        given = [one for one in parts if named[one]]
        for one, learned in parts.items():
            if given and bool(named[one]) != bool(named[learned]):
                has, lacks = (one, learned) if named[one] else (given[0], one)
                why = Refused(f"it names `{has}` and no `{lacks}`", _OF_TEST)
                raise self.refused_at(has, why)

    def places(self) -> dict[str, list[Place | None]]:
        """Where the arrays are that each argument names; None for an input without lengths.

        Raises NetError.
        """
        named = self._names()
        if Path(self.path).suffix.lower() != ".npy":
            file = locate(self, self.path)
            return {
                argument: [Place(argument, self.path, file, one) if one else None for one in names]
                for argument, names in named.items()
            }
        for argument in ("inputs", "target"):
            if len(named[argument]) > 1:
                help = "save an NPZ file of all arrays: `numpy.savez(file, x=x, y=y)`"
                raise self.refused_at(argument, Refused("an NPY file holds one array", help))
        for argument, paths in named.items():
            for path in paths if argument != "inputs" else ():
                if not Path(path).suffix:
                    help = f'name the file of the others, too: `{argument}="{argument}.npy"`'
                    raise refusal(self, self.path, Refused("an NPY file holds one array", help))
        named["inputs"] = [self.path]
        return {
            argument: [
                Place("path" if argument == "inputs" else argument, one, locate(self, one), "")
                for one in paths
            ]
            for argument, paths in named.items()
        }
