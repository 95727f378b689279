"""`workup`, and `python -m compiler`."""

from __future__ import annotations

import errno
import os
import sys

import click

from compiler.cli.console import OutputError, complain, flush_output, prepare_streams
from compiler.cli.group import workup

# What the machine has no room for, which no command can foresee: disk, descriptors, memory.
_REFUSALS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EFBIG,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
    }
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0, 1 for errors in the input, 2 otherwise.

    Nothing leaves it as a traceback. What no command foresaw is a defect of this program and
    says so in one line; `WORKUP_DEBUG=1` shows the traceback.
    """
    prepare_streams()
    try:
        status = workup.main(args=arguments, prog_name="workup", standalone_mode=False)
        flush_output()
    except click.ClickException as error:
        _wrong_use(error)
        return 2
    except OutputError as error:
        complain(str(error))
        return 2
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted; nothing was written that was not complete")
        return 2
    except Exception as error:  # the last resort: a user never sees a traceback
        if os.environ.get("WORKUP_DEBUG") == "1":
            raise
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            complain(
                f"the system refuses: {error.strerror} ({error.filename or 'temporary files'})"
            )
            return 2
        complain(
            f"a defect in workup itself ({type(error).__name__}: {error}). Please report it with "
            "the files that were read; WORKUP_DEBUG=1 shows where it happened"
        )
        return 2
    return status if isinstance(status, int) else 0


def _wrong_use(error: click.ClickException) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    complain(error.format_message())
    if context is not None:
        complain(f"try `{context.command_path} --help`")


if __name__ == "__main__":
    sys.exit(main())
