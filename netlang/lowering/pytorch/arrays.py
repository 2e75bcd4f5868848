"""Data in arrays in PyTorch: an exported file reads them by numpy, and splits them as netlang does.

It checks nothing, as the compiler has done that.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from netlang.catalogue.data import IDX, Arrays
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.pipeline.array_pipeline import (
    channel_scaling,
    channels_of,
    in_pieces,
    scaled,
)
from netlang.catalogue.data.pipeline.encoders import shift_and_scale
from netlang.catalogue.data.tables.splits import apportion, part_sizes, split
from netlang.catalogue.randomness import digest, generator
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.units import GLOBAL, LEARNED, UNITS

_COPIED: tuple[Callable[..., Any], ...] = generator, digest, split, part_sizes, apportion
_IMPORTS = "from collections.abc import Iterator", "from pathlib import Path", "import numpy as np"


@lowers(Arrays)
def arrays(data: Arrays, folder: Path) -> TorchData:
    inputs, target = data.places()
    names = "SAMPLES", "SAMPLES" if inputs.name else "TARGETS"
    paths = {
        name: _path(name, one.file.fingerprint.path, folder)
        for name, one in zip(names, (inputs, target), strict=True)
    }
    loaded = [
        f"np.load({name})" + (f"[{literal(one.name)}]" if one.name else "")
        for name, one in zip(names, (inputs, target), strict=True)
    ]
    reading = f"""\
{statement(4, "samples = ", loaded[0])}
    samples = samples.reshape(len(samples), {_sizes(data)})
{statement(4, "targets = ", loaded[1])}
{_targets(data)}"""
    return _loader(data, "\n".join(paths.values()), reading)


@lowers(IDX)
def idx(data: IDX, folder: Path) -> TorchData:
    files = [
        Path(os.path.relpath(one.file.fingerprint.path, folder)).as_posix() for one in data.four()
    ]
    listed = ", ".join(map(literal, files))
    reading = f"""\
    samples, targets, tested, test_targets = map(read_idx, FILES)
    samples = samples.reshape(len(samples), {_sizes(data)})
    tested = tested.reshape(len(tested), {_sizes(data)})
{_targets(data)}\
    test_targets = torch.from_numpy(np.searchsorted(known, test_targets))
"""
    return _loader(data, statement(0, "FILES = ", f"[{listed}]"), reading, READ_IDX)


READ_IDX = TorchDefinition(
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


def _path(name: str, path: Path, folder: Path) -> str:
    relative = Path(os.path.relpath(path, folder)).as_posix()
    return statement(0, f"{name} = ", f"Path(__file__).parent / {literal(relative)}")


def _sizes(data: ArrayData) -> str:
    return ", ".join(map(str, data.arranged.samples.shape[1:]))


def _targets(data: ArrayData) -> str:
    """Statements that make class numbers or values of ``targets`` as they are in the file."""
    found = data.arranged.targets
    if found.classes is None:
        return f"""\
    targets = torch.from_numpy(targets.astype(np.float64))
    targets = targets.reshape(len(targets), {found.values.shape[1]})
    groups = [torch.arange(len(targets))]
"""
    known = "np.unique(targets)"
    if found.are_numbered:
        known = f"np.arange({len(found.classes)})"
    return f"""\
    targets = targets.reshape(len(targets))
    known = {known}
    targets = torch.from_numpy(np.searchsorted(known, targets))
    groups = targets.argsort(stable=True).split(targets.bincount().tolist())
"""


def _loader(data: ArrayData, paths: str, reading: str, *uses: TorchDefinition) -> TorchData:
    """``load_data`` with ``reading`` for its beginning, and ``paths`` above it."""
    values, copied = data.values, list[Callable[..., Any]]([*_COPIED, in_pieces, scaled])
    has_units = data.arranged.targets.classes is None and bool(values["standardize"])
    channels = channels_of(data.arranged.samples.shape[1:])
    scaling = f"np.zeros({channels}), np.ones({channels})"
    if values["standardize"]:
        copied.append(channel_scaling)
        scaling = f"channel_scaling(samples, parts[0].numpy(), {channels})"
    if has_units:
        copied.append(shift_and_scale)
    test, validation = values.get("test", 0.0), values["validation"]
    shares = f'split(groups, {test}, {validation}, generator(seed, "split"))'
    tested = _TESTED if data.arranged.tested else ""
    empty = "" if validation else '    del data["validation"]\n'
    source = f'''\
{UNITS if has_units else ""}\
{paths}


def load_data(seed):
    """The samples of arrays, and their targets."""
{GLOBAL if has_units else ""}\
{reading}\
{statement(4, "parts = ", shares)}
{LEARNED if has_units else ""}\
{statement(4, "shift, scale = ", scaling)}
    inputs = [scaled(samples, rows.numpy(), shift, scale) for rows in parts]
    data = zip(inputs, [targets[rows] for rows in parts])
    data = dict(zip(["train", "test", "validation"], data))
{tested}{empty}\
    return data
'''
    return TorchData(
        TorchDefinition(source, _IMPORTS, (TorchDefinition.of(*copied), *uses)),
        has_units=has_units,
    )


_TESTED = """\
    rows = np.arange(len(tested))
    data["test"] = scaled(tested, rows, shift, scale), test_targets
"""
