"""The command line. This file imports little, so that signals are handled early."""

from __future__ import annotations


def main() -> None:
    """Run the program ``netlang``. It shows a traceback only where NETLANG_DEBUG is set."""
    from netlang.system import interruption

    interruption.heed()
    import gc
    import sys

    from netlang.tools.cli.output.streams import Streams

    # Start-up makes many objects that stay; to look through them for garbage takes time.
    gc.set_threshold(100_000)
    streams = Streams()
    status = _status()
    interruption.ignore()  # while Python ends, a signal would print a traceback
    if failure := streams.failure():
        print(f"netlang: {failure}", file=sys.stderr, flush=True)
    gc.freeze()  # as all memory goes now, nothing is looked through for garbage
    sys.exit(status or bool(failure))


def _status() -> int:
    """Do what the command line asks for, and return the exit status."""
    import click

    from netlang.tools.cli.group import cli
    from netlang.tools.cli.output.printing import show_own_error
    from netlang.tools.cli.threads import heed_threads

    heed_threads()
    try:
        # The exit status that a command raised, or None.
        return cli(prog_name="netlang", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:
        show_own_error("netlang: an error of its own", error)
        return 1
