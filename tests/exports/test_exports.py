"""Files of models/, exported to each target, answer as netlang does where it is not installed."""

from __future__ import annotations

import doctest
import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from netlang.lowering.languages import EXPORTS, LOWERINGS
from netlang.system.shipped import folder
from netlang.tools.cli.group import cli
from tests.exports.__main__ import MOST, layers_said
from tests.exports.targets import STEM, TARGETS, Environments, difference, said_by_python
from tests.exports.trained import trained
from tests.paths import ROOT

README = (ROOT / "README.md").read_text()
MODELS = sorted(path.stem for path in folder("models").glob("*.net"))
FAST = ["iris", "multitask", "siamese", "xor"]


@pytest.mark.slow
def test_where_netlang_is_not_installed(tmp_path: Path) -> None:
    environments = Environments(tmp_path / "environments")
    for name in ("multitask", "lenet"):
        model = trained(folder("models") / f"{name}.net")
        for target in TARGETS:
            own = tmp_path / name / target.name
            assert difference(target, model, environments, own) <= MOST, f"{name}, {target.name}"


def test_each_target_is_asked() -> None:
    assert {one.name for one in TARGETS} == {name for name, one in EXPORTS.items() if one.network}


@pytest.mark.parametrize(
    "name",
    [*FAST, *(pytest.param(one, marks=pytest.mark.slow) for one in MODELS if one not in FAST)],
)
def test_files_of_python_answer_as_netlang_does(name: str, tmp_path: Path) -> None:
    model = trained(folder("models") / f"{name}.net")
    for target in ("numpy", "torch"):
        network = EXPORTS[target].network
        assert network
        for file, content in network(model.program, STEM).items():
            (tmp_path / file).write_bytes(content)
        spec = spec_from_file_location("exported", tmp_path / f"{STEM}.py")
        assert spec
        assert spec.loader
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        asked = model.question
        samples = asked.get("array", [*map(str, asked["texts"])] if "texts" in asked else asked)
        found, wanted = said_by_python(module.answers(samples), model), model.said
        nothing = {k: v[:0] for k, v in asked.items()} if samples is asked else samples[:0]
        assert not any(map(len, module.answers(nothing).values()))
        scaled = torch.from_numpy((found.numbers - wanted.numbers) / wanted.scale)
        assert scaled.abs().max() <= MOST


def test_the_readme_asks_what_is_written_for_numpy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"^```\n(>>> import iris\n.*?)^```$", README, re.DOTALL | re.MULTILINE)
    model = trained(folder("models") / "iris.net", epochs=20)
    network = EXPORTS["numpy"].network
    assert network
    for file, content in network(model.program, "iris").items():
        (tmp_path / file).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README", None, None)
    assert doctest.DocTestRunner().run(parsed).failed == 0


def test_the_readme_says_how_far_each_model_is_from_netlang_in_each_target() -> None:
    _, table = README.split("| file | onnx | numpy | torch | c |\n")
    rows = re.findall(r"^\| `(.*?)` \| (.*) \|$", table.partition("\n\n")[0], re.MULTILINE)
    assert sorted(name for name, _ in rows if "/" not in name) == MODELS
    for name, cells in rows:
        assert all(float(cell) <= MOST for cell in cells.split(" | ")), name


def test_the_readme_says_which_layer_goes_where() -> None:
    assert layers_said() in README
    shown = json.loads(CliRunner().invoke(cli, ["layers", "--targets", "--json"]).output)
    assert {name for one in shown for name in one["targets"]} == {one.target for one in LOWERINGS}
