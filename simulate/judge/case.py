"""What the judge looks at, and how its findings are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from compiler.diagnostics.finding import Code, Finding, Related, Severity, Span
from compiler.target import commands as c
from simulate.channels import under_channels
from simulate.ledger import Ledger, Stamp
from simulate.traced import Happening, LoadedLabware, Trace, TracedCommand
from simulate.wells import WellModel, well_model


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the script: `line` in `run`, `inner` the innermost line of the script."""

    line: int | None
    inner: int | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that the judge found, before faults of a kind are gathered."""

    code: Code
    where: Where
    message: str
    help: str
    severity: Severity


Check = Callable[["Case"], Iterator[Fault]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One script, run and replayed.

    `complete` says whether it ran to its end, `planned` whether a plan says what wells hold and
    the verifier holds the run to it, `last` whether no other part follows.
    """

    ledger: Ledger
    file: str
    complete: bool = True
    planned: bool = False
    last: bool = True
    _models: dict[c.WellRef, WellModel | None] = field(default_factory=dict, repr=False)

    @property
    def trace(self) -> Trace:
        """The commands."""
        return self.ledger.trace

    def commands(self) -> Iterator[tuple[TracedCommand, Stamp]]:
        """Every command, with its time."""
        return zip(self.trace.commands, self.ledger.stamps, strict=True)

    def places(self) -> dict[int, Where]:
        """Where in the script each command of the engine's list was asked for."""
        return {traced.index: of(traced) for traced in self.trace.commands}

    def model(self, ref: c.WellRef) -> WellModel | None:
        """The inside of a well; None where there is no such well."""
        if ref not in self._models:
            item = self.trace.labware.get(ref.labware)
            known = item is not None and ref.well in item.definition.get("wells", {})
            self._models[ref] = well_model(item.definition, ref.well) if item and known else None
        return self._models[ref]

    def labware(self, ref: c.WellRef) -> LoadedLabware | None:
        """The labware that a well belongs to."""
        return self.trace.labware.get(ref.labware)

    def under(self, first: c.WellRef, count: int, upwards: bool) -> list[c.WellRef]:
        """The wells under the channels."""
        return under_channels(self.labware(first), first, count, upwards)


def of(what: TracedCommand | Happening) -> Where:
    """The place of a command."""
    step = what.step if isinstance(what, TracedCommand) else None
    return Where(what.line, what.inner, step)


def fault(
    code: Code, where: Where, message: str, advice: str, severity: Severity | None = None
) -> Fault:
    """A fault; `severity` overrides the code's own."""
    return Fault(code, where, message, advice, severity or code.severity)


def gathered(faults: list[Fault], file: str) -> Iterator[Finding]:
    """The findings: one a line and code (a loop repeats itself), one a code among the notes."""
    groups: dict[tuple[object, ...], list[Fault]] = {}
    for item in faults:
        at = None if item.severity is Severity.NOTE else item.where.inner or item.where.line
        groups.setdefault((item.code.id, item.severity, at), []).append(item)
    for items in groups.values():
        first = items[0]
        others = len({item.message for item in items}) - 1
        more = f"; {others} more like this" if others else ""
        yield first.code.at(
            _span(file, first.where.inner or first.where.line or 1),
            first.message + more,
            help=first.help,
            step=first.where.step,
            severity=first.severity,
            related=_caller(file, first.where),
        )


def _caller(file: str, where: Where) -> tuple[Related, ...]:
    if where.line is None or where.inner in (None, where.line):
        return ()
    return (Related(_span(file, where.line), "called from here"),)


def _span(file: str, line: int) -> Span:
    return Span(file, line, 1, line, 1)
