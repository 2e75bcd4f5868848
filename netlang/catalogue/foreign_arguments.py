"""Arguments that other frameworks have and netlang does not, and what to write instead of them.

What an argument is called elsewhere it says itself, by its ``known_as``.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from netlang.catalogue.foreign import activation

# The parameters of the library's blocks, and patterns of what other frameworks call them.
_PARAMETERS = {
    "act": "activation(_fn)?|act_fn|nonlinearity",
    "channels": "(num_)?filters|(out_|output_)?(planes|channels)",
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
    r"\w+_regularizer|weight_decay": "write `penalty = L2(1e-4)` on a line of its own; with "
    "`on=part` it is one of a part's weights alone",
    r"\w+_constraint|max_norm|norm_type": "leave it out: netlang bounds no weight",
    "clip(norm|value)": "write `clip = Norm(1.0)` or `clip = Value(0.5)` on a line of its own",
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
    "seed|random_state": "write `seed = 0` on a line of its own, which decides all that is drawn",
    "noise_shape": "leave it out: `Dropout` drops numbers, `Dropout2d` whole channels",
    "scale_by_keep": "leave it out: what stays is always scaled",
    "proj_size": "leave it out: `-> Linear(64, 16)` behind it gives fewer numbers",
    "recurrent_activation": "leave it out: gates are sigmoids",
    "reset_after": "leave it out: the reset gate acts behind the product, as in PyTorch",
    "merge_mode": "leave it out: the two directions stand side by side, features of the one first",
    "momentum|dampening|nesterov": "it is an argument of an optimizer, "
    "`SGD(lr=0.1, momentum=0.9)`, and `BatchNorm` has one for its running statistics",
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
    r"precision|amp|(use_)?(fp16|bf16|mixed_precision)": "leave it out: netlang trains on 32-bit "
    "floats",
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
    "standard_?scaler|z_?-?score|standardi[sz]e[dr]?": "standard",
    "robust_?scaler|iqr": "robust",
    "quantile_?transformer|rank_?gauss": "quantile",
    "drop_?na": "drop",
    "average": "mean",
}
# Patterns of those that netlang lacks, and what to say.
_OTHER_CHOICES = {
    "mode|most_frequent": 'write "median": in columns of categories, that is the most frequent one',
    "(min_?-?max|max_?abs)(_?scaler)?": 'netlang has no scale from 0 to 1: write "standard", by '
    "which numbers have mean 0 and deviation 1",
}
_DIRECTION = "leave it out: whether a metric is to rise or to fall is known of each"
# The same for arguments of one kind of item, which are asked first.
_OF_KIND = {
    "loss": {
        "reduce|size_average": 'write `reduction="sum"`, or leave it out for the mean',
        "label_smoothing|smoothing": "`SoftmaxCrossEntropy(label_smoothing=0.1)` has it",
        "ignore_index|ignore_class": "`SoftmaxCrossEntropy(ignore=0)` has it",
        "from_logits|logits": "leave it out: `SoftmaxCrossEntropy` takes scores (logits), and "
        "`CrossEntropy` probabilities",
        "pos_weights?": "`SigmoidCrossEntropy(pos_weight=3)` has it",
        "((class|sample)_)?weights?": '`Table(..., weights="column")` says how much each row '
        "counts, `SoftmaxCrossEntropy(weight=[1, 3])` how much each class does, and `0.5 * MSE` "
        "how much a loss does",
        "axis|dim": "leave it out: classes are the last dimension",
        "name": "leave it out: a loss is called by the name of its output",
    },
    "data set": {
        "header|names|columns": "leave it out: the first line of a table names its columns",
        "(x_|use_?)cols|features?(_(cols|columns|names))?|inputs?": "leave it out: a table's "
        'columns but the target are inputs, and `ignore=["id"]` leaves some out',
        r"one_?hot\w*|dummies|get_dummies|cat_(cols|features)": "text columns are categories as "
        'they are, and `categories=["zip"]` takes numbers for names, too',
        r"stratif\w+": "leave it out: test and validation have their share of each class anyway",
        "decimal|thousands": "leave it out, and write numbers in the file with a point and without "
        "other signs: `1234.56`",
        "skip_?(rows|footer)|comment|nrows": "leave it out: a table's file has a line of names and "
        "its rows, and nothing else: remove other lines",
        "index(_col)?": 'leave it out: `ignore=["id"]` leaves columns out',
        "encoding": "leave it out: texts are read as UTF-8",
        "na_values": "leave it out, and write empty cells in the file in place of these: then "
        '`missing="mean"` fills them',
        "fillna|dropna": '`missing="mean"` fills empty cells, and `missing="drop"` '
        "leaves their rows out",
        r"transforms?|augment\w*|preprocess\w*": "write `augment = Noise(0.1)` on a line of its "
        "own, which changes the training samples in each epoch anew",
        "normali[sz]e|scaler?": "write `standardize`, which is true by default",
        "download": "leave it out: it reads files that are there already",
        "batch(_size)?": "it is a setting: write `batch = 32` on a line of its own",
        r"num_workers|pin_memory|drop_last|prefetch\w*": "leave it out: netlang decides how it "
        "reads",
        "(test|val(idation)?)_(size|split)|split": "`test` and `validation` say how much is set "
        "aside",
    },
    "penalty": {
        "weight_decay": "write `strength`, half of it: the gradient of λ Σ w² is 2λw, so that "
        "`L2(0.005)` is a decay of 0.01",
        "alpha": "write `strength`: scikit-learn's `alpha` is that times the number of samples in "
        "`Ridge`, and half of that in `Lasso`",
    },
    "stopping rule": {
        "mode": _DIRECTION,
        "start_from_epoch|baseline|restore_best_weights|verbose": "leave it out: it looks at each "
        "epoch from the first one on, and the best one's weights are the result",
    },
    "schedule": {
        "mode": _DIRECTION,
        "min_delta|epsilon": 'write `threshold=0.001, threshold_mode="abs"`: without the mode, it '
        "is a share of the best value",
        "min_lr|eta_min|end_learning_rate": "write `to`, a share of the optimizer's `lr`: of "
        "`lr=0.1`, `to=0.01` is a rate of 0.001",
        "(max|base|initial|peak)_(lr|learning_rate)|lr|learning_rate": "leave it out: a schedule "
        "multiplies the optimizer's `lr`",
        "optimizer|last_epoch|verbose": "leave it out: netlang joins schedule and optimizer, and "
        "counts the steps",
        "cycle_momentum|(base|max)_momentum": "leave it out: a schedule changes the rate alone",
    },
    "optimizer": {
        "epsilon": "write `eps`, about the root of it: in Keras, it is added to the squares' mean, "
        "and here to the root of that",
        "(model_)?param(eter)?s|model|net|variables": "leave it out: all weights of `net` are "
        "trained, except those of parts that `freeze` names",
        "momentum|dampening|nesterov": "`SGD` and `RMSprop` have `momentum`, and in those like "
        "`Adam` it is `beta1`",
        "rho|alpha": "`RMSprop` has `alpha`, `Adadelta` has `rho`, and those like `Adam` `beta2`",
        "amsgrad": "it is an argument of `Adam` and `AdamW`",
        "centered": "it is an argument of `RMSprop`",
        "maximize": "leave it out: a loss is made small",
        r"(grad(ient)?_?)?clip\w*|global_clipnorm|max_(grad_)?norm": "it is a setting: write "
        "`clip = Norm(1.0)` on a line of its own",
        r"l[12]|lambd(a_?)?": "`weight_decay` makes weights small, and `penalty = L2(1e-4)` on a "
        "line of its own",
        r"(lr_|learning_rate_)?(decay|schedule\w*|warmup\w*)": "it is a setting: write "
        "`schedule = Warmup(500) -> Cosine` on a line of its own",
        r"(gradient_)?accumulat\w*": "it is a setting: write `accumulate = 4` on a line of its own",
        r"(use_)?ema(_\w+)?": "it is a setting: write `average = EMA(0.999)` on a line of its own",
        "epochs|batch|seed": "it is a setting: write it on a line of its own",
        "batch_size": "it is a setting: write `batch = 32` on a line of its own",
        "jit_compile": "leave it out: netlang decides how it computes",
        "name": "leave it out: there is one optimizer",
    },
}


def activation_apart(name: str) -> str | None:
    """What to write for an activation that other frameworks call ``name``, and that is given to a
    layer as an argument.
    """
    layer = activation(name)
    return layer and f"an activation is a layer of its own, behind this one: `-> {layer}`"


def help_for_argument(name: str, kind: str = "") -> str | None:
    """What to do instead of an argument ``name`` of a ``kind`` of item, or of a setting, if other
    frameworks have it.
    """
    if "act" in parameters(name):
        return activation_apart("ReLU")
    patterns = [*_OF_KIND.get(kind, {}).items(), *_ARGUMENTS.items()]
    return next((text for names, text in patterns if re.fullmatch(names, name)), None)


def parameters(name: str) -> list[str]:
    """The parameters of the library's blocks that other frameworks call ``name``."""
    return [one for one, names in _PARAMETERS.items() if re.fullmatch(names, name)]


def other_choice(name: str) -> str | None:
    """What to write for a choice that other frameworks call ``name``, and netlang lacks."""
    found = (text for names, text in _OTHER_CHOICES.items() if re.fullmatch(names, name, re.I))
    return next(found, None)


def choice(name: str, choices: Collection[str]) -> str | None:
    """The one of an argument's ``choices`` that other frameworks call ``name``."""
    meant = (one for names, one in _CHOICES.items() if re.fullmatch(names, name, re.IGNORECASE))
    return next((one for one in meant if one in choices), None)
