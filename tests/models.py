"""Networks that train in a moment, and the files that they are kept in."""

from __future__ import annotations

from pathlib import Path

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.training.training import Training

FLOWERS = "long,wide,name\n" + "".join(
    f"{n / 7:.3f},{n % 5}.5,{('rose', 'lily', 'iris')[n // 20]}\n" for n in range(60)
)
CLASSES = """\
net = Linear(2, 8) -> Tanh -> Linear(8, 3) -> Softmax
data = CSV("flowers.csv", target="name", validation=0.1)
loss = CrossEntropy
optimizer = Adam(lr=0.05)
epochs = 5
"""
HOUSES = "rooms,area,price\n" + "".join(
    f"{n % 4 + 1},{20.5 + n},{1000 * n + 7 * (n % 3) + 0.25}\n" for n in range(40)
)
NUMBERS = """\
net = Linear(2, 4) -> Tanh -> Linear(4, 1)
data = CSV("houses.csv", target="price")
loss = MSE
optimizer = Adam(lr=0.01)
epochs = 3
"""


def trained(text: str, *overrides: str, backend: str = "tensor") -> Training:
    """A training of the program, at its end; its tables are in the present folder."""
    Path("flowers.csv").write_text(FLOWERS)
    Path("houses.csv").write_text(HOUSES)
    Path("birds.csv").write_text(BIRDS)
    Path("weather.csv").write_text(WEATHER)
    Path("verse.txt").write_text(VERSE)
    source = SourceFile("m.net", text, Path("m.net").absolute())
    training = Training(compile_source(source, overrides, to_run=True).require(), backend)
    for _ in training.events():
        pass
    return training


def kept(training: Training, name: str = "m.safetensors") -> str:
    """The name of a model file that keeps the training's network."""
    Path(name).write_bytes(training.model().to_bytes())
    return name


VERSE = "the rose is red, the violet is blue\n" * 12
TEXT = """\
net = Embedding(_, 8) -> GRU(_, 16) -> Linear(_, _)
data = Text("verse.txt", context=16)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=0.05)
epochs = 20
batch = 4
"""


DIGITS = """\
net = Flatten -> Linear(12, 3) -> Softmax
data = IDX("digits")
loss = CrossEntropy
optimizer = Adam(lr=0.05)
epochs = 4
"""
POINTS = """\
net = Linear(4, 1)
data = Arrays("points.npz", test=0.25)
loss = MSE
optimizer = Adam(lr=0.05)
epochs = 3
"""
PETS = """\
net = Flatten -> Linear(_, 2) -> Softmax
data = Images("pets")
loss = CrossEntropy
optimizer = Adam(lr=0.05)
epochs = 3
"""
# With categories, and cells that are missing.
BIRDS = "island,bill,sex,species\n" + "".join(
    f"{('Dream', 'Biscoe')[n % 2]},{'NA' if n == 7 else n / 4},{('m', 'f', '')[n % 3]},"
    f"{('Adelie', 'Gentoo')[n // 20]}\n"
    for n in range(40)
)
SPECIES = """\
net = Linear(_, 2) -> Softmax
data = Table("birds.csv", target="species", missing="mean")
loss = CrossEntropy
optimizer = Adam(lr=0.05)
epochs = 3
"""
WEATHER = "x,y,rain,wind\n" + "".join(
    f"{n / 40},{n % 7},{int(n > 20)},{int(n % 7 > 3)}\n" for n in range(40)
)
LABELS = """\
net = Linear(2, 2) -> Sigmoid
data = Table("weather.csv", target=["rain", "wind"])
loss = MSE
optimizer = Adam(lr=0.05)
epochs = 3
"""
