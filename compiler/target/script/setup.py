"""The first half of `run`: modules, labware, pipettes, and what the wells hold."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.stages import program as p
from compiler.stages.layout import Layout, Placed, Stock
from compiler.target.commands import WellRef
from compiler.target.deck import Deck, moved_to
from compiler.target.expand import is_speed
from compiler.target.script.names import Scope
from compiler.target.script.text import Lines, literal, number
from compiler.target.wording import clean

COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"),
    *("#332288", "#88CCEE", "#44AA99", "#117733", "#DDCC77", "#CC6677", "#882255", "#AA4499"),
)
"""Colours that people with colour vision deficiencies can tell apart (Okabe and Ito; Tol)."""


def write_deck(lines: Lines, layout: Layout, part: p.Part, scope: Scope) -> None:
    """Loads modules, adapters, labware and pipettes, each under the name that it goes by."""
    lines.comment("The deck")
    if layout.trash is not None:
        lines.call("protocol.load_trash_bin", literal(layout.trash))
    for module in layout.modules:
        name = scope.modules[module.label]
        model, slot = literal(module.module.model), literal(module.slot)
        lines.call("protocol.load_module", model, slot, to=name)
        if module.module.model.startswith("thermocycler"):
            lines.add(f"{name}.open_lid()")
    now = [moved_to(layout, placed, part.on_deck) for placed in layout.placed]
    for place, adapter in _adapters(layout, part, now):
        key = (place, adapter)
        scope.adapters[key] = scope.names.take(f"{place} adapter")
        holder = scope.modules.get(place, "protocol")
        arguments = [literal(adapter)]
        if holder == "protocol":
            arguments.append(literal(place))
        named = ('namespace="opentrons"', "version=1")
        lines.call(f"{holder}.load_adapter", *arguments, *named, to=scope.adapters[key])
    for placed in now:
        _load(lines, placed, scope)
    lines.blank()
    for mounted in layout.mounted.values():
        racks = ", ".join(scope.labware[label] for label in mounted.tip_racks)
        pipette, mount = literal(mounted.pipette.name), literal(mounted.mount)
        tips = f"tip_racks=[{racks}]"
        lines.call("protocol.load_instrument", pipette, mount, tips, to=mounted.mount)


def _adapters(layout: Layout, part: p.Part, now: list[Placed]) -> list[tuple[str, str]]:
    """Every adapter and its place: for labware that stands there, or will be moved there."""
    found = [(placed.on or placed.slot, placed.adapter) for placed in now if placed.adapter]
    models = {module.label: module.module.model for module in layout.modules}
    labware = {placed.label: placed.labware for placed in layout.placed}
    for block in part.blocks:
        if isinstance(block, p.MoveBlock) and block.to in models:
            adapter = labware[block.label].adapters.get(models[block.to])
            if adapter:
                found.append((block.to, adapter))
    return list(dict.fromkeys(found))


def _load(lines: Lines, placed: Placed, scope: Scope) -> None:
    """Loads one labware, by name or from the definition at the end of the script."""
    rack = placed.labware
    where: tuple[str, ...] = ()
    if placed.adapter:
        holder = scope.adapters[placed.on or placed.slot, placed.adapter]
    elif placed.on:
        holder = scope.modules[placed.on]
    else:
        holder, where = "protocol", (literal(placed.slot),)
    label = f"label={literal(clean(placed.label))}"
    name = scope.labware[placed.label]
    if rack.custom:
        constant = f"json.loads({scope.definitions[rack.load_name]})"
        lines.call(f"{holder}.load_labware_from_definition", constant, *where, label, to=name)
        return
    named = (label, f"namespace={literal(rack.namespace)}", f"version={rack.version}")
    lines.call(f"{holder}.load_labware", literal(rack.load_name), *where, *named, to=name)


def place_of(label: str, block: p.MoveBlock, deck: Deck, scope: Scope) -> str:
    """The expression for the place to which a block moves labware."""
    placed = moved_to(deck.layout, deck.labware(label), {label: block.to})
    if placed.adapter:
        return scope.adapters[placed.on or placed.slot, placed.adapter]
    return scope.modules[placed.on] if placed.on else literal(placed.slot)


def write_liquids(lines: Lines, layout: Layout, part: p.Part, scope: Scope) -> None:
    """Declares what each well holds when the part starts; every other well in use is empty."""
    loaded: dict[str, dict[WellRef, float]] = {}
    described: dict[str, str] = {}
    stocks = {stock.well: stock for stock in layout.stocks}
    starts = _starts(layout, part)
    for well, volume_ul in starts.items():
        if volume_ul <= 0.0:
            continue
        stock = stocks.get(well)
        name = stock.supplied.label if stock else f"contents of {well.labware}"
        described[name] = _describe(stock) if stock else "what the steps before have left there"
        loaded.setdefault(name, {})[well] = volume_ul
    lines.comment("What is in the wells (µL)")
    for index, (name, wells) in enumerate(loaded.items()):
        variable = scope.names.take(name)
        lines.call(
            "protocol.define_liquid",
            f"name={literal(clean(name))}",
            f"description={literal(clean(described[name]))}",
            f"display_color={literal(COLOURS[index % len(COLOURS)])}",
            to=variable,
        )
        _load_liquid(lines, variable, wells, scope)
    _load_empty(lines, [well for well, volume in starts.items() if volume <= 0.0], scope)


def _starts(layout: Layout, part: p.Part) -> dict[WellRef, float]:
    """Every well that is used, stocks first, with its volume at the start of the part."""
    starts = {stock.well: stock.volume_ul if part.number == 1 else 0.0 for stock in layout.stocks}
    for well in (*layout.wells.values(), *layout.waste.values()):
        starts.setdefault(well, 0.0)
    for block in part.blocks:
        if isinstance(block, p.TransferBlock | p.DropsBlock):
            for row in block.rows:
                starts.setdefault(row.source, 0.0)
                starts.setdefault(row.dest, 0.0)
    return {**starts, **part.starts_with_ul}


def _describe(stock: Stock) -> str:
    """What is in a stock: `0.5 mol/L in DCE; 60 µL are dead volume`."""
    supplied = stock.supplied
    bits = []
    if supplied.molarity_mol_l is not None:
        bits.append(f"{supplied.molarity_mol_l:.4g} mol/L")
    if supplied.medium:
        bits.append(f"in {supplied.medium}")
    what = " ".join(bits) or supplied.label
    return f"{what}; {stock.dead_ul:.0f} µL of it stay behind as dead volume"


def _load_liquid(lines: Lines, variable: str, wells: Mapping[WellRef, float], scope: Scope) -> None:
    """Loads a liquid: wells with the same volume in one call for each labware."""
    groups: dict[tuple[str, float], list[str]] = {}
    for well, volume_ul in wells.items():
        groups.setdefault((well.labware, round(volume_ul, 3)), []).append(well.well)
    for (label, volume_ul), names in groups.items():
        listed = ", ".join(literal(name) for name in names)
        lines.call(
            f"{scope.labware[label]}.load_liquid", f"[{listed}]", number(volume_ul), variable
        )


def _load_empty(lines: Lines, wells: list[WellRef], scope: Scope) -> None:
    groups: dict[str, list[str]] = {}
    for well in wells:
        groups.setdefault(well.labware, []).append(well.well)
    for label, names in groups.items():
        listed = ", ".join(literal(name) for name in names)
        lines.call(f"{scope.labware[label]}.load_empty", f"[{listed}]")


def write_opening(lines: Lines, layout: Layout, part: p.Part, scope: Scope) -> None:
    """Takes over modules that were left working, and closes the shakers' latches."""
    for module in layout.modules:
        name, value = scope.modules[module.label], part.running.get(module.label)
        shakes = bool(module.module.max_rpm)
        if shakes:
            lines.add(f"{name}.close_labware_latch()")
        if shakes and value is not None and is_speed(value):
            lines.comment(f"Left shaking at {value:.0f} rpm by the part before")
            lines.add(f"{name}.deactivate_shaker()")
        if value is not None and not (shakes and is_speed(value)):
            lines.comment(f"Left at {value:g} °C by the part before")
            lines.add(set_temperature(module.module.model, name, value))


def set_temperature(model: str, name: str, celsius: float) -> str:
    """The call that brings a module to a temperature and waits for it."""
    if model.startswith("heaterShaker"):
        return f"{name}.set_and_wait_for_temperature({number(celsius)})"
    if model.startswith("thermocycler"):
        return f"{name}.set_block_temperature({number(celsius)})"
    return f"{name}.set_temperature({number(celsius)})"


def deactivate(model: str, name: str) -> str:
    """The call that switches a module's heating or cooling off."""
    if model.startswith("heaterShaker"):
        return f"{name}.deactivate_heater()"
    if model.startswith("thermocycler"):
        return f"{name}.deactivate_block()"
    return f"{name}.deactivate()"
