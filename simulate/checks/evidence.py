"""A run and its plan side by side, as every check reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from compiler.diagnostics.finding import Code, Finding, Related, Span
from compiler.target.commands import WellRef
from simulate.checks.visits import Act, Strokes, acts_of, strokes_of
from simulate.ledger import Addition, Ledger, Stamp, Transfer
from simulate.plan import Plan

RELATIVE = 0.005
ABSOLUTE_UL = 0.05


def tolerance_ul(planned_ul: float) -> float:
    """How far a volume may be off: 0.5 %, or 0.05 µL where that is more."""
    return max(RELATIVE * abs(planned_ul), ABSOLUTE_UL)


def off(found: float, planned: float) -> str:
    """`+2.0 %`, or nothing where the plan has zero."""
    return f" ({100 * (found / planned - 1):+.1f} %)" if planned else ""


@dataclass(frozen=True, slots=True)
class Flow:
    """One event at a vessel, in order: liquid in or out, the operator's additions included.

    `round` counts from 1 and goes up where liquid comes in again after some was drawn.
    """

    round: int
    into: bool
    transfer: Transfer | None
    addition: Addition | None

    @property
    def stamp(self) -> Stamp:
        """When and where."""
        if self.addition is not None:
            return self.addition.stamp
        assert self.transfer is not None  # a flow is one or the other
        return self.transfer.stamp


class Evidence:
    """The plan and the replayed parts. Findings point at the script's line where there is one,
    and at the step in the procedure as the related place."""

    def __init__(self, plan: Plan, ledgers: Sequence[Ledger], files: Mapping[int, str]) -> None:
        self.plan = plan
        self.ledgers = tuple(ledgers)
        self._files = files
        self.suspects: set[WellRef] = set()  # wells of which something is known to be wrong

    @cached_property
    def steps(self) -> Mapping[str, Span]:
        """Where each step stands in the procedure."""
        return {
            step.id: Span(step.file, step.line, 1, step.line, 1)
            for step in self.plan.steps
            if step.file
        }

    @cached_property
    def transfers(self) -> tuple[tuple[Ledger, Transfer], ...]:
        """Every transfer of every part, in order."""
        return tuple((ledger, item) for ledger in self.ledgers for item in ledger.transfers)

    @cached_property
    def names(self) -> Mapping[WellRef, str]:
        """What a well is in the plan: `r1 reactor`, `stock amine`, `waste organic`."""
        named = {stock.well: f"stock of {stock.material}" for stock in self.plan.stocks}
        named |= {well: f"{kind} waste" for kind, well in self.plan.waste.items()}
        named |= {
            well: f"{vessel} of {reaction}" for (reaction, vessel), well in self.plan.wells.items()
        }
        return named

    def name(self, well: WellRef) -> str:
        """`reactors/A1 (reactor of r1)`."""
        return f"{well} ({self.names[well]})" if well in self.names else str(well)

    @cached_property
    def _flows(self) -> Mapping[tuple[str, WellRef], tuple[Flow, ...]]:
        events: dict[tuple[str, WellRef], list[tuple[bool, Transfer | None, Addition | None]]] = {}
        for ledger in self.ledgers:
            ordered: Iterable[Transfer | Addition] = sorted(
                chain(ledger.transfers, ledger.additions), key=lambda item: item.stamp.index
            )
            for item in ordered:
                if isinstance(item, Addition):
                    events.setdefault((item.step, item.well), []).append((True, None, item))
                elif not item.is_mixing:
                    step = item.stamp.step or ""
                    events.setdefault((step, item.source), []).append((False, item, None))
                    if item.into is not None:
                        events.setdefault((step, item.into), []).append((True, item, None))
        return {key: tuple(_in_rounds(items)) for key, items in events.items()}

    def flows(self, step: str, well: WellRef) -> tuple[Flow, ...]:
        """What went into and out of a well during a step, mixing left out."""
        return self._flows.get((step, well), ())

    @property
    def places(self) -> Iterable[tuple[str, WellRef]]:
        """Every step and well between which something flowed."""
        return self._flows.keys()

    @cached_property
    def strokes(self) -> Strokes:
        """What pipettes do at each well, in order."""
        return strokes_of(self.plan, self.ledgers)

    @cached_property
    def acts(self) -> Mapping[str, list[Act]]:
        """What pipettes and the operator do to each reaction; shared vessels are left out."""
        return acts_of(self.plan, self.ledgers, self.strokes)

    def finding(
        self,
        code: Code,
        message: str,
        *,
        step: str | None,
        stamp: Stamp | None = None,
        advice: str = "",
        wells: Iterable[WellRef] = (),
    ) -> Finding:
        """A finding on the script's line (or, without one, on the step in the procedure).

        `wells` are those that hold something else than planned because of it.
        """
        self.suspects.update(wells)
        where = self.steps.get(step or "")
        span = where
        related: tuple[Related, ...] = ()
        if stamp is not None and stamp.line is not None:
            file = self._files.get(self.part_of(stamp), "")
            span = Span(file, stamp.line, 1, stamp.line, 1)
            related = (Related(where, f"step {step}"),) if where else ()
        text = f"{step}: {message}" if step else message
        return code.at(span, text, help=advice, step=step, related=related)

    def part_of(self, stamp: Stamp) -> int:
        """The part that a stamp belongs to."""
        for ledger in self.ledgers:
            if any(stamp is own for own in ledger.stamps):
                return ledger.part
        return 1


def _in_rounds(
    items: Iterable[tuple[bool, Transfer | None, Addition | None]],
) -> Iterator[Flow]:
    number, drawn = 1, False
    for into, transfer, addition in items:
        if into and drawn:
            number, drawn = number + 1, False
        drawn = drawn or not into
        yield Flow(number, into, transfer, addition)
