"""``IDX`` is the data set of MNIST's four files, and of others that are called so."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from netlang.catalogue.arguments import arg
from netlang.catalogue.data.arrays import idx_format
from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import (
    STANDARDIZE,
    TARGET,
    VALIDATION,
    ArrayData,
)
from netlang.catalogue.data.arrays.opened import Opened, Refused, locate, no_folder, opened, refusal
from netlang.catalogue.data.arrays.targets import labels_in, read_targets
from netlang.catalogue.data.pipeline.array_samples import first_unusable
from netlang.system.record import Record

_TRAIN, _TEST = ("train",), ("t10k", "test")
_ENDS = {"images": ("idx3-ubyte", "idx4-ubyte", "idx2-ubyte"), "labels": ("idx1-ubyte",)}


class File(Record):
    """An IDX file: its path as the data set's own goes on, and what it holds."""

    path: str
    file: Opened
    array: Any


class IDX(ArrayData, known_as=("MNIST", "FashionMNIST"), like=("EMNIST", "KMNIST")):
    """A folder with MNIST's four files: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and
    the same of `t10k`, which are the test; with or without `.gz`.

    Inputs: [N, 1, rows, columns].  The share ``validation`` of each class is set aside of the
    training files.
    """

    path: str = arg(
        doc="the folder of the four files, relative to the folder of the file that names it",
        known_as=("folder", "directory", "root"),
    )
    standardize: bool = STANDARDIZE
    classes: tuple[str, ...] = arg(
        default=(), doc="names of the classes 0, 1, ...; by default their numbers"
    )
    validation: float = VALIDATION
    target: str = TARGET

    def read(self) -> Arranged:
        inputs, target, *tested = self.four()
        samples = self._samples(inputs)
        try:
            targets = read_targets(self._labels(target, inputs), "classification", self.classes)
        except Refused as why:
            raise refusal(self, target.path, why) from None
        others = self._samples(tested[0])
        if others.shape[1:] != samples.shape[1:]:
            sizes = " and ".join(str([*one.shape[1:]]) for one in (others, samples))
            reason = f"its pictures and those of `{inputs.path}` have other sizes: {sizes}"
            raise refusal(self, tested[0].path, Refused(reason, "take both from one data set"))
        try:
            labels = labels_in(self._labels(tested[1], tested[0]), targets.known)
        except Refused as why:
            raise refusal(self, tested[1].path, why) from None
        files = tuple(one.file.fingerprint for one in (inputs, target, *tested))
        arranged = Arranged("image", "label", samples, targets, files, (others, labels))
        return arranged.with_inputs_as_targets() if self.target == "input" else arranged

    def four(self) -> list[File]:
        """The files, in the order of the docstring.  Raises NetError."""
        return [self._file(beginnings, what) for beginnings in (_TRAIN, _TEST) for what in _ENDS]

    def _file(self, beginnings: tuple[str, ...], what: str) -> File:
        folder = self.path.rstrip("/")
        names = [
            f"{folder}/{beginning}-{what}{sign}{end}{packed}"
            for beginning in beginnings
            for end in _ENDS[what]
            for sign in "-."
            for packed in ("", ".gz")
        ]
        for path in names:
            found = locate(self, path if self.path else "", self.path)
            if found.fingerprint or found.path.exists():
                file = opened(self, path, found)
                try:
                    return File(path, file, idx_format.array_in(file.content))
                except Refused as why:
                    raise refusal(self, path, why) from None
        around = locate(self, self.path).path
        if not around.is_dir():
            if around.is_file() and "/" in folder:
                help = f'name its folder: `IDX("{PurePath(folder).parent}")`'
                raise refusal(self, self.path, Refused("it is a file", help))
            raise refusal(self, self.path, no_folder(self, self.path, around))
        wanted = names[0].removeprefix(f"{folder}/")
        reason = f"there is no `{wanted}` in it, with `.gz` or without"
        help = "name the folder that has MNIST's four files in it"
        raise refusal(self, self.path, Refused(reason, help))

    def _samples(self, found: File) -> Any:
        """Pictures [N, rows, columns] as samples of one channel."""
        if found.array.ndim < 2:
            reason = f"it holds {found.array.ndim} dimension, and pictures have two or more"
            raise refusal(self, found.path, Refused(reason, "did labels take its name?"))
        if (place := first_unusable(found.array)) is not None:
            reason = f"picture {place + 1} holds NaN or infinity"
            raise refusal(self, found.path, Refused(reason, "mend or remove it"))
        return found.array[:, None] if found.array.ndim == 3 else found.array

    def _labels(self, found: File, beside: File) -> Any:
        """Raises Refused."""
        if found.array.ndim != 1 or found.array.dtype.kind == "f":
            raise Refused("it holds no labels, which are one whole number each", "get it again")
        if len(found.array) != len(beside.array):
            labels, pictures = f"{len(found.array):,} labels", f"{len(beside.array):,} pictures"
            reason = f"it has {labels}, and `{beside.path}` has {pictures}"
            raise Refused(reason, "take both from one data set")
        return found.array
