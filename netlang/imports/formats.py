"""The files of other frameworks that can be read, and how each is told from the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from netlang.imports.beside import Runner
from netlang.imports.foreign_graph import ForeignGraph
from netlang.imports.refused import Refused, check_rank
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.files import FileTooLarge, Unreadable
from netlang.language.diagnostics.messages.imports import ForeignRefused, UnknownFormat
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import SourceFile
from netlang.language.syntax import decode
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    open_regular,
    read_regular,
    why_unreadable,
)
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_LIMIT = 4 << 20  # bytes of a text


class Wish(Record):
    """What is asked of a reader: with ``all_outputs``, those that only help training, too; with a
    ``solver``, to be trained as that file says; and an ``input`` of this shape, in the place of
    what the file says.
    """

    all_outputs: bool = False
    solver: Path | None = None
    input: tuple[int, ...] | None = None


NO_WISH = Wish()


class Format(Record):
    """A kind of file, called ``title`` in a sentence. Where the ending does not tell, a text is one
    in which ``looks_so`` is found. A file that ``needs_input`` is told the shape of a sample while
    it is read. ``runner`` is what runs a file of it, if anything does.
    """

    title: str
    endings: tuple[str, ...]
    read: Callable[[Path, Wish], ForeignGraph]
    looks_so: re.Pattern[str]
    needs_input: bool = False
    runner: Callable[[Path], Runner] | None = None


def _caffe(path: Path, wish: Wish) -> ForeignGraph:
    from netlang.imports.caffe.reader import read_caffe

    solver = text_at(wish.solver) if wish.solver else None
    with _as_messages(path, "Caffe"):
        return read_caffe(text_at(path), wish.all_outputs, solver, wish.input)


def _darknet(path: Path, wish: Wish) -> ForeignGraph:
    from netlang.imports.darknet.reader import read_darknet

    graph = read_darknet(text_at(path))
    if wish.input:
        with _as_messages(path, "Darknet"):
            check_rank(graph.inputs[0].name, graph.inputs[0].shape, wish.input)
    return graph


def _onnx(path: Path, wish: Wish) -> ForeignGraph:
    from netlang.imports.onnx.reader import read_onnx

    with _as_messages(path, "ONNX"):
        return read_onnx(path, bytes_at(path), wish.input)


def _run_onnx(path: Path) -> Runner:
    from netlang.imports.onnx.running import OnnxRunner

    return OnnxRunner(path, bytes_at(path))


def _keras(path: Path, wish: Wish) -> ForeignGraph:
    from netlang.imports.keras.reader import read_keras

    with _as_messages(path, "Keras"):
        return read_keras(path, bytes_at(path), wish.input)


def _state_dict(path: Path, wish: Wish) -> ForeignGraph:
    from netlang.imports.state_dict.reader import read_state_dict

    with _as_messages(path, "safetensors"):
        return read_state_dict(path, bytes_at(path), wish.input)


@contextmanager
def _as_messages(path: Path, framework: str) -> Iterator[None]:
    """Raises NetError in the place of Refused."""
    try:
        yield
    except Refused as why:
        raise NetError(ForeignRefused(None, str(path), framework, str(why), why.help)) from None


FORMATS: Mapping[str, Format] = {
    "caffe": Format(
        "Caffe's `.prototxt`",
        (".prototxt", ".pbtxt"),
        _caffe,
        re.compile(r"^\s*layers?\s*\{", re.M),
    ),
    "darknet": Format(
        "Darknet's `.cfg`", (".cfg",), _darknet, re.compile(r"^\s*\[net(work)?\]", re.M)
    ),
    "onnx": Format(
        "`.onnx`", (".onnx",), _onnx, re.compile(r"\A\x08[\x03-\x0f]\x12"), True, _run_onnx
    ),
    "safetensors": Format(
        "PyTorch's state_dict in `.safetensors`",
        (".safetensors",),
        _state_dict,
        re.compile(r"\A.{8}\{\s*\"", re.S),
        True,
    ),
    "keras": Format(
        "Keras's `.keras` or JSON",
        (".keras", ".json"),
        _keras,
        re.compile(r'\A\s*\{.*"class_name"', re.S),
        True,
    ),
}


def format_of(path: Path) -> Format:
    """The format of a file by its ending, or else by its text.  Raises NetError if it has none."""
    for one in FORMATS.values():
        if path.suffix.lower() in one.endings:
            return one
    with _as_read(path, ""), open_regular(path) as file:
        text = file.read(_LIMIT).decode("utf-8", "replace")
    for one in FORMATS.values():
        if one.looks_so.search(text):
            return one
    known = tuple(one.title for one in FORMATS.values())
    help = _OTHERS.get(path.suffix.lower(), "")
    raise NetError(UnknownFormat(None, str(path), known, help))


_PICKLED = (
    "netlang reads no Python objects: `safetensors.torch.save_file(model.state_dict(), "
    '"weights.safetensors")` writes the weights, `torch.onnx.export` the whole network'
)
_OF_KERAS = 'write the network anew: `model.save("model.keras")`, or the text of `model.to_json()`'
_OTHERS = {  # what else people keep networks in, and how these can be read
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".pkl"), _PICKLED),
    **dict.fromkeys((".h5", ".hdf5"), _OF_KERAS),
    ".caffemodel": "it has weights alone: name the `.prototxt` beside it, which says the network",
    ".weights": "it has weights alone: name the `.cfg` beside it, which says the network",
    ".net": "it is a network in netlang already: `netlang summary` shows it",
}


def bytes_at(path: Path) -> bytes:
    """The bytes of a foreign file.  Raises NetError where there is none, or too much."""
    with _as_read(path, "half of this machine's memory"):
        return read_regular(path, memory_limit() // 2)


def text_at(path: Path) -> SourceFile:
    """The text of a foreign file.  Raises NetError where there is none, or too much."""
    with _as_read(path, "4 MiB"):
        data = read_regular(path, _LIMIT)
    return decode(data, str(path), path)


@contextmanager
def _as_read(path: Path, most: str) -> Iterator[None]:
    """Raises NetError where a file cannot be read, or has more than ``most``."""
    try:
        yield
    except Irregular:
        reason = "it is a folder" if path.is_dir() else "it is no regular file"
        raise NetError(Unreadable(None, str(path), reason, _ANY)) from None
    except TooLarge:
        raise NetError(FileTooLarge(None, str(path), most, _ANY)) from None
    except (OSError, ValueError) as error:
        near = nearest(path.name, files_beside(path))
        meant = f"did you mean `{path.with_name(near)}`?" if near else _ANY
        reason, help = why_unreadable(path, error)
        raise NetError(Unreadable(None, str(path), reason, help or meant)) from None


_ANY = "name a file of another framework, such as `model.onnx` or `deploy.prototxt`"
