"""A first file for samples that are no rows of a table: pictures, arrays, a text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data import IDX, Arrays, DataSet, Description, Images, Text
from netlang.catalogue.data.arrays.npy_format import opened_archive
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.formats.request import new_table
from netlang.catalogue.data.named_file import unreadable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.new_files import ColumnHeld, NoTarget
from netlang.language.diagnostics.wording import counted, listed, shortened
from netlang.runs.first_files.judging import judged
from netlang.runs.first_files.networks import network, training
from netlang.runs.first_files.place import Place
from netlang.system.files import why_unreadable
from netlang.system.terminal import visible

_VALIDATION = 0.15
_SIZE = 64  # rows and columns, where pictures are of several sizes
_NAMED = 8  # classes
_BY_PATH = "name a file by its path from this folder"
_OF_KERAS = {
    "inputs": "x_train",
    "target": "y_train",
    "test_inputs": "x_test",
    "test_target": "y_test",
}
_TARGETS = ("y", "target", "targets", "label", "labels", "class", "classes")
_INPUTS = ("x", "inputs", "input", "data", "images", "samples", "features")


def folder_file(place: Place) -> str:
    """The text of a file for a folder of pictures, or for MNIST's four files in one.

    Raises NetError for a folder that has neither.
    """
    if any("idx" in one.name and "ubyte" in one.name for one in place.data.iterdir()):
        return _text(place, IDX, {"validation": _VALIDATION}, "picture")
    arguments: dict[str, Any] = {"validation": _VALIDATION}
    try:
        return _text(place, Images, arguments, "picture")
    except NetError as error:
        with suppress(NetError):  # which says less than the first
            return _text(place, Images, {"size": (_SIZE, _SIZE), **arguments}, "picture")
        raise error


def archive_file(place: Place, target: str | None) -> str:
    """The text of a file that predicts the array ``target`` in an NPZ archive.

    Raises NetError for one that cannot be used, and where no array is named that could be
    predicted.
    """
    shapes = _arrays_in(place)
    names = _named(place, shapes, target)
    return _text(place, Arrays, {**names, "validation": _VALIDATION}, "sample")


def text_file(place: Place) -> str:
    """The text of a file that learns to go on with a text.  Raises NetError."""
    return _text(place, Text, {}, "window")


def _arrays_in(place: Place) -> Mapping[str, tuple[int, ...]]:
    """The shapes of the arrays in an archive, by their names.  Raises NetError."""
    try:
        with place.data.open("rb") as file, opened_archive(file) as archive:
            return {name: archive.stored(name, "").shape for name in archive.names}
    except Refused as why:
        raise unreadable(new_table(str(place.data), ","), why.reason, why.help) from None
    except OSError as error:
        reason, help = why_unreadable(place.data, error)
        raise unreadable(new_table(str(place.data), ","), reason, help or _BY_PATH) from None


def _named(
    place: Place, shapes: Mapping[str, tuple[int, ...]], target: str | None
) -> dict[str, str]:
    """The arguments that name arrays: those of Keras where all of them are there. Else the inputs
    are the array with as many samples as the target that is called so, or the first of them.

    Raises NetError where no target is named, and none is likely.
    """
    if target is None and {*_OF_KERAS.values()} <= shapes.keys():
        return dict(_OF_KERAS)
    likely = target or _one_of(shapes, _TARGETS) or _smaller(shapes)
    if not likely:
        held = tuple(ColumnHeld(name, "array", f"{[*one]}") for name, one in shapes.items())
        raise NetError(NoTarget(None, str(place.data), held, held[-1].name, "array"))
    samples = shapes.get(likely, (0,))[0]
    others = [name for name, one in shapes.items() if name != likely and one[0] == samples]
    return {"inputs": _one_of(others, _INPUTS) or [*others, "x"][0], "target": likely}


def _one_of(names: Iterable[str], called: Sequence[str]) -> str:
    return next((one for one in names if one.casefold() in called), "")


def _smaller(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Of two arrays, the one with fewer numbers in each sample; "" where that is not plain."""
    if len(shapes) != 2:
        return ""
    (one, first), (two, second) = shapes.items()
    sizes = math.prod(first[1:]), math.prod(second[1:])
    return "" if sizes[0] == sizes[1] else one if sizes[0] < sizes[1] else two


def _text(place: Place, kind: type[DataSet], arguments: Mapping[str, Any], sample: str) -> str:
    described = kind(str(place.data), **arguments).describe()
    file = place.file.name
    parts = (
        [*_about(place, described, sample), "#", f"# `netlang run {visible(file)}` trains it."],
        [*network(described)],
        [*_data(place, kind, arguments)],
        [*training(described, epochs=20)],
        [*judged(described)],
    )
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts if part)


def _about(place: Place, described: Description, sample: str) -> Iterator[str]:
    sizes = [*described.input.sizes]
    what = f"{counted(described.samples, sample)} of {sizes}"
    name = visible(place.named)
    if described.input.tokens and described.target_shape:
        yield f"# Tells of {name} which character comes next: {what}."
        return
    if described.classes is None:
        numbers = counted(described.targets, "number")
        yield f"# Predicts {numbers} of each {sample} in {name}: {what}."
        return
    yield f"# Tells the class of each {sample} in {name}: {what}."
    counts = described.counts or ("",) * len(described.classes)
    each = [f"{shortened(one)} {count:,}" if count else shortened(one)
            for one, count in zip(described.classes, counts, strict=True)]  # fmt: skip
    yield f"# Its classes are {visible(listed(each, _NAMED))}."


def _data(place: Place, kind: type[DataSet], arguments: Mapping[str, Any]) -> Iterator[str]:
    path = place.named + ("/" if place.data.is_dir() else "")
    if not arguments:
        yield f"data = {kind.__name__}({as_source(path)}, context=64)"
        return
    yield f"data = {kind.__name__}("
    yield f"    {as_source(path)},"
    for name, value in arguments.items():
        why = "  # the share of samples that choose the best epoch" if name == "validation" else ""
        yield f"    {name}={as_source(value)},{why}"
    yield ")"
