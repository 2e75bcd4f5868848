"""Every data set of the catalogue says before it is loaded what it then loads, whatever the seed.

A data set without a line in ``EXAMPLES`` fails.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from netlang.catalogue.data.dataset import DataSet, Samples, Split
from netlang.catalogue.registry import items
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.catalogue.data.arrays.files import write_idx, write_pictures
from tests.lowering.pytorch.written import assert_laid_out, written
from tests.together import together

SEEDS = (0, 1, 12345678901)

# Uses of each, as a file writes them: all that it may give, with other numbers for other seeds.
EXAMPLES = {
    "Arrays": [
        'Arrays("arrays.npz")',
        'Arrays("arrays.npz", target="two", validation=0.2)',
        'Arrays("arrays.npz", lengths="n", validation=0.2)',
        'Arrays("arrays.npz", target="width", lengths="n")',
        'Arrays("arrays.npz", lengths="n", standardize=false)',
        'Arrays("arrays.npz", inputs="t", lengths="n", tokens=7, validation=0.2)',
        'Arrays("arrays.npz", inputs="t", tokens=7, test_inputs="t2", test_target="y2", '
        "validation=0.2)",
        'Arrays("arrays.npz", lengths="n", test_inputs="x2", test_target="y2", test_lengths="n2", '
        "validation=0.2)",
        'Arrays("arrays.npz", inputs=["x", "t"], lengths=["n", ""], tokens=[0, 7])',
        'Arrays("arrays.npz", inputs=["t", "x"], tokens=[7, 0], test_inputs=["t2", "x2"], '
        'test_target="y2", validation=0.1)',
        'Arrays("arrays.npz", inputs=["x", "x3"], target=["width", "y"], task="regression")',
        'Arrays("arrays.npz", target="t", task="classification")',
        'Arrays("arrays.npz", target=["two", "three"], standardize=false)',
        'Arrays("arrays.npz", target=["three", "two"], test_inputs="x2", '
        'test_target=["width2", "two2"], validation=0.2)',
        'Arrays("arrays.npz", target="width", standardize=false)',
        'Arrays("x.npy", target="y.npy", classes=["a", "b"])',
        'Arrays("arrays.npz", test_inputs="x2", test_target="y2", validation=0.2)',
        'Arrays("arrays.npz", shape=[3, 1, 2], test_inputs="x2", test_target="y2", validation=0.1)',
        'Arrays("arrays.npz", target="input", validation=0.1)',
        'Arrays("x.npy", target="input")',
        'Arrays("arrays.npz", target="input", standardize=false, test_inputs="x2", validation=0.1)',
        'Arrays("arrays.npz", target="width", test_inputs="x2", test_target="width2", '
        "validation=0.1)",
    ],
    "IDX": [
        'IDX("mnist", validation=0.2, target="input")',
        'IDX("mnist", validation=0.2)',
        'IDX("packed", validation=0.3, classes=["a", "b"])',
    ],
    "Images": [
        'Images("pictures", validation=0.2)',
        'Images("parts", size=[2, 3], channels=1, validation=0.2)',
        'Images("parts", size=[2, 3], channels=3, validation=0.2, target="input")',
    ],
    "Sklearn": [
        'Sklearn("breast_cancer")',
        'Sklearn("diabetes", validation=0.1)',
        'Sklearn("diabetes", standardize=false, test=0.5)',
        'Sklearn("breast_cancer", shape=[1, 5, 6], validation=0.1)',
        'Sklearn("diabetes", shape=[2, 5])',
        'Sklearn("diabetes", target="input", validation=0.1)',
        'Sklearn("diabetes", target="input", shape=[2, 5], standardize=false)',
    ],
    "Text": [
        'Text("text.txt", context=5, test=0.2)',
        'Text("text.txt", context=5, stride=2, by="bytes", validation=0.2, test=0.3)',
    ],
    "Disc": ["Disc(train=30, test=20)", "Disc(train=30, test=20, validation=10)"],
    "Circles": ["Circles(train=30, test=20)", "Circles(train=30, test=21, factor=0.3)"],
    "Gauss": ["Gauss(train=30, test=20)", "Gauss(30, 20, validation=9, noise=0.2)"],
    "Moons": ["Moons(train=30, test=20)", "Moons(30, 20, validation=9, noise=0)"],
    "Pairs": ["Pairs(train=30, test=20)", "Pairs(30, 20, validation=9, noise=0)"],
    "Shapes": [
        "Shapes(train=30, test=20, size=8)",
        "Shapes(30, 20, validation=9, size=9, shapes=2, noise=0, standardize=false)",
        'Shapes(train=30, test=20, size=12, by="picture")',
    ],
    "Sine": ["Sine(train=30, test=20)", "Sine(30, 20, standardize=false, validation=9)"],
    "Spiral": ["Spiral(train=30, test=20)", "Spiral(31, 20, validation=9, noise=0.2)"],
    "XOR": ["XOR(train=30, test=20)", "XOR(30, 20, validation=9, noise=0.2)"],
    "Table": [
        'Table("flowers.csv", target="kind")',
        'Table("flowers.csv", target="width", ignore=["kind"])',
        'Table("letters.csv", target="kind", text="letter", ignore=["stars"])',
        'Table("letters.csv", target="kind", text="letter", validation=0.2)',
        'Table("letters.csv", target="stars", text=["letter", "kind"], by="bytes", context=5)',
    ],
    "CSV": [
        'CSV("flowers.csv", target="kind")',
        'CSV("flowers.csv", target="width", ignore=["kind"])',
    ],
}
FLOWERS = [
    "width,height,kind",
    *(f"{i}.5,{i * 7 % 11}.25,{'rose' if i % 3 else 'daisy'}" for i in range(40)),
]
WORDS = ["what", "a", "good", "bad", "film", "it's", "the", "end", "of", "it", "all", "and", "so"]
LETTERS = [
    "letter,stars,kind",
    *(
        f'"{" ".join(WORDS[(i * k) % 13] for k in range(1, 2 + i % 7))}!",{i}.5,{"xy"[i % 2]}'
        for i in range(40)
    ),
]
examples = together("text", [text for texts in EXAMPLES.values() for text in texts])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flowers.csv").write_text("\n".join(FLOWERS))
    (tmp_path / "letters.csv").write_text("\n".join(LETTERS))
    write_idx(tmp_path / "mnist", classes=2)
    write_idx(tmp_path / "packed", packed=True, classes=2)
    samples, labels = np.arange(240.0).reshape(40, 2, 3) % 37, np.arange(40) % 2
    targets = {"y": labels, "two": np.where(labels, "b", "a"), "width": np.arange(40) / 8}
    targets |= {"x2": samples[:7] * 2, "y2": labels[:7], "width2": np.arange(7) * 2.5}
    targets |= {"three": np.arange(40) / 9, "two2": targets["two"][:7]}
    targets["n"], targets["n2"] = 1 + np.arange(40) % 2, 2 - np.arange(7) % 2
    tokens = np.arange(80).reshape(40, 2) * 3 % 7
    targets |= {"t": tokens, "t2": tokens[:7], "x3": samples[:, 0]}
    np.savez(tmp_path / "arrays.npz", x=samples, **targets)
    np.save(tmp_path / "x.npy", samples[:, 0, 0])
    np.save(tmp_path / "y.npy", labels[:, None])
    (tmp_path / "text.txt").write_text("\n".join(FLOWERS))
    write_pictures(tmp_path / "pictures", 20)
    write_pictures(tmp_path / "parts" / "train", 20)
    write_pictures(tmp_path / "parts" / "test", 5)
    return tmp_path


def data_set(text: str, folder: Path) -> DataSet:
    program = compile_source(SourceFile("a.net", file(text), folder / "a.net")).require()
    assert program.data
    return program.data


def file(text: str) -> str:
    outputs = (
        3
        if 'picture"' in text
        else 1
        if "width" in text or "Sine" in text or "diabetes" in text
        else 2
    )
    net = f"Flatten -> Linear(_, {outputs})"
    if "Arrays" in text and ("inputs=[" in text or '"t"' in text):
        net = _of_arrays(text)
    elif '"three"' in text:
        net = "Flatten -> [Linear(_, _), Linear(_, _)]"
        losses = "[SoftmaxCrossEntropy, MSE]" if '["two"' in text else "[MSE, SoftmaxCrossEntropy]"
        return f"net = {net}\ndata = {text}\nloss = {losses}\noptimizer = SGD\n"
    elif "letters" in text:
        net = _of_letters(text)
    elif "Text" in text:
        net = "Embedding(_, 2) -> Linear(_, _)"
    elif "Shapes" in text and 'by="picture"' not in text:
        net = "Conv2d(_, 4, 1) -> Permute([1, 2, 0])"
    elif 'target="input"' in text:
        net = "Linear(_, _)"
    return f"net = {net}\ndata = {text}\nloss = MSE\noptimizer = SGD\n"


def _of_arrays(text: str) -> str:
    tokens, numbers = "Embedding(_, 2) -> Flatten", "Flatten -> Linear(_, 2)"
    if 'target="t"' in text:
        return "Linear(_, 7)"
    if "inputs=[" not in text:
        return f"{tokens} -> Linear(_, 2)"
    other = f'Input("x3") -> {numbers}' if "x3" in text else f'Input("t") -> {tokens}'
    return f'[Input("x") -> {numbers}, {other}] -> Concat -> Linear(_, 2)'


def _of_letters(text: str) -> str:
    """A network of texts, beside which there may be other inputs."""
    of_text = "Embedding(_, 2) -> GRU(2, 2) -> Last"
    if "ignore" in text:
        return f"{of_text} -> Linear(_, 2)"
    outputs, *others = (1, "kind") if "stars" in text.split("text")[0] else (2, "stars")
    also = f'Input("{others[0]}")' + (f" -> {of_text}" if outputs == 1 else "")
    return f'[Input("letter") -> {of_text}, {also}] -> Concat -> Linear(_, {outputs})'


def parts(split: Split) -> dict[str, Samples]:
    found = {"train": split.train, "validation": split.validation, "test": split.test}
    return {name: part for name, part in found.items() if part is not None}


def alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether both have the same numbers, and the same padding, which is NaN."""
    return torch.equal(one.isnan(), other.isnan()) and torch.equal(
        *map(torch.nan_to_num, (one, other))
    )


def same(one: Split, other: Split) -> bool:
    pairs = zip(parts(one).values(), parts(other).values(), strict=True)
    return all(alike(a.inputs, b.inputs) and torch.equal(a.targets, b.targets) for a, b in pairs)


def test_every_data_set_has_examples() -> None:
    assert {item.name for item in items("data set")} == {*EXAMPLES}


@examples
def test_it_loads_what_it_describes(text: str, folder: Path) -> None:
    data = data_set(text, folder)
    described = data.describe()
    for seed in SEEDS:
        loaded = parts(data.load(seed))
        assert tuple(loaded) == described.parts
        for name, part in loaded.items():
            assert len(part) == getattr(described, name)
            assert part.inputs.shape[1:] == described.input.sizes
            assert part.inputs.dtype == torch.get_default_dtype()
            assert part.targets.shape == (len(part), *described.target_shape)
            if described.classes is not None:
                assert part.targets.dtype == torch.int64
                assert 0 <= part.targets.min() <= part.targets.max() < len(described.classes)


@examples
def test_the_range_that_it_tells_is_that_of_its_targets(text: str, folder: Path) -> None:
    data = data_set(text, folder)
    described = data.describe()
    if described.task != "regression":
        return
    ranges = [data.range_of(target) for target in described.target or ("",)]
    targets = data.load().train.targets
    spread = 0.2 * (targets.max() - targets.min()).item()  # of samples that are held back, of noise
    for told, column in zip(ranges, targets.flatten(1).t(), strict=False):
        if told is None:
            assert text.startswith("Images")  # which are read as they are loaded
            return
        own = targets if len(ranges) == 1 else column
        assert told[0] == pytest.approx(own.min().item(), abs=spread)
        assert told[1] == pytest.approx(own.max().item(), abs=spread)


@examples
def test_its_pipeline_tells_inputs_and_classes(text: str, folder: Path) -> None:
    data = data_set(text, folder)
    described, pipeline = data.describe(), data.load().pipeline
    assert pipeline
    assert len(pipeline.input_names) == described.input.size
    assert pipeline.classes == described.classes


@examples
def test_a_seed_gives_the_same_bits_again_and_another_seed_gives_others(
    text: str, folder: Path
) -> None:
    first = [data_set(text, folder).load(seed) for seed in SEEDS]
    again = [data_set(text, folder).load(seed) for seed in SEEDS]
    assert all(map(same, first, again))
    depends = not text.startswith("Text")  # which is cut by place alone
    assert same(first[0], first[1]) != depends


@examples
def test_an_exported_program_loads_the_same_samples(text: str, folder: Path) -> None:
    source = SourceFile("a.net", file(text), folder / "a.net")
    program = compile_source(source, to_run=True).require()
    assert program.data
    _, code = written(program, folder)
    for seed in SEEDS:
        ours, theirs = parts(program.data.load(seed)), code.load_data(seed)
        assert {*ours} == {*theirs}
        for name, (inputs, targets) in theirs.items():
            assert alike(inputs, ours[name].inputs)
            assert torch.equal(targets, ours[name].targets)


def test_exported_programs_are_laid_out_as_formatters_leave_them(folder: Path) -> None:
    sources = []
    for text in (text for texts in EXAMPLES.values() for text in texts):
        source = SourceFile("a.net", file(text), folder / "a.net")
        exported, _ = written(compile_source(source, to_run=True).require(), folder)
        sources.append(exported.source)
    assert_laid_out(sources, folder)
