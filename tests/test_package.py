"""What holds of the package as a whole: what it does without, and what every part of it has."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import netlang
from netlang.catalogue import registry
from netlang.catalogue.items import Item
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from tests.paths import MODELS, ROOT
from tests.together import together

PACKAGE = ROOT / "netlang"
MODULES = sorted(PACKAGE.rglob("*.py"))
modules = together("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))

FORBIDDEN_NAMES = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "pickle",
    "marshal",
    "shelve",
    "autograd",
}
FORBIDDEN_ATTRIBUTES = {
    *("requires_grad", "requires_grad_", "autograd", "enable_grad", "set_grad_enabled"),
    *("pickle", "system", "popen"),
}
FORBIDDEN_OF_TORCH = {"nn", "optim", "autograd", "load", "save", "compile", "jit", "hub"}
FORBIDDEN_MODULES = re.compile(
    r"torch\.(nn|optim|autograd|jit|hub|utils(?!\.tensorboard)|func)|pickle|marshal|shelve|dill|cloudpickle"
    r"|requests|urllib|http|socket"
)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def mistakes(tree: ast.AST) -> list[str]:
    """The forbidden things that the code uses; what stands in docstrings is no code."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [alias.name for alias in names if FORBIDDEN_MODULES.match(alias.name)]
            case ast.ImportFrom(module=str(module), names=names):
                full = [f"{module}.{alias.name}" for alias in names]
                found += [name for name in full if FORBIDDEN_MODULES.match(name)]
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_NAMES:
                found.append(f"{name}()")
            case ast.Call(func=ast.Attribute(attr="backward"), args=[]):
                found.append("backward()")  # a loss's, and nobody's in a module of layers
            case ast.Attribute(value=ast.Name(id="torch" | "F"), attr=name) if (
                name in FORBIDDEN_OF_TORCH
            ):
                found.append(f"torch.{name}")
            case ast.Attribute(attr=name) if name in FORBIDDEN_ATTRIBUTES:
                found.append(name)
            case ast.keyword(arg="requires_grad"):
                found.append("requires_grad=")
            case _:
                pass
    return found


@modules
def test_a_module_uses_no_autograd_no_ready_made_layers_no_pickle_and_runs_no_text(
    path: Path,
) -> None:
    assert not mistakes(parsed(path))


@pytest.mark.parametrize(
    "code",
    [
        "import torch.nn as nn",
        "from torch import nn",
        "from torch.optim import Adam",
        "import pickle",
        "torch.nn.Linear(2, 3)",
        "torch.load(path)",
        "eval(text)",
        "exec(text)",
        "x.requires_grad_()",
        "torch.zeros(3, requires_grad=True)",
        "torch.autograd.grad(y, x)",
        "loss(y, t).backward()",
    ],
)
def test_the_search_for_what_is_forbidden_finds_it(code: str) -> None:
    assert mistakes(ast.parse(code))


def test_a_method_called_eval_is_not_the_function_that_runs_text() -> None:
    assert not mistakes(ast.parse('"""torch.nn and eval(x) in prose."""\nmodel.eval()\n'))


@modules
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?", ","))


def test_the_grammar_holds_no_name_of_the_catalogue_and_no_setting() -> None:
    grammar = (ROOT / "grammars" / "netlang.lark").read_text(encoding="utf-8")
    code = re.sub(r"//.*", "", grammar)
    words = set(re.findall(r"\w+", code))
    assert "expect" in words
    assert not words & {*registry.ITEMS, *SETTINGS}


@together(
    "path", sorted((PACKAGE / "compiler" / "passes").rglob("*.py")), ids=lambda path: path.stem
)
def test_a_pass_knows_no_item_of_the_catalogue_so_that_a_new_one_needs_no_change(
    path: Path,
) -> None:
    nodes = [*ast.walk(parsed(path))]
    strings = {node.value for node in nodes if isinstance(node, ast.Constant)}
    imported = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and "catalogue" in (node.module or "")
        for name in node.names
    }
    classes = {item.__name__ for item in registry.ITEMS.values()}
    assert not (strings | imported) & {*registry.ITEMS, *classes}


def test_checking_a_file_imports_neither_torch_nor_rich_nor_numpy_nor_the_c() -> None:
    program = (
        "import json, sys\n"
        "from netlang.tools.cli.group import cli\n"
        "status = cli(['check', *sys.argv[1:]], standalone_mode=False)\n"
        "heavy = sorted({'torch', 'rich', 'numpy', 'netlang.lowering.c'} & set(sys.modules))\n"
        "print(json.dumps([status, heavy]))\n"
    )
    models = [str(MODELS / "model2.net"), str(MODELS / "iris.net")]  # without and with a table
    command = [sys.executable, "-c", program, *models]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    *_, last = result.stdout.splitlines()
    assert json.loads(last) == [0, []]


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.net")), ids=lambda path: path.stem)
def test_a_model_is_without_mistakes_can_be_run_and_says_what_to_expect(path: Path) -> None:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"), path)
    compilation = compile_source(source, to_run=True)
    assert not compilation.diagnostics
    assert compilation.require().expectations
    assert source.text.startswith("# ")


@together("item", registry.ITEMS.values(), ids=lambda item: item.name)
def test_an_item_of_the_catalogue_says_what_it_computes_and_where_that_is_from(
    item: type[Item],
) -> None:
    docstring = inspect.getdoc(item)
    assert docstring
    assert docstring != inspect.getdoc(item.__mro__[1])
    if item.kind == "layer":
        assert "Shape: [" in docstring
    if item.kind in ("layer", "loss", "optimizer"):
        assert "Source: " in docstring
    if item.kind == "data set":
        assert "Inputs: [N" in docstring


@together("item", registry.ITEMS.values(), ids=lambda item: item.name)
def test_an_argument_says_what_it_is(item: type[Item]) -> None:
    assert all(argument.doc for argument in item.arguments)


def _fan_out(shapes: list[tuple[int, ...]]) -> str:
    """From the first of ``shapes``, a branch for each of them."""
    if len(shapes) == 1:
        return "Identity"
    branches = (
        " -> ".join(f"Slice(0, {size}, dim={dim})" for dim, size in enumerate(shape, 1))
        for shape in shapes
    )
    return f"[{', '.join(branches)}]"


@together("item", registry.items("layer"), ids=lambda item: item.name)
def test_a_layer_has_examples_that_compile(item: type[Item]) -> None:
    examples = getattr(item, "examples", ())
    assert examples
    for use, *shapes in examples:
        sizes_of = [shape.sizes if isinstance(shape, Shape) else shape for shape in shapes]
        largest = [max(sizes) for sizes in zip(*sizes_of, strict=True)]
        before = "" if issubclass(item, RowPart) else f"{_fan_out(shapes)} -> "
        text = f"net = {before}{use}\ninput = {largest}"
        compilation = compile_source(SourceFile("example.net", text))
        assert not any(one.is_error for one in compilation.diagnostics)


def test_no_name_of_the_catalogue_is_a_setting_or_a_word_of_the_language() -> None:
    assert not set(registry.ITEMS) & {*SETTINGS, "expect", "true", "false", "none"}


def test_the_package_and_what_is_installed_of_it_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == netlang.__version__


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout tells what belongs to it")
def test_the_top_level_holds_what_it_is_to_hold_and_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    top = {name.split("/")[0] for name in listed.stdout.splitlines()}
    files = {"pyproject.toml", "README.md", "LICENSE", "CONTRIBUTING.md", "constraints.txt"}
    assert {name for name in top if name[0] != "."} == files | {
        *("netlang", "grammars", "models", "tests")
    }
