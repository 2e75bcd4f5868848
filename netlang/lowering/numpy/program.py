"""A trained network as a file of NumPy, and one of its weights."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from netlang.lowering.numpy.network import OF, NumpyNetwork
from netlang.lowering.python.text import literal
from netlang.lowering.python.trained_file import NetworkText, trained_file
from netlang.lowering.trained import TrainedProgram
from netlang.system.lazy import np


def to_numpy(trained: TrainedProgram, stem: str) -> Mapping[str, bytes]:
    """``stem``.py, which needs NumPy alone, and ``stem``.npz beside it.  Raises Unsupported."""
    network = NumpyNetwork(trained.program.graph)
    weights = f"{stem}.npz"
    constants = []
    if trained.tensors:
        file = f"np.load(Path(__file__).with_name({literal(weights)}), allow_pickle=False)"
        constants.append(f"W = {{**{file}}}")
    text = NetworkText(
        language="NumPy",
        needs="NumPy alone",
        constants=constants,
        definitions=[*[OF] * network.asks_for_layers, network.source],
        applied="network(x)",
        uses=network.uses,
    )
    source = trained_file(trained, text, stem, weights)
    return {f"{stem}.py": source.encode(), weights: _packed(trained)}


def _packed(trained: TrainedProgram) -> bytes:
    """The tensors as an NPZ, whose bytes are the same whenever it is written."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, tensor in trained.tensors.items():
            array = io.BytesIO()
            np.lib.format.write_array(array, tensor.numpy(), allow_pickle=False)
            archive.writestr(ZipInfo(f"{name}.npy"), array.getvalue())
    return file.getvalue()
