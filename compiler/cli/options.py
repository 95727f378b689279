"""The options that commands share, and what their values mean."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])


def bench_path(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> Path | None:
    """The path of a bench: a file, or one that ships (`ot2`, `flex`). Wrong use if neither."""
    if value is None or _is_file(value):
        return None if value is None else Path(value)
    shipped = shipped_benches()
    if value in shipped:
        return shipped[value]
    import difflib  # only a slip needs it, and `check` starts often

    likely = difflib.get_close_matches(value, shipped, n=1)
    guess = f"; did you mean {likely[0]}?" if likely else ""
    raise click.BadParameter(
        f"there is no file {value}, and the benches that ship are {', '.join(shipped)}{guess}",
        context,
        parameter,
    )


def shipped_procedure(context: click.Context, parameter: click.Parameter, value: str) -> Path:
    """The path of a document: a file, or one that ships.

    What ships goes by name (`reductive-amination`), or by its path (`boc-route/alkylation.yaml`).
    A path that does not exist is returned too: reading it gives the finding.
    """
    if _is_file(value):
        return Path(value)
    return shipped_procedures().get(value) or _shipped_file(value) or Path(value)


def _shipped_file(value: str) -> Path | None:
    """A file in a folder of `protocols`, named `<folder>/<file>.yaml`."""
    folder, slash, name = value.partition("/")
    if not slash or not name.endswith(".yaml") or folder not in _folders():
        return None
    inside = {e.name for e in (files("protocols") / folder).iterdir()}
    return near(str(files("protocols") / folder / name)) if name in inside else None


def shipped_procedures_of(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[Path, ...]:
    """The same for several documents."""
    return tuple(shipped_procedure(context, parameter, each) for each in value)


def shipped_benches() -> dict[str, Path]:
    """The benches in `protocols/benches`, by name."""
    folder = files("protocols") / "benches"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): near(str(folder / name)) for name in found}


def shipped_procedures() -> dict[str, Path]:
    """What ships, by the name of its folder: `procedure.yaml`, or else `sequence.yaml`."""
    found: dict[str, Path] = {}
    for name in _folders():
        for file in ("procedure.yaml", "sequence.yaml"):
            document = files("protocols") / name / file
            if document.is_file():
                found.setdefault(name, near(str(document)))
    return found


def _folders() -> list[str]:
    return sorted(entry.name for entry in files("protocols").iterdir() if entry.is_dir())


def near(path: str) -> Path:
    """The path as seen from the working folder where it lies in there, else as it is."""
    absolute = Path(path)
    try:
        return absolute.relative_to(Path.cwd())
    except (ValueError, OSError):  # OSError: the working folder has been removed
        return absolute


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        return False


def format_option(command: Command) -> Command:
    """`--format text|json|sarif`, as `format_`."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "json", "sarif"]),
        default="text",
        show_default=True,
        help="How findings are printed.",
    )(command)


def strict_option(command: Command) -> Command:
    """`--strict`."""
    return click.option("--strict", is_flag=True, help="Make every warning an error.")(command)


def bench_option(required: bool) -> Callable[[Command], Command]:
    """`--bench`, as a path."""
    return click.option(
        "--bench",
        callback=bench_path,
        required=required,
        metavar="BENCH",
        help="The bench: a path, or one that ships (ot2, flex).",
    )


def benches_path(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[Path, ...]:
    """The same for several benches."""
    found = (bench_path(context, parameter, each) for each in value)
    return tuple(path for path in found if path is not None)


def benches_option(required: bool) -> Callable[[Command], Command]:
    """`--bench`, any number of times, as paths."""
    return click.option(
        "--bench",
        "benches",
        callback=benches_path,
        required=required,
        multiple=True,
        metavar="BENCH",
        help="The bench: a path, or one that ships (ot2, flex). With several the reactions of a "
        "library are divided among them.",
    )


def library_option(command: Command) -> Command:
    """`--library TABLE`, as `library`."""
    return click.option(
        "--library",
        type=click.Path(path_type=Path),
        metavar="TABLE",
        help="What differs from well to well: a CSV table, or a library document.",
    )(command)


def clock_option(command: Command) -> Command:
    """`--clock FILE`, as `clock`."""
    return click.option(
        "--clock",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The robot's own clock, in place of the bench's (see `workup clock fit`).",
    )(command)


def set_option(command: Command) -> Command:
    """`--set stage.scale=0.083mmol`, any number of times, as `settings`: name -> value."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        callback=_settings,
        metavar="STAGE.scale=AMOUNT",
        help="What was weighed in for a stage of a sequence, in place of the planned yield.",
    )(command)


def _settings(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in values:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            message = f"{text!r} is not of the form stage.scale=0.083mmol"
            raise click.BadParameter(message, context, parameter)
        if name in found:
            raise click.BadParameter(f"{name} is set twice", context, parameter)
        found[name] = value
    return found
