"""``Arrays`` is the data set whose samples are in files of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.arrays import npy_format
from netlang.catalogue.data.arrays.array_data import (
    SHAPE,
    STANDARDIZE,
    TEST,
    VALIDATION,
    Arranged,
    ArrayData,
)
from netlang.catalogue.data.arrays.ends import check_lengths, ended, scaling_of_steps
from netlang.catalogue.data.arrays.opened import Opened, Refused, locate, opened, refusal
from netlang.catalogue.data.arrays.targets import ArrayTargets, read_targets, targets_like
from netlang.catalogue.data.pipeline import ArrayPipeline, Goal
from netlang.catalogue.data.pipeline.array_pipeline import first_unusable
from netlang.language.diagnostics import DiagnosticError
from netlang.language.paths import Located
from netlang.system.lazy import np
from netlang.system.record import Record

INPUT = "input"  # the target of samples that are their own


class Place(Record):
    """Where an array is: the argument and path that say so, the file, the name in an archive."""

    argument: str
    path: str
    located: Located
    name: str

    def opened(self, data: ArrayData) -> Opened:
        """The file.  Raises DiagnosticError."""
        return opened(data, self.path, self.located, "path" if self.name else self.argument)

    def refused(self, data: ArrayData, why: Refused) -> DiagnosticError:
        return refusal(data, self.path, why, self.argument)


class Arrays(ArrayData, like=("NPZ", "NPY", "Numpy", "TensorDataset")):
    """Arrays that NumPy has saved: an NPZ file of two, or an NPY file for each.

    Inputs: [N, *], of any shape.  Targets [N] of texts or whole numbers make classes by the rules
    of `Table`, others are numbers to predict, as are [N, targets]; with `target="input"` they are
    the inputs themselves, as an autoencoder gives them back. Without arrays to test on, the
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
        doc="the array of targets in an NPZ file, or the NPY file of targets; or `input`",
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
    shape: tuple[Size, ...] | None = SHAPE
    lengths: str | None = arg(
        default=None,
        doc="the array of how many steps each sequence has, where samples [N, steps, features] are "
        "sequences of unequal length: what lies behind their ends is padding",
    )

    def places(self) -> list[Place]:
        """Where the inputs and the targets are, and those of the test if they are named.

        Raises DiagnosticError.
        """
        named = {"inputs": self.inputs, "target": self.target}
        tested = {"test_inputs": self.test_inputs, "test_target": self.test_target}
        named |= {argument: name for argument, name in tested.items() if name is not None}
        if self.target == INPUT:
            if "test_target" in named:
                why = Refused("its targets are the inputs", "leave `test_target` out")
                raise refusal(self, self.path, why, "test_target")
            del named["target"]
        elif len(named) == 3:
            given, lacks = [*named][-1], ({*tested} - {*named}).pop()
            why = Refused(f"it names `{given}` and no `{lacks}`", "a test has inputs and targets")
            raise refusal(self, self.path, why, given)
        if self.lengths is not None:
            if self.target == INPUT or "test_inputs" in named:
                other = "target" if self.target == INPUT else "test_inputs"
                why = Refused("such sequences cannot have it", f"leave `lengths` or `{other}` out")
                raise refusal(self, self.path, why, other)
            named["lengths"] = self.lengths
        if Path(self.path).suffix.lower() != ".npy":
            file = locate(self, self.path)
            return [Place(argument, self.path, file, name) for argument, name in named.items()]
        del named["inputs"]
        for argument, path in named.items():
            if not Path(path).suffix:
                help = f'name the file of the others, too: `{argument}="{argument}.npy"`'
                raise refusal(self, self.path, Refused("an NPY file holds one array", help))
        paths = {"path": self.path, **named}
        return [Place(argument, path, locate(self, path), "") for argument, path in paths.items()]

    def read(self) -> Arranged:
        places = self.places()
        files = dict[str, Opened]()
        for place in places:
            if place.path not in files:
                files[place.path] = place.opened(self)
        prints = tuple(one.fingerprint for one in files.values())
        by_argument = {place.argument: place for place in places}
        inputs, target = places[0], by_argument.get("target")
        samples = self._samples(inputs, files)
        if place_of_lengths := by_argument.get("lengths"):
            samples = self._sequences(inputs, samples, place_of_lengths, files)
        self._check_numbers(inputs, samples, bool(place_of_lengths))
        name, targets = INPUT, ArrayTargets(samples, are_inputs=True)
        if target:
            name = target.name or Path(self.target).stem
            targets = self._targets(target, files, samples, self._read_targets)
        called = inputs.name or Path(self.path).stem
        padded = place_of_lengths is not None
        arranged = Arranged(called, name, samples, targets, prints, padded=padded)
        if "test_inputs" not in by_argument:
            return arranged
        place = by_argument["test_inputs"]
        others = self._samples(place, files)
        self._check_numbers(place, others)
        if others.shape[1:] != samples.shape[1:]:
            sizes = " and ".join(str([*one.shape[1:]]) for one in (others, samples))
            reason = f"samples of the test and those to learn from have other shapes: {sizes}"
            raise place.refused(self, Refused(reason, "give both the same shape"))
        values = others
        if target:
            place = by_argument["test_target"]
            values = self._targets(place, files, others, lambda found: targets_like(targets, found))
        return arranged.replace(tested=(others, values))

    def _read_targets(self, found: Any) -> ArrayTargets:
        return read_targets(found, self.task, self.classes)

    def _samples(self, place: Place, files: Mapping[str, Opened]) -> Any:
        """Shape: [N, *].  Raises DiagnosticError."""
        samples = self._array(place, files)
        if samples.dtype.kind not in "biuf":
            raise place.refused(self, Refused("it holds texts", "save an array of numbers"))
        if samples.ndim == 1:
            samples = samples[:, None]
        return self.shaped(samples)

    def _check_numbers(self, place: Place, samples: Any, padded: bool = False) -> None:
        """Raises DiagnosticError for a sample that has what is no number."""
        numbers = np.nan_to_num(samples, posinf=np.inf, neginf=-np.inf) if padded else samples
        if (row := first_unusable(numbers)) is not None:
            reason = f"sample {row + 1} holds NaN, infinity or a number beyond 3.4e38"
            raise place.refused(self, Refused(reason, "mend or remove the sample"))

    def _sequences(
        self, inputs: Place, samples: Any, place: Place, files: Mapping[str, Opened]
    ) -> Any:
        """The samples with NaN behind the ends that the array at ``place`` tells.

        Shape: [N, steps] or [N, steps, features] -> [N, steps, features].  Raises DiagnosticError.
        """
        lengths = self._array(place, files)
        sequences = samples[:, :, None] if samples.ndim == 2 else samples
        if sequences.ndim != 3:
            shape = [*samples.shape]
            why = Refused(f"it has the shape {shape}", "sequences have [N, steps, features]")
            raise inputs.refused(self, why)
        count, steps = sequences.shape[:2]
        try:
            check_lengths(lengths, place.name or place.path, count, steps)
        except Refused as why:
            raise place.refused(self, why) from None
        inside = np.arange(steps) < lengths.reshape(-1, 1)
        lacking = inside & np.isnan(sequences.astype(float)).any(2)
        if lacking.any():
            reason = f"sample {int(lacking.any(1).argmax()) + 1} holds NaN before its end"
            raise inputs.refused(self, Refused(reason, "mend or remove the sample"))
        return ended(sequences, lengths)

    def pipeline(self, found: Arranged, train: Any, standardize: bool, goal: Goal) -> Any:
        if self.lengths is None:
            return super().pipeline(found, train, standardize, goal)
        shift, scale = np.zeros(1), np.ones(1)
        if standardize:
            shift, scale = scaling_of_steps(found.samples[train])
        learned = tuple(shift.tolist()), tuple(scale.tolist())
        lengths = Path(self.lengths).stem
        return ArrayPipeline(found.name, found.samples.shape[1:], *learned, goal, lengths)

    def _targets(
        self,
        place: Place,
        files: Mapping[str, Opened],
        samples: Any,
        read: Callable[[Any], Any],
    ) -> Any:
        """What ``read`` makes of the targets of ``samples``.  Raises DiagnosticError."""
        found = self._array(place, files)
        try:
            if len(found) != len(samples):
                reason = f"there are {len(found):,} targets, and {len(samples):,} samples"
                raise Refused(reason, "save as many of both")
            return read(found)
        except Refused as why:
            raise place.refused(self, why) from None

    def _array(self, place: Place, files: Mapping[str, Opened]) -> Any:
        content = files[place.path].content
        try:
            if place.name:
                return npy_format.member_in(content, place.name)
            return npy_format.array_in(content)
        except Refused as why:
            raise place.refused(self, why) from None
