"""``Arrays`` is the data set whose samples are in files of NumPy."""

from __future__ import annotations

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
from netlang.catalogue.data.arrays.targets import read_targets
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
    of `Table`, others are numbers to predict, as are [N, targets]. The share ``test`` is set aside,
    of every class as nearly the same as whole samples allow.
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

    def places(self) -> tuple[Place, Place]:
        """Where the inputs and the targets are.  Raises DiagnosticError."""
        file = opened(self, self.path, locate(self, self.path))
        if Path(self.path).suffix.lower() != ".npy":
            names = {"inputs": self.inputs, "target": self.target}
            inputs, target = (Place(at, self.path, file, name) for at, name in names.items())
            return inputs, target
        other = opened(self, self.target, locate(self, self.target))
        targets = Place("target", self.target, other, "")
        return Place("path", self.path, file, ""), targets

    def read(self) -> Arranged:
        inputs, target = self.places()
        samples = self._array(inputs)
        if samples.ndim == 1:
            samples = samples[:, None]
        if samples.dtype.kind not in "biuf":
            raise inputs.refused(self, Refused("it holds texts", "save an array of numbers"))
        if (place := first_unusable(samples)) is not None:
            reason = f"sample {place + 1} holds NaN, infinity or a number beyond 3.4e38"
            raise inputs.refused(self, Refused(reason, "mend or remove the sample"))
        found = self._array(target)
        try:
            if len(found) != len(samples):
                reason = f"there are {len(found):,} targets, and {len(samples):,} samples"
                raise Refused(reason, "save as many of both")
            targets = read_targets(found, self.task, self.classes)
        except Refused as why:
            raise target.refused(self, why) from None
        files = dict.fromkeys((inputs.file.fingerprint, target.file.fingerprint))
        names = inputs.name or Path(self.path).stem, target.name or Path(self.target).stem
        return Arranged(*names, samples, targets, tuple(files))

    def _array(self, place: Place) -> Any:
        try:
            if place.name:
                return npy_format.member_in(place.file.content, place.name)
            return npy_format.array_in(place.file.content)
        except Refused as why:
            raise place.refused(self, why) from None
