"""Files of the IDX format in PyTorch."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import IDX
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data.arrays.inputs import shaped
from netlang.lowering.pytorch.data.arrays.loader import loader
from netlang.lowering.pytorch.data.arrays.targets import targets
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.paths import above, relative


@lowers(IDX)
def idx(data: IDX, folder: Path) -> TorchData:
    listed = literal([relative(one.path, folder) for one in data.files])
    reading = "    samples, targets, tested, test_targets = map(read_idx, FILES)\n"
    reading += shaped(data) + targets(data)
    return loader(data, above(statement(0, "FILES = ", listed)), reading, _READ_IDX)


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
