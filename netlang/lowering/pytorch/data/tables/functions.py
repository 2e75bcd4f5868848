"""The functions that the ``load_data`` of a table calls."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns.labels import are_numbers
from netlang.catalogue.data.pipeline.scales import (
    median_and_range,
    normal_scores,
    quantiles_of,
    shift_and_scale,
    smoothly_clipped,
    steps_for,
)
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.data.tables import columns as texts
from netlang.lowering.pytorch.data.tables.inputs import becomes, fill
from netlang.lowering.pytorch.data.tables.rows import divide_or_weigh


def functions(data: Table, in_units: bool) -> Iterator[TorchDefinition]:
    """Those that ``load_data`` calls, beside those that divide rows."""
    columns = data.table.columns
    kinds = {column.kind for column in columns}
    may_lack = data.missing != "refuse"
    yield texts.READ_COLUMNS
    beside = {data.rows.others[name].kind for name in divide_or_weigh(data)}
    if data.missing == "drop":
        yield from [texts.MISSING] if "number" in beside else []
        yield from [texts.MARKS_OF_MISSING] if "category" in beside else []
    has_numbers = None in data.rows.classes.values()
    if "number" in kinds or has_numbers or data.weights not in ("", "balanced"):
        yield texts.TO_NUMBERS_OR_NAN if may_lack else texts.TO_NUMBERS
    classes = [*filter(None, data.rows.classes.values())]
    if "category" in kinds or classes:
        names = [*(column.categories for column in columns if column.kind == "category"), *classes]
        yield texts.places(may_lack, any(one and are_numbers(one) for one in names))
    used = {becomes(data, column) for column in columns}
    if "category" in used:
        yield texts.ONE_HOT
    if "code" in used:
        yield texts.TOKEN
    if "text" in kinds:
        yield texts.TOKENS_OF
    if "number" in kinds and fill(data):
        yield texts.FILLED[fill(data)]
    scale = data.scales_by if "number" in kinds else "none"
    if in_units or scale in ("standard", "quantile"):
        yield TorchDefinition.of(shift_and_scale)
    if scale == "robust":
        yield TorchDefinition.of(quantiles_of, median_and_range, smoothly_clipped)
    if scale == "quantile":
        yield TorchDefinition.of(quantiles_of, steps_for, normal_scores)
