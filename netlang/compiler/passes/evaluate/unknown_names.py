"""Reports of unknown names: which name was meant, or what to write instead."""

from __future__ import annotations

from collections.abc import Collection

from netlang.catalogue import registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.foreign import activation, help_for, help_for_call
from netlang.catalogue.foreign_arguments import activation_apart, help_for_argument
from netlang.catalogue.foreign_arguments import choice as choice_of
from netlang.catalogue.schedules import PER_EPOCH
from netlang.catalogue.settings import SETTINGS
from netlang.catalogue.translation import as_meant, translated
from netlang.compiler.passes.evaluate.frame import Frame, strings_in
from netlang.compiler.passes.quotes import requoted
from netlang.compiler.passes.values import Block
from netlang.language.diagnostics import Cause, Sink
from netlang.language.diagnostics.messages.names import UnknownName
from netlang.language.diagnostics.shell import quotes_kept
from netlang.language.diagnostics.suggest import Guess, guess, nearest, one_letter_apart
from netlang.language.diagnostics.wording import in_code, listed, plural
from netlang.language.source import Span
from netlang.language.syntax import ast
from netlang.language.syntax.lexis import LITERALS

SUGGESTION_LIMIT = 50  # unknown names that are compared with all known ones
_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


class UnknownNames:
    """Reports unknown names. ``wanting`` are the blocks that may lack one as a parameter."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.wanting: set[Block] = set()
        self._count = 0

    def report(self, used: ast.Name, frame: Frame, called: bool) -> None:
        """Report the name, unless the file imports one that cannot be read and may define it, or
        it stands in what is one mistake as a whole.
        """
        self._count += 1
        around = [one for one in frame.foreign if one.span.holds(used.span)]
        if any(one.name is not used for one in around):
            return
        if (whole := next(iter(around), None)) and frame.names.complete:
            self.sink.report(UnknownName(used.span, None, help=whole.help))
            return
        if frame.names.complete:
            unknown = self._unknown(used, frame, called)
            kind = frame.kind if id(used) in frame.items else None
            self.sink.report(unknown, Cause.UNKNOWN_NAME.at((frame.names, used.name, kind)))

    def _unknown(self, used: ast.Name, frame: Frame, called: bool) -> UnknownName:
        name, span = used.name, used.span
        if owner := frame.names.taps.get(name):
            known_in = f"`{name}` is a tap of `{owner}`, and known in it alone"
            instead = f"join it there, or write what `{owner}` is in place of its name"
            return UnknownName(span, None, known_in, instead)
        choices = self._choices(frame, called)
        help = _help(used, frame, choices, called)
        in_chain = id(used) in frame.links
        is_choice = name in registry.CHOICES and not (in_chain or called or activation(name))
        is_literal = name.casefold() in LITERALS
        if is_choice or (id(used) in frame.strings and not is_literal):
            return _string(used, frame, choices, help)
        if truth := _TRUTHS.get(name.casefold()):
            return UnknownName(span, Guess(truth))
        meant = _meant(used, frame, choices) if choices and not help else None
        is_item = id(used) in frame.items
        if frame.kind == "metric" and is_item and (written := registry.metric_written(name)):
            return UnknownName(span, Guess(written, sure=not called))
        if meant is None and not help and id(used) in frame.part_names:
            help = f"define it, `{name} = ...`, and use it in `net`"
        if meant is None and not help and is_item and frame.kind:
            help = _instead_of(name, frame.kind)
        if meant is None:
            help = help or (help_for_call(name) if called else None)
            body = frame.root if frame.block else None
            if not help and isinstance(body, ast.Binary) and body.operator == "+":
                help = "the input has no name: `[Identity, ...] -> Add` adds it to an output"
            elif frame.block and not help:
                self.wanting.add(frame.block)
                help = f"make it a parameter, `block {frame.block.with_parameter(name)}`, "
                help += f"or define it, `{name} = ...`"
            return UnknownName(span, None, None, help)
        signature = registry.signature(meant)
        note = f"it is `{signature}`" if signature else None
        made, others = frame.taps.get(meant), _others(used, frame)
        uses, spans = frame.names.uses, frame.names.spans
        misspelt = spans.get(meant) if others and meant not in uses else None
        sure = meant == registry.unmistakable_name(name, choices, frame.kind)
        call = _translated(used, meant, frame) if sure or _differs(used, meant) else None
        guess = Guess(meant, sure and (call is None or call[1].sure or not _differs(used, meant)))
        if call and _per_epoch(used.name, meant):
            per_step = call[1].text.replace(f", unit={PER_EPOCH['unit']}", "")
            also = f"or `{per_step}`, if `step()` was called after each batch"
        else:
            also = None
        return UnknownName(span, guess, note, help, made, misspelt, others, call=call, also=also)

    def _choices(self, frame: Frame, called: bool) -> Collection[str]:
        """The names that may have been meant; none behind the limit, as comparing takes time."""
        if self._count > SUGGESTION_LIMIT:
            return ()
        names = frame.names.defined - SETTINGS.keys() if called else frame.names.defined
        return [*frame.arguments, *frame.taps, *names, *LITERALS]


def _instead_of(name: str, kind: str) -> str:
    """What there is of a ``kind``, of which netlang has no item called so."""
    offered, kinds = registry.offered(kind), plural(kind)
    if len(offered) == len(registry.items(kind)):
        return f"netlang has no `{name}`: its {kinds} are {listed(in_code(offered))}"
    most = f"most take {listed(in_code(offered))}"
    return f"netlang has no `{name}`: {most}, and `netlang layers` lists its other {kinds}"


def _namesake(name: str, kind: str) -> str | None:
    """The item of a ``kind`` that is called as one of another kind: the metric mse as the MSE."""
    names = (item.name for item in registry.items(kind))
    return next((one for one in names if one.casefold() == name.casefold()), None)


def _meant(used: ast.Name, frame: Frame, choices: Collection[str]) -> str | None:
    """The known name that was meant, of a kind that may stand where the unknown one does."""
    meant = registry.suggest(used.name, choices, frame.kind)
    kind = registry.kind_of(meant) if meant else None
    if meant is None or kind is None:
        return meant
    if id(used) in frame.part_names:
        return meant if kind == "library block" else None
    if id(used) in frame.items and frame.kind and kind != frame.kind:
        return _namesake(meant, frame.kind)
    fits = kind in ("layer", "library block", frame.kind)
    if id(used) in frame.links and not fits and meant != registry.unmistakable_name(used.name):
        return None
    return meant


def _help(used: ast.Name, frame: Frame, choices: Collection[str], called: bool) -> str | None:
    """What to write for a name that means something elsewhere, and is near to no other here."""
    name = used.name
    if name in ("N", "None", "batch") and isinstance(frame.root, ast.ListOf) and not frame.kind:
        return f"a shape is one sample's: leave `{name}`, the batch, out"
    is_part = id(used) in frame.part_names
    if is_part and (layer := _layer_of_node(name)) and not nearest(name, choices):
        write = "freeze = enc" if frame.names_parts else "on=enc"
        return f"that is a node; give it a name, `enc = {layer}`, and write `{write}`"
    if name == "optimizer" and frame.kind == "schedule":
        return help_for_argument(name, frame.kind)
    if name in SETTINGS:
        return f"`{name}` is a setting, and this file does not have it: write a value here"
    if name.startswith("val_"):
        return "a metric stands behind its part of the data: write `validation.loss`"
    in_other_case = any(name.casefold() == known.casefold() for known in registry.NAMES)
    in_call = isinstance(frame.root, ast.Chain | ast.Call) and id(used) not in frame.items
    within = name.islower() and in_call and not called  # it may be a size
    help = None if in_other_case or within else help_for(name)
    near = help and nearest(name, choices)
    return None if near and one_letter_apart(name, near) else help


def _translated(used: ast.Name, meant: str, frame: Frame) -> tuple[Span, Guess] | None:
    """A call of the layer ``meant`` under another name, and what it becomes where its arguments
    have other names, too, or are fewer.
    """
    item, call = registry.ITEMS.get(meant), frame.calls.get(id(used))
    if item is None:
        return None
    if call is None:
        there = as_meant(meant, used.name)
        return (used.span, Guess(there, sure=True)) if there != meant else None
    names = [one.name.name if one.name else None for one in call.arguments]
    texts = [one.value.span.text for one in call.arguments]
    found = translated(item, [*zip(names, texts, strict=True)], used.name)
    if found is None:
        return None
    fits = call is frame.root or id(call) in frame.links or "->" not in found.text
    return call.span, Guess(found.text, sure=fits and found.whole)


def _differs(used: ast.Name, meant: str) -> bool:
    """Whether what is ``meant`` by the name takes its arguments otherwise elsewhere."""
    item = registry.ITEMS.get(meant)
    return item is not None and (used.name in item.elsewhere or used.name in item.order_elsewhere)


def _per_epoch(called: str, meant: str) -> bool:
    """Whether what is ``meant`` counts epochs where it is ``called`` so, and may count steps."""
    item = registry.ITEMS.get(meant)
    return item is not None and PER_EPOCH.items() <= item.elsewhere.get(called, {}).items()


def _layer_of_node(name: str) -> str | None:
    """The layer whose nodes netlang calls so, such as `linear1`, as it is written in a file."""
    stem = name.rstrip("0123456789")
    layers = (layer for layer in registry.items("layer") if layer.name.lower() == stem != name)
    return next((f"{one.name}(...)" if one.arguments else one.name for one in layers), None)


def _string(
    used: ast.Name, frame: Frame, choices: Collection[str], help: str | None
) -> UnknownName:
    """The report of a name that should be a string, with quotes."""
    name, span, argument = used.name, used.span, frame.strings.get(id(used))
    note, others = "a string stands in double quotes", _other_strings(used, frame)
    near = name not in registry.CHOICES and nearest(name, choices)
    sure = not help and bool(choices) and argument is not None and not near
    meant = Guess(name, sure)
    if argument and argument.choices and name not in argument.choices:
        there = choice_of(name, argument.choices)
        choice = Guess(there) if there else guess(name, argument.choices)
        if choice is None:
            if apart := activation_apart(name):
                return UnknownName(span, None, None, apart)
            return UnknownName(span, None, note, f"give {argument.expects}")
        meant = choice
    written = Guess(as_source(meant.text), meant.sure)
    if span.source.is_override:
        help = quotes_kept(span, written.text, requoted(span.source.text))
    return UnknownName(span, written, note, help, others=others)


def _others(used: ast.Name, frame: Frame) -> tuple[Span, ...]:
    """Where else the file uses the name for the same."""
    uses = (span for span in frame.names.uses.get(used.name, ()) if span != used.span)
    if id(used) in frame.items:  # elsewhere, it may stand for something of another kind
        return tuple(span for span in uses if frame.root.span.holds(span))
    return tuple(uses)


def _other_strings(used: ast.Name, frame: Frame) -> tuple[Span, ...]:
    """Where else the file uses the name as a string."""
    strings = (part for root in frame.names.roots for part, _ in strings_in(root))
    names = (part for part in strings if isinstance(part, ast.Name) and part.name == used.name)
    return tuple(name.span for name in names if name.span != used.span)
