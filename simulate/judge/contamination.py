"""Tips that carry one liquid into another.

A tip is followed through the liquids that it dips into. What it brings on purpose (the liquid
that it dispenses) and what the well has already are no contamination: a serial dilution with one
tip is in order, and so is a stock handed out to wells that hold nothing else. A liquid is known by
the name that the script declares it under.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, Where, fault
from simulate.ledger import Touch
from simulate.replay import UNKNOWN


def check_contamination(case: Case) -> Iterator[Fault]:
    """Every dip of every tip. With a plan, the verifier has this."""
    if case.planned:
        return
    declared = {said.well for said in case.trace.declared}
    places = case.places()
    pooling = {t.index for t in case.trace.commands if "consolidate" in t.via}
    carried: dict[tuple[c.WellRef, int], dict[str, tuple[c.WellRef, Where]]] = {}
    for touch in case.ledger.touches:
        if touch.wall:
            continue
        residue = carried.setdefault((touch.tip, touch.since), {})
        own = {f"{UNKNOWN}{touch.well}"} if touch.well not in declared else set()
        foreign = [name for name in residue if name not in touch.holds | touch.brings | own]
        if foreign:
            known = [name for name in foreign if not name.startswith(UNKNOWN)]
            certain = bool(known) and touch.well in declared and touch.stamp.index not in pooling
            yield _spoilt(
                touch, (known or foreign)[0], residue, places[touch.stamp.index], certain=certain
            )
            for name in foreign:  # told once
                residue.pop(name)
        where = places[touch.stamp.index]
        held = touch.holds | touch.brings  # of a well of which nothing is known: itself
        for name in sorted(held or own):
            residue.setdefault(name, (touch.well, where))


def _spoilt(
    touch: Touch,
    name: str,
    residue: dict[str, tuple[c.WellRef, Where]],
    where: Where,
    *,
    certain: bool,
) -> Fault:
    from_well, before = residue[name]
    line = f", line {before.line}" if before.line else ""
    what = "an undeclared liquid" if name.startswith(UNKNOWN) else name
    into = ", ".join(sorted(touch.holds)) or "what is there"
    return fault(
        p.CONTAM,
        where,
        f"the tip of {touch.tip} goes into {touch.well} ({into}) with {what} on it, from "
        f"{from_well}{line}",
        "take a new tip in between, or dispense from above the liquid",
        None if certain else Severity.NOTE,
    )
