"""Whether the rows of a table are streamed: where a file says so, or memory cannot hold them.

What a run once did, it does again, as its batches and its parts are others where rows are streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from netlang.catalogue.data.formats.endings import FRAMES, ending_of, is_packed
from netlang.catalogue.data.named_file import locate
from netlang.catalogue.data.table.arguments import TableArguments
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.streams import NotStreamed
from netlang.language.run_record import was_streamed
from netlang.system.launcher import workers_here
from netlang.system.machine import memory_limit
from netlang.system.pattern import files_of

_LARGE = 1 << 26  # bytes of a file: what is in a smaller one, any machine can hold
_OF_A_CELL = 16  # bytes, as a number of the table and as an input
_SHARE = 2  # of the memory, half may be a table's


def is_streamed(data: TableArguments) -> bool:
    """Raises NetError where a file asks for what no stream has."""
    if data.stream is False or data.held is not None:
        return False
    reasons = [*_reasons(data)]
    if data.stream and reasons:
        raise NetError(*reasons)
    if data.stream or reasons:
        return bool(data.stream)
    as_run = was_streamed(data.span.source) if data.span else None
    return _is_too_large(data) if as_run is None else as_run


def _reasons(data: TableArguments) -> Iterator[NotStreamed]:
    """Why the rows cannot be streamed."""
    if not _is_in_blocks(data.path):
        what = "only files of Parquet and of Arrow are"
        help = "save the table as Parquet, and name that file; or leave out `stream`"
        yield NotStreamed(data.at("path"), f"from `{data.path}`", what, help)
    keep = "or leave out `stream`, where memory holds the table"
    asked = {
        "text": (data.texts, "texts need all rows, to find their words"),
        "group": (data.group, "the rows of a group may be anywhere in the file"),
        "order": (data.order, "the last rows are found by an order of all"),
        "weights": (data.weights, "all rows of a stream count alike"),
        "test": (isinstance(data.test, str), "the test is a share of the stream's own rows"),
        "target": (len(data.names) > 1, "a stream has one target"),
        "task": (data.task == "labels", "a stream has classes, or one number to predict"),
        "scale": (
            data.scale in ("robust", "quantile"), "medians and quantiles need an order of all rows"
        ),
        "missing": (
            data.missing in ("median", "drop"), 'a stream fills cells by `missing="mean"`'
        ),
    }  # fmt: skip
    for argument, (is_asked, why) in asked.items():
        if is_asked:
            help = f"leave out `{argument}`, {keep}"
            yield NotStreamed(data.at(argument), f"with `{argument}`", why, help)


def _is_in_blocks(path: str) -> bool:
    return not is_packed(path) and FRAMES.get(ending_of(path)) in ("Parquet", "Arrow")


def _is_too_large(data: TableArguments) -> bool:
    """Whether the table in a file takes too much of the memory, as far as its size is known. The
    workers of a machine share that.
    """
    with suppress(NetError, OSError):
        file: Path = locate(data.request).path
        if sum(one.stat().st_size for one in files_of(file)) < _LARGE:
            return False
        from netlang.catalogue.data.formats.blocks import RowBlocks
        from netlang.catalogue.data.formats.opening import telling

        with telling(data.request):
            blocks = RowBlocks(file)
        columns = len({*blocks.header} - {*data.ignore})
        return _SHARE * _OF_A_CELL * blocks.rows * columns > memory_limit() // workers_here()
    return False
