"""The inputs of a table: numbers are scaled, and names become tokens, or inputs of 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.data import Table
from netlang.catalogue.data.columns.table import Column
from netlang.lowering.python.text import literal, statement


def becomes(data: Table, column: Column) -> str:
    """What becomes of a column: a category that is one token is a "code"."""
    return "code" if column.name in data.codes else column.kind


def fill(data: Table) -> str:
    """What takes the place of a missing number."""
    return {"refuse": "", "drop": "", "indicator": "mean"}.get(data.missing, data.missing)


def values(data: Table) -> str:
    """Each column's numbers, or the places of its cells' names."""
    kinds = {column.kind for column in data.table.columns}
    ways = {
        "text": (f"tokens_of(columns[name], {literal(data.by)}, *TEXTS[name])", "name in TEXTS"),
        "category": ("places(columns[name], names)", "names"),
        "number": ("to_numbers(columns[name])", ""),
    }
    found = [way for kind, way in ways.items() if kind in kinds]
    each = "name, names in INPUTS.items()" if "category" in kinds else "name in INPUTS"
    if len(found) == 1:
        return statement(4, "values = ", f"[{found[0][0]} for {each}]") + "\n"
    new = "\n        " if "text" in kinds else " "  # line, where one is too short
    lines = [f"{way}{new}if {condition}" if condition else way for way, condition in found]
    choice = f"{new}else ".join(lines)
    return f"    values = [\n        {choice}\n        for {each}\n    ]\n"


def inputs(data: Table) -> str:
    """Numbers are standardised, and categories become inputs of 0 and 1."""
    kinds = {becomes(data, column) for column in data.table.columns}
    numbers = ["column = filled(column, train)"] if fill(data) else []
    numbers += _SCALED[data.scales_by]
    categories = "column = one_hot(column, len(INPUTS[name]), train)"
    if kinds == {"number"} and not numbers:
        return "    inputs = torch.cat(values, 1).to(torch.get_default_dtype())\n"
    ways = {
        "text": (_LEARNED_TOKENS, "name in TEXTS"),
        "code": (["column = token(column, len(INPUTS[name]), train)"], "name in CODES"),
        "category": ([categories], "INPUTS[name]"),
        "number": (numbers, ""),
    }
    found = [(lines, condition) for kind, (lines, condition) in ways.items() if kind in kinds]
    lines = [*found[0][0]] if len(found) == 1 else _branches(found)
    lines += ["inputs.append(column)"]
    if any(map(data.rows.is_indicated, data.table.columns)):
        lines = ["lacks = column.isnan()", *lines]
        lines += ["if name in INDICATED:", "    inputs.append(lacks & lacks[train].any())"]
    body = "".join(f"        {line}\n" for line in lines)
    return f"""\
    inputs = []
    for {"column in values" if "name" not in body else "name, column in zip(INPUTS, values)"}:
{body}\
    inputs = torch.cat(inputs, 1).to(torch.get_default_dtype())
"""


def _branches(found: Sequence[tuple[Sequence[str], str]]) -> list[str]:
    """Lines of which those of the first condition that holds are taken; the last one needs none."""
    lines = list[str]()
    for place, (own, condition) in enumerate(found):
        last = place == len(found) - 1
        if not own and last:
            break
        lines.append("else:" if last else f"{'elif' if place else 'if'} {condition}:")
        lines += [f"    {line}" for line in own]
    return lines


_LEARNED_TOKENS = [
    "learned = torch.isin(column, column[train])",
    "column = column.where(learned | column.isnan(), 0)",
]

_STANDARDISED = [
    "shift, scale = shift_and_scale(column[train])",
    "column = (column - shift) / scale",
]

_SCALED = {
    "none": [],
    "standard": _STANDARDISED,
    "robust": [
        "shift, scale = median_and_range(column[train])",
        "column = smoothly_clipped((column - shift) / scale)",
    ],
    "quantile": [
        *_STANDARDISED,
        "quantiles = quantiles_of(column[train], steps_for(len(train)))",
        "column = normal_scores(column, quantiles.squeeze(1))",
    ],
}
