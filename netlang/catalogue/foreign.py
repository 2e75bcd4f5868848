"""Names that other frameworks have and netlang does not, and what to write instead of them.

What netlang has under another name says so itself, by its ``known_as``.
"""

from __future__ import annotations

import re

from netlang.catalogue import registry
from netlang.catalogue.layers import activations, convolutions, joins, normalization, pools
from netlang.language.diagnostics.wording import in_code, listed

_KINDS = {
    "schedules": "schedule",
    "augment": "augmentation",
    "losses": "loss",
    "metrics": "metric",
    "optimizers": "optimizer",
}
_THERE = {kinds: list(registry.offered(kind)) for kinds, kind in _KINDS.items()}
_THERE |= {
    room.__name__.rpartition(".")[2]: [
        item.name
        for item in registry.items("layer")
        if f"{item.__module__}.".startswith(f"{room.__name__}.")
    ]
    for room in (activations, convolutions, joins, normalization, pools)
}
_SYNONYMS = {  # in lower case, what these are called elsewhere, as they say themselves
    word.casefold()
    for kind in ("layer", "augmentation", "schedule", "clipping", "penalty", "average")
    for item in registry.items(kind)
    for word in (*item.known_as, *item.like)
}
_ABSENT = "netlang has no `{name}`: "
_BY_ARROWS = "layers in a row are joined by `->`: "
# Patterns of names, in the case in which those who look for them write them, and what to say.
_NAMES = {
    "Sequential|Model|ModuleList|Chain|Compose": _BY_ARROWS
    + "`Linear(2, 25) -> ReLU -> Linear(25, 2)`",
    r"(Depthwise|Separable)Conv(olution)?\w*": _ABSENT
    + "a `Conv2d` of n channels sees each by itself with `groups=n`",
    r"(Lazy)?Conv(Transpose)?(\d[dD])?(Transpose)?": _ABSENT
    + "its convolutions are {convolutions}",
    r"\w+Pool(ing)?(\d[dD])?": _ABSENT + "its pools are {pools}",
    "Bidirectional": _ABSENT + "it is an argument: `LSTM(_, 64, bidirectional=true)`",
    "TimeDistributed": _ABSENT + "`Linear` and activations do the same at each step as they are",
    r"Repeat(Vector|Copies)|Masking|(Packed?|Pad)(Padded)?Sequence|pad_sequences?": _ABSENT
    + "sequences of unequal length come from data, and layers know where each of them ends",
    r"Transformer((En|De)coder)?(Layer)?": _ABSENT
    + "a row of `TransformerBlock(64, 4)` is one, and a `DecoderBlock` reads an encoder, too",
    r"\w+(LSTM|GRU|RNN)(Cell)?(\d[dD])?": _ABSENT
    + "its recurrent layers are `RNN`, `GRU` and `LSTM`, which go through all steps",
    r"(Dense|Linear)General|Einsum(Dense)?": _ABSENT
    + "`Linear` is one of the last dimension, and `Permute` brings another one there",
    "EmbeddingBag": _ABSENT + "it is a mean of rows: `Embedding(10, 4) -> Mean`",
    r"LocallyConnected\d[dD]": _ABSENT + "its convolutions are {convolutions}",
    "Lambda": _ABSENT + "layers make a function, `block twice(n) = [Identity, Identity] -> Add`",
    "Activation": _ABSENT + "each activation is a layer, behind the one before it: `-> ReLU`",
    r"GaussianDropout|(Feature)?AlphaDropout": _ABSENT
    + "what it draws in training is the mask of `Dropout`",
    r"(Global|Grad(ient)?)?Clip(ping|Norm|Value|By\w+)?": "it is a setting, "
    "`clip = Norm(1.0)` or `clip = Value(0.5)`",
    r"\w+Norm(alization)?(\d[dD])?": _ABSENT + "its norms are {normalization}",
    r"UpSampling\d[dD]|PixelShuffle|PixelUnshuffle": _ABSENT
    + "`Upsample(scale_factor=2)` makes pictures larger",
    "Maximum|Minimum|Average": _ABSENT + "its joins are {joins}",
    r"Random[A-Z]\w+|ColorJitter|AutoAugment|TrivialAugment\w*|RandAugment|AugMix": _ABSENT
    + "what changes training samples is {augment}",
    "CenterCrop|Resize": _ABSENT + "`size` of `Images` says how large pictures are",
    r"(Standard|Robust|MinMax|MaxAbs)Scaler|(Quantile|Power)Transformer": _ABSENT
    + 'numbers of a table come to one scale by its argument `scale`: "standard", "robust" or '
    '"quantile"',
    "OneHotEncoder|OrdinalEncoder|TargetEncoder|LabelEncoder|StringLookup|CategoryEncoding": _ABSENT
    + "a table's categories are inputs of 0 and 1, and tokens for an `Embedding` if its `codes` "
    "names them",
    r"Piecewise\w+(Encoding|Embeddings?)": _ABSENT
    + "numbers become vectors by the blocks `PLR` and `PBLD`",
    r"TabM|BatchEnsemble|(Efficient|Linear)\w*Ensemble": _ABSENT
    + "a line `members = 8` makes eight networks that share their weights",
    "Rescaling|Normali[sz]e|Normalization|ToTensor": _ABSENT
    + "data are shifted and scaled by their argument `standardize`",
    r"RReLU|Soft(shrink|min)|Hard[Ss]hrink|Tanh[Ss]hrink|Log[Ss]igmoid|Maxout|Threshold(edReLU)?": (
        _ABSENT + "its activations are {activations}"
    ),
    "Adamax|ASGD|Rprop|Adafactor|F[Tt][Rr][Ll]|L[Aa][Mm][Bb]|Sparse(Adam)": _ABSENT
    + "its optimizers are {optimizers}",
    r"SWA|SWALR|StochasticWeightAverag(e|ing)|Polyak\w*": _ABSENT
    + "a running mean of the weights is a setting, `average = EMA(0.999)`",
    "[Ww]eight_?[Dd]ecay": _ABSENT + "write `penalty = L2(0.005)`, or `AdamW(weight_decay=0.01)`",
    "SMOTE|ADASYN|Random(Over|Under)Sampler|WeightedRandomSampler": _ABSENT
    + 'rare classes count more by `Table(..., weights="balanced")`, or by the `weight` of a loss',
    "L1L2|ElasticNet": _ABSENT + "two penalties are a list: `penalty = [L1(1e-5), L2(1e-4)]`",
    "SquaredHinge": _ABSENT + "write `loss = Hinge(p=2)`",
    r"(Multi[Ll]abel)?SoftMargin(Loss)?": _ABSENT
    + "write `loss = SigmoidCrossEntropy`, where targets are 0 and 1",
    r"CTC(Loss)?|Dice(Loss)?|Tversky\w*|MarginRanking(Loss)?|HingeEmbedding(Loss)?"
    r"|MultiLabelMargin(Loss)?|MeanSquaredLogarithmicError|MSLE|CosineSimilarity(Loss)?"
    r"|MeanAbsolutePercentageError": _ABSENT
    + "most take {losses}, and `netlang layers` lists its other losses",
    "CrossEntropyLoss|cross_entropy(_loss)?|(Sparse)?CategoricalCross[Ee]ntropy": _ABSENT
    + "behind `Softmax` write `CrossEntropy`, and for scores without it `SoftmaxCrossEntropy`",
    r"SequentialLR|ChainedScheduler|\w*Warm[uU]p\w*": _ABSENT
    + "schedules follow each other by arrows: `schedule = Warmup(500) -> Cosine`",
    "ExponentialDecay": "the optimizer's `lr` is multiplied by 0.9 in each 1,000 steps by "
    "`schedule = Exponential(0.9 ** (1 / 1000))`, and, if by stairs, by "
    "`schedule = Step(1000, gamma=0.9)`",
    "PiecewiseConstantDecay": "the optimizer's `lr` is multiplied by `gamma` at each milestone: "
    "`schedule = MultiStep([100], gamma=0.1)`",
    "ConstantLR": _ABSENT + "the rate stays as it is behind it there: write "
    '`schedule = Constant(0.3, length=5) -> Constant`, with `unit="epochs"` if epochs are counted',
    r"\w+LR|\w+Decay|Cosine\w+|\w*Scheduler?": _ABSENT + "its schedules are {schedules}",
    r"\w+Checkpoint": _ABSENT
    + "a run saves its own, and `stop = Best(validation.loss)` keeps the best weights",
    "MLP(Classifier|Regressor)": _ABSENT + "a block is like it: `MLP(_, 100, _, depth=1)`",
    r"(wide_)?resnet\d+\w*|vgg\d+\w*|densenet\d+|mobilenet\w*|efficientnet\w*|alexnet": "netlang "
    "has no trained networks: `netlang init resnet` writes a small one",
    r"CIFAR-?\d*|ImageNet|SVHN|COCO|Fashion_?MNIST|cifar\d+": _ABSENT
    + 'read it from arrays, `Arrays("x.npz", inputs="x", target="y")`, or pictures in a folder for '
    'each class, `Images("pets/")`',
    r"(hinge_loss|ndcg|dcg|coverage|silhouette|dice|zero_one_loss|pinball)(_?(score|loss))?": (
        _ABSENT + "most take {metrics}, and `netlang layers` lists its other metrics"
    ),
}
_RUNS = (
    "a file says what is trained and how, and `netlang run FILE` does it: `epochs = 3` is a setting"
)
_READS = '`data = CSV("table.csv", target="column")` reads a table'
# Patterns of words in the names of functions, and what to say.
_CALLS = {
    "train(er|ing)?|Trainer|fit|run|compile|evaluate|predict|backward|step|zero_grad": _RUNS,
    "seed": "write `seed = 0` on a line of its own",
    "print|summary|info": "`netlang summary FILE` shows the network, "
    "and `netlang run FILE` trains it",
    "read|load_?([cC]sv|[dD]ata|[tT]xt)|loadtxt|genfromtxt": _READS,
    "load": f'{_READS}, and `start = "model.safetensors"` begins with trained weights',
    "save": "`netlang run FILE` keeps the trained network, and all that it measures",
    "plot|show|draw": "`netlang run FILE` draws how training went, `netlang graph FILE` a network",
    "parameters|state_dict|trainable_variables": "leave it out: all weights of `net` are trained, "
    "except those of parts that `freeze` names",
    "add|append|add_module|extend": _BY_ARROWS + "`Linear(2, 25) -> ReLU`",
}


def activation(name: str) -> str | None:
    """The activation that other frameworks call ``name``."""
    return next((one for one in _THERE["activations"] if one.lower() == name.lower()), None)


def help_for(name: str, flags: int = 0) -> str | None:
    """What to do instead of using ``name``, if another framework has it; ``re.IGNORECASE`` among
    the ``flags`` takes it in any case.
    """
    if name in registry.NAMES or name.casefold() in _SYNONYMS:
        return None
    text = next((text for names, text in _NAMES.items() if re.fullmatch(names, name, flags)), None)
    there = {kind: listed(in_code(names)) for kind, names in _THERE.items()}
    return text and text.format(name=name, **there)


def help_for_call(name: str) -> str | None:
    """What to do instead of calling ``name``, if programs in other languages do that.

    One of its words is enough, as in ``train_model`` and ``trainModel``.
    """
    for names, text in _CALLS.items():
        if re.fullmatch(rf"(\w*_)?({names})([A-Z_]\w*)?", name):
            return text
    return None
