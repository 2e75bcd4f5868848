"""The evaluator goes through an expression from the inside out, with a frame for each block."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from netlang.catalogue import registry
from netlang.catalogue.settings import SETTINGS, Setting, item_in_turn
from netlang.compiler.passes.bind import match_block
from netlang.compiler.passes.check import as_name
from netlang.compiler.passes.evaluate.frame import Frame
from netlang.compiler.passes.evaluate.operators import binary, made_of, unary
from netlang.compiler.passes.evaluate.unknown_names import UnknownNames
from netlang.compiler.passes.values import (
    Alias,
    Arrow,
    Block,
    BlockCall,
    CallArgument,
    Constant,
    Fan,
    Hole,
    ItemCall,
    Listing,
    Names,
    NetworkValue,
    Part,
    Poison,
    Scoped,
    Series,
    Tap,
    Value,
    WithTap,
    blame,
    describe,
    is_network,
    links_of,
)
from netlang.language.diagnostics import Cause, Diagnostic, Sink
from netlang.language.diagnostics.messages.names import ExpandsTooFar, WrongKind
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import plural, with_article
from netlang.language.source import Span
from netlang.language.syntax import ast

EXPANSION_LIMIT = 300_000  # expressions evaluated in the bodies of blocks

_Arguments = tuple[CallArgument, ...]


class Evaluator:
    """Evaluates definitions. It enters blocks without recursion, as they may be deeply nested."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.unknown = sink, UnknownNames(sink)
        self.expanded = 0

    def evaluate(self, root: ast.Expression, names: Names) -> Value:
        """The value of ``root`` where it stands: a hole in it belongs to no definition."""
        return self._run(Frame(root, names))

    def define(
        self, root: ast.Expression, names: Names, taps: Mapping[str, Span], setting: Setting | None
    ) -> Value:
        """The value of a definition's expression: all its uses share what it says of a hole.

        ``setting`` is the one that it defines, if any.
        """
        frame = Frame(root, names, taps, setting=setting)
        value = self._run(frame)
        if taps and is_network(value):
            return Scoped(value, value.span, frame.scope)
        return frame.in_scope(value)

    def try_body(self, block: Block) -> Value:
        """Evaluate the block's body for unknown arguments, only to report the mistakes in it."""
        unknown: dict[str, Value] = {name: Poison(block.span) for name in block.parameters}
        value = self._run(Frame(block.body, block.names, block.taps, unknown, block))
        return self.network(block.body, value)

    def _run(self, outermost: Frame) -> Value:
        frames = [outermost]
        while True:
            frame = frames[-1]
            inner = self._advance(frame)
            if inner:
                frames.append(inner)
                continue
            frames.pop()
            result = frame.value(frame.root)
            if not frames:
                return result
            assert frame.call
            frames[-1].done[id(frame.call)] = self._expansion(frame, result, frame.call)

    def _advance(self, frame: Frame) -> Frame | None:
        """Evaluate ``frame`` to its end, or up to where it enters a block."""
        for expr in frame.left:
            if isinstance(expr, ast.Argument):
                continue
            found = self._value(expr, frame)
            if isinstance(found, Frame):
                return found
            frame.done[id(expr)] = found
            if frame.call:
                self.expanded += 1
        return None

    def _expansion(self, frame: Frame, result: Value, call: ast.Name | ast.Call) -> Value:
        assert frame.block
        if self.expanded > EXPANSION_LIMIT:
            return self._too_far(frame.block, call)
        block, body = frame.block, self.network(frame.root, result)
        return BlockCall(body, block.name, call.span, frame.scope, block.span)

    def _value(self, expr: ast.Expression, frame: Frame) -> Value | Frame:
        match expr:
            case ast.Literal():
                return Constant(expr.value, expr.span)
            case ast.Hole():
                return Hole(expr.span)
            case ast.Name():
                return self._name(expr, frame)
            case ast.Parenthesized():
                return frame.value(expr.inner)
            case ast.Unary():
                return unary(expr, frame.value(expr.operand), self.sink)
            case ast.Binary():
                left, right = frame.value(expr.left), frame.value(expr.right)
                return binary(expr, left, right, frame.block, self.sink)
            case ast.ListOf():
                return self._list(expr, [frame.value(item) for item in expr.items])
            case ast.Chain():
                return self._chain(expr, frame)
            case ast.Tapped():
                return self._tapped(expr, frame)
            case ast.Call():
                return self._call(expr, frame)

    def _name(self, expr: ast.Name, frame: Frame) -> Value | Frame:
        if expr.name in frame.taps:
            # Where a tap with a name of the catalogue's is made, that name is reported.
            refused = expr.name in registry.NAMES
            return Poison(expr.span) if refused else Tap(expr.name, frame.scope, expr.span)
        match found := frame.find(expr.name):
            case None:
                return self._item(expr, (), expr, frame)
            case Constant():
                passed = (found.passed or found.span) if expr.name in frame.arguments else None
                return Constant(found.plain, expr.span, found.origins or (found.span,), passed)
            case Block() if id(expr) in frame.part_names:
                return Part(found.name, found.span, expr.span)
            case Block():
                return self._enter(found, (), expr, frame)
            case Poison():
                return found
        return Alias(found, expr.name, expr.span) if is_network(found) else found

    def _call(self, expr: ast.Call, frame: Frame) -> Value | Frame:
        callee = expr.callee
        found = frame.find(callee.name)
        if isinstance(found, Poison):
            return Poison(expr.span)
        arguments = tuple(_argument(one, frame) for one in expr.arguments)
        if isinstance(found, Block):
            return self._enter(found, arguments, expr, frame)
        # A tap with the name of an item is reported where it is made.
        if found or (callee.name in frame.taps and callee.name not in registry.ITEMS):
            what = describe(found) if found else "a tap"
            problem = f"`{callee.name}` takes no arguments: it is {what}"
            help = f"write `{callee.name}`"
            return self._poison(expr, WrongKind(callee.span, problem, "cannot be called", help))
        return self._item(callee, arguments, expr, frame)

    def _item(
        self, name: ast.Name, arguments: _Arguments, expr: ast.Expression, frame: Frame
    ) -> ItemCall | Poison:
        if item := registry.ITEMS.get(name.name):
            return ItemCall(item, arguments, expr.span)
        self.unknown.report(name, frame, called=expr is not name)
        return Poison(name.span)

    def _enter(
        self, block: Block, arguments: _Arguments, call: ast.Name | ast.Call, frame: Frame
    ) -> Poison | Frame:
        if block in self.unknown.wanting and len(arguments) > len(block.parameters):
            return Poison(call.span)
        values = match_block(block, arguments, call.span, self.sink)
        if values is None or frame.is_trial:
            return Poison(call.span)
        if self.expanded > EXPANSION_LIMIT:
            return self._too_far(block, call)
        return Frame(block.body, block.names, block.taps, values, block, call)

    def _too_far(self, block: Block, call: ast.Name | ast.Call) -> Poison:
        too_far = ExpandsTooFar(call.span, block.name, EXPANSION_LIMIT)
        return self._poison(call, too_far, Cause.TOO_FAR.at("blocks"))

    def _chain(self, expr: ast.Chain, frame: Frame) -> Value:
        links = [frame.value(link) for link in expr.links]
        found = [one for link in links for one in links_of(link)]
        kinds = [one.item.kind for one in found if isinstance(one, ItemCall)]
        kind = frame.kind if frame.kind and item_in_turn(frame.kind) else (*kinds, "")[0]
        is_arrow = kind == frame.kind or not any(map(_is_sound_network, links))
        setting = next((one for one in SETTINGS.values() if one.item == kind), None)
        if setting and not setting.in_turn and kinds == [kind] * len(found):
            return self._no_arrow(expr, setting)
        if not (is_arrow and item_in_turn(kind)):
            return Series(tuple(map(self.network, expr.links, links)), expr.span)
        calls = [one for one in found if isinstance(one, ItemCall) and one.item.kind == kind]
        if len(calls) == len(found):
            return Arrow(tuple(calls), expr.span)
        for link, value in zip(expr.links, links, strict=True):
            self._in_turn(kind, link, value)
        return Poison(expr.span)

    def _no_arrow(self, expr: ast.Chain, setting: Setting) -> Poison:
        """Report an arrow of items of a ``setting`` in which they do not follow each other."""
        texts = [link.span.text for link in expr.links]
        help = f"take one of them: `{setting.name} = {texts[0]}`"
        if setting.has_several or setting.by_part:
            help = f"several of them are a list: `{setting.name} = [{', '.join(texts)}]`"
        elif setting.item == "loss":
            help = f"several of them are a sum: `{setting.name} = {' + '.join(texts)}`"
        problem = f"a chain is made of layers, and these are {plural(setting.item)}"
        return self._poison(expr, WrongKind(expr.span, problem, "no layers", help))

    def _in_turn(self, kind: str, expr: ast.Expression, value: Value) -> None:
        """Report ``value`` if it cannot stand in an arrow of that ``kind`` of item."""
        is_item = isinstance(value, ItemCall) and value.item.kind == kind
        if is_item or isinstance(value, Poison | Arrow):
            return
        problem = f"this is an arrow of {kind}s, and {describe(value)} is none"
        help = f"put {with_article(kind)} here; `netlang layers` lists them"
        help, meant = as_name(value, kind) or (help, None)
        self._misplaced(expr, value, expr.span, kind, problem, help, meant)

    def network(self, expr: ast.Expression, value: Value) -> NetworkValue:
        """``value`` as a part of a network; anything else is reported."""
        if is_network(value):
            return value
        if isinstance(value, Listing):
            wrong = next(item for item in value.items if not is_network(item))
            problem = f"the branches of a fan-out are networks, and this is {describe(wrong)}"
            help = "put a layer or a chain here, or `Identity` to pass the input on"
            return self._misplaced(expr, wrong, wrong.span, "network", problem, help)
        problem = f"a chain is made of layers, and this is {describe(value)}"
        if isinstance(value, Constant) and value.plain == ():
            problem = "a fan-out needs branches, and this one has none"
        help = "put a layer here; `netlang layers` lists them"
        if isinstance(value, Constant) and value.plain is None:
            help = "write `Identity`, a layer that passes its input on"
        if isinstance(value, ItemCall):
            setting = next(one.name for one in SETTINGS.values() if one.item == value.item.kind)
            help = f"put it on a line of its own: `{setting} = {value.span.text}`"
        help, meant = as_name(value, "layer", "library block") or (help, None)
        return self._misplaced(expr, value, expr.span, "layer", problem, help, meant)

    def _misplaced(
        self,
        expr: ast.Expression,
        value: Value,
        span: Span,
        expected: str,
        problem: str,
        help: str,
        meant: Guess | None = None,
    ) -> Poison:
        """Report ``value``, which is used at ``span`` and is no ``expected``."""
        blamed, labels = blame(value, span, f"used as {with_article(expected)}")
        wrong = WrongKind(blamed, problem, f"not {with_article(expected)}", help, labels, meant)
        origins = value.origins if isinstance(value, Constant) else ()
        return self._poison(expr, wrong, *map(Cause.VALUE.at, origins))

    def _tapped(self, expr: ast.Tapped, frame: Frame) -> Value:
        inner = frame.value(expr.inner)
        if is_network(inner):
            return WithTap(inner, expr.name.name, frame.scope, expr.span)
        problem = f"`as` names a layer's output, and this is {describe(inner)}"
        help = "put `as` behind a layer, as in `Linear(8, 8) as tap`"
        return self._poison(expr, WrongKind(expr.inner.span, problem, "has no output", help))

    def _list(self, expr: ast.ListOf, items: list[Value]) -> Value:
        constants = [item for item in items if isinstance(item, Constant)]
        if len(constants) == len(items):
            return made_of(constants, tuple(one.plain for one in constants), expr.span)
        branches = [item for item in items if is_network(item)]
        if len(branches) == len(items):
            return Fan(tuple(branches), expr.span)
        if any(isinstance(item, Poison) for item in items):
            return Poison(expr.span)
        return Listing(tuple(items), expr.span)

    def _poison(
        self, expr: ast.Expression, diagnostic: Diagnostic, *causes: tuple[Cause, Hashable]
    ) -> Poison:
        self.sink.report(diagnostic, *causes)
        return Poison(expr.span)


def _is_sound_network(value: Value) -> bool:
    return is_network(value) and not isinstance(value, Poison)


def _argument(argument: ast.Argument, frame: Frame) -> CallArgument:
    name, name_span = (argument.name.name, argument.name.span) if argument.name else (None, None)
    return CallArgument(name, name_span, frame.value(argument.value), argument.span)
