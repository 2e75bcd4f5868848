"""``netlang import`` writes a network of another framework, and says what it has read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.imports import cfgs, prototxts
from tests.paths import ROOT
from tests.program import netlang


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lenet.prototxt").write_text(prototxts.lenet())
    (tmp_path / "tiny.cfg").write_text(cfgs.net(8) + cfgs.conv(4, 3))
    return tmp_path


def test_import_writes_a_file_that_checks(folder: Path) -> None:
    result = netlang("import", "lenet.prototxt", "-o", "lenet.net")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "wrote lenet.net: 2 convolutions, 2 linear layers and 431,080 weights\n"
        "Now look at it: netlang summary lenet.net\n"
    )
    assert netlang("check", "lenet.net").stdout == "lenet.net: ok\n"


def test_import_prints_the_file_where_none_is_named(folder: Path) -> None:
    result = netlang("import", "tiny.cfg")
    assert result.exit_code == 0
    assert result.stdout.startswith("# tiny, from tiny.cfg: ")
    assert result.stderr == "1 convolution and 116 weights\n"


def test_a_device_is_not_read_to_its_end() -> None:
    result = netlang("import", "/dev/zero")
    assert result.exit_code == 1
    assert "it is no regular file" in result.stderr


def test_a_file_without_a_telling_ending_is_known_by_its_text(folder: Path) -> None:
    (folder / "tiny.cfg").rename(folder / "tiny.txt")
    (folder / "lenet.prototxt").rename(folder / "lenet")
    assert netlang("import", "tiny.txt").exit_code == 0
    assert netlang("import", "lenet").exit_code == 0
    (folder / "other.txt").write_text("x = 1\n")
    assert "error[E0593]" in netlang("import", "other.txt").stderr
    assert "error[E0590]" in netlang("import", "other.txt", "--from", "caffe").stderr


def test_what_is_no_foreign_network_is_told_with_a_way_to_one(folder: Path) -> None:
    for name in ("net.pth", "net.h5", "net.caffemodel", "net.net", "net.txt"):
        (folder / name).write_bytes(b"\x00other")
    (folder / "sub").mkdir()
    helps = {
        "net.pth": "torch.onnx.export",
        "net.h5": "model.to_json()",
        "net.caffemodel": "name the `.prototxt` beside it",
        "net.net": "`netlang summary` shows it",
        "net.txt": "say what it is by `--from`",
        "sub": "it is a folder",
        "lenet.prototx": "did you mean `lenet.prototxt`?",
        "other/deploy.prototxt": "such as `model.onnx` or `deploy.prototxt`",
    }
    for name, help in helps.items():
        result = netlang("import", name)
        assert (result.exit_code, help in result.stderr) == (1, True), result.stderr
    assert "error[E0107]" in netlang("import", "net.txt", "--from", "caffe").stderr


def test_a_shape_of_other_sizes_than_a_file_has_is_refused(folder: Path) -> None:
    for name in ("lenet.prototxt", "tiny.cfg"):
        result = netlang("import", name, "--input", "1,2")
        assert result.exit_code == 1
        assert "and `--input` says [1, 2]" in result.stderr
        assert "= help: leave out `--input`" in result.stderr


def test_no_network_is_written_beside_weights_of_another(folder: Path) -> None:
    save_file({"0.weight": torch.ones(3, 2), "0.bias": torch.zeros(3)}, folder / "new.safetensors")
    (folder / "a.safetensors").write_bytes(b"of another network")
    result = netlang("import", "new.safetensors", "-o", "a.net")
    assert result.exit_code == 1
    assert "a.safetensors is there already, and stays as it is" in result.stderr
    assert not (folder / "a.net").exists()


def test_import_leaves_a_file_that_is_there_unless_it_is_forced(folder: Path) -> None:
    (folder / "a.net").write_text("# mine\n")
    result = netlang("import", "tiny.cfg", "-o", "a.net")
    assert result.exit_code == 1
    assert "a.net is there already, and stays as it is" in result.stderr
    assert netlang("import", "tiny.cfg", "-o", "a.net", "--force").exit_code == 0
    assert "# mine" not in (folder / "a.net").read_text()
    assert netlang("import", "tiny.cfg", "-o", "a.txt").exit_code == 2


def test_layers_that_netlang_lacks_are_listed_and_the_rest_is_written(folder: Path) -> None:
    text = prototxts.lenet().replace('"ReLU"', '"Exp"')
    (folder / "lenet.prototxt").write_text(text)
    result = netlang("import", "lenet.prototxt", "-o", "lenet.net")
    assert result.exit_code == 1
    assert "error[E0592]: netlang has nothing for `Exp` (`relu1`)" in result.stderr
    assert "   -> Exp  # relu1\n" in (folder / "lenet.net").read_text()
    assert netlang("check", "lenet.net").exit_code == 1


def test_the_shape_of_a_sample_is_said_where_the_file_leaves_it_open(folder: Path) -> None:
    text = prototxts.lenet().replace(prototxts.head("LeNet", 64, 1, 28, 28), "")
    data = 'layer { name: "mnist" type: "Data" top: "data" top: "label" }\n'
    (folder / "train.prototxt").write_text(data + text)
    assert "error[E0595]" in netlang("import", "train.prototxt").stderr
    assert netlang("import", "train.prototxt", "--input", "1x28x28").exit_code == 0
    wrong = netlang("import", "train.prototxt", "--input", "1,many")
    assert wrong.exit_code == 2
    assert "'1,many' is no shape, such as 3,224,224" in wrong.stderr


@pytest.mark.parametrize("name", ["nowhere.cfg", "nowhere", "."])
def test_what_cannot_be_read_is_one_message(name: str, folder: Path) -> None:
    result = netlang("import", name)
    assert result.exit_code == 1
    assert result.stderr.startswith("error[E0501]")


def test_the_readme_shows_what_googlenet_becomes(folder: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(re.finditer(r"^# GoogleNet, from .*?^\.\.\.$", readme, re.MULTILINE | re.DOTALL))
    (folder / "deploy.prototxt").write_text(prototxts.googlenet())
    written = netlang("import", "deploy.prototxt").stdout
    assert written.startswith(shown[0].removesuffix("..."))
    assert len(written.splitlines()) < 60
    lines = re.search(r"remain\s+(\d+) lines", readme)
    assert lines is not None
    assert len(written.splitlines()) == int(lines[1])


def test_a_state_dict_that_a_network_begins_with_is_sent_to_import(folder: Path) -> None:
    save_file({"weight": torch.zeros(3, 2)}, folder / "a.safetensors")
    (folder / "a.net").write_text('net = Linear(2, 3)\nstart = "a.safetensors"\n')
    assert "`netlang import FILE --into NET`" in netlang("check", "a.net").stderr


def test_why_a_layer_of_keras_is_none_of_netlangs_is_told(folder: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 8, 8, 1]}},
        {"class_name": "Conv2D", "config": {"name": "c", "filters": None, "kernel_size": 3}},
    ]
    text = json.dumps({"class_name": "Sequential", "config": {"name": "n", "layers": layers}})
    (folder / "net.json").write_text(text)
    assert "it has arguments that Keras would not write" in netlang("import", "net.json").stderr


def test_what_a_file_may_have_by_mistake_is_told(folder: Path) -> None:
    cut = cfgs.net(8) + "[convolutional]\nfilters=4\nsize=3"
    (folder / "cut.cfg").write_text(cut)
    line = cut.splitlines().index("[convolutional]") + 1
    said = f"note: [convolutional] in line {line} names no activation: Darknet's own is `logistic`."
    assert said in netlang("import", "cut.cfg").stderr
    large = prototxts.lenet().replace("num_output: 500", "num_output: 500000000")
    (folder / "large.prototxt").write_text(large)
    assert "Its weights take 1,622 GB, and this" in netlang("import", "large.prototxt").stderr


def test_a_command_without_json_says_so_and_means_no_other_option(folder: Path) -> None:
    result = netlang("import", "tiny.cfg", "--json")
    assert (result.exit_code, "`netlang import` has no --json." in result.stderr) == (2, True)
