"""`controls`: reactions that lack something on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading import fields as f
from compiler.reading.nodes import Fields, Items, Scalar, quote
from compiler.reading.schema import is_integer
from compiler.reading.sheet import Row
from compiler.reading.wording import best_match, choices
from compiler.stages.documents import Add, AdjustPh, AnyStep, Procedure
from compiler.stages.library import Control

ALL_ROWS = "all"


@dataclass(frozen=True, slots=True)
class Written:
    """A control as the library has it, and the rows that it is made of."""

    node: Fields
    kind: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def each_run(self) -> bool:
        """Whether it is wanted in every run of a library that needs several."""
        return f.flag(self.node, "each run")


def written_controls(root: Fields, rows: tuple[Row, ...]) -> tuple[list[Written], list[Finding]]:
    """The controls that can be read, in order; S-REFERENCE for a row that is not there."""
    controls: list[Written] = []
    findings: list[Finding] = []
    listed = root.get("controls")
    for node in listed if isinstance(listed, Items) else ():
        if not isinstance(node, Fields) or ("without" in node) == ("only" in node):
            continue  # the schema says that it is one of the two
        kind = "without" if "without" in node else "only"
        chosen = _rows(node, rows)
        if isinstance(chosen, Finding):
            findings.append(chosen)
        else:
            controls.append(Written(node, kind, f.names(node, kind), chosen))
    return controls, findings


def _rows(node: Fields, rows: tuple[Row, ...]) -> tuple[Row, ...] | Finding:
    """The rows that a control names: all, one by its name or number, else the first."""
    named = node.get("row")
    if not isinstance(named, Scalar) or named.is_null:
        return rows[:1]
    if named.text == ALL_ROWS:
        return rows
    by_name = [row for row in rows if row_name(row) == named.text]
    if not by_name and is_integer(named):
        by_name = [row for row in rows if row.number == int(named.text)]
    if by_name:
        return tuple(by_name[:1])
    close = best_match(named.text, [row_name(row) for row in rows])
    help_ = f"Did you mean {quote(close)}? " if close else ""
    help_ += "Write a row's `name` or number, or `all`."
    return s.REFERENCE.at(named.span, f"No row is named {quote(named.text)}.", help=help_)


def row_name(row: Row) -> str:
    """The row's `name`, else the names of its materials, else `row 3`."""
    names = ["name"] if "name" in row.cells else sorted(c for c in row.cells if _is_name(c))
    found = [cell.text for name in names if isinstance(cell := row.cells[name], Scalar)]
    return " + ".join(found) or f"row {row.number}"


def _is_name(column: str) -> bool:
    return column.endswith(".name") and column.count(".") == 1


def control_of(written: Written, procedure: Procedure) -> Control | tuple[Finding, ...]:
    """What a control leaves out of a procedure; S-REFERENCE for a name that is never added."""
    added = tuple(dict.fromkeys(name for step in procedure.steps if (name := _added(step))))
    strange = tuple(_strange(written, added))
    if strange:
        return strange
    if written.kind == "without":
        left_out = tuple(name for name in added if name in written.names)
    else:
        left_out = tuple(
            name for name in added if name in procedure.materials and name not in written.names
        )
    return Control(
        written.kind, written.names, left_out, written.node.span, each_run=written.each_run
    )


def _strange(written: Written, added: tuple[str, ...]) -> Iterator[Finding]:
    value = written.node[written.kind]
    nodes = value.nodes if isinstance(value, Items) else (value,)
    for node in nodes:
        if isinstance(node, Scalar) and not node.is_null and node.text not in added:
            close = best_match(node.text, added)
            help_ = f"Did you mean {quote(close)}? " if close else ""
            help_ += f"Added are {choices(added, 'and')}." if added else ""
            message = f"{quote(node.text)} is added by no step, so that no control can lack it."
            yield s.REFERENCE.at(node.span, message, help=help_)


def without(steps: tuple[AnyStep, ...], control: Control | None) -> tuple[AnyStep, ...]:
    """The steps that a control has."""
    if control is None or not control.left_out:
        return steps
    return tuple(step for step in steps if _added(step) not in control.left_out)


def _added(step: AnyStep) -> str | None:
    """The material that a step adds, None where it adds none."""
    if isinstance(step, Add):
        return step.material
    return step.with_ if isinstance(step, AdjustPh) else None
