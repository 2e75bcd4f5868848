"""A table of any length is written in pieces, in the form that the ending of its file asks for.

Whoever writes has one piece in memory at a time. The file appears when it is whole, or not at all.
"""

from __future__ import annotations

import errno
import gzip
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from netlang.system.files import PART, replacing

if TYPE_CHECKING:
    from polars import DataFrame, LazyFrame

    Frames = Iterable[DataFrame]

# How a piece becomes text. The first of a table has its header, where there is one.
_TEXTS: dict[str, Callable[[DataFrame, bool, str], str]] = {
    "csv": lambda piece, first, sign: piece.write_csv(include_header=first, separator=sign),
    "tsv": lambda piece, first, sign: piece.write_csv(include_header=first, separator="\t"),
    "ndjson": lambda piece, first, sign: piece.write_ndjson(),
}
_WHOLES: dict[str, Callable[[LazyFrame, Path], object]] = {
    "parquet": lambda table, file: table.sink_parquet(file),
    "arrow": lambda table, file: table.sink_ipc(file),
}
_ENDINGS = {
    **{".csv": "csv", ".tsv": "tsv", ".ndjson": "ndjson", ".jsonl": "ndjson"},
    **{".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow"},
}
ENDINGS = (*_ENDINGS, *(f"{ending}.gz" for ending, form in _ENDINGS.items() if form in _TEXTS))


def has_form(name: str) -> bool:
    """Whether the name's ending is one of ENDINGS."""
    return name.lower().endswith(ENDINGS)


def write_table(path: Path, pieces: Frames, separator: str = ",") -> None:
    """Replace the file ``path`` by a table, whose ``pieces`` have the same columns. There is one
    piece at least. In a CSV, ``separator`` stands between cells.

    Raises OSError where the file cannot be written, and what making a piece raises; the file then
    stays as it was.
    """
    target = path.resolve()
    ending = next(one for one in reversed(ENDINGS) if path.name.lower().endswith(one))
    form = _ENDINGS[ending.removesuffix(".gz")]
    try:
        with replacing(target) as part:
            if form in _WHOLES:
                _write_packed(form, pieces, part)
                return
            with part.open("wb") as file, _packed(file, ending) as packed:
                for text in texts_of(form, pieces, separator):
                    packed.write(text)
    except OSError as error:
        if error.filename is None or PART in str(error.filename):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        raise


def texts_of(form: str, pieces: Frames, separator: str = ",") -> Iterator[bytes]:
    """The table as text of the ``form`` "csv", "tsv" or "ndjson", piece by piece; in a CSV,
    ``separator`` stands between cells.

    Raises OSError for cells that it cannot hold.
    """
    from polars.exceptions import PolarsError

    for number, piece in enumerate(pieces):
        _check_types(form, piece)
        try:
            text = _TEXTS[form](piece, number == 0, separator)
        except PolarsError as error:
            raise OSError(errno.EINVAL, str(error)) from error
        yield text.encode()


def _check_types(form: str, piece: DataFrame) -> None:
    """Raises OSError for a column whose cells text of the ``form`` cannot hold.

    Polars ends with a panic where bytes are to be JSON.
    """
    from polars import Duration

    for name, kind in piece.schema.items():
        has_bytes = _has_bytes(kind)
        if has_bytes or (form != "ndjson" and (kind.is_nested() or kind == Duration)):
            what = f"{form.upper()} cannot hold the column `{name}`, whose type is {kind}"
            endings = ".parquet" if has_bytes else ".ndjson or .parquet"
            help = f"leave that column out, or name a file that ends in {endings} by `-o`"
            raise OSError(errno.EINVAL, f"{what}; {help}")


def _has_bytes(kind: Any) -> bool:
    """Whether values of a type are bytes, or hold some."""
    from polars import Array, Binary, List, Object, Struct

    if isinstance(kind, Struct):
        return any(_has_bytes(one.dtype) for one in kind.fields)
    return _has_bytes(kind.inner) if isinstance(kind, List | Array) else kind in (Binary, Object)


def _write_packed(form: str, pieces: Frames, part: Path) -> None:
    from polars.exceptions import PolarsError

    try:
        _WHOLES[form](_streamed(pieces), part)
    except PolarsError as error:  # so it says, too, that the disk is full
        raise OSError(errno.EIO, str(error).rpartition(": ")[2]) from error


def _packed(file: IO[bytes], ending: str) -> Any:
    """The file, or one that packs what is written into it, with no time and no name in it."""
    return gzip.GzipFile("", "wb", fileobj=file, mtime=0) if ending.endswith(".gz") else file


def _streamed(pieces: Frames) -> LazyFrame:
    """The pieces as a table that asks for each when it needs it."""
    from polars.io.plugins import register_io_source

    each = iter(pieces)
    first = next(each)

    def source(*_: object) -> Iterator[DataFrame]:
        yield from chain([first], each)

    return register_io_source(source, schema=first.schema)
