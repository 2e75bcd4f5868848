"""``Arrays`` is the data set whose samples are in files of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.arrays import npy_format
from netlang.catalogue.data.arrays.array_data import (
    STANDARDIZE,
    TEST,
    VALIDATION,
    Arranged,
    ArrayData,
)
from netlang.catalogue.data.arrays.opened import Opened, Refused, locate, opened, refusal
from netlang.catalogue.data.arrays.targets import read_targets, targets_like
from netlang.catalogue.data.pipeline.array_pipeline import first_unusable
from netlang.language.diagnostics import DiagnosticError
from netlang.system.record import Record


class Place(Record):
    """Where an array is: the argument and path that say so, the file, the name in an archive."""

    argument: str
    path: str
    file: Opened
    name: str

    def refused(self, data: ArrayData, why: Refused) -> DiagnosticError:
        return refusal(data, self.path, why, self.argument)


class Arrays(ArrayData, like=("NPZ", "NPY", "Numpy", "TensorDataset")):
    """Arrays that NumPy has saved: an NPZ file of two, or an NPY file for each.

    Inputs: [N, *], of any shape.  Targets [N] of texts or whole numbers make classes by the rules
    of `Table`, others are numbers to predict, as are [N, targets]. Without arrays to test on, the
    share ``test`` is set aside, of every class as nearly the same as whole samples allow.
    """

    for_path = '`Arrays({}, inputs="x", target="y")`'
    endings = (".npz", ".npy")

    path: str = arg(
        doc="the NPZ file, or the NPY file of inputs, relative to the file that names it",
        known_as=("file", "filename"),
    )
    inputs: str = arg(default="x", doc="the array of inputs in an NPZ file", known_as=("x", "X"))
    target: str = arg(
        default="y",
        doc="the array of targets in an NPZ file, or the NPY file of targets",
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
    test_inputs: str | None = arg(
        default=None, doc="the array of inputs to test on, if there is one, as `inputs` is named"
    )
    test_target: str | None = arg(default=None, doc="the array of their targets")

    def places(self) -> list[Place]:
        """Where the inputs and the targets are, and those of the test if they are named.

        Raises DiagnosticError.
        """
        named = {"inputs": self.inputs, "target": self.target}
        tested = {"test_inputs": self.test_inputs, "test_target": self.test_target}
        named |= {argument: name for argument, name in tested.items() if name is not None}
        if len(named) == 3:
            given, lacks = [*named][-1], ({*tested} - {*named}).pop()
            why = Refused(f"it names `{given}` and no `{lacks}`", "a test has inputs and targets")
            raise refusal(self, self.path, why, given)
        if Path(self.path).suffix.lower() != ".npy":
            file = opened(self, self.path, locate(self, self.path))
            return [Place(argument, self.path, file, name) for argument, name in named.items()]
        del named["inputs"]
        for argument, path in named.items():
            if not Path(path).suffix:
                help = f'name the file of the others, too: `{argument}="{argument}.npy"`'
                raise refusal(self, self.path, Refused("an NPY file holds one array", help))
        paths = {"path": self.path, **named}
        return [
            Place(argument, path, opened(self, path, locate(self, path), argument), "")
            for argument, path in paths.items()
        ]

    def read(self) -> Arranged:
        places = self.places()
        inputs, target, *tested = places
        samples = self._samples(inputs)
        targets = self._targets(target, samples, lambda found: read_targets(found, *self._asked))
        files = dict.fromkeys(one.file.fingerprint for one in places)
        names = inputs.name or Path(self.path).stem, target.name or Path(self.target).stem
        arranged = Arranged(*names, samples, targets, tuple(files))
        if not tested:
            return arranged
        others = self._samples(tested[0])
        if others.shape[1:] != samples.shape[1:]:
            sizes = " and ".join(str([*one.shape[1:]]) for one in (others, samples))
            reason = f"samples of the test and those to learn from have other shapes: {sizes}"
            raise tested[0].refused(self, Refused(reason, "give both the same shape"))
        values = self._targets(tested[1], others, lambda found: targets_like(targets, found))
        return arranged.replace(tested=(others, values))

    @property
    def _asked(self) -> tuple[str, tuple[str, ...]]:
        return self.task, self.classes

    def _samples(self, place: Place) -> Any:
        """Shape: [N, *].  Raises DiagnosticError."""
        samples = self._array(place)
        if samples.dtype.kind not in "biuf":
            raise place.refused(self, Refused("it holds texts", "save an array of numbers"))
        if samples.ndim == 1:
            samples = samples[:, None]
        if (row := first_unusable(samples)) is not None:
            reason = f"sample {row + 1} holds NaN, infinity or a number beyond 3.4e38"
            raise place.refused(self, Refused(reason, "mend or remove the sample"))
        return samples

    def _targets(self, place: Place, samples: Any, read: Callable[[Any], Any]) -> Any:
        """What ``read`` makes of the targets of ``samples``.  Raises DiagnosticError."""
        found = self._array(place)
        try:
            if len(found) != len(samples):
                reason = f"there are {len(found):,} targets, and {len(samples):,} samples"
                raise Refused(reason, "save as many of both")
            return read(found)
        except Refused as why:
            raise place.refused(self, why) from None

    def _array(self, place: Place) -> Any:
        try:
            if place.name:
                return npy_format.member_in(place.file.content, place.name)
            return npy_format.array_in(place.file.content)
        except Refused as why:
            raise place.refused(self, why) from None
