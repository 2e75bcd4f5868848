"""A file is opened as the source that reads its format, and what is wrong with it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from netlang.catalogue.arguments import as_source
from netlang.catalogue.data.formats.content import Content
from netlang.catalogue.data.formats.endings import DELIMITERS, FRAMES, ending_of
from netlang.catalogue.data.formats.request import FileRequest, TableRequest, lacking
from netlang.catalogue.data.formats.small_text import SmallText
from netlang.catalogue.data.formats.source import Changed, Damaged, Malformed, Ragged, Source, Unfit
from netlang.catalogue.data.named_file import unreadable
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import RaggedRow
from netlang.system.files import why_unreadable

if TYPE_CHECKING:
    from netlang.catalogue.data.formats.source import Slice

_BEGINNING = 1 << 22  # bytes of a stream: the header of a table is in them


def opened(content: Content, checked: bool = False) -> Source:
    """The source that reads the file, by the ending of its name. A text that is not ``checked``
    otherwise is checked while it is read.

    Raises NetError for a file that has no header, or is damaged.
    """
    request = content.request
    with telling(request):
        found = _source(content, checked)
    if not found.header:
        raise without_rows(request)
    return found


def opened_for(content: Content, columns: Collection[str]) -> Source:
    """The source of a table that should have these ``columns``. Its cells stand between what the
    request says, or else between the signs that make the most of the columns out of its header: a
    spreadsheet saves the same table by commas here and by semicolons there.

    Raises NetError as ``opened`` does.
    """
    found, most = opened(content), -1
    if ending_of(content.file.name) in FRAMES:
        return found
    for delimiter in dict.fromkeys((content.request.delimiter, *DELIMITERS)):
        request = content.request.replace(delimiter=delimiter)
        with suppress(NetError):
            source = opened(content.replace(request=request))
            if (known := len({*columns} & {*source.header})) > most:
                found, most = source, known
        if most == len(columns):
            break
    return found


def _source(content: Content, checked: bool) -> Source:
    ending = ending_of(content.file.name)
    if ending in FRAMES:
        from netlang.catalogue.data.formats import frames

        return frames.Lines(content) if FRAMES[ending] == "NDJSON" else frames.Packed(content)
    open = content.open if checked else content.open_text
    if not content.is_large:
        return SmallText(content.file, open, content.request.separator)
    # Importing polars takes time, and few tables are large.
    from netlang.catalogue.data.formats.large_text import LargeText

    once = content.stream is not None
    return LargeText(content.file, open, content.request.separator, once)


def of_stream(request: FileRequest, stream: IO[bytes]) -> Content:
    """What comes by a stream: all of it, or its beginning if that is not all."""
    beginning = stream.read(_BEGINNING)
    more = stream.read(1) if len(beginning) == _BEGINNING else b""
    file = request.folder / request.path
    if not more:
        return Content(request, file, beginning)
    return Content(request, file, beginning + more, is_large=True, stream=stream)


@contextmanager
def telling(request: FileRequest, source: Source | None = None) -> Iterator[None]:
    """Raises NetError for what a body that reads the ``source`` finds wrong with the file.

    It is the one of ``request``.
    """
    try:
        yield
    except Malformed as error:
        raise unreadable(request, f"line {error.line}: {error}", error.help) from None
    except Ragged as ragged:
        assert source
        raise NetError(_ragged(request, source, ragged)) from None
    except Damaged as error:
        raise unreadable(request, error.reason, error.help) from None
    except (Changed, UnicodeDecodeError):  # it was text when it was checked
        raise changed(request) from None
    except Unfit as error:
        help = "write it as numbers or texts"
        if isinstance(request, TableRequest):
            left = as_source((*request.ignore, error.column))
            help += f", or leave it out: `ignore={left}`"
        raise unreadable(request, str(error), help) from None
    except OSError as error:  # a disk fails, or a large file is removed while it is read
        reason, remedy = why_unreadable(request.folder / request.path, error)
        raise unreadable(request, reason, remedy or "read it again") from None


def slices(request: FileRequest, source: Source) -> Iterator[Slice]:
    """All rows of the source, some at a time.  Raises NetError."""
    with telling(request, source):
        yield from source.slices()


def first_rows(source: Source) -> Sequence[Sequence[str]]:
    """Some rows as they are written; none if they cannot be read."""
    with suppress(Malformed, Ragged):
        return source.first_rows()
    return ()


def changed(request: FileRequest) -> NetError:
    return unreadable(request, "it changed while it was read", "read it when it is whole")


def without_rows(request: FileRequest) -> NetError:
    help = "the first line names the columns, each line after it is a sample"
    return lacking(request, "rows of data", help)


def _ragged(request: FileRequest, source: Source, found: Ragged) -> RaggedRow:
    cells, header = found.cells, source.header
    surplus = ""
    if len(cells) == len(header) + 1 and not cells[-1].strip():
        surplus = "row"
    elif len(header) == len(cells) + 1 and not header[-1]:
        surplus = "header"
    elif (
        found.row == 0
        and len(header) < len(cells)
        and (len(header) == 1 or header[0].startswith("sep="))
    ):
        surplus = "above"
    try:
        span, widths = source.row(found.row), (len(cells), len(header))
    except (Changed, UnicodeDecodeError):
        raise changed(request) from None
    used = request.at("path")
    return RaggedRow(span, used, found.row + 1, *widths, source.delimiter, surplus)
