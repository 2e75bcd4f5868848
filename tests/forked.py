"""Programs that start at once: each is a fork of one process that has imported what they need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

PROGRAM = "from netlang.tools.cli import main; main()"
# It forks for each line that it reads, and answers with how that process ended. At its end, a fork
# looks through its own objects for garbage, and not through all that was imported.
_SERVER = """
import gc, json, os, signal, sys
import matplotlib.pyplot, torch, torch._dynamo
import netlang.tools.cli.commands.compare, netlang.tools.cli.commands.run
import netlang.tools.cli.commands.test
gc.freeze()

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if not child:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
for number, (file, flags) in enumerate(asked["streams"]):
    os.dup2(os.open(file, flags), number)
signal.alarm(60)
sys.argv = ["-c", *asked["arguments"]]
exec(asked["code"])
"""


class Forks:
    """``run`` runs Python code in a fork, as ``subprocess.run`` runs ``python -c`` with it.

    Two differ: what was imported need not be once more, and a fork ends after a minute.
    """

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        # A fork prints into pipes, which have room for what it says.
        self._files = [str(Path(self._folder.name, name)) for name in ("stdout", "stderr")]
        for file in self._files:
            os.mkfifo(file)
        self._pipes = [os.open(file, os.O_RDWR | os.O_NONBLOCK) for file in self._files]
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.communicate()
        for pipe in self._pipes:
            os.close(pipe)
        self._folder.cleanup()

    def run(
        self,
        code: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """The code with these arguments, in this folder. If there is an ``output``, such as a
        device, it gets standard output.
        """
        asked = {
            "code": code,
            "arguments": arguments,
            "environment": {**environment},
            "folder": os.getcwd(),
            "streams": [
                (os.devnull, os.O_RDONLY),
                (output or self._files[0], os.O_WRONLY),
                (self._files[1], os.O_WRONLY),
            ],
        }
        assert self._server.stdin
        assert self._server.stdout
        print(json.dumps(asked), file=self._server.stdin, flush=True)
        status = int(self._server.stdout.readline())
        return subprocess.CompletedProcess(code, status, *map(_all_of, self._pipes))


def _all_of(pipe: int) -> str:
    """What is in it."""
    found = b""
    while True:
        try:
            found += os.read(pipe, 1 << 16)
        except BlockingIOError:
            return found.decode()
