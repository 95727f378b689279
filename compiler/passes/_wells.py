"""The wells of vessels and waste, and the wells that are left for stocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.passes._equipment import shipped_rack, span_of
from compiler.passes._stocks import Shelf
from compiler.passes.house import resists
from compiler.reading.wells import assign_wells
from compiler.stages.charges import Assumption, Liquid
from compiler.stages.documents import SAMPLES, Bench
from compiler.stages.layout import Stock
from compiler.stages.library import Library
from compiler.stages.operations import (
    Ask,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Operations,
    Stand,
)
from compiler.stages.vessels import House
from compiler.target.commands import WellRef
from compiler.target.labware import Labware

STOCK_WORDS = ("stock", "stocks")
STOCK_RACKS = ("glass-8ml-12.json", "glass-20ml-6.json")
WASTE = "waste."


@dataclass(slots=True)
class Occupancy:
    """The deck's wells while they fill. What has a well in `taken` has to stand on the deck."""

    operations: Operations
    house: House
    bench: Bench
    labware: dict[str, Labware]
    wells: dict[tuple[str, str], WellRef] = field(default_factory=dict)
    taken: dict[str, set[str]] = field(default_factory=dict)  # entry -> wells
    waste: dict[str, WellRef] = field(default_factory=dict)
    stocks: list[Stock] = field(default_factory=list)
    source: dict[tuple[str, str], WellRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    def free(self, entry: str) -> tuple[str, ...]:
        """The wells of an entry that hold nothing yet, in order."""
        taken = self.taken.get(entry, set())
        return tuple(name for name in self.labware[entry].wells if name not in taken)

    def take(self, ref: WellRef) -> None:
        """A well is in use."""
        self.taken.setdefault(ref.labware, set()).add(ref.well)

    def span(self, entry: str, *keys: str) -> Span:
        """Where the bench says something about an entry, or the bench itself."""
        written = self.bench.labware.get(entry)
        return self.bench.spans.whole if written is None else span_of(written.spans, *keys)

    def holds(self, entry: str) -> tuple[str, ...]:
        """What the bench wants in an entry; nothing for one that the compiler added."""
        written = self.bench.labware.get(entry)
        return written.holds if written is not None else ()


def _vessels_of(operation: Operation) -> Iterator[str]:
    """The vessels that an operation touches, waste included."""
    if isinstance(operation, Deliver | DeliverDrops | MixVessel | Stand):
        yield operation.vessel
    elif isinstance(operation, DrawPhase):
        yield operation.vessel
        yield operation.into
    elif isinstance(operation, Hold) and operation.vessel is not None:
        yield operation.vessel
    elif isinstance(operation, Ask):
        yield from (task.vessel for task in operation.tasks if task.vessel is not None)


def vessel_wells(plan: Occupancy) -> None:
    """Wells in the order of the labware: all reactions of one vessel, then the next vessel."""
    touched = {v for operation in plan.operations.operations for v in _vessels_of(operation)}
    procedure = plan.operations.ledger.charges.recipe.procedure
    reactions = [reaction.id for reaction in plan.operations.ledger.charges.reactions]
    library = plan.operations.ledger.charges.recipe.library
    wanted: dict[tuple[str, ...], int] = {}
    for name, housing in plan.house.housings.items():
        if name not in touched or housing.entry not in plan.labware:
            continue
        vessel = procedure.vessels.get(name)
        free = [WellRef(entry, well) for entry in housing.entries for well in plan.free(entry)]
        shared = vessel is not None and vessel.shared
        if library is not None and not shared and len(free) >= len(reactions):
            # the first vessel's wells are the library's; the others stand in the same order
            given = _laid_out(plan, library, free)
            reactions, library = list(given), None
            groups = [([(reaction, name)], ref) for reaction, ref in given.items()]
            count = len(groups)
        else:
            keys = [(reaction, name) for reaction in reactions]
            of_wells = [keys] if shared else [[key] for key in keys]
            groups = list(zip(of_wells, free, strict=False))
            count = len(of_wells)
        wanted[housing.entries] = wanted.get(housing.entries, 0) + count
        for group, ref in groups:
            plan.take(ref)
            plan.wells.update(dict.fromkeys(group, ref))
    for entries, count in wanted.items():
        have = sum(len(plan.labware[entry].wells) for entry in entries)
        if count > have:
            plan.findings.append(_too_few(plan, entries[0], count, have, len(reactions)))


def _laid_out(plan: Occupancy, library: Library, free: list[WellRef]) -> dict[str, WellRef]:
    """Each reaction's well as the library's `layout` says, in the order of the wells."""
    several = len({ref.labware for ref in free}) > 1
    names = {f"{ref.labware}/{ref.well}" if several else ref.well: ref for ref in free}
    given, findings = assign_wells(library, list(names))
    plan.findings.extend(findings)
    order = {name: number for number, name in enumerate(names)}
    in_order = sorted(given.items(), key=lambda each: order[each[1]])
    return {reaction: names[well] for reaction, well in in_order}


def _too_few(plan: Occupancy, entry: str, count: int, have: int, reactions: int) -> Finding:
    names = [n for n, housing in plan.house.housings.items() if housing.entry == entry]
    return platform.WELLS.at(
        plan.span(entry, "holds"),
        f"{count} wells are needed for {', '.join(names)} in {reactions} reactions, and "
        f"{entry} ({plan.labware[entry].load_name}) has {have}",
        help="add labware to the bench that holds one of them, or run fewer reactions at a time",
    )


def waste_wells(plan: Occupancy) -> None:
    """A well for each kind of waste that something is drawn into."""
    drawn: dict[str, float] = {}
    for operation in plan.operations.operations:
        if isinstance(operation, DrawPhase) and operation.into.startswith(WASTE):
            kind = operation.into.removeprefix(WASTE)
            volume = sum(draw.volume_ul for draw in operation.draws)
            drawn[kind] = drawn.get(kind, 0.0) + volume
    for kind, volume in drawn.items():
        ref = _held_waste(plan, kind, volume) or _other_waste(plan, kind, volume)
        if ref is None:
            plan.findings.append(
                platform.WELLS.at(
                    plan.bench.spans.at("labware"),
                    f"there is no well for the {volume:.0f} µL of {kind} waste",
                    help=f"add labware to the bench with `holds: waste.{kind}`",
                )
            )
            continue
        plan.take(ref)
        plan.waste[kind] = ref
        capacity = plan.labware[ref.labware].wells[ref.well].capacity_ul
        if volume > plan.house.fill_limit * capacity:
            plan.findings.append(_waste_overflows(plan, kind, volume, ref, capacity))


def _waste_overflows(
    plan: Occupancy, kind: str, volume: float, ref: WellRef, capacity: float
) -> Finding:
    limit = plan.house.fill_limit
    return platform.CAP_1.at(
        plan.span(ref.labware, "holds"),
        f"{volume:.0f} µL of {kind} waste in {ref}, which takes {limit * capacity:.0f} µL "
        f"({100 * limit:.0f} % of {capacity:.0f})",
        help=f"let larger labware hold waste.{kind}",
    )


def _held_waste(plan: Occupancy, kind: str, volume: float) -> WellRef | None:
    """A well of the entries that hold this waste; a reservoir of one well may take both kinds."""
    found: WellRef | None = None
    for entry in plan.labware:
        if WASTE + kind not in plan.holds(entry):
            continue
        shared = [ref.well for ref in plan.waste.values() if ref.labware == entry]
        for name in plan.free(entry) or shared[:1]:
            ref = WellRef(entry, name)
            found = found or ref
            capacity = plan.labware[entry].wells[name].capacity_ul
            if volume <= plan.house.fill_limit * capacity:
                return ref
    return found


def _other_waste(plan: Occupancy, kind: str, volume: float) -> WellRef | None:
    """The smallest free well that is large enough, in labware that stays on the deck."""
    shelves = [*shelves_for(plan, _all_liquids(plan)), *shipped_shelves(plan)]
    best: tuple[int, float, WellRef] | None = None
    for shelf in shelves:
        for name in shelf.free:
            capacity = shelf.labware.wells[name].capacity_ul
            option = (shelf.rank, capacity, WellRef(shelf.entry, name))
            roomy = volume <= plan.house.fill_limit * capacity
            if roomy and (best is None or option[:2] < best[:2]):
                best = option
    if best is None:
        return None
    ref = best[2]
    add_shipped(plan, shelves, ref.labware)
    plan.assumptions.append(
        Assumption(None, f"{kind} waste", str(ref), f"the bench has nothing with waste.{kind}")
    )
    return ref


def _all_liquids(plan: Occupancy) -> tuple[Liquid, ...]:
    supplied = plan.operations.ledger.charges.recipe.supplied.values()
    return tuple(liquid for material in supplied for liquid in material.liquids)


# --- free wells -----------------------------------------------------------------------------


def shelves_for(plan: Occupancy, liquids: tuple[Liquid, ...]) -> list[Shelf]:
    """Free wells of the bench's labware: what it holds stocks in first, then what is left.

    Labware that may stand on a module is left out (stocks are not shaken or heated), as is what
    leaves the deck with the samples, and what holds waste; labware that is on the deck anyway
    comes before more of it.
    """
    shelves: list[Shelf] = []
    moving = {h.entry for h in plan.house.housings.values() if h.positions}
    moving |= {
        entry
        for name, h in plan.house.housings.items()
        if name.startswith(SAMPLES)
        for entry in h.entries
    }
    for entry, labware in plan.labware.items():
        holds = plan.holds(entry)
        written = plan.bench.labware.get(entry)
        if entry in moving or any(word.startswith(WASTE) for word in holds):
            continue
        if (written is not None and written.on) or not resists(labware.material, liquids):
            continue
        preferred = any(word in STOCK_WORDS for word in holds)
        rank = 0 if preferred else 1 if entry in plan.taken else 2
        shelves.extend(_by_size(entry, labware, plan.free(entry), rank))
    return shelves


def shipped_shelves(plan: Occupancy) -> list[Shelf]:
    """Racks that ship and are not on the bench yet: the last resort."""
    shelves: list[Shelf] = []
    for file_name in STOCK_RACKS:
        rack = shipped_rack(file_name)
        entry = "stocks_" + file_name.removesuffix(".json").replace("-", "_")
        if rack is not None and entry not in plan.labware:
            shelves.extend(_by_size(entry, rack, tuple(rack.wells), 3))
    return shelves


def _by_size(entry: str, labware: Labware, free: tuple[str, ...], rank: int) -> Iterator[Shelf]:
    """A shelf for each size of well (a rack may have tubes of 15 and of 50 mL)."""
    sizes: dict[float, list[str]] = {}
    for name in free:
        sizes.setdefault(labware.wells[name].capacity_ul, []).append(name)
    for names in sizes.values():
        yield Shelf(entry, labware, tuple(names), rank)


def add_shipped(plan: Occupancy, shelves: list[Shelf], entry: str) -> None:
    """A rack that ships becomes part of the deck when something is put into it."""
    if entry in plan.labware:
        return
    labware = next(shelf.labware for shelf in shelves if shelf.entry == entry)
    plan.labware[entry] = labware
    plan.assumptions.append(
        Assumption(None, "labware added", f"{entry} ({labware.display_name})", "the bench has none")
    )
