"""Foreign parts of an expression: what netlang has not at all, so that it is one mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from netlang.catalogue import registry
from netlang.catalogue.foreign import help_for
from netlang.catalogue.foreign_arguments import help_for_argument
from netlang.language.diagnostics.suggest import nearest, one_letter_apart
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.system.record import Record

_SHORT = 40  # characters of a layer that is written out
_LONG = 120  # characters of all layers that are


class ForeignPart(Record):
    """All that stands at ``span`` has to be written otherwise. The unknown name that says so is
    ``name``, and the others there are not reported; without one, the name of an argument does.
    """

    span: Span
    name: ast.Name | None = None
    help: str | None = None


def foreign_parts(root: ast.Expression, known: Collection[str]) -> Iterator[ForeignPart]:
    """The foreign parts of ``root``, where these names are ``known``."""
    for part in ast.postorder(root):
        if isinstance(part, ast.Binary) and part.operator == "+":
            yield from _residual(part, known)
        elif isinstance(part, ast.Call):
            yield from _of_call(part, known)


def _of_call(call: ast.Call, known: Collection[str]) -> Iterator[ForeignPart]:
    """A call of what netlang has not, or the arguments that a layer has elsewhere."""
    name = call.callee.name
    item = registry.ITEMS.get(name) or registry.ITEMS.get(registry.unmistakable_name(name) or "")
    if item:
        own = [one.name for one in item.arguments]
        for one in call.arguments:
            name = one.name.name if one.name else ""
            if name and name not in own and help_for_argument(name, item.kind):
                yield ForeignPart(one.value.span)
    elif name not in known and (help := _of_layers(call) or _of_others(name, known)):
        yield ForeignPart(call.span, call.callee, help)


def _of_others(name: str, known: Collection[str]) -> str | None:
    """What to do instead of using a name that netlang lacks, if that is no known one, misspelt."""
    help = help_for(name)
    return help if help and not _may_be_misspelt(name, known) else None


def _of_layers(call: ast.Call) -> str | None:
    """What to write for a call of layers that puts them in a row, or around their input."""
    values = [one.value for one in call.arguments]
    layers = values[0].items if values and isinstance(values[0], ast.ListOf) else values
    texts = [one.span.text for one in layers if isinstance(one, ast.Call | ast.Name | ast.Chain)]
    row = " -> ".join(texts)
    if not texts or len(texts) < len(layers) or len(row) > _LONG or "\n" in row:
        return None
    if call.callee.name == "Sequential":
        return f"layers in a row are joined by `->`: `{row}`"
    if call.callee.name == "Compose":
        return f"what follows each other is joined by `->`: `{row}`"
    return f"write `[Identity, {row}] -> Add`" if call.callee.name == "Residual" else None


def _may_be_misspelt(name: str, known: Collection[str]) -> bool:
    """Whether a known name was meant, which is written nearly so."""
    near = nearest(name, known)
    return near is not None and (near.casefold() == name.casefold() or one_letter_apart(name, near))


def _residual(total: ast.Binary, known: Collection[str]) -> Iterator[ForeignPart]:
    """``x + f(x)``, where the input has a name."""
    for one, other in ((total.left, total.right), (total.right, total.left)):
        if isinstance(one, ast.Name) and isinstance(other, ast.Call) and one.name not in known:
            short = other.callee.name in known and len(other.span.text) <= _SHORT
            layer = other.span.text if short else "..."
            help = f"the input has no name: `[Identity, {layer}] -> Add` adds it to an output"
            yield ForeignPart(total.span, one, help)
            return
