"""The tensors of a model file become those that a network begins with."""

from __future__ import annotations

from netlang.compiler.ir import Beginning
from netlang.engine.network import Network
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.models import ModelUnreadable
from netlang.language.model_files import MODEL
from netlang.system.files import Irregular, TooLarge, read_regular, why_unreadable
from netlang.system.fingerprint import Fingerprint
from netlang.system.machine import memory_limit
from netlang.system.tensor_file import NotReadable


def begin_with(beginning: Beginning, network: Network) -> None:
    """Copy the tensors that ``beginning`` takes into ``network``.

    Raises NetError if the file cannot be read, or is not as it was when it was compiled.
    """
    path = beginning.file.path
    try:
        data = read_regular(path, memory_limit() // 2)
        if Fingerprint.of(path, data).sha256 != beginning.file.sha256:
            raise NotReadable("it has changed since the program was read")
        tensors, _ = MODEL.from_bytes(data)
        if odd := [name for name in beginning.taken if not tensors[name].is_floating_point()]:
            kind = tensors[odd[0]].dtype
            raise NotReadable(f"the numbers of `{odd[0]}` are of the type {kind}, and no weights")
    except NotReadable as error:
        reason = str(error)
    except (Irregular, TooLarge):
        reason = "it has been replaced since the program was read"
    except (OSError, ValueError) as error:
        reason, _ = why_unreadable(path, error)
    else:
        own = network.named_tensors()
        for name in beginning.taken:
            own[name].copy_(tensors[name])
        return
    raise NetError(ModelUnreadable(None, str(path), reason))
