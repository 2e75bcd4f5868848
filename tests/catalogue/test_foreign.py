"""What is said of names that other frameworks have, and of calls that programs make."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
from torch import nn

from netlang.catalogue import registry
from netlang.catalogue.foreign import activation, help_for, help_for_call
from netlang.catalogue.modules import Layer
from netlang.compiler.fixes import mended
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.together import together

FOREIGN = """
    Conv3d Conv1DTranspose DepthwiseConv2D MaxPooling3D SpectralNorm RandAugment Bidirectional
    Softshrink Adamax ASGD SquaredHinge Sequential CrossEntropyLoss SparseCategoricalCrossentropy
    CTCLoss LambdaLR CyclicLR ModelCheckpoint ndcg_score TransformerEncoderLayer
    TransformerDecoder Transformer OptimizedLSTMCell ConvLSTM2D CuDNNGRU DenseGeneral EinsumDense
    RobustScaler QuantileTransformer OneHotEncoder TabM PiecewiseLinearEmbeddings
    EmbeddingBag Lambda LocallyConnected1D Activation GaussianDropout AlphaDropout
"""


@together("name", FOREIGN.split())
def test_a_name_of_another_framework_is_known_in_its_case(name: str) -> None:
    assert help_for(name)


@pytest.mark.parametrize("name", ["view", "stack", "chain", "lion", "swish", "conv", "Viewer"])
def test_a_name_of_ones_own_is_taken_for_no_other_ones(name: str) -> None:
    assert help_for(name) is None


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("TransformerEncoderLayer(8, 2)", "`TransformerBlock(64, 4)`"),
        ("nn.TransformerEncoderLayer(8, 2)", "`TransformerBlock(64, 4)`"),
        ("nn.MultiheadAttention(8, 2)", "write `Attention`"),
        ("MultiHeadDotProductAttention(2)", "write `Attention(_, 2)`"),
        ("Dense(8)", "write `Linear(_, 8)`"),
        ('Dense(8, activation="relu")', "write `Linear(_, 8) -> ReLU`"),
        ("Dense(8, input_dim=4)", "write `Linear(4, 8)`"),
        ("nn.Embed(10, 4)", "write `Embedding`"),
        ("Conv2D(8, 3)", "write `Conv2d(_, 8, 3)`"),
        ("Conv2D(filters=8, kernel_size=3)", "write `Conv2d(_, 8, 3)`"),
        ("MaxPooling2D(pool_size=2, strides=1)", "write `MaxPool2d(2, stride=1)`"),
        ("MaxPooling2D(2)", "write `MaxPool2d`"),
        ("GlobalAveragePooling2D()", "write `GlobalAvgPool`"),
        ("LayerNormalization()", "write `LayerNorm(_, eps=0.001)`"),
        ("SimpleRNN(8)", 'write `RNN(_, 8, output="last")`'),
        ("LSTM(8, return_sequences=True)", 'the call is `LSTM(_, 8, output="all")`'),
        ("Sequential(Linear(8, 8), ReLU())", "`Linear(8, 8) -> ReLU()`"),
        ("Residual(Linear(8, 8))", "`[Identity, Linear(8, 8)] -> Add`"),
        ("ReLU(True)", "write `true`"),
        ("Add()([Linear(8, 8), Linear(8, 8)])", "`[Linear(8, 8), Linear(8, 8)] -> Add`"),
        ("MLPClassifier()", "`MLP(_, 100, _, depth=1)`"),
        ("nn.Sequential(nn.Linear(8, 8))", "layers in a row are joined by `->`"),
        ("Sequential([Dense(8), Dense(8)])", "layers in a row are joined by `->`"),
        ("TimeDistributed(Linear(8, 8))", "do the same at each step"),
        ("Lambda(8)", "`block twice(n)"),
        ('Activation("relu")', "`-> ReLU`"),
        ("LSTM(8, 4, batch_first=true)", "[N, T, features]"),
        ("LSTM(8, 4, return_sequences=true)", '`output="all"`'),
        ("LSTM(8, 4, stateful=true)", "a state of 0"),
        ("Attention(8, 2, attn_mask=none)", "`causal=true`"),
        ("Linear(8, 4, input_shape=[8])", "`input = [3, 32, 32]`"),
        ("LSTM(8, 4, input_shape=[5, 8])", "`input = [3, 32, 32]`"),
        ('Conv2d(3, 8, 3, data_format="channels_last")', "`Permute`"),
        ('Linear(8, 4, kernel_initializer="he_normal")', "write `init`"),
        ('Linear(8, 4, kernel_regularizer="l2")', "`penalty = L2(1e-4)` on a line of its own"),
        ('Linear(8, 4, init="he_normal")', 'write `"kaiming"`'),
        ('Linear(8, 4, init="glorot_uniform")', 'write `"xavier_uniform"`'),
        ('Linear(8, 4, name="head")', "`Linear(8, 4) as head`"),
        ("Linear(8, 4, trainable=false)", "`freeze = part`"),
        ("ReLU(inplace=true)", "leave it out"),
        ("ReLU(max_value=6)", "`ReLU6`"),
        ("LSTM(8, 4, recurrent_dropout=0.2)", "`Linear(8, 8) -> Dropout(0.1)`"),
        ("Attention(8, 2, attn_drop=0.1)", "write `dropout`"),
        ("Attention(8, 2, dropout_rate=0.1)", "write `dropout`"),
        ("Dropout(0.5, noise_shape=[1])", "`Dropout2d`"),
        ("BatchNorm(8, center=false)", "write `affine`"),
        ("BatchNorm(8, axis=1)", "`Permute`"),
    ],
)
def test_what_others_write_is_answered_once_with_a_way_out(written: str, help: str) -> None:
    text = f"net = Linear(8, 8) -> {written}"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert help in " ".join(found.helps)
    assert found.span
    assert text.index(written) <= found.span.start < found.span.end <= len(text)


def _arguments_of_torch() -> Iterator[tuple[str, str]]:
    """The arguments of torch.nn's modules, each with the layer that is or would be called so."""
    of_recurrent = "bias", "batch_first", "dropout", "bidirectional", "proj_size", "device"
    for name, module in vars(nn).items():
        if not (inspect.isclass(module) and issubclass(module, nn.Module)):
            continue
        called = [
            one
            for one in registry.items("layer")
            if name.casefold() in map(str.casefold, (one.name, *one.known_as))
        ]
        taken = [*inspect.signature(module.__init__).parameters][1:]
        if issubclass(module, nn.RNNBase):
            taken += of_recurrent
        for argument in taken:
            if argument not in ("args", "kwargs", "_weight"):
                yield from ((layer.name, argument) for layer in called)


@together(("layer", "argument"), sorted({*_arguments_of_torch()}))
def test_each_argument_in_torch_is_an_argument_here_or_is_answered(
    layer: str, argument: str
) -> None:
    (item,) = (one for one in registry.items("layer") if one.name == layer)
    if argument in [one.name for one in item.arguments]:
        return
    text = f"net = {layer}({argument}=1)"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert (found.code, found.span and found.span.text) == ("E0204", argument)
    assert found.helps
    assert found.helps[0] != "remove it"


# Linear(3, 4, "zero") says how weights begin, Unflatten([3, 4]) divides the last dimension.
ORDERED_OTHERWISE = {"Linear", "Unflatten"}
RECURRENT = "input_size", "hidden_size", "num_layers", "bias", "dropout", "bidirectional"


@together(
    "item",
    [one for one in registry.items("layer") if hasattr(nn, one.name)],
    ids=lambda it: it.name,
)
def test_the_arguments_that_torch_has_come_first_in_its_order(item: type[Layer]) -> None:
    module = getattr(nn, item.name)
    theirs = [*inspect.signature(module.__init__).parameters]
    if issubclass(module, nn.RNNBase):
        theirs = [*RECURRENT]
        theirs[3:3] = ["nonlinearity"] if item.name == "RNN" else []
    ours = [one.name for one in item.arguments]
    common = [name for name in theirs if name in ours]
    assert (ours[: len(common)] == common) == (item.name not in ORDERED_OTHERWISE)


def test_a_name_of_a_module_is_no_metric() -> None:
    (found,) = compile_source(SourceFile("a.net", "net = MLP(2, 4, 2, act=nn.ReLU)")).diagnostics
    assert found.title == "a chain is made of layers, and this is the name `nn.ReLU`"


@pytest.mark.parametrize("name", ["train", "train_model", "trainModel", "my_fit", "run"])
def test_a_call_is_known_by_one_of_its_words(name: str) -> None:
    assert "`netlang run FILE` does it" in (help_for_call(name) or "")


@pytest.mark.parametrize("name", ["prune", "constrain", "outfit", "showcase", "reloaded"])
def test_a_call_is_not_known_by_a_part_of_a_word(name: str) -> None:
    assert help_for_call(name) is None


@pytest.mark.parametrize("name", ["read_csv", "pd_read_csv", "load_data", "load", "loadtxt"])
def test_a_call_that_reads_a_table_is_known(name: str) -> None:
    assert (help_for_call(name) or "").startswith('`data = CSV("table.csv", target="column")`')


def test_a_new_layer_is_not_called_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "NAMES", registry.NAMES | {"Softshrink"})
    assert help_for("Softshrink") is None
    assert help_for("Threshold")


def test_the_activations_are_those_of_the_catalogue() -> None:
    said = re.findall("`(.*?)`", (help_for("Softshrink") or "").partition(":")[2])
    assert {registry.kind_of(name) for name in said} == {"layer"}
    assert {*said} == {name for name in registry.NAMES if activation(name.upper())}


@pytest.mark.parametrize(("name", "kind"), [("Adamax", "optimizer"), ("ndcg", "metric")])
def test_the_names_of_a_kind_are_those_of_the_catalogue(name: str, kind: str) -> None:
    said = re.findall("`(.*?)`", (help_for(name) or "").partition(":")[2])
    assert {*said} - {"netlang layers"} == {*registry.offered(kind)}


def test_what_is_said_to_exist_instead_is_in_the_catalogue() -> None:
    for name in ("Softshrink", "CrossEntropyLoss"):
        said = re.findall(r"\b[A-Z]\w+", (help_for(name) or "").partition(":")[2])
        assert said
        assert set(said) <= {*registry.NAMES}


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("batch = 8, 16", "`batch` takes one value, a whole number, at least 1"),
        ("epochs=3, 4", "`epochs` takes one value, a whole number, at least 1"),
        ("input = 4, 3", "a list stands in square brackets: write `[4, 3]`"),
        ("sizes = 8, 16", "a list stands in square brackets: write `[8, 16]`"),
        ("batch = 1,024", "digits are grouped by `_`: write `1_024`"),
    ],
)
def test_a_list_is_offered_only_where_one_is_taken(line: str, help: str) -> None:
    (found,) = compile_source(SourceFile("a.net", f"net = Linear(4, 2)\n{line}")).diagnostics
    assert found.helps[0].startswith(help)


@pytest.mark.parametrize(
    ("known", "written"), [("EncoderL1", "EncodrL1"), ("PreNorm", "PrNorm"), ("MaxPool", "MixPool")]
)
def test_a_name_near_one_of_the_file_s_own_is_taken_for_that(known: str, written: str) -> None:
    text = f"block {known}(n) = Linear(n, n)\nnet = {written}(4)\ninput = [4]"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert [fix.replacement for fix in found.fixes] == [known]
    assert not any("netlang has no" in help for help in found.helps)


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("loss = CrossEntropy(label_smoothing=0.1)", "`SoftmaxCrossEntropy(label_smoothing=0.1)`"),
        ("loss = CrossEntropy(ignore_index=0)", "`SoftmaxCrossEntropy(ignore=0)`"),
        ("loss = SoftmaxCrossEntropy(from_logits=True)", "`CrossEntropy` probabilities"),
        ("loss = CrossEntropy(size_average=True)", 'write `reduction="sum"`'),
        ("loss = CrossEntropy(weight=[1, 2])", '`Table(..., weights="column")`'),
        ("loss = CrossEntropy(pos_weight=2)", "`SigmoidCrossEntropy(pos_weight=3)`"),
        ("data = Disc(batch_size=8)", "`batch = 32` on a line of its own"),
        ("data = Disc(transform=1)", "`augment = Noise(0.1)`"),
        ("data = Disc(random_state=1)", "`seed = 0`"),
        ("data = Disc(n_samples=100)", "write `train`"),
        ("data = CIFAR10", "`Images("),
        ("optimizer = Adam(momentum=0.9)", "in those like `Adam` it is `beta1`"),
        ("optimizer = Adam(nesterov=True)", "`SGD` and `RMSprop` have `momentum`"),
        ("optimizer = SGD(amsgrad=True)", "an argument of `Adam` and `AdamW`"),
        ("optimizer = Adam(clipnorm=1)", "`clip = Norm(1.0)`"),
        ("optimizer = Adam(l2=1e-4)", "`weight_decay` makes weights small"),
        ("optimizer = Adam(decay=1e-6)", "`schedule = "),
        ("optimizer = Adam(betas=[0.9, 0.99])", "`beta1=0.9, beta2=0.999`"),
        ("optimizer = Adam(epochs=3)", "on a line of its own"),
    ],
)
def test_an_argument_of_another_framework_s_loss_or_optimizer_is_answered_once(
    line: str, help: str
) -> None:
    text = f"net = Linear(2, 2) -> Softmax\n{line}"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert help in " ".join(found.helps)
    assert "`start" not in " ".join(found.helps)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SELU", "SeLU(alpha=1.6732632423543772, lam=1.0507009873554805)"),
        ("nn.SELU()", "SeLU(alpha=1.6732632423543772, lam=1.0507009873554805)"),
        ("BatchNormalization()", "BatchNorm(_, eps=0.001, momentum=0.01)"),
        ("BatchNormalization(momentum=0.9)", "BatchNorm(_, eps=0.001, momentum=0.1)"),
        ("GroupNormalization(4)", "GroupNorm(4, _, eps=0.001)"),
        ("tf.keras.layers.LeakyReLU(alpha=0.2)", "LeakyReLU(negative_slope=0.2)"),
        ("ReflectionPad2d([1, 1])", 'Pad([1, 1], mode="reflect")'),
        ("ReZero", "Scale(init=0)"),
    ],
)
def test_a_fix_keeps_the_defaults_of_what_was_written(written: str, meant: str) -> None:
    source = SourceFile("a.net", f"input = [8]\nnet = Linear(8, 8) -> {written}\n")
    assert f"-> {meant}\n" in mended(source, compile_source)[0].text


@pytest.mark.parametrize(
    "written", ["SELU(inplace=true)", "keras.layers.LeakyReLU()", "RNNCell(8, 8)"]
)
def test_what_may_mean_something_else_is_not_mended(written: str) -> None:
    source = SourceFile("a.net", f"input = [8]\nnet = Linear(8, 8) -> {written}\n")
    assert mended(source, compile_source) == (source, 0)
