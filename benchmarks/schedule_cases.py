"""The cases of the table of schedules, and what each must reach.

On an OT-2 additions in drops of 10 uL run with P50 GEN1 pipettes (cases/ot2-p50.yaml). With the
P20 of the bench `ot2` they are told beside, without a target for time: it holds one such drop a
fill, so that 24 wells do not fit into the interval and go in batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A run, and what it must reach; a target of None is told and not judged.

    `ratios` are the targets of its parts, or the one of the whole run. `apart` is how many times
    faster it must be than the same wells one after another, `interval` how far a drop may be off.
    """

    name: str
    procedure: str
    library: str
    bench: str
    wells: int
    ratios: tuple[float | None, ...]
    apart: float | None = None
    interval: float | None = None
    tips: float | None = None


def _all() -> Iterator[Case]:
    """All cases: those of the Flex, those of the OT-2, and what its P20 makes of them."""
    yield from _drops("flex", "flex-96")
    yield from _others("flex-96", "flex-single", "flex-48")
    yield from _drops("ot2-p50", "ot2-96-p50")
    yield from _others("ot2-96", "ot2-single", "ot2-48")
    for case in _drops("ot2"):
        name = f"{case.name}; told: a P20 holds one drop a fill, which forces batches"
        yield replace(case, name=name, ratios=(None,), apart=None)


def _drops(bench: str, plate: str | None = None) -> Iterator[Case]:
    """Dropwise additions; `plate` is the bench with an eight-channel pipette for drops, if any."""
    yield Case(
        name="dropwise addition alone, 24 wells, 10 x 10 uL over 30 min, nothing mixed",
        procedure="drops",
        library="replicates-24",
        bench=bench,
        wells=24,
        ratios=(1.08,),
        apart=15,
        interval=0.02,
    )
    if plate is not None:
        yield Case(
            name="the same, 96 wells, mixed every five drops by an eight-channel",
            procedure="drops-plate",
            library="replicates-96",
            bench=plate,
            wells=96,
            ratios=(1.12,),
            interval=0.02,
        )
    yield Case(
        name="the same, 24 wells, mixed every five drops by a single channel",
        procedure="drops-mixed",
        library="replicates-24",
        bench=bench,
        wells=24,
        ratios=(None,),
        apart=8,
        interval=0.02,
    )
    yield Case(
        name="alkylation, 24 wells, charging included",
        procedure="alkylation",
        library="replicates-24",
        bench=bench,
        wells=24,
        ratios=(1.12,),
        interval=0.02,
    )


def _others(plate: str, shipped: str, singles: str) -> Iterator[Case]:
    """A plate with an eight-channel pipette, and many stocks for a single channel."""
    yield Case(
        name="reductive amination, 96 wells, one aldehyde, eight-channel",
        procedure="reductive-amination-96/procedure",
        library="replicates-96",
        bench=plate,
        wells=96,
        ratios=(1.10, 1.35),
        tips=0.35,
    )
    yield Case(
        name="reductive amination, 96 wells, 24 aldehydes in four wells each",
        procedure="reductive-amination-96/procedure",
        library="reductive-amination-96/library",
        bench=plate,
        wells=96,
        ratios=(1.10, 1.35),
        tips=0.35,
    )
    yield Case(
        name="mono-Boc, 48 wells, 48 diamines, single channel, as it ships",
        procedure="mono-boc-excess-diamine/procedure",
        library="mono-boc-excess-diamine/library",
        bench=shipped,
        wells=48,
        ratios=(1.15,),
        interval=0.02,
    )
    # Nothing but the arm between the first diamine and the last layer: the wells go in batches,
    # one served while another stands. On a Flex their drops and diamines take longer than the
    # hour for which the first batch stands.
    yield Case(
        name="the same without pauses: diamine, drops, 1 h, water, one extraction",
        procedure="mono-boc",
        library="diamines",
        bench=singles,
        wells=48,
        ratios=(1.15 if singles == "ot2-48" else None,),
        interval=0.02,
    )


CASES = tuple(_all())
