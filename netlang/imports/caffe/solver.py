"""A solver of Caffe becomes settings: the optimizer, its schedule, clipping and the seed."""

from __future__ import annotations

from netlang.imports.caffe.text_format import Message
from netlang.imports.drawing import Drawing

_KINDS = ("SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam")  # by their old numbers


def add_solver(solver: Message, drawing: Drawing) -> None:
    """Add the settings that a solver says to those of its network."""
    settings = drawing.settings
    settings["optimizer"] = _optimizer(solver)
    if schedule := _schedule(solver):
        settings["schedule"] = schedule
    policy = solver.text("lr_policy", default="fixed")
    if policy != "fixed" and not schedule:
        drawing.remark(f"The rate stays as it begins: Caffe's policy `{policy}` is left out.")
    rate, decay = solver.number("base_lr", 0.01), solver.number("weight_decay", 0.0)
    if decay and solver.text("regularization_type", default="L2") == "L1":
        settings["penalty"] = f"L1({decay:g})"
    if (most := solver.number("clip_gradients", -1.0)) > 0:
        settings["clip"] = f"Norm({most:g})"
    if (steps := solver.whole("iter_size", 1)) > 1:
        settings["accumulate"] = str(steps)
    if (seed := solver.whole("random_seed", -1)) >= 0:
        settings["seed"] = str(seed)
    if steps := solver.whole("max_iter", 0):
        drawing.remark(f"Caffe takes {steps:,} steps, from a rate of {rate:g} on: set `epochs` so.")


def _optimizer(solver: Message) -> str:
    kind = solver.text("type", "solver_type", default="SGD")
    kind = _KINDS[int(kind)] if kind in map(str, range(len(_KINDS))) else kind
    rate, momentum = solver.number("base_lr", 0.01), solver.number("momentum", 0.0)
    is_l2 = solver.text("regularization_type", default="L2") == "L2"
    decay = solver.number("weight_decay", 0.0) if is_l2 else 0.0
    said = {"weight_decay": decay} if decay else {}
    match kind.lower():
        case "adam":
            name = "Adam"
            betas = momentum or 0.9, solver.number("momentum2", 0.999)
            said = {"beta1": betas[0], "beta2": betas[1], **said}
        case "adagrad":
            name = "Adagrad"
        case "rmsprop":
            name = "RMSprop"
            said = {"alpha": solver.number("rms_decay", 0.99), **said}
        case "adadelta":
            name = "Adadelta"
            said = {"rho": momentum, **said} if momentum else said
        case _:
            name = "SGD"
            said = {"momentum": momentum, **said} if momentum else said
    texts = [f"{rate:g}", *(f"{key}={value:g}" for key, value in said.items())]
    if kind.lower() == "nesterov":
        texts.append("nesterov=true")
    return f"{name}({', '.join(texts)})"


def _schedule(solver: Message) -> str:
    """Caffe's policies count steps, as netlang's schedules do; "" for one that it lacks."""
    gamma, most = solver.number("gamma", 0.1), solver.whole("max_iter", 0)
    match solver.text("lr_policy", default="fixed"):
        case "step" if size := solver.whole("stepsize", 0):
            return f"Step({size}, gamma={gamma:g})"
        case "multistep" if steps := solver.wholes("stepvalue"):
            return f"MultiStep({steps}, gamma={gamma:g})"
        case "exp":
            return f"Exponential({gamma:g})"
        case "poly" if most:
            return f"Polynomial(power={solver.number('power', 1):g}, length={most})"
    return ""
