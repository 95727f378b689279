"""Lays out the deck: modules, labware, the wells of vessels, stocks and waste, the pipettes.

Tip racks come later, with `tips`, into the slots that are left free here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes._equipment import span_of
from compiler.passes._slots import Slots, Wanted
from compiler.passes._stocks import DEAD_RULE, SOURCE_MM, Need, Shelf, filled_ul, needs, shelve
from compiler.passes._wells import (
    Occupancy,
    add_shipped,
    shelves_for,
    shipped_shelves,
    vessel_wells,
    waste_wells,
)
from compiler.stages.charges import Assumption
from compiler.stages.documents import BenchLabware
from compiler.stages.layout import Layout, Mounted, Placed, PlacedModule
from compiler.stages.operations import Agitate, Operations, Stand, Temperature
from compiler.target.labware import load_labware

API_LEVEL = "2.27"


def place(operations: Operations) -> tuple[Layout, tuple[Finding, ...]]:
    """The deck for these operations; the same input gives the same deck.

    Findings: P-WELLS, P-DEAD-1, P-CAP-1 (waste), P-SLOT, P-DECK, P-LABWARE. Raises ValueError
    without a bench, since there is no deck then.
    """
    house = operations.ledger.house
    if house.bench is None:
        raise ValueError("a deck can only be laid out for a bench")
    plan = Occupancy(operations, house, house.bench, dict(house.labware))
    for housing in house.housings.values():
        if housing.entry is not None and housing.labware is not None:
            plan.labware.setdefault(housing.entry, housing.labware)
    vessel_wells(plan)
    waste_wells(plan)
    _stock_wells(plan)
    first = _first_positions(plan)
    plan.findings.extend(_in_the_way(plan, first))
    slots = _fill_deck(plan, first)
    mounted = _mounted(operations)
    layout = Layout(
        operations=operations,
        robot=plan.bench.robot,
        api_level=plan.bench.api_level or API_LEVEL,
        placed=_placed(plan, first, slots),
        modules=tuple(
            PlacedModule(label=name, module=module, slot=slots.at[name])
            for name, module in house.modules.items()
            if name in slots.at
        ),
        trash=slots.trash,
        mounted=mounted,
        wells=plan.wells,
        stocks=tuple(plan.stocks),
        source=plan.source,
        waste=plan.waste,
        free_slots=slots.free(load_labware(m.tip_load_name) for m in mounted.values()),
        assumptions=tuple(plan.assumptions),
        source_mm=SOURCE_MM,
        clock=plan.bench.clock.parameters if plan.bench.clock is not None else {},
    )
    return layout, (*plan.findings, *slots.findings)


# --- stocks ---------------------------------------------------------------------------------


def _stock_wells(plan: Occupancy) -> None:
    """Every material that is pipetted, in the order of first use."""
    wanted = needs(plan.operations.ledger.charges.recipe, plan.operations.operations)
    for need in wanted:
        shelves = [*shelves_for(plan, need.supplied.liquids), *shipped_shelves(plan)]
        shelved = shelve(need, shelves, plan.house.fill_limit)
        if shelved is None:
            plan.findings.append(_no_stock(plan, need, shelves))
            continue
        for stock in shelved.stocks:
            add_shipped(plan, shelves, stock.well.labware)
            plan.take(stock.well)
        plan.stocks.extend(shelved.stocks)
        plan.source.update(shelved.source)
    if wanted:
        plan.assumptions.append(
            Assumption(None, "dead volume of stocks", "5 % or a 2 mm slice", DEAD_RULE)
        )


def _no_stock(plan: Occupancy, need: Need, shelves: list[Shelf]) -> Finding:
    wells = [shelf.labware.wells[shelf.free[0]] for shelf in shelves if shelf.free]
    largest = max(wells, key=lambda well: well.capacity_ul, default=None)
    room = "there is no free well for it"
    if largest is not None:
        limit = plan.house.fill_limit * largest.capacity_ul
        fills = filled_ul(need.drawn_ul, largest)
        room = (
            f"with dead volume {fills:.0f} µL, and the largest free well takes {limit:.0f} µL "
            f"({100 * plan.house.fill_limit:.0f} % of {largest.capacity_ul:.0f})"
        )
    return platform.DEAD_1.at(
        need.supplied.declared or plan.bench.spans.at("labware"),
        f"{need.drawn_ul:.0f} µL of {need.supplied.label} are drawn; {room}",
        help="add labware to the bench with `holds: stocks` and larger or more wells",
    )


# --- the deck -------------------------------------------------------------------------------


def _first_positions(plan: Occupancy) -> dict[str, str]:
    """Entry -> the module on which its labware stands at the start; one labware a module."""
    entry_of = {name: h.entry for name, h in plan.house.housings.items() if h.entry is not None}
    first: dict[str, str] = {}
    for operation in plan.operations.operations:
        if isinstance(operation, Stand) and operation.position in plan.house.modules:
            entry = entry_of.get(operation.vessel)
            if entry is not None and operation.position is not None:
                first.setdefault(entry, operation.position)
    for housing in plan.house.housings.values():
        written = plan.bench.labware.get(housing.entry or "")
        if written is not None and housing.positions and _starts_on_module(written):
            first.setdefault(written.name, housing.positions[0])
    alone: dict[str, str] = {}
    for entry, position in first.items():
        if entry in plan.taken and position not in alone.values():
            alone[entry] = position
    return alone


def _in_the_way(plan: Occupancy, first: Mapping[str, str]) -> Iterator[Finding]:
    """Labware that has to stand on a module while other labware does: nothing leaves a module that
    has begun there, since no slot is kept for it."""
    entry_of = {name: h.entry for name, h in plan.house.housings.items() if h.entry is not None}
    stands_on = {position: entry for entry, position in first.items()}
    steps = {s.id: s for s in plan.operations.ledger.charges.recipe.procedure.steps}
    for operation in plan.operations.operations:
        if not isinstance(operation, Stand) or operation.position not in plan.house.modules:
            continue
        entry, position = entry_of.get(operation.vessel), operation.position
        other = stands_on.get(position or "")
        if entry is None or position is None or other == entry:
            continue
        if other is not None:
            step = steps.get(operation.step)
            yield platform.LABWARE.at(
                step.spans.whole if step is not None else plan.span(entry, "on"),
                f"{operation.vessel} ({entry}) has to stand on {position} at {operation.step}, and"
                f" {other} stands there",
                help="stir one of them in another way, or give the bench a second module",
                step=operation.step,
            )
            return
        stands_on = {p: e for p, e in stands_on.items() if e != entry} | {position: entry}


def _starts_on_module(written: BenchLabware) -> bool:
    return bool(written.on) and written.on[0] != "deck"


def _fill_deck(plan: Occupancy, first: dict[str, str]) -> Slots:
    """Slots for the modules that are used, then for the labware that stands on the deck."""
    used = set(first.values())
    for operation in plan.operations.operations:
        if isinstance(operation, Temperature | Agitate):
            used.add(operation.module)
        if isinstance(operation, Stand) and operation.position is not None:
            used.add(operation.position)
    wanted: list[Wanted] = []
    for name, module in plan.house.modules.items():
        written = plan.bench.modules[name]
        if name in used or written.slot is not None:
            span = span_of(written.spans, "slot", "is")
            wanted.append(Wanted(label=name, thing=module, slot=written.slot, span=span))
    for entry, labware in plan.labware.items():
        if entry in plan.taken and entry not in first:
            named = plan.bench.labware.get(entry)
            slot = named.slot if named is not None else None
            span = plan.span(entry, "slot")
            wanted.append(Wanted(label=entry, thing=labware, slot=slot, span=span))
    slots = Slots(plan.bench.robot)
    slots.fill(wanted)
    return slots


def _placed(plan: Occupancy, first: dict[str, str], slots: Slots) -> tuple[Placed, ...]:
    """The labware that found a place, in the bench's order."""
    placed: list[Placed] = []
    for entry, labware in plan.labware.items():
        on = first.get(entry)
        slot = slots.at.get(entry if on is None else on)
        if slot is None:
            continue
        adapter = None if on is None else labware.adapters.get(plan.house.modules[on].model)
        placed.append(Placed(label=entry, labware=labware, slot=slot, on=on, adapter=adapter))
    return tuple(placed)


def _mounted(operations: Operations) -> dict[str, Mounted]:
    mounted: dict[str, Mounted] = {}
    for mount, pipette in operations.pipettes.items():
        rack = operations.tips.get(mount, pipette.tip_racks[0])
        mounted[mount] = Mounted(
            mount=mount,
            pipette=pipette,
            tip_racks=(),
            tip_load_name=rack,
            tip_volume_ul=load_labware(rack).tip_ul or pipette.max_ul,
        )
    return mounted
