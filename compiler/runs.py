"""A library that is bigger than a deck: its reactions in several runs, side by side or in turn.

Every run is a library of its own, with its own deck, scripts and stocks; the plans are put together
like those of a sequence's stages, under the ids `run1`, `run2`, ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Severity
from compiler.stages.documents import Bench
from compiler.stages.library import Library, Variant

if TYPE_CHECKING:
    from compiler.stages.program import Program

BIGGER = frozenset(code.id for code in (p.WELLS, p.DEAD_1, p.DECK, p.TIP_1, p.CAP_1))
"""What may be wrong with a deck only because there are so many reactions."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a library: some of its reactions on one of the benches."""

    id: str  # "run1"
    library: Library
    bench: Bench


def is_bigger(findings: Sequence[Finding]) -> bool:
    """Whether fewer reactions might do: there are errors, and all are of such a kind."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    return bool(errors) and all(finding.code in BIGGER for finding in errors)


def split(library: Library, count: int, benches: Sequence[Bench]) -> tuple[Run, ...] | None:
    """The reactions in `count` runs of equal size, to one more or less; the benches in turn.

    Reactions stay in the library's order, and so do controls; a control that is wanted in each run
    gets an id of its own in the others. None where a run would have no reaction but controls.
    """
    shared = [v for v in library.rows if v.control is not None and v.control.each_run]
    own = [v for v in library.rows if v.control is None]
    controls = [v for v in library.rows if v.control is not None and not v.control.each_run]
    if count > len(own):
        return None
    of_run = list(_chunks(own, _sizes(len(own), count)))
    totals = _sizes(len(own) + len(controls), count)
    sizes = [total - len(mine) for total, mine in zip(totals, of_run, strict=True)]
    more = _chunks(controls, sizes)
    copies = _copies(library, shared, count)
    return tuple(
        Run(
            f"run{number}",
            replace(library, rows=(*mine, *lacking, *copied)),
            benches[(number - 1) % len(benches)],
        )
        for number, (mine, lacking, copied) in enumerate(
            zip(of_run, more, copies, strict=True), start=1
        )
    )


def _sizes(total: int, count: int) -> list[int]:
    """Equal sizes, the larger ones first."""
    return [(total + count - 1 - number) // count for number in range(count)]


def _chunks(variants: Sequence[Variant], sizes: Sequence[int]) -> Iterator[tuple[Variant, ...]]:
    start = 0
    for size in sizes:
        yield tuple(variants[start : start + size])
        start += size


def _copies(library: Library, shared: Sequence[Variant], count: int) -> list[tuple[Variant, ...]]:
    """The controls that every run has: in the first as they are, in the others with new ids."""
    number = len(library.rows)
    copies = [tuple(shared)]
    for _ in range(1, count):
        ids = range(number + 1, number + 1 + len(shared))
        copies.append(tuple(replace(v, id=f"r{n}") for v, n in zip(shared, ids, strict=True)))
        number += len(shared)
    return copies


def fewest(library: Library, wells: Sequence[int], benches: int) -> int:
    """The fewest runs that can do, where vessels have so many wells at a time."""
    room = min((count for count in wells if count), default=len(library.rows))
    return max(2, benches, -(-len(library.rows) // room))


def in_turn(run: Run, program: Program, runs: Sequence[Run]) -> Program:
    """The program, whose parts say which run they belong to and what comes before them."""
    before = [other for other in runs[: runs.index(run)] if other.bench is run.bench]
    first, *others = program.parts
    named = [
        replace(part, after=part.after.replace(f"part {n}", f"part {n} of {run.id}", 1))
        for n, part in enumerate(others, start=1)
    ]
    if before:
        after = f"{before[-1].id} is done, and the deck set up for {run.id}"
        first = replace(first, after=after)
    return replace(program, parts=(first, *named))


def told(library: Library, runs: Sequence[Run], reasons: Sequence[Finding]) -> Finding:
    """P-RUNS: into how many runs the library is divided, and why."""
    sizes = ", ".join(str(len(run.library.rows)) for run in runs)
    why = next((f": {f.message}" for f in reasons if f.severity is Severity.ERROR), "")
    help_ = "each run has its own scripts and deck; prepare and start one after the other"
    if len({run.bench.file for run in runs}) > 1:
        help_ = "each run has its own scripts and deck; the benches take them in turn"
    message = f"{len(library.rows)} reactions are divided into {len(runs)} runs ({sizes}){why}"
    return p.RUNS.at(library.spans.whole, message, help=help_)
