"""From an expression to its value: names looked up, blocks entered."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netlang.catalogue import registry
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.bind import place_in_block
from netlang.compiler.passes.frame import Frame, entered
from netlang.compiler.passes.operators import binary, unary
from netlang.compiler.passes.overrides import requoted
from netlang.compiler.passes.values import (
    Block,
    CallArgument,
    Constant,
    Fan,
    Hole,
    ItemCall,
    Listing,
    Named,
    Names,
    Network,
    Poison,
    Scope,
    Scoped,
    Series,
    Tap,
    Value,
    WithTap,
    describe,
    is_network,
)
from netlang.language.diagnostics import Diagnostic, Sink
from netlang.language.diagnostics.foreign import help_for, help_for_call
from netlang.language.diagnostics.names import ExpandsTooFar, UnknownName, WrongKind
from netlang.language.diagnostics.shell import ORIGIN, quotes_kept
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import Span
from netlang.language.syntax import ast

EXPANSION_LIMIT = 300_000  # expressions evaluated in the bodies of blocks
SUGGESTION_LIMIT = 50  # unknown names that are compared with all known ones

_WORDS = ("true", "false", "none")


class Evaluator:
    """Evaluates one definition after another. Blocks are entered without recursion."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._expanded = self._unknowns = 0
        self._wanting: set[Block] = set()  # those that use a name which they may lack as parameter
        self._expands = True

    def evaluate(
        self, root: ast.Expression, names: Names, taps: Mapping[str, Span] = MappingProxyType({})
    ) -> Value:
        """What ``root``, a definition's expression with these taps, means."""
        scope = Scope("")
        value = self._run(Frame(root, names, taps, scope))
        if isinstance(value, Hole) and value.scope is None:
            return Hole(value.span, scope)
        if taps and is_network(value):
            return Scoped(value, scope, value.span)
        return value

    def try_body(self, block: Block) -> Value:
        """The block's body for arguments that are not known: for the mistakes in it alone."""
        unknown: dict[str, Value] = {name: Poison(block.span) for name in block.parameters}
        self._expands = False
        value = self._run(entered(block, Scope(block.name), unknown))
        self._expands = True
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
        for node in frame.left:
            if isinstance(node, ast.Argument):
                continue
            found = self._value(node, frame)
            if isinstance(found, Frame):
                return found
            frame.done[id(node)] = found
            if frame.call:
                self._expanded += 1
        return None

    def _expansion(self, frame: Frame, result: Value, call: ast.Name | ast.Call) -> Value:
        if self._expanded > EXPANSION_LIMIT:
            return Poison(call.span)
        body = self.network(frame.root, result)
        return Named(Scoped(body, frame.scope, body.span), frame.scope.name, call.span)

    def _value(self, node: ast.Expression, frame: Frame) -> Value | Frame:
        match node:
            case ast.Literal():
                return Constant(node.value, node.span)
            case ast.Hole():
                return Hole(node.span)
            case ast.Name():
                return self._name(node, frame)
            case ast.Parenthesized():
                return frame.value(node.inner)
            case ast.Unary():
                return unary(node, frame.value(node.operand), self.sink)
            case ast.Binary():
                return binary(node, frame.value(node.left), frame.value(node.right), self.sink)
            case ast.ListOf():
                return self._list(node, [frame.value(item) for item in node.items])
            case ast.Chain():
                links = (self.network(link, frame.value(link)) for link in node.links)
                return Series(tuple(links), node.span)
            case ast.Tapped():
                return self._tapped(node, frame)
            case ast.Call():
                return self._call(node, frame)

    def _name(self, node: ast.Name, frame: Frame) -> Value | Frame:
        if node.name in frame.taps:
            return Tap(node.name, frame.scope, node.span)
        found = frame.find(node.name)
        match found:
            case None:
                if item := registry.ITEMS.get(node.name):
                    return ItemCall(item, (), node.span)
                return self._unknown(node, frame)
            case Constant():
                return _brought(found, node, node.name in frame.arguments)
            case Block():
                return self._enter(found, (), node, frame)
            case Poison():
                return found
        if is_network(found):
            return Named(found, node.name, node.span)
        return found

    def _unknown(self, node: ast.Name, frame: Frame, called: bool = False) -> Poison:
        self._unknowns += 1
        meant, sure = None, False
        in_other_case = any(node.name.casefold() == name.casefold() for name in registry.NAMES)
        help = None if in_other_case else help_for(node.name)
        if node.name in SETTINGS:
            help = f"`{node.name}` is a setting, and this file does not have it: write a value here"
        if node.name in ("N", "None", "batch") and isinstance(frame.root, ast.ListOf):
            help = f"a shape is one sample's: leave `{node.name}`, the batch, out"
        choices: list[str] = []
        if self._unknowns <= SUGGESTION_LIMIT:  # to list them each time takes as long as they are
            others = frame.names.all - SETTINGS.keys() if called else frame.names.all
            choices = [*frame.arguments, *frame.taps, *others, *_WORDS]
        if not help and choices:
            meant = registry.suggest(node.name, choices)
            sure = meant is not None and meant == registry.certain(node.name, choices)
        signature = registry.signature(meant or "")
        note = f"it is `{signature}`" if signature else None
        if node.name in registry.CHOICES or id(node) in frame.strings:
            named = node.name not in registry.CHOICES and nearest(node.name, choices)
            sure = not help and bool(choices) and id(node) in frame.strings and not named
            meant, note = f'"{node.name}"', "a string stands in double quotes"
            if node.span.source.name == ORIGIN:
                text = node.span.source.text
                help = quotes_kept(node.span, meant, requoted(text))
        if not frame.names.complete:
            return Poison(node.span)
        if owner := frame.names.taps.get(node.name):
            meant, note = None, f"`{node.name}` is a tap of `{owner}`, and known in it alone"
            help = f"join it there, or write what `{owner}` is in place of its name"
        if called and not meant and not help:
            help = help_for_call(node.name)
        made = frame.taps.get(meant or "")
        uses = frame.names.uses
        misspelt, elsewhere = None, tuple[Span, ...]()
        if meant:
            elsewhere = tuple(span for span in uses.get(node.name, ()) if span != node.span)
        if elsewhere and meant not in uses:
            misspelt = frame.names.places.get(meant or "")
        if frame.block and not meant and not help:
            self._wanting.add(frame.block)
            help = f"make it a parameter, `block {frame.block.with_parameter(node.name)}`, "
            help += f"or define it, `{node.name} = ...`"
        unknown = UnknownName(
            node.span, node.name, "name", meant, note, help, made, misspelt, elsewhere, sure
        )
        self.sink.report(unknown, ("unknown", frame.names, node.name))
        return Poison(node.span)

    def _call(self, node: ast.Call, frame: Frame) -> Value | Frame:
        callee = node.callee
        found = frame.find(callee.name)
        if isinstance(found, Poison):
            return Poison(node.span)
        given = tuple(
            CallArgument(
                argument.name.name if argument.name else None,
                argument.name.span if argument.name else None,
                frame.value(argument.value),
                argument.span,
            )
            for argument in node.arguments
        )
        if isinstance(found, Block):
            return self._enter(found, given, node, frame)
        if found or callee.name in frame.taps:
            what = describe(found) if found else "a tap"
            problem = f"`{callee.name}` takes no arguments: it is {what}"
            help = f"write `{callee.name}`"
            return self._poison(node, WrongKind(callee.span, problem, "cannot be called", help))
        item = registry.ITEMS.get(callee.name)
        if item is None:
            return self._unknown(callee, frame, called=True)
        return ItemCall(item, given, node.span)

    def _enter(
        self, block: Block, given: tuple[CallArgument, ...], call: ast.Name | ast.Call, frame: Frame
    ) -> Poison | Frame:
        if block in self._wanting and len(given) > len(block.parameters):
            return Poison(call.span)
        placed = place_in_block(block, given, call.span, self.sink)
        if placed is None or not self._expands:
            return Poison(call.span)
        if self._expanded > EXPANSION_LIMIT:
            too_far = ExpandsTooFar(call.span, block.name, EXPANSION_LIMIT)
            self.sink.report(too_far, ExpandsTooFar)
            return Poison(call.span)
        scope = Scope(block.name)
        arguments = {
            name: Hole(value.span, scope)
            if isinstance(value, Hole) and value.scope is None
            else value
            for name, value in placed.items()
        }
        return entered(block, scope, arguments, call)

    def network(self, node: ast.Expression, value: Value) -> Network:
        """``value`` as a part of a network; anything else is reported."""
        if is_network(value):
            return value
        if isinstance(value, Listing):
            wrong = next(item for item in value.items if not is_network(item))
            problem = f"the branches of a fan-out are networks, and this is {describe(wrong)}"
            help = "put a layer or a chain here, or `Identity` to pass the input on"
            place = wrong.given if isinstance(wrong, Constant) and wrong.given else wrong.span
            self.sink.report(WrongKind(place, problem, "not a network", help), place)
            return Poison(node.span)
        problem = f"a chain is made of layers, and this is {describe(value)}"
        if isinstance(value, Constant) and value.plain == ():
            problem = "a fan-out needs branches, and this one has none"
        help = "put a layer here; `netlang layers` lists them"
        if isinstance(value, Constant) and value.origins:
            place = value.given or value.origins[0]
            self.sink.report(WrongKind(place, problem, "not a layer", help), place)
            return Poison(node.span)
        if isinstance(value, ItemCall) and value.item.kind in SETTINGS:
            help = f"put it on a line of its own: `{value.item.kind} = {value.span.text}`"
        return self._poison(node, WrongKind(node.span, problem, "not a layer", help))

    def _tapped(self, node: ast.Tapped, frame: Frame) -> Value:
        inner = frame.value(node.inner)
        if is_network(inner):
            return WithTap(inner, node.name.name, frame.scope, node.span)
        problem = f"`as` names a layer's output, and this is {describe(inner)}"
        help = "put `as` behind a layer, as in `Linear(8, 8) as tap`"
        return self._poison(node, WrongKind(node.inner.span, problem, "has no output", help))

    def _list(self, node: ast.ListOf, items: list[Value]) -> Value:
        values = [item.plain for item in items if isinstance(item, Constant)]
        if len(values) == len(items):
            return Constant(tuple(values), node.span)
        branches = [item for item in items if is_network(item)]
        if len(branches) == len(items):
            return Fan(tuple(branches), node.span)
        if any(isinstance(item, Poison) for item in items):
            return Poison(node.span)
        return Listing(tuple(items), node.span)

    def _poison(self, node: ast.Expression, diagnostic: Diagnostic) -> Poison:
        self.sink.report(diagnostic)
        return Poison(node.span)


def _brought(found: Constant, node: ast.Name, as_argument: bool) -> Constant:
    """The constant ``found`` at a use of its name, which may be a block's parameter."""
    given = (found.given or found.span) if as_argument else None
    return Constant(found.plain, node.span, found.origins or (found.span,), given)
