"""A file keeps tensors and what is to be known of them; it is read as it was written, or refused.

It is a safetensors file, which holds numbers and texts alone: whoever reads it runs no code and
opens no other file. The same content gives the same bytes.

    tensors     by name, such as ``linear1.weight``
    metadata    one JSON text called ``netlang``: the SHA-256 of all bytes of the file, taken with
                zeros in the place of the checksum itself; the kind of the file, and the number of
                that kind's form; and what the file says about its tensors
"""

from __future__ import annotations

import errno
import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from netlang.system.files import Irregular, TooLarge, read_regular, why_unreadable
from netlang.system.machine import memory_limit
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")
_LENGTH = struct.Struct("<Q")  # of the header, which comes first
_LARGEST_HEADER = 1 << 24  # bytes: 100,000 tensors, or all texts that a program may have
_TOO_LONG = f"over {_LARGEST_HEADER >> 20} MiB"
_UNKNOWN = "0" * 64  # in the place of a checksum that is not computed yet


_FOREIGN = (
    "if it is a state_dict of PyTorch, `netlang import FILE --into NET` gives its weights to the "
    "network in a .net file, and `netlang import FILE -o NET` finds one that has them"
)


class NotReadable(ValueError):
    """Raised for bytes that are no file of the kind, or not as they were written.

    Its text goes on from "the file cannot be read: ...". ``help`` is what to do, if that is plain.
    """

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help


def read_file(path: Path, parsed: Callable[[bytes], T]) -> T:
    """What ``parsed`` makes of the bytes of a file of tensors.

    Raises NotReadable as ``parsed`` does, and for a file that has no bytes or too many.
    """
    try:
        return parsed(read_regular(path, memory_limit() // 2))
    except NotReadable:
        raise
    except Irregular:
        raise NotReadable("it is no regular file") from None
    except TooLarge:
        raise NotReadable("it does not fit into this machine's memory") from None
    except (OSError, ValueError) as error:
        reason, help = why_unreadable(path, error)
        raise NotReadable(reason, help or "") from None


class FileKind(Record):
    """A kind of file, such as ``model``, and the number of its present form.

    A file of a later form is refused, as nobody knows what it means.
    """

    name: str
    form: int

    def to_bytes(self, tensors: Mapping[str, Tensor], about: Mapping[str, object]) -> bytes:
        """The file. ``about`` is a mapping that JSON can hold.

        Raises OSError for a header that would be too long to be read.
        """
        from safetensors.torch import save

        # The checksum is the first text in the file, so that its place is found.
        text = json.dumps({"sha256": _UNKNOWN, "kind": self.name, "form": self.form, **about})
        # The library writes several entries in any order; so this is the only one.
        own = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        whole = save(own, {"netlang": text})
        if _LENGTH.unpack_from(whole)[0] > _LARGEST_HEADER:
            raise OSError(errno.EFBIG, f"the {self.name}'s header would have {_TOO_LONG}")
        at = whole.index(_UNKNOWN.encode())
        return whole[:at] + _checksum(whole, at) + whole[at + len(_UNKNOWN) :]

    def from_bytes(self, data: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The tensors and what ``to_bytes`` was told about them.  Raises NotReadable."""
        about = self.about(data)
        from safetensors import SafetensorError
        from safetensors.torch import load

        written = about.pop("sha256")
        at = data.find(written.encode())
        if len(written) != len(_UNKNOWN) or at < 0 or _checksum(data, at) != written.encode():
            raise NotReadable("it has changed since it was written")
        try:
            return load(data), about
        except (SafetensorError, ValueError) as error:
            raise NotReadable(f"its tensors are no tensors: {error}") from None

    def about(self, data: bytes) -> dict[str, Any]:
        """What the file says about its tensors, and its ``sha256``, which is not checked. The data
        may end behind the header.

        Raises NotReadable.
        """
        header = _header(data)
        try:
            about = json.loads(json.loads(header)["__metadata__"]["netlang"])
            kind, form = about.pop("kind"), about.pop("form")
            known = isinstance(about["sha256"], str) and isinstance(form, int)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            known = False
        if not known:
            raise NotReadable("netlang has not written it", _FOREIGN)
        if kind != self.name:
            help = f"name a {self.name} file in its place"
            raise NotReadable(f"it is a {kind}, not a {self.name}", help)
        if form != self.form:
            which = "a later" if form > self.form else "an earlier"
            raise NotReadable(f"{which} version of netlang has written it, in another form")
        assert isinstance(about, dict)
        return about

    def shapes(self, data: bytes) -> dict[str, tuple[int, ...]]:
        """The shape of each tensor, by its name, as the header says it: nothing behind it is looked
        at.

        Raises NotReadable.
        """
        self.about(data)
        header = json.loads(_header(data))
        try:
            return {
                name: tuple(map(int, one["shape"]))
                for name, one in header.items()
                if name != "__metadata__"
            }
        except (ValueError, KeyError, TypeError):
            raise NotReadable("its header does not say what tensors there are") from None


def _header(data: bytes) -> bytes:
    """The header's text.  Raises NotReadable."""
    if len(data) < _LENGTH.size:
        raise NotReadable("it is cut off, or no safetensors file")
    (length,) = _LENGTH.unpack_from(data)
    if length > _LARGEST_HEADER:
        if data[_LENGTH.size :][:1] == b"{":
            raise NotReadable(f"its header has {_TOO_LONG}")
        raise NotReadable("it is no safetensors file")
    header = data[_LENGTH.size :][:length]
    if len(header) < length:
        raise NotReadable("it is cut off, or no safetensors file")
    return header


def _checksum(data: bytes, at: int) -> bytes:
    """The SHA-256 of ``data`` with zeros for the checksum that stands ``at`` that offset."""
    view, found = memoryview(data), hashlib.sha256()
    for piece in (view[:at], _UNKNOWN.encode(), view[at + len(_UNKNOWN) :]):
        found.update(piece)
    return found.hexdigest().encode()
