"""``Images`` is the data set of pictures in a folder for each class."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import (
    STANDARDIZE,
    TARGET,
    TEST,
    VALIDATION,
    ArrayData,
)
from netlang.catalogue.data.arrays.opened import Refused, check, locate, no_folder, refusal
from netlang.catalogue.data.arrays.pictures import Found, Picture, bytes_of, decoded, find_pictures
from netlang.catalogue.data.arrays.pixels import ENDINGS
from netlang.catalogue.data.arrays.targets import ArrayTargets
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.data import OtherFiles, PackageMissing
from netlang.system.files import why_unreadable
from netlang.system.lazy import np
from netlang.system.packages import Unusable, work_of

_SIZES = "write rows and columns, as in `size=[32, 32]`"
_CHANNELS = "write `channels=3` for colours, `channels=1` for shades of grey"


class Images(ArrayData, known_as=("ImageFolder",), like=("Pictures", "Photos")):
    """Pictures in a folder for each class, which has the class's name: `pets/cat/1.png`.

    Inputs: [N, channels, rows, columns], upright.  The formats are PNG, JPEG, BMP, GIF, WebP and
    TIFF. Where the folder has `train/` and `test/`, with the classes in each, these are the parts;
    else the share ``test`` is set aside, of every class as nearly the same as whole pictures allow.
    It needs Pillow: `pip install "netlang[images]"`.
    """

    path: str = arg(
        doc="the folder, relative to the folder of the file that names it",
        known_as=("folder", "directory", "root"),
    )
    size: tuple[Size, ...] | None = arg(
        default=None,
        doc="the rows and columns that all are brought to, such as `[32, 32]`",
        known_as=("image_size", "target_size"),
        instead="write `[{0}, {0}]`, its rows and columns",
    )
    channels: Size = arg(default=3, at_most=3, doc="3 for colours, 1 for shades of grey")
    test: float = TEST
    standardize: bool = STANDARDIZE
    validation: float = VALIDATION
    target: str = TARGET

    def read(self) -> Arranged:
        """All but the pixels, which ``_take`` decodes."""
        parts, shape = self.found.parts, self.shape
        (samples, labels), *tested = (
            (np.broadcast_to(np.uint8(0), (len(part), *shape)), _labels(part))
            for part in parts.values()
        )
        targets, files = ArrayTargets(labels, self.found.classes), (self.found.fingerprint,)
        of_test = tested[0] if tested else None
        found = Arranged("image", "class", samples, targets, files, of_test, numbers=False)
        return found.with_inputs_as_targets() if self.target == "input" else found

    def warnings(self) -> tuple[Diagnostic, ...]:
        others = self.found.others
        return (OtherFiles(self.at("path"), self.path, others, ENDINGS),) if others else ()

    def _take(self) -> Arranged:
        known = self.arranged
        samples, *others = map(self._pixels, self.found.parts.values())
        tested = (others[0], known.tested[1]) if known.tested else None
        return known.replace(samples=samples, tested=tested, numbers=True)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns."""
        rows, columns = self.size or self.found.size
        return self.channels, rows, columns

    @cached_property
    def found(self) -> Found:
        """The folder's pictures, each of which is opened.  Raises NetError."""
        located = locate(self, self.path)

        def confine(named: str) -> None:
            if not located.expected:  # else it is as it was when the links were looked at
                locate(self, f"{self.path.rstrip('/')}/{named}")

        self._check_arguments()
        if not located.path.is_dir():
            raise refusal(self, self.path, no_folder(self, self.path, located.path))
        try:
            with work_of("PIL"):
                import PIL.Image  # noqa: F401
            found = find_pictures(located.path, self.size is not None, confine)
        except Unusable as why:
            package = "Pillow", "netlang[images]"
            missing = PackageMissing(self.span, self.name, *package, why.reason, why.is_missing)
            raise NetError(missing) from None
        except OSError as error:
            reason, help = why_unreadable(located.path, error)
            raise refusal(self, self.path, Refused(reason, help or "mend the folder")) from None
        except Refused as why:
            raise refusal(self, self.path, why) from None
        check(self, self.path, located, found.fingerprint)
        return found

    def _check_arguments(self) -> None:
        """Raises NetError for a size or channels that no picture has."""
        wrong = {}
        if self.size is not None and len(self.size) != 2:
            wrong["size"] = Refused(f"`size={[*self.size]}` is no pair", _SIZES)
        if self.channels == 2:
            wrong["channels"] = Refused("pictures have no 2 channels", _CHANNELS)
        for argument, why in wrong.items():
            raise refusal(self, self.path, why, argument)

    def _pixels(self, pictures: Sequence[Picture]) -> Any:
        """Shape: [N, channels, rows, columns], uint8.  Raises NetError."""
        pixels = np.empty((len(pictures), *self.shape), np.uint8)
        try:
            for place, one in enumerate(pictures):
                pixels[place] = _decoded(one, self.shape)
        except Refused as why:
            raise refusal(self, self.path, why) from None
        return pixels


def _labels(pictures: Sequence[Picture]) -> Any:
    return np.array([one.label for one in pictures], np.int64)


def _decoded(one: Picture, shape: tuple[int, int, int]) -> Any:
    """Shape: [channels, rows, columns].  Raises Refused."""
    data = bytes_of(one.file, one.named)
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise Refused(f"`{one.named}` has changed since it was opened first", "run it again")
    return decoded(data, one.named, *shape)
