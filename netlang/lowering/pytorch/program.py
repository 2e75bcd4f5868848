"""A program as a file of PyTorch: ``torch.nn``, ``torch.optim`` and autograd, and nothing of ours.

It means what the .net file means: the same data, initial weights of the same distribution, the
same loss, batches and optimizer. All that it draws comes from torch's own generator, but the data.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import netlang
from netlang.catalogue.arguments import Item
from netlang.catalogue.data import DataSet
from netlang.catalogue.metrics import Metric
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Graph, Node, Program
from netlang.language.diagnostics.excerpt import visible
from netlang.language.source import SourceFile
from netlang.lowering.pytorch.counterparts import (
    Definition,
    TableLoader,
    TorchExpression,
    TorchLoss,
    TorchModule,
)
from netlang.lowering.pytorch.python import element, statement
from netlang.lowering.pytorch.table import lowers
from netlang.system.record import Record

# What PyTorch imports beside the standard library.
_NEEDED = (
    "filelock", "fsspec", "jinja2", "mpmath", "networkx", "numpy", "sympy", "torch",
    "typing_extensions",
)  # fmt: skip

_STANDARD = ("argparse", "math", "sys")  # of its modules, those that any text may name


class Unexportable(Exception):
    """A part of the program has no counterpart in PyTorch; the message says which, and where."""

    def __init__(self, item: Item | type[Item], where: str = "") -> None:
        named = item if isinstance(item, type) else type(item)
        way_out = f"a function below `@pytorch.lowers({named.__name__})` would say it"
        super().__init__(f"{named.name}{where} has no counterpart in PyTorch: {way_out}")


class Exported(Record):
    """``source``, and where ``Model`` has the module of each node that is one."""

    source: str
    modules: Mapping[int, str]


def to_pytorch(program: Program, folder: Path) -> Exported:
    """The program as Python for a file in ``folder``; of a network alone, the model alone.

    Raises Unexportable.
    """
    model = _Model(program.graph)
    needs = list(model.needs)
    blocks = [*_sources(needs), model.source]
    constants = ""
    if program.data and program.loss and program.optimizer:
        # The seed is an argument of the program's.
        named = [name for name in plain_settings() if name != "seed"]
        constants = "".join(f"{name.upper()} = {program.settings.get(name)!r}\n" for name in named)
        data = _data(program.data, folder)
        optimizer, epoch = (_optimizer(program), _EPOCH) if model.has_weights else _UNTRAINED
        blocks += [*_criterion(program), optimizer, *_sources([data], needs)]
        told = _OF_A_TABLE if isinstance(data, TableLoader) else _WITHOUT_A_TABLE
        blocks += [epoch, _TRAINING.format(**told, seed=program.seed)]
        needs.append(data)
    body = "\n\n".join(blocks)
    name = visible(program.source.name)
    head = f"# {name} in PyTorch, as netlang {netlang.__version__} writes it.\n"
    head += "".join(f"# It has --set {visible(override)}.\n" for override in program.overrides)
    parts = [head, _imports(body, needs), constants]
    return Exported("\n".join([*filter(None, parts), f"\n{body}"]), model.places)


def is_module(stem: str) -> bool:
    """Whether Python takes the file ``stem``.py for a module that PyTorch needs, if it can be."""
    return stem in sys.stdlib_module_names or stem in _NEEDED


class _Model:
    """The network as a class ``Model``: an ``nn.Sequential`` where layers follow one another."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.layers = {number: _layer(self._node(number)) for number in sorted(graph.live - {0})}
        self.modules = {
            number: layer for number, layer in self.layers.items() if isinstance(layer, TorchModule)
        }
        # The first that is computed of those that share weights has the module of them all.
        self.holders: dict[int, int] = {}
        for number in self.modules:
            self.holders.setdefault(self._owner(number), number)
        self.is_chain = self._is_chain()
        self.places = {
            number: str(place) if self.is_chain else self._name(number)
            for place, number in enumerate(self.modules)
        }

    @property
    def has_weights(self) -> bool:
        return any(self._node(number).layer.size for number in self.modules)

    @property
    def needs(self) -> Iterator[Definition]:
        for module in self.modules.values():
            yield from module.uses

    @property
    def source(self) -> str:
        lines = self._sequential() if self.is_chain else self._wired()
        return "\n".join(lines) + "\n"

    def _node(self, number: int) -> Node:
        return self.graph.nodes[number]

    def _owner(self, number: int) -> int:
        return self._node(number).shares or number

    def _name(self, number: int) -> str:
        """Its attribute; nodes that share weights share the module."""
        return self._node(self.holders[self._owner(number)]).name

    def _is_chain(self) -> bool:
        before = [0, *self.layers]
        follows = all(
            self._node(number).inputs == (source,) and not self._node(number).shares
            for source, number in zip(before, self.layers, strict=False)
        )
        return follows and len(self.modules) == len(self.layers)

    def _sequential(self) -> Iterator[str]:
        yield "class Model(nn.Sequential):"
        yield "    def __init__(self):"
        yield "        super().__init__("
        for number, comment in self._commented():
            if comment:
                yield f"            {comment}"
            yield element(12, self.modules[number].text)
        yield "        )"

    def _wired(self) -> Iterator[str]:
        yield "class Model(nn.Module):"
        yield "    def __init__(self):"
        yield "        super().__init__()"
        for number, module in self.modules.items():
            if self.holders[self._owner(number)] == number:
                yield statement(8, f"self.{self.places[number]} = ", module.text)
        yield ""
        yield "    def forward(self, x):"
        for number, comment in self._commented():
            if comment:
                yield f"        {comment}"
            yield statement(8, f"x{number} = ", self._applied(number))
        yield f"        return {self._value(self.graph.result)}"

    def _applied(self, number: int) -> str:
        """What the node gives, as an expression in the values of others."""
        layer, inputs = self.layers[number], [*map(self._value, self._node(number).inputs)]
        if isinstance(layer, TorchModule):
            return f"self.{self.places[number]}({', '.join(inputs)})"
        names = ["x"] if len(inputs) == 1 else [f"x{place}" for place in range(len(inputs))]
        values = dict(zip(names, inputs, strict=True))
        return re.sub(r"\bx\d*\b", lambda found: values[found[0]], layer.text)

    def _value(self, number: int) -> str:
        return f"x{number}" if number else "x"

    def _commented(self) -> Iterator[tuple[int, str]]:
        """The nodes, and where another line of the file begins, that line as a comment."""
        last: tuple[SourceFile, int] | None = None
        for number in self.layers:
            span = self._node(number).origin.span
            place = span.source, span.first.line
            text = "" if place == last else span.source.line(span.first.line).strip()
            yield number, f"# {visible(text)}" if text else ""
            last = place


def _layer(node: Node) -> TorchModule | TorchExpression:
    found: TorchModule | TorchExpression | None = lowers.lowered(node.layer, *node.takes)
    if found is None:
        raise Unexportable(node.layer, f" in line {node.origin.span.first.line}")
    return found


def _data(data: DataSet, folder: Path) -> Definition:
    found: Definition | None = lowers.lowered(data, folder)
    if found is None:
        raise Unexportable(data)
    return found


def _criterion(program: Program) -> Iterator[str]:
    """The loss, and what is measured."""
    assert program.loss
    loss: TorchLoss | None = lowers.lowered(program.loss, program.graph.output)
    if loss is None:
        raise Unexportable(program.loss)
    outputs = program.graph.output.sizes[-1]
    values = ""
    if program.description and program.description.classes and not loss.of_classes:
        columns = "t.unsqueeze(1)" if outputs == 1 else f"F.one_hot(t, {outputs})"
        values = f"    t = {columns}.to(y.dtype)\n"
    yield f"def loss(y, t):\n{values}{statement(4, 'return ', loss.text)}\n"
    measured = {"loss": loss.per_sample} | {
        metric.name: _metric(metric, outputs) for metric in program.metrics
    }
    lines = [element(8, f"{text}.item()", f'"{name}": ') for name, text in measured.items()]
    yield "\n".join(
        [
            "def measure(y, t):",
            '    """The loss of outputs for targets, on the scale of a sample, and the metrics."""',
            "    return {",
            *lines,
            "    }",
            "",
        ]
    )


def _metric(metric: Metric, outputs: int) -> str:
    text: str | None = lowers.lowered(metric, outputs)
    if text is None:
        raise Unexportable(metric)
    return text


def _optimizer(program: Program) -> str:
    assert program.optimizer
    text: str | None = lowers.lowered(program.optimizer)
    if text is None:
        raise Unexportable(program.optimizer)
    return f"def make_optimizer(model):\n{statement(4, 'return ', text)}\n"


def _sources(needed: Iterable[Definition], but: Iterable[Definition] = ()) -> list[str]:
    """The definitions, each once and behind those that it uses, without those known."""
    found: dict[str, None] = {}
    for one in needed:
        found |= dict.fromkeys([*_sources(one.uses), one.source])
    known = _sources(but) if but else []
    return [source for source in found if source not in known]


def _imports(body: str, needed: Iterable[Definition]) -> str:
    """The modules that the text names."""
    lines = {line for one in needed for line in _imported(one)}
    lines |= {f"import {name}" for name in _STANDARD if re.search(rf"\b{name}\.", body)}
    plain = sorted(line for line in lines if line.startswith("import "))
    parts = sorted(lines.difference(plain))
    torch = ["import torch"] if re.search(r"\btorch\.", body) else []
    functional = ["import torch.nn.functional as F"] if re.search(r"\bF\.", body) else []
    optim = ", optim" if re.search(r"\boptim\.", body) else ""
    ours = [*torch, *functional, f"from torch import nn{optim}"]
    standard = [*plain, *parts, ""] if lines else []
    return "\n".join([*standard, *ours]) + "\n"


def _imported(definition: Definition) -> Iterator[str]:
    yield from definition.imports
    for used in definition.uses:
        yield from _imported(used)


_EPOCH = '''\
def train_epoch(model, optimizer, x, t, order):
    """One pass over the samples in that order; gives what the model said meanwhile."""
    model.train()
    outputs = []
    for inputs, targets in zip(x[order].split(BATCH), t[order].split(BATCH)):
        optimizer.zero_grad()
        y = model(inputs)
        loss(y, targets).backward()
        optimizer.step()
        outputs.append(y.detach())
    return torch.cat(outputs)
'''

# Optimizers refuse a model without weights, and autograd a loss that depends on none.
_UNTRAINED = (
    '''\
def make_optimizer(model):
    """None: the model has no weights to train."""
    return None
''',
    '''\
def train_epoch(model, optimizer, x, t, order):
    """One pass over the samples in that order; gives what the model said meanwhile."""
    model.train()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x[order].split(BATCH)])
''',
)

_TRAINING = """\
def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x.split(1000)])


def main({parameters}):
    torch.manual_seed(seed)
{loading}
    model = Model()
    optimizer = make_optimizer(model)
    x, t = data["train"]
    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(x))
        y = train_epoch(model, optimizer, x, t, order)
        measured = {{"train": measure(y, t[order])}}
        for part in [part for part in data if part != "train"]:
            inputs, targets = data[part]
            measured[part] = measure(evaluate(model, inputs), targets)
        shown = [
            f"{{part}}.{{name}} {{value:.6g}}"
            for part, values in measured.items()
            for name, value in values.items()
        ]
        print(f"epoch {{epoch}}/{{EPOCHS}}", *shown, sep="  ")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train and test the model.")
    parser.add_argument("seed", type=int, nargs="?", default={seed}, help="default: {seed}")
{call}
"""

_WITHOUT_A_TABLE = {
    "parameters": "seed",
    "loading": "    data = load_data(seed)",
    "call": "    main(parser.parse_args().seed)",
}
_OF_A_TABLE = {
    "parameters": "seed, table=TABLE",
    "loading": """\
    try:
        data = load_data(seed, table)
    except KeyError as column:
        sys.exit(f"the table {table} has no column {column}; --table names another")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"cannot read the table {table}: {reason}; --table names another")""",
    "call": """\
    parser.add_argument("--table", metavar="FILE", default=TABLE, help="the data")
    arguments = parser.parse_args()
    main(arguments.seed, arguments.table)""",
}
