"""Results on disk: all of a folder or nothing, whatever happens in between."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")

# What may lie in a result folder without having been written by `compile`: droppings of Python
# and of file managers, and the report.
_TOLERATED = frozenset({"__pycache__", ".DS_Store", "review.html", "review.md"})


class WriteError(Exception):
    """A result cannot be written; the message says what and why, `help` what to do."""

    def __init__(self, message: str, help_: str) -> None:
        super().__init__(message)
        self.help = help_


def slug(text: str) -> str:
    """A file name out of any text: ASCII letters, digits, dots and dashes, never empty.

    >>> slug("../Mono-Boc (TMSCl)")
    'Mono-Boc-TMSCl'
    """
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip(".-")[:80].rstrip(".-") or "procedure"


def write_folder(target: Path, texts: Mapping[str, str]) -> None:
    """Puts the files into the folder `target`, which then holds these and no others.

    They are written into a folder beside it, brought to disk and swapped in by a rename, so that
    at any moment the old result or the new one is there. Raises WriteError where the system
    refuses, and where `target` holds anything that an earlier result does not account for.
    """
    for name in texts:
        if not _SAFE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a file of ours")
    try:
        final = target.resolve()
        _refuse_what_is_not_ours(target, final)
        final.parent.mkdir(parents=True, exist_ok=True)
        _write_and_swap(final, texts)
    except (OSError, ValueError, RuntimeError) as error:
        # ValueError: a NUL in the path; RuntimeError: a loop of symbolic links.
        help_ = "choose another folder with -o; what was there before is unchanged"
        raise WriteError(f"{target} cannot be written: {_reason(error)}", help_) from error


def write_file(target: Path, text: str) -> None:
    """Writes one file, whole or not at all. Raises WriteError where the system refuses."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - a descriptor
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:  # Ctrl-C too: the half-written file goes, then the error goes on
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        message = f"{target} cannot be written: {_reason(error)}"
        raise WriteError(message, "choose another place with -o") from error


def _reason(error: Exception) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError) and error.filename:
        return f"{error.filename} is a file, not a folder"
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _write_and_swap(final: Path, texts: Mapping[str, str]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{final.name[:40]}.", dir=final.parent))
    try:
        for name in sorted(texts):
            with (draft / name).open("w", encoding="utf-8", newline="\n") as file:
                file.write(texts[name])
                file.flush()
                os.fsync(file.fileno())
        draft.chmod(0o777 & ~_umask())
        _sync_folder(draft)
        _swap(draft, final)
        _sync_folder(final.parent)
    finally:
        # After the swap the draft is the old result; before it, what was half written.
        shutil.rmtree(draft, ignore_errors=True)


def _refuse_what_is_not_ours(target: Path, final: Path) -> None:
    if not final.exists():
        return
    if not final.is_dir():
        raise WriteError(f"{target} is a file, not a folder", "choose another name with -o")
    if final == Path.cwd() or final in Path.cwd().parents:
        raise WriteError(
            f"{target} is the folder that this command runs in", "name a new folder with -o"
        )
    there = {entry.name for entry in final.iterdir()}
    strange = sorted(there - _accounted_for(final) - _TOLERATED)
    if strange:
        names = ", ".join(strange[:3]) + (" and more" if len(strange) > 3 else "")
        raise WriteError(
            f"{target} holds {names}, which workup did not write there",
            "choose another folder with -o, or move these out of it",
        )


def _accounted_for(folder: Path) -> set[str]:
    """The files that the plan in a folder says a run of ours wrote; none where it is no plan."""
    try:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        if plan["compiler"]["name"] != "workup":
            return set()
        scripts = {str(script["file"]) for script in plan["scripts"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return set()
    return {"plan.json", "prep.csv"} | scripts


def _swap(draft: Path, final: Path) -> None:
    """Puts `draft` in the place of `final`; what was there takes the draft's."""
    if not final.exists():
        draft.rename(final)
        return
    if _exchange(draft, final):
        return
    # No exchange on this system: two renames, and the first one is undone if the second fails.
    aside = Path(tempfile.mkdtemp(prefix=f".{final.name[:40]}.", dir=final.parent))
    final.rename(aside)
    try:
        draft.rename(final)
    except BaseException:
        aside.rename(final)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two folders in a single step of the file system, where there is such a call."""
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE (linux/fs.h; Linux 3.15, glibc 2.28)
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        call = ctypes.CDLL(None, use_errno=True).renameat2
        return int(call(here, os.fsencode(one), here, os.fsencode(other), exchange)) == 0
    return False


def _sync_folder(folder: Path) -> None:
    # Some file systems do not sync folders; the result is complete all the same.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
