"""All files of a program are resolved together: a definition may use those of other files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netlang.catalogue import library
from netlang.compiler.passes.evaluate import Evaluator
from netlang.compiler.passes.resolve.evaluation_order import evaluation_order
from netlang.compiler.passes.resolve.imports import Unit
from netlang.compiler.passes.resolve.overrides import no_arguments
from netlang.compiler.passes.resolve.replacement import replace
from netlang.compiler.passes.resolve.resolved_file import ResolvedFile
from netlang.compiler.passes.values import Poison
from netlang.language.diagnostics import Sink
from netlang.language.diagnostics.messages.names import Cycle
from netlang.language.syntax import ast


def resolve(
    units: Sequence[Unit], overrides: Sequence[ast.Override], sink: Sink
) -> list[ResolvedFile]:
    """Resolve ``units``: the last is the file itself, and those that it imports come before it."""
    evaluator = Evaluator(sink)
    main = ResolvedFile(units[-1], None, evaluator)
    files = {unit: ResolvedFile(unit, main, evaluator) for unit in units[:-1]} | {units[-1]: main}
    for file in files.values():
        file.take_imports(files)
    main.mentioned |= {used.name for one in overrides for used in ast.names_in(one.value)}
    in_order = [*_library_for(files.values(), main), *files.values()]
    for override in overrides:
        replace(override, main)
    _evaluate(in_order, sink)
    expects = (one for one in main.tree.statements if isinstance(one, ast.Expect))
    main.expectations += ((one, evaluator.evaluate(one.bound, main.names)) for one in expects)
    return in_order


def _library_for(files: Iterable[ResolvedFile], main: ResolvedFile) -> list[ResolvedFile]:
    """The library, if ``files`` use a block of it: it is parsed only then."""
    lacking = {file: library.NAMES & file.mentioned - file.defined for file in files}
    if not any(lacking.values()):
        return []
    shelf = ResolvedFile(Unit(library.file(), {}), main, main.evaluator)
    for file, blocks in lacking.items():
        file.take_library(blocks, shelf)
    return [shelf]


def _evaluate(files: Sequence[ResolvedFile], sink: Sink) -> None:
    """Give all definitions their values, each after those that it uses, in whatever file."""
    owners = {one: file for file in files for one in file.definitions.values()}
    uses = {one: file.uses_of(one) for one, file in owners.items()}
    order, cycles, closed = evaluation_order(uses)
    for cycle in cycles:
        names = tuple(one.defines for one, _ in cycle)
        first, *others = (used.span for _, used in cycle)
        blocks = all(one.parameters is not None for one, _ in cycle)
        sink.report(Cycle(first, names, tuple(others), blocks))
    for one, used in closed.items():
        owners[one].give(one.defines, Poison(used.span))
    for one in order:
        owners[one].evaluate(one)
    for file in files:
        for name, (override, *_) in file.overrides.items():
            if name not in file.values:
                sink.report(no_arguments(override.path[:1], "this file does not define it"))
