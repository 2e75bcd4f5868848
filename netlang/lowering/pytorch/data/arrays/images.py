"""Folders of pictures in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from netlang.catalogue.data import Images
from netlang.catalogue.data.arrays.pixels import ENDINGS, FORMATS, pictures_in, pixels_of
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data.arrays.loader import loader
from netlang.lowering.pytorch.data.arrays.targets import GROUP_OF_INPUTS, GROUPS_OF_CLASSES
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.paths import above, constant


@lowers(Images)
def images(data: Images, folder: Path) -> TorchData:
    root, classes = data.found.root, literal(data.found.classes)
    channels, rows, columns = data.shape
    reading = f"""\
{statement(4, "classes = ", classes)}
    samples, targets = read_pictures(FOLDER{' / "train"' if data.arranged.tested else ""}, classes)
{_read_test(data)}\
{GROUP_OF_INPUTS if data.target == "input" else GROUPS_OF_CLASSES}"""
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
    return loader(data, above(constant("FOLDER", root, folder)), reading, reader)


def _read_test(data: Images) -> str:
    if not data.arranged.tested:
        return ""
    return '    tested, test_targets = read_pictures(FOLDER / "test", classes)\n'


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(map(literal, texts))})"
