"""Names that other frameworks have and netlang does not, and what to write instead of them.

What netlang has under another name says so itself, by its ``known_as``.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from netlang.catalogue import registry
from netlang.catalogue.layers import activations, convolutions, joins, normalization, pools
from netlang.language.diagnostics.wording import in_code, listed

_KINDS = {"losses": "loss", "metrics": "metric", "optimizers": "optimizer"}
_THERE = {kinds: [item.name for item in registry.items(kind)] for kinds, kind in _KINDS.items()}
_THERE |= {
    room.__name__.rpartition(".")[2]: [
        item.name
        for item in registry.items("layer")
        if f"{item.__module__}.".startswith(f"{room.__name__}.")
    ]
    for room in (activations, convolutions, joins, normalization, pools)
}
_SYNONYMS = {  # in lower case, what layers are called elsewhere, as they say themselves
    word.casefold() for item in registry.items("layer") for word in (*item.known_as, *item.like)
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
    r"Gaussian(Noise|Dropout)|(Feature)?AlphaDropout": _ABSENT
    + "what it draws in training is the mask of `Dropout`",
    r"\w+Norm(alization)?(\d[dD])?": _ABSENT + "its norms are {normalization}",
    r"UpSampling\d[dD]|PixelShuffle|PixelUnshuffle": _ABSENT
    + "`Upsample(scale_factor=2)` makes pictures larger",
    "Maximum|Minimum|Average": _ABSENT + "its joins are {joins}",
    r"Random[A-Z]\w+|ColorJitter|CenterCrop|AutoAugment": _ABSENT
    + "it trains on the samples as the data have them",
    "Rescaling|Normali[sz]e|Normalization|ToTensor": _ABSENT
    + "data are shifted and scaled by their argument `standardize`",
    r"RReLU|Soft(shrink|min)|Hard[Ss]hrink|Tanh[Ss]hrink|Log[Ss]igmoid|Maxout|Threshold(edReLU)?": (
        _ABSENT + "its activations are {activations}"
    ),
    "AdamW|Adamax|N[Aa]dam|RMS[Pp]rop|Ada(grad|delta)|LBFGS|Lion": _ABSENT
    + "its optimizers are {optimizers}",
    r"\w*(Huber|L1|KLDiv|Hinge|Triplet|Cosine(Similarity|Embedding)?)(Loss)?": _ABSENT
    + "its losses are {losses}",
    r"CrossEntropyLoss|(Sparse)?CategoricalCross[Ee]ntropy|NLL(Loss)?": _ABSENT
    + "behind `Softmax` write `CrossEntropy`, and for scores without it `SoftmaxCrossEntropy`",
    r"\w+LR|Cosine\w+|\w*Scheduler?|ReduceLROnPlateau": _ABSENT
    + "the learning rate stays as it is, and `stop = Early(validation.loss)` ends training",
    r"\w+Checkpoint": _ABSENT
    + "a run saves its own, and `stop = Best(validation.loss)` keeps the best weights",
    r"precision|recall|[fF]1(_?[sS]core)?|confusion(_matrix)?|rmse|RMSE": "`netlang eval RUN` "
    "shows it of a trained network; netlang has no `{name}` to train by: its metrics are {metrics}",
    r"auc|AUC|roc_auc|mape|MAPE": _ABSENT + "its metrics are {metrics}",
}
# The parameters of the library's blocks, and patterns of what other frameworks call them.
_PARAMETERS = {
    "act": "activation(_fn)?|act_fn|nonlinearity",
    "depth": "(num_|n_)?layers",
    "hidden": "hidden_(size|dim|units|features)",
    "inputs": "in_features|in(put)?_(size|dim)",
    "outputs": "out_features|out(put)?_(size|dim)|num_classes|units",
    "width": "features|hidden_(size|dim)|units",
}
# Patterns of arguments, which people also write as settings, and what to say.
_ARGUMENTS = {
    "batch_first": "leave it out: sequences are [N, T, features], samples first",
    "return_sequences?|return_state": 'write `output="all"` for all steps, `output="last"` for the '
    "last one",
    "betas": "write two arguments, `beta1=0.9, beta2=0.999`",
    "(batch_)?input_shape": "leave it out: the data say one sample's shape, or, without data, "
    "`input = [3, 32, 32]` on a line of its own",
    r"\w+_(regularizer|constraint)|max_norm|norm_type|weight_decay|clip(norm|value)": "leave it "
    "out: netlang adds nothing to the loss, and bounds no weight",
    r"\w+_initializer": "leave it out: `Linear` and convolutions have `init`, and the others begin "
    "in a way of their own",
    "_?weights?": 'write `start = "model.safetensors"` on a line of its own to begin with trained '
    "weights",
    "(key_padding_|attn_|src_|attention_)?mask": "leave it out: `causal=true` hides later steps, "
    "and where each sequence ends comes from the data",
    "mask_zero": "leave it out: where each sequence ends comes from the data, and `padding_idx=0` "
    "keeps the vector of token 0 at 0",
    "need_weights|return_attention_scores|average_attn_weights|return_indices": "leave it out: a "
    "layer gives its output alone",
    "add_(bias_kv|zero_attn)": "leave it out: queries meet what the input says, and nothing else",
    "head_dim|dim_head": "leave it out: each head has `embed_dim / num_heads` numbers",
    "value_dim": "leave it out: values have as many numbers in a head as keys",
    "(recurrent_|attn_|proj_)?drop(out|_rate)?": "dropout is a layer of its own: "
    "`Linear(8, 8) -> Dropout(0.1)`",
    "seed": "write `seed = 0` on a line of its own, which decides all that is drawn",
    "noise_shape": "leave it out: `Dropout` drops numbers, `Dropout2d` whole channels",
    "scale_by_keep": "leave it out: what stays is always scaled",
    "proj_size": "leave it out: `-> Linear(64, 16)` behind it gives fewer numbers",
    "recurrent_activation": "leave it out: gates are sigmoids",
    "reset_after": "leave it out: the reset gate acts behind the product, as in PyTorch",
    "merge_mode": "leave it out: the two directions stand side by side, features of the one first",
    "momentum|dampening|nesterov": "leave it out: `Adam` has momentum as `beta1`, and `BatchNorm` "
    "has one for its running statistics",
    "track_running_stats": "leave it out: `BatchNorm` keeps running statistics, and other norms "
    "take each sample by itself",
    "synchronized": "leave it out: netlang trains on one machine",
    "rms_scaling": "`RMSNorm` divides by the root of the mean square",
    "divisor_override": "leave it out: a sum is divided by how many numbers it has, and `Scale` "
    "behind it learns a factor",
    "keepdims?": "leave it out: `Unflatten([1, 8])` behind it makes a dimension of 1",
    "antialias": "leave it out: an `AvgPool2d` makes pictures smaller, and smooth",
    "recompute_scale_factor": "leave it out: factors are taken as they are",
    "max_value": "`ReLU6` ends at 6, and `HardTanh` where you say",
    "negative_slope": "`LeakyReLU(0.01)` has one, and `PReLU` learns it",
    "scale_grad_by_freq|sparse": "leave it out: each use of a row adds to its gradient",
    "input_length|max_position_embeddings|max_seq_len": "leave it out: the data say how long "
    "sequences are",
    r"axis|\w+_axes": "leave it out: channels are dimension 1, features the last one, and "
    "`Permute` brings others there",
    "foreach|fused|capturable|differentiable|flash_attention": "leave it out: netlang decides how "
    "it computes",
    "stateful|unroll|go_backwards|time_major": "leave it out: each sample begins with a state of "
    "0, at its first step",
    "trainable|requires_grad|_?freeze": "write `freeze = part` on a line of its own, with a "
    "part's name",
    "inplace": "leave it out: netlang decides what is kept",
    "dtype": "leave it out: netlang trains on 32-bit floats",
    "name": "write it behind the layer, `Linear(8, 4) as head`, or define it, `head = ...`",
    "padding_mode": 'put `Pad(1, mode="reflect") ->` in front, or "replicate" or "circular", and '
    "leave `padding` out",
    "data_format|channels_(first|last)": "leave it out: pictures are [C, H, W], and `Permute` puts "
    "others in that order",
    "device": "leave it out: netlang computes on the CPU",
    "patience|min_delta|monitor": "it is an argument: write `stop = Early(validation.loss, "
    "patience=5)`",
    "folds|cv|n_splits|k_folds?": "the rows of a table alone are dealt into folds: `Table(..., "
    "folds=5)`",
    "shuffle": "leave it out: each epoch takes the samples in a new order, which `seed` decides",
}
# Patterns of what arguments are given as choices elsewhere, and the choices that are meant.
_CHOICES = {
    "glorot(_normal)?|xavier_normal_?": "xavier",
    "glorot_uniform|xavier_uniform_?": "xavier_uniform",
    "he(_normal)?|kaiming_normal_?": "kaiming",
    "he_uniform|kaiming_uniform_?": "kaiming_uniform",
    "lecun_normal": "lecun",
    "random_normal|normal_|trunc(ated)?_normal_?": "normal",
    "random_uniform|uniform_": "uniform",
    "orthogonal_": "orthogonal",
    "zeros_?": "zero",
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
    "add|append|add_module|extend": _BY_ARROWS + "`Linear(2, 25) -> ReLU`",
}


def activation(name: str) -> str | None:
    """The activation that other frameworks call ``name``."""
    return next((one for one in _THERE["activations"] if one.lower() == name.lower()), None)


def activation_apart(name: str) -> str | None:
    """What to write for an activation that other frameworks call ``name``, and that is given to a
    layer as an argument.
    """
    layer = activation(name)
    return layer and f"an activation is a layer of its own, behind this one: `-> {layer}`"


def help_for_argument(name: str) -> str | None:
    """What to do instead of an argument or a setting ``name``, if other frameworks have it."""
    if "act" in parameters(name):
        return activation_apart("ReLU")
    return next((text for names, text in _ARGUMENTS.items() if re.fullmatch(names, name)), None)


def parameters(name: str) -> list[str]:
    """The parameters of the library's blocks that other frameworks call ``name``."""
    return [one for one, names in _PARAMETERS.items() if re.fullmatch(names, name)]


def choice(name: str, choices: Collection[str]) -> str | None:
    """The one of an argument's ``choices`` that other frameworks call ``name``."""
    meant = (one for names, one in _CHOICES.items() if re.fullmatch(names, name, re.IGNORECASE))
    return next((one for one in meant if one in choices), None)


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
