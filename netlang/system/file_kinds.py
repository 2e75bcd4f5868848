"""What a file is, as its name and its first bytes tell: whoever names the wrong one is told."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from netlang.system.files import Irregular, open_regular

TABLE, NETWORK, TENSORS = "a table", "a network in netlang", "a file of tensors"
_PICTURE, _OBJECTS = "a picture", "a file of Python objects, which netlang never reads"
_SIGNS = {
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"%PDF": "a PDF document",
    b"PAR1": TABLE,
    b"ARROW1": TABLE,
    b"\x93NUMPY": "an array of numpy",
    b"\x89HDF": "an HDF5 file",
    **{bytes([0x80, protocol]): _OBJECTS for protocol in range(2, 6)},
}
_ENDINGS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".ndjson", ".jsonl", ".parquet", ".arrow"), TABLE),
    **dict.fromkeys((".feather", ".ipc", ".xlsx", ".xls", ".ods"), TABLE),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".svg", ".bmp", ".webp"), _PICTURE),
    **dict.fromkeys((".pt", ".pth", ".pkl", ".pickle", ".joblib"), _OBJECTS),
    **{".net": NETWORK, ".pdf": "a PDF document", ".h5": "an HDF5 file", ".json": "JSON"},
    **{".npy": "an array of numpy", ".npz": "a file of arrays of numpy"},
    **{".safetensors": TENSORS},
    **{".py": "a program in Python", ".ipynb": "a notebook", ".onnx": "an ONNX file"},
    **{".yaml": "YAML", ".yml": "YAML", ".toml": "TOML"},
}


def of_others(folder: Path, names: Iterable[str]) -> Path | None:
    """Of the files of these ``names`` that would be written into the folder, the first in whose
    place one lies that netlang has not written. Weights do not say who has written them: the first
    of the names does.
    """
    written = [folder / name for name in names]
    for path in written:
        tells = written[0] if path.suffix in (".npz", ".safetensors") else path
        if path.is_file() and not is_by_netlang(tells):
            return path
    return None


def is_by_netlang(path: Path) -> bool:
    """Whether the beginning of a file says that netlang has written it: a model, or an export."""
    try:
        with open_regular(path) as file:
            return b"netlang" in file.read(1000)
    except (Irregular, OSError, ValueError):
        return False


def kind_of(path: Path) -> str:
    """What the regular file ``path`` is, such as "a picture"; an empty text where that is not
    plain.
    """
    try:
        with open_regular(path) as file:
            start = file.read(8)
    except (Irregular, OSError, ValueError):
        return ""
    for sign, kind in _SIGNS.items():
        if start.startswith(sign):
            return kind
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    return _ENDINGS.get(ending, "")
