"""Data in arrays in PyTorch: an exported file reads them by numpy, and splits them as netlang does.

It checks nothing, as the compiler has done that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data import IDX, Arrays, Images, Sklearn
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.arrays.ends import ended, scaling_of_steps
from netlang.catalogue.data.arrays.pixels import ENDINGS, FORMATS, pictures_in, pixels_of
from netlang.catalogue.data.pipeline.array_pipeline import (
    channel_scaling,
    channels_of,
    in_pieces,
    scaled,
)
from netlang.catalogue.data.pipeline.encoders import shift_and_scale
from netlang.catalogue.data.splits import apportion, part_sizes, split
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data import load_data
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.units import GLOBAL, LEARNED, UNITS

_VARIABLES = "samples", "targets", "tested", "test_targets"
_COPIED: tuple[Callable[..., Any], ...] = generator, digest, split, part_sizes, apportion
_IMPORTS = "from collections.abc import Iterator", "from pathlib import Path", "import numpy as np"


@lowers(Arrays)
def arrays(data: Arrays, folder: Path) -> TorchData:
    paths, loaded = dict[str, str](), ""
    of_inputs = data.arranged.targets.are_inputs
    padded = data.arranged.padded
    variables: tuple[str, ...] = ("samples", "tested") if of_inputs else _VARIABLES
    if padded:
        variables = "samples", "targets", "lengths"
    for variable, place in zip(variables, data.places(), strict=False):
        name = "ARRAYS" if place.name else variable.upper()
        paths[name] = _path(name, place.located.path, folder)
        member = f"[{literal(place.name)}]" if place.name else ""
        loaded += statement(4, f"{variable} = ", f"np.load({name}){member}") + "\n"
    ends = "    samples = ended(samples, lengths)\n" if padded else ""
    reading = loaded + _shaped(data) + ends + _targets(data)
    uses = (TorchDefinition.of(ended),) if padded else ()
    return _loader(data, "\n".join(paths.values()), reading, *uses)


@lowers(IDX)
def idx(data: IDX, folder: Path) -> TorchData:
    files = [Path(os.path.relpath(one.path, folder)).as_posix() for one in data.files]
    listed = ", ".join(map(literal, files))
    reading = "    samples, targets, tested, test_targets = map(read_idx, FILES)\n"
    reading += _shaped(data) + _targets(data)
    return _loader(data, statement(0, "FILES = ", f"[{listed}]"), reading, _READ_IDX)


_READ_IDX = TorchDefinition(
    '''\
def read_idx(name):
    """The array in a file of the IDX format."""
    data = (Path(__file__).parent / name).read_bytes()
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    numbers = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}[data[2]]
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, numbers, offset=4 + 4 * data[3]).reshape(shape)
''',
    ("import gzip",),
)


@lowers(Images)
def images(data: Images, folder: Path) -> TorchData:
    root, classes = data.found.root, literal(data.found.classes)
    channels, rows, columns = data.shape
    reading = f"""\
{statement(4, "classes = ", classes)}
    samples, targets = read_pictures(FOLDER{' / "train"' if data.arranged.tested else ""}, classes)
{_read_test(data)}\
{_GROUP_OF_INPUTS if data.target == "input" else _GROUPS_OF_CLASSES}"""
    read = f'''\
def read_pictures(folder, classes):
    """Pictures and their class numbers.  Shape: [N, channels, rows, columns], [N]."""
    files, labels = zip(*pictures_in(folder, classes))
    shape = {rows}, {columns}, {channels}
    pictures = [pixels_of(file.read_bytes(), *shape) for file in files]
    return np.stack(pictures), torch.tensor(labels)
'''
    tables = f"ENDINGS = {_tuple(ENDINGS)}\nFORMATS = {_tuple(FORMATS)}\n"
    uses = TorchDefinition(tables), TorchDefinition.of(pictures_in, pixels_of)
    reader = TorchDefinition(read, ("import io",), uses)
    return _loader(data, _path("FOLDER", root, folder), reading, reader)


def _read_test(data: Images) -> str:
    if not data.arranged.tested:
        return ""
    return '    tested, test_targets = read_pictures(FOLDER / "test", classes)\n'


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(map(literal, texts))})"


def _path(name: str, path: Path, folder: Path) -> str:
    relative = Path(os.path.relpath(path, folder)).as_posix()
    return statement(0, f"{name} = ", f"Path(__file__).parent / {literal(relative)}")


def _shaped(data: ArrayData) -> str:
    """Statements that give samples the shape that inputs have."""
    sizes = ", ".join(map(str, data.arranged.samples.shape[1:]))
    names = ["samples", *(["tested"] if data.arranged.tested else [])]
    return "".join(f"    {name} = {name}.reshape(len({name}), {sizes})\n" for name in names)


def _targets(data: ArrayData) -> str:
    """Statements that make class numbers or values of targets as they are in the file."""
    found, names = data.arranged.targets, ["targets"]
    if found.are_inputs:
        return _GROUP_OF_INPUTS
    if data.arranged.tested:
        names.append("test_targets")
    if found.classes is None:
        width = found.values.shape[1]
        made = "".join(
            f"    {name} = torch.from_numpy({name}.astype(np.float64))\n"
            f"    {name} = {name}.reshape(len({name}), {width})\n"
            for name in names
        )
        return f"{made}    groups = [torch.arange(len(targets))]\n"
    numbered = f"np.arange({len(found.classes)})"
    made = "".join(
        f"    {name} = np.searchsorted(known, {name}.reshape(len({name})))\n"
        f"    {name} = torch.from_numpy({name})\n"
        for name in names
    )
    known = numbered if found.are_numbered else "np.unique(targets)"
    return f"    known = {known}\n{made}{_GROUPS_OF_CLASSES}"


def _loader(data: ArrayData, paths: str, reading: str, *uses: TorchDefinition) -> TorchData:
    """``load_data`` with ``reading`` for its beginning, and ``paths`` above it."""
    are_inputs = data.arranged.targets.are_inputs
    standardize = bool(data.values["standardize"])
    copied: list[Callable[..., Any]] = [*_COPIED, in_pieces, scaled]
    channels = channels_of(data.arranged.samples.shape[1:])
    scaling = f"np.zeros({channels}), np.ones({channels})"
    if standardize:
        copied.append(channel_scaling)
        scaling = f"channel_scaling(samples, parts[0].numpy(), {channels})"
        if data.arranged.padded:
            copied.append(scaling_of_steps)
            scaling = "scaling_of_steps(samples[parts[0].numpy()])"
    has_units = _has_units(data)
    if has_units and not are_inputs:
        copied.append(shift_and_scale)
    parts = data.describe().parts
    tested, units, targets = "", "", "[targets[rows] for rows in parts]"
    learned = LEARNED if has_units and not are_inputs else ""
    if data.arranged.tested:
        tested = f"{_IN_UNITS if has_units else ''}{_TESTED}"
    if are_inputs:
        targets, tested = "inputs", _TESTED_INPUTS if tested else ""
        units = _units_of_inputs(data) if has_units else ""
    named = [name for name in ("train", "test", "validation") if name in parts]
    if tested:
        named.remove("test")
    above = f"{paths}\n\n\n" if paths else ""
    source = f'''\
{UNITS if has_units else ""}\
{above}\
def load_data(seed):
    """The samples of arrays, and their targets."""
{GLOBAL if has_units else ""}\
{reading}\
{statement(4, "parts = ", _shares(data))}
{learned}\
{statement(4, "shift, scale = ", scaling)}
{units}\
    parts = [rows for rows in parts if len(rows)]
    inputs = [scaled(samples, rows.numpy(), shift, scale) for rows in parts]
    data = zip(inputs, {targets})
    data = dict(zip({literal(named)}, data))
{tested}\
    return data
'''
    definitions = TorchDefinition.of(*copied), *uses
    return TorchData(TorchDefinition(source, _IMPORTS, definitions), has_units=has_units)


_TESTED = """\
    rows = np.arange(len(tested))
    data["test"] = scaled(tested, rows, shift, scale), test_targets
"""

_TESTED_INPUTS = """\
    rows = np.arange(len(tested))
    data["test"] = (scaled(tested, rows, shift, scale),) * 2
"""


def _units_of_inputs(data: ArrayData) -> str:
    """A statement that keeps the scaling of inputs for outputs, which are to be the same."""
    each = ", ".join(["-1", *["1"] * (len(data.arranged.samples.shape) - 2)])
    return f"    UNITS = [torch.from_numpy(one).view({each}) for one in (shift, scale)]\n"


_IN_UNITS = """\
    mean, deviation = UNITS
    test_targets = (test_targets - mean) / deviation
    test_targets = test_targets.to(torch.get_default_dtype())
"""


@lowers(Sklearn)
def sklearn_set(data: Sklearn, folder: Path) -> TorchData:
    name, arguments = f"load_{data.set}", "scaled=False" if data.set == "diabetes" else ""
    if not data.arranged.columns:
        return _sklearn_array(data, name, arguments)
    has_units, parts = _has_units(data), data.describe().parts
    groups = _GROUPS_OF_CLASSES if data.arranged.targets.classes else _GROUP_OF_VALUES
    beginning = f'''\
{UNITS if has_units else ""}\
def load_data(seed):
    """The samples of {data.set}, which comes with scikit-learn."""
{GLOBAL if has_units else ""}\
    found = {name}({arguments})
    targets = torch.from_numpy(found.target)
{groups}\
{statement(4, "parts = ", _shares(data))}
{LEARNED if has_units else ""}\
    parts = [rows for rows in parts if len(rows)]
    inputs = [torch.from_numpy(found.data)[rows] for rows in parts]
    targets = [targets[rows] for rows in parts]
'''
    copied: list[Callable[..., Any]] = [split, part_sizes, apportion]
    copied += [shift_and_scale] if has_units else []
    definition = load_data(
        beginning,
        [part for part in ("train", "test", "validation") if part in parts],
        data.standardize,
        *copied,
        imports=(f"from sklearn.datasets import {name}",),
    )
    return TorchData(definition, has_units=has_units)


def _sklearn_array(data: Sklearn, name: str, arguments: str) -> TorchData:
    """The samples are scaled by channel, as those of any array are."""
    named = "samples" if data.arranged.targets.are_inputs else "samples, targets"
    given = "found.data" if data.arranged.targets.are_inputs else "found.data, found.target"
    reading = f"    found = {name}({arguments})\n    {named} = {given}\n"
    found = _loader(data, "", reading + _shaped(data) + _targets(data))
    of_files = "from pathlib import Path"
    others = (line for line in found.definition.imports if line != of_files)
    imports = f"from sklearn.datasets import {name}", *others
    return found.replace(definition=found.definition.replace(imports=imports))


_GROUPS_OF_CLASSES = """\
    groups = targets.argsort(stable=True).split(targets.bincount().tolist())
"""

_GROUP_OF_INPUTS = """\
    groups = [torch.arange(len(samples))]
"""

_GROUP_OF_VALUES = """\
    targets = targets.unsqueeze(1)
    groups = [torch.arange(len(targets))]
"""


def _has_units(data: ArrayData) -> bool:
    """Whether its targets are numbers that are standardised."""
    return data.arranged.targets.classes is None and bool(data.values["standardize"])


def _shares(data: ArrayData) -> str:
    test, validation = data.shares
    return f'split(groups, {test}, {validation}, generator(seed, "split"))'
