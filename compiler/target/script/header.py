"""What stands at the top of a script, for the person who opens it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from compiler.stages.program import Part
from compiler.target.script.text import WIDTH, escaped_doc


@dataclass(frozen=True, slots=True)
class StepSource:
    """A step's sentence, and where it was written (the file as the user named it, the line)."""

    sentence: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptHeader:
    """What a script says about itself; everything here is text from users or the compiler.

    `source` cites the procedure, `compiler` is "workup 0.1.0", `inputs` are file names with
    their sha256, `steps` has an entry for each step id, `preparation` the lines of the list of
    what to fill in where, `assumptions` and `acknowledged` a line for each.
    """

    source: str
    compiler: str
    inputs: tuple[tuple[str, str], ...]
    steps: Mapping[str, StepSource]
    preparation: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # more lines of metadata


def docstring(
    header: ScriptHeader, title: str, robot: str, part: Part, parts: int, names: Iterable[str]
) -> str:
    """The script's docstring. `names` are the file names of all parts."""
    robot_name = "an OT-2" if robot == "OT-2" else "a Flex"
    which = f", part {part.number} of {parts}" if parts > 1 else ""
    out: list[str] = []
    first = escaped_doc(title) + which
    lead, *rest = wrap(first, WIDTH - 3) or ["Untitled"]
    out.append(f'"""{lead}')
    out.extend(rest)
    out.append("")
    out.extend(
        wrap(f"For {robot_name}. Source: {escaped_doc(header.source) or 'not given'}", WIDTH)
    )
    if part.after:
        out.extend(wrap(f"Start it after: {escaped_doc(part.after)}", WIDTH))
    out.extend(_section("Before the run:", header.preparation if part.number == 1 else ()))
    out.extend(_section("Assumed:", header.assumptions))
    out.extend(_section("Acknowledged:", header.acknowledged))
    made = [f"{name} (sha256 {digest})" for name, digest in header.inputs]
    out.extend(_section(f"Written by {escaped_doc(header.compiler)} from:", made, flat=True))
    if parts > 1:
        out.extend(_section("The parts:", names))
    out.append('"""')
    return "\n".join(out) + "\n"


def _section(title: str, lines: Iterable[str], *, flat: bool = False) -> list[str]:
    body: list[str] = []
    for line in lines:
        shown = escaped_doc(line)
        if flat:
            body.append(f"  {shown}")
        else:
            body.extend(wrap(shown, WIDTH, initial_indent="- ", subsequent_indent="  ") or ["-"])
    return ["", title, *body] if body else []
