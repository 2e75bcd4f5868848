"""Data in arrays in PyTorch: an exported file reads them by numpy, and splits them as netlang does.

It checks nothing, as the compiler has done that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlang.catalogue.data import IDX, Arrays, Images, Sklearn
from netlang.catalogue.data.arrays.arranged import Arranged
from netlang.catalogue.data.arrays.array_data import ArrayData
from netlang.catalogue.data.arrays.ends import ended
from netlang.catalogue.data.arrays.pixels import ENDINGS, FORMATS, pictures_in, pixels_of
from netlang.catalogue.data.arrays.targets import IGNORED
from netlang.catalogue.data.pipeline.array_pipeline import (
    channel_scaling,
    channels_of,
    in_pieces,
    scaled,
    scaling_of_steps,
)
from netlang.catalogue.data.pipeline.scales import shift_and_scale
from netlang.catalogue.data.splits import apportion, part_sizes, split
from netlang.catalogue.randomness import digest, generator
from netlang.catalogue.targets import NO_CLASS
from netlang.lowering.pytorch import several
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data import load_data
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal, statement
from netlang.lowering.pytorch.units import GLOBAL, LEARNED, UNITS

_VARIABLES = {
    "inputs": "samples",
    "target": "targets",
    "test_inputs": "tested",
    "test_target": "test_targets",
    "lengths": "lengths",
    "test_lengths": "test_lengths",
}
_COPIED: tuple[Callable[..., Any], ...] = generator, digest, split, part_sizes, apportion
_IMPORTS = "from collections.abc import Iterator", "from pathlib import Path", "import numpy as np"


@lowers(Arrays)
def arrays(data: Arrays, folder: Path) -> TorchData:
    found = data.arranged
    paths, loaded = dict[str, str](), ""
    for argument, places in data.places().items():
        variable = _VARIABLES[argument]
        for number, place in enumerate(places, 1):
            if place is None:
                continue
            name = "ARRAYS" if place.name else variable.upper()
            paths[name] = _path(name, place.located.path, folder)
            member = f"[{literal(place.name)}]" if place.name else ""
            of_one = _numbered(variable, number, len(places))
            loaded += statement(4, f"{of_one} = ", f"np.load({name}){member}") + "\n"
    if (count := len(data.places()["target"])) > 1 and not found.further:
        for name in ("targets", *(["test_targets"] if found.tested else [])):
            columns = ", ".join(f"{name}{number}" for number in range(1, count + 1))
            loaded += statement(4, f"{name} = ", f"np.column_stack([{columns}])") + "\n"
    ends, count = "", len(found.inputs)
    for number, one in enumerate(found.inputs, 1):
        for samples, lengths in (("samples", "lengths"), ("tested", "test_lengths")):
            if one.lengths and (samples == "samples" or found.tested):
                own, of_own = (_numbered(name, number, count) for name in (samples, lengths))
                ends += f"    {own} = ended({own}, {of_own})\n"
    reading = loaded + _shaped(data) + ends + _targets(data)
    uses = (TorchDefinition.of(ended),) if ends else ()
    return _loader(data, "\n".join(paths.values()), reading, *uses)


def _numbered(variable: str, number: int, count: int) -> str:
    """The name of one of so many variables, which is numbered where there are several."""
    return variable if count == 1 else f"{variable}{number}"


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
    names, lines = ["samples", *(["tested"] if data.arranged.tested else [])], ""
    for number, one in enumerate(data.arranged.inputs, 1):
        sizes = ", ".join(map(str, one.samples.shape[1:]))
        for variable in names:
            name = _numbered(variable, number, len(data.arranged.inputs))
            lines += f"    {name} = {name}.reshape(len({name}), {sizes})\n"
    return lines


def _targets(data: ArrayData) -> str:
    """Statements that make class numbers or values of targets as they are in the file."""
    found, names = data.arranged.targets, ["targets"]
    if found.are_inputs:
        return _GROUP_OF_INPUTS
    if data.arranged.further:
        return _several_targets(data.arranged)
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
    if found.values.ndim > 1:
        return _at_each_place(names, numbered if found.are_numbered else "")
    made = "".join(
        f"    {name} = np.searchsorted(known, {name}.reshape(len({name})))\n"
        f"    {name} = torch.from_numpy({name})\n"
        for name in names
    )
    known = numbered if found.are_numbered else "np.unique(targets)"
    return f"    known = {known}\n{made}{_GROUPS_OF_CLASSES}"


def _several_targets(found: Arranged) -> str:
    """Statements that make a row of the targets of different kinds that a sample has."""
    named = [one.classes is not None for one in found.all_targets.values()]
    names = ["targets", *(["test_targets"] if found.tested else [])]
    lines = f"    named = {named}\n"
    for number, one in enumerate(found.all_targets.values(), 1):
        if one.classes:
            count = f"np.arange({len(one.classes)})"
            known = count if one.are_numbered else f"np.unique(targets{number})"
            lines += f"    known = {known}\n"
        for name in names:
            own = f"{name}{number}"
            lines += f"    {own} = {own}.reshape(len({own}))\n"
            lines += f"    {own} = np.searchsorted(known, {own})\n" if one.classes else ""
    for name in names:
        columns = ", ".join(f"{name}{number}" for number in range(1, len(named) + 1))
        row = f"np.column_stack([{columns}]).astype(np.float64)"
        lines += statement(4, f"{name} = ", f"torch.from_numpy({row})") + "\n"
    lines += f"    labels = targets[:, {named.index(True)}].long()\n"
    return lines + _GROUPS_OF_CLASSES.replace("targets", "labels")


def _at_each_place(names: Sequence[str], numbered: str) -> str:
    """Statements that make class numbers of targets at each place of a sample."""
    known = numbered or f"np.unique(targets[~np.isin(targets, {[NO_CLASS, IGNORED]})])"
    lines = f"    known = {known}\n"
    for name in names:
        lines += f"    none = np.isin({name}, {[NO_CLASS, IGNORED]})\n"
        lines += f"    {name} = np.where(none, {NO_CLASS}, np.searchsorted(known, {name}))\n"
        lines += f"    {name} = torch.from_numpy({name})\n"
    return f"{lines}    groups = [torch.arange(len(targets))]\n"


def _scaling(one: Arranged, samples: str, standardize: bool) -> str:
    """What standardises an input: the shift and the scale of each of its channels."""
    channels = channels_of(one.samples.shape[1:])
    if one.tokens is not None or not standardize:
        return f"np.zeros({channels}), np.ones({channels})"
    if one.lengths:
        return f"scaling_of_steps({samples}[parts[0].numpy()])"
    return f"channel_scaling({samples}, parts[0].numpy(), {channels})"


def _loader(data: ArrayData, paths: str, reading: str, *uses: TorchDefinition) -> TorchData:
    """``load_data`` with ``reading`` for its beginning, and ``paths`` above it."""
    are_inputs = data.arranged.targets.are_inputs
    standardize = bool(data.values["standardize"])
    copied: list[Callable[..., Any]] = [*_COPIED, in_pieces, scaled]
    inputs = data.arranged.inputs
    of_numbers = [one for one in inputs if one.tokens is None and standardize]
    copied += [channel_scaling] if of_numbers else []
    copied += [scaling_of_steps] if any(one.lengths for one in of_numbers) else []
    scaling, arrays = "", list[str]()
    for number, one in enumerate(inputs, 1):
        samples, by = (_numbered(name, number, len(inputs)) for name in ("samples", "by"))
        name = by if data.arranged.beside else "shift, scale"
        scaling += statement(4, f"{name} = ", _scaling(one, samples, standardize)) + "\n"
        if one in of_numbers and one.lengths:
            steps = one.samples.shape[1]
            tiled = ", ".join(f"np.tile({each}, {steps})" for each in ("shift", "scale"))
            if data.arranged.beside:
                tiled = f"[np.tile(one, {steps}) for one in {by}]"
            scaling += f"    {name} = {tiled}\n"
        arrays.append(f"({samples}, {by})")
    scaled_rows = "scaled(samples, rows.numpy(), shift, scale)"
    if data.arranged.beside:
        uses = *uses, TorchDefinition(_ROW_OF)
        scaling += statement(4, "arrays = ", f"[{', '.join(arrays)}]") + "\n"
        scaled_rows = "row_of(arrays, rows.numpy())"
    has_units = _has_units(data)
    if has_units and not are_inputs:
        copied.append(shift_and_scale)
    parts = data.describe().parts
    tested, units, targets = "", "", "[targets[rows] for rows in parts]"
    learned = LEARNED if has_units and not are_inputs else ""
    if data.arranged.further:
        learned = several.LEARNED if has_units else _AS_ROWS
    if data.arranged.tested:
        tested = _IN_UNITS if has_units else ""
        if data.arranged.further and not has_units:
            tested = _AS_ROWS.replace("targets", "test_targets")
        of_test = [one.replace("(samples", "(tested") for one in arrays]
        tested += _TESTED_ROWS.format(", ".join(of_test)) if data.arranged.beside else _TESTED
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
{_GLOBAL}\
{reading}\
{statement(4, "parts = ", _shares(data))}
{learned}\
{scaling}\
{_KEPT}\
{units}\
    parts = [rows for rows in parts if len(rows)]
    inputs = [{scaled_rows} for rows in parts]
    data = zip(inputs, {targets})
    data = dict(zip({literal(named)}, data))
{tested}\
    return data
'''
    definitions = TorchDefinition.of(*copied), *uses
    plain = source.replace(_GLOBAL, "").replace(_KEPT, "")
    found = TorchData(TorchDefinition(plain, _IMPORTS, definitions), has_units=has_units)
    if data.arranged.beside or any(one.lengths for one in inputs):
        return found
    each = ", ".join(["-1", *["1"] * (len(data.arranged.samples.shape) - 2)])
    scaling = f"    SCALING = [torch.from_numpy(one).view({each}) for one in (shift, scale)]\n"
    keeping = source.replace(_GLOBAL, "    global SCALING\n").replace(_KEPT, scaling)
    return found.replace(scaling=TorchDefinition(keeping, _IMPORTS, definitions))


# Where load_data would keep what it learns of inputs.
_GLOBAL, _KEPT = "    # global\n", "    # kept\n"


_TESTED = """\
    rows = np.arange(len(tested))
    data["test"] = scaled(tested, rows, shift, scale), test_targets
"""

_AS_ROWS = """\
    targets = targets.to(torch.get_default_dtype())
"""

_TESTED_ROWS = """\
    arrays = [{}]
    data["test"] = row_of(arrays, np.arange(len(tested1))), test_targets
"""

_ROW_OF = '''\
def row_of(arrays, rows):
    """The rows of each array of samples, standardised, side by side."""
    each = [scaled(samples, rows, *by).flatten(1) for samples, by in arrays]
    return torch.cat(each, 1)
'''

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
    both = ("definition", found.definition), ("scaling", found.scaling)
    return found.replace(**{name: one and one.replace(imports=imports) for name, one in both})


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
    each = data.arranged.all_targets.values()
    return any(one.classes is None for one in each) and data.standardizes_targets


def _shares(data: ArrayData) -> str:
    test, validation = data.shares
    return f'split(groups, {test}, {validation}, generator(seed, "split"))'
