"""Chooses the labware that each vessel of the procedure is, by what the bench has.

The bench's `holds` comes first; a vessel that no entry holds goes by size and material into what
is left; where nothing is left, a rack of glass vials that ships is added to the bench.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Related
from compiler.passes._equipment import (
    Equipment,
    equipment,
    plain_material,
    shipped_rack,
    span_of,
)
from compiler.passes.sampling import expected_sample_ul, is_sampled
from compiler.stages.charges import Assumption, Charges, Liquid, Miscibility
from compiler.stages.documents import SAMPLES, Bench, Monitor, Vessel
from compiler.stages.vessels import House, Housing
from compiler.target.labware import Labware, load_labware

FILL_LIMIT = 0.8
SIZE_TOLERANCE = 0.10  # a 2 mL vial holds what its maker calls 2 mL, give or take
SHIPPED_RACKS = ("glass-2ml-24.json", "glass-8ml-12.json", "glass-20ml-6.json")
ANALYSIS_PLATE = "nest_96_wellplate_2ml_deep"  # polypropylene; an autosampler takes it
RATING_KEYS = {"polypropylene": "PP", "polystyrene": "PS", "glass": "glass", "PTFE": "PTFE"}
INERT = ("glass", "PTFE")  # what the catalogue's substances leave alone, unless it says otherwise


@dataclass(slots=True)
class _Choice:
    """The state of the choosing: what is there, and how many wells of each entry are taken."""

    charges: Charges
    bench: Bench
    have: Equipment
    taken: dict[str, int] = field(default_factory=dict)  # entry -> wells
    findings: list[Finding] = field(default_factory=list)

    def wells_of(self, vessel: Vessel) -> int:
        """How many wells a vessel needs: one for each reaction, or one for all."""
        return 1 if vessel.shared else max(1, len(self.charges.reactions))

    def take(self, entry: str, vessel: Vessel, others: Iterable[str] = ()) -> Housing:
        """Puts a vessel into an entry, and what it has no wells for into more of that labware.

        `others` are entries of the bench that hold the vessel too; then come racks that ship.
        Labware that may stand on a module stays alone: only one of them stands there.
        """
        labware = self.have.labware[entry]
        left = self._fill(entry, self.wells_of(vessel))
        more: list[str] = []
        if not self.have.positions.get(entry):
            for other in others:
                if left and other != entry and self._is_same(other, labware):
                    left = self._fill(other, left)
                    more.append(other)
            while left and (file_name := _shipped_file(labware)) is not None:
                more.append(_add_rack(self.have, file_name, labware))
                left = self._fill(more[-1], left)
                added = f"{more[-1]} ({labware.display_name})"
                why = f"{entry} has no well left for {vessel.name}"
                self.have.assumptions.append(Assumption(None, "labware added", added, why))
        self.taken[entry] += left  # too many: `place` says so
        return Housing(
            vessel=vessel.name,
            labware=labware,
            entry=entry,
            capacity_ul=min(well.capacity_ul for well in labware.wells.values()),
            material=labware.material,
            positions=self.have.positions.get(entry, ()),
            more=tuple(more),
        )

    def _fill(self, entry: str, wanted: int) -> int:
        """Takes wells of an entry; gives how many are still wanted."""
        taken = self.taken.get(entry, 0)
        fits = max(min(wanted, len(self.have.labware[entry].wells) - taken), 0)
        self.taken[entry] = taken + fits
        return wanted - fits

    def _is_same(self, entry: str, labware: Labware) -> bool:
        other = self.have.labware.get(entry)
        return other is not None and other.load_name == labware.load_name


def _shipped_file(labware: Labware) -> str | None:
    """The file of a rack that ships, None for any other labware."""
    for file_name in SHIPPED_RACKS:
        rack = shipped_rack(file_name)
        if rack is not None and rack.load_name == labware.load_name:
            return file_name
    return None


def house(charges: Charges, bench: Bench | None) -> tuple[House, tuple[Finding, ...]]:
    """The labware of every vessel that the procedure declares.

    Without a bench a vessel's capacity is what the procedure says. A vessel that nothing can
    hold gets a housing without labware, and a finding.
    """
    vessels = charges.recipe.procedure.vessels
    if bench is None:
        without = {name: _unhoused(vessel) for name, vessel in vessels.items()}
        for vessel, _ in _samples(charges):
            without[vessel.name] = _unhoused(vessel)
        return House(None, without, {}, FILL_LIMIT, (_default_fill(),)), ()
    choice = _Choice(charges, bench, equipment(bench))
    fill, assumptions = _fill(bench)
    held = _held(bench)
    housings: dict[str, Housing] = {}
    for name, vessel in vessels.items():
        if name in held:
            housings[name] = _as_held(choice, vessel, held[name])
    for name, vessel in vessels.items():
        if name not in held:
            housings[name] = _chosen(choice, vessel, fill)
    sampled = {
        vessel.name: _for_samples(choice, vessel, step, held, fill)
        for vessel, step in _samples(charges)
    }
    return (
        House(
            bench=bench,
            housings={name: housings[name] for name in vessels} | sampled,
            modules=choice.have.modules,
            fill_limit=fill,
            assumptions=(*assumptions, *choice.have.assumptions),
            labware=choice.have.labware,
        ),
        (*choice.have.findings, *choice.findings),
    )


def _fill(bench: Bench) -> tuple[float, tuple[Assumption, ...]]:
    if bench.fill is not None and bench.fill.plan is not None and 0 < bench.fill.plan <= 1:
        return bench.fill.plan, ()
    return FILL_LIMIT, (_default_fill(),)


def _default_fill() -> Assumption:
    return Assumption(
        None,
        "fill limit",
        f"{100 * FILL_LIMIT:.0f} %",
        "of a vessel's capacity, unless the bench says",
    )


def _unhoused(vessel: Vessel) -> Housing:
    size = vessel.size or vessel.at_least
    return Housing(
        vessel=vessel.name,
        labware=None,
        entry=None,
        capacity_ul=size.plan if size is not None else None,
        material=plain_material(vessel.material),
        positions=(),
    )


def _held(bench: Bench) -> Mapping[str, tuple[str, ...]]:
    """Vessel -> the entries that name it in `holds`, in the bench's order."""
    held: dict[str, tuple[str, ...]] = {}
    for entry in bench.labware.values():
        for vessel in entry.holds:
            held[vessel] = (*held.get(vessel, ()), entry.name)
    return held


# --- a vessel that the bench names ----------------------------------------------------------


def _as_held(choice: _Choice, vessel: Vessel, entries: tuple[str, ...]) -> Housing:
    """The first entry that names the vessel and is right for it; else a finding, and the first."""
    usable = [entry for entry in entries if entry in choice.have.labware]
    if not usable:  # the labware itself could not be read, and has its finding
        return _unhoused(vessel)
    reasons = [_against(vessel, choice.have.labware[entry]) for entry in usable]
    for entry, reason in zip(usable, reasons, strict=True):
        if reason is None:
            return choice.take(entry, vessel, usable)
    written = choice.bench.labware[usable[0]]
    labware = choice.have.labware[usable[0]]
    choice.findings.append(
        platform.VESSEL.at(
            span_of(written.spans, "holds"),
            f"{vessel.name} can't be a well of {labware.load_name} ({written.name}): {reasons[0]}",
            help=f"let other labware hold {vessel.name}, or change its size in the procedure",
            related=(Related(vessel.spans.whole, f"{vessel.name} is declared here"),),
        )
    )
    return choice.take(usable[0], vessel)


def _against(vessel: Vessel, labware: Labware) -> str | None:
    """What speaks against a vessel being a well of this labware; None if nothing does."""
    capacity = min(well.capacity_ul for well in labware.wells.values())
    declared = min(well.declared_ul for well in labware.wells.values())
    size, least = vessel.size, vessel.at_least
    if size is not None and not size.hole:
        low, high = size.low * (1 - SIZE_TOLERANCE), size.high * (1 + SIZE_TOLERANCE)
        if not low <= declared <= high or capacity < low:
            held = declared if not low <= declared <= high else capacity
            return f"it holds {held:.0f} µL, and the size asked for is {size.text}"
    if least is not None and not least.hole and capacity < least.low:
        return f"it holds {capacity:.0f} µL, and at least {least.text} is asked for"
    wanted = plain_material(vessel.material)
    if wanted is not None and labware.material is None:
        return f"{wanted} is asked for, and nothing says what it is made of (`material:` does)"
    if wanted is not None and wanted != labware.material:
        return f"it is {labware.material}, and {wanted} is asked for"
    return None


# --- a vessel that it does not --------------------------------------------------------------


def _chosen(choice: _Choice, vessel: Vessel, fill: float) -> Housing:
    """The smallest wells that are free and right for the vessel, or a rack that ships."""
    need = _least_ul(choice.charges, vessel, fill)
    liquids = _liquids(choice.charges)
    ranked: list[tuple[int, int, float, int, str]] = []
    for order, (name, labware) in enumerate(choice.have.labware.items()):
        entry = choice.bench.labware.get(name)
        holds = entry.holds if entry is not None else ()
        if any(h.startswith("waste") or h in ("stock", "stocks", SAMPLES) for h in holds):
            continue
        capacity = min(well.capacity_ul for well in labware.wells.values())
        free = len(labware.wells) - choice.taken.get(name, 0)
        if free < choice.wells_of(vessel) or capacity < need or _against(vessel, labware):
            continue
        if resists(labware.material, liquids):
            ranked.append((0, bool(holds), capacity, order, name))
        elif labware.material is not None and vessel.material is not None:
            ranked.append((1, bool(holds), capacity, order, name))
    if ranked:
        return _assumed(choice, vessel, min(ranked)[-1], "the smallest free wells that suit it")
    for file_name in SHIPPED_RACKS:
        rack = shipped_rack(file_name)
        if rack is None or _against(vessel, rack) or len(rack.wells) < choice.wells_of(vessel):
            continue
        if min(well.capacity_ul for well in rack.wells.values()) < need:
            continue
        added = _add_rack(choice.have, file_name, rack)
        return _assumed(choice, vessel, added, "no labware of the bench is free and suits it")
    wanted = _wanted(vessel, need, choice.wells_of(vessel))
    choice.findings.append(
        platform.VESSEL.at(
            vessel.spans.whole,
            f"no labware of the bench is right for {vessel.name}: it needs {wanted}",
            help=f"add labware to the bench with `holds: {vessel.name}`",
        )
    )
    return _unhoused(vessel)


def _assumed(choice: _Choice, vessel: Vessel, entry: str, why: str) -> Housing:
    housing = choice.take(entry, vessel)
    name = choice.have.labware[entry].display_name
    choice.have.assumptions.append(
        Assumption(None, f"labware of {vessel.name}", f"{entry} ({name})", why)
    )
    return housing


def _add_rack(have: Equipment, file_name: str, rack: Labware) -> str:
    """Adds a rack that ships to what the bench has; gives the entry's name."""
    base = file_name.removesuffix(".json").replace("-", "_")
    name, number = base, 1
    while name in have.labware:
        number += 1
        name = f"{base}_{number}"
    have.labware[name] = rack
    have.positions[name] = tuple(n for n, m in have.modules.items() if m.model in rack.fits)
    return name


def _least_ul(charges: Charges, vessel: Vessel, fill: float) -> float:
    """What a vessel has to hold: as declared, or at least what is charged into it."""
    for size in (vessel.at_least, vessel.size):
        if size is not None and not size.hole:
            return size.low * (1 - SIZE_TOLERANCE)
    if not charges.reactions:
        return 0.0
    into: dict[str, dict[str, float]] = {reaction.id: {} for reaction in charges.reactions}
    for charge in charges.charges:
        mine = into[charge.reaction]
        mine[charge.vessel] = mine.get(charge.vessel, 0.0) + (charge.volume_ul or 0.0)
    return max(mine.get(vessel.name, sum(mine.values())) for mine in into.values()) / fill


# --- samples --------------------------------------------------------------------------------


def _samples(charges: Charges) -> Iterator[tuple[Vessel, Monitor]]:
    """The vessels that aliquots go into and that the procedure does not declare."""
    procedure = charges.recipe.procedure
    for step in procedure.steps:
        declared = isinstance(step, Monitor) and step.samples in procedure.vessels
        if isinstance(step, Monitor) and is_sampled(step) and not declared:
            yield Vessel(name=step.samples, spans=step.spans), step


def _for_samples(
    choice: _Choice,
    vessel: Vessel,
    step: Monitor,
    held: Mapping[str, tuple[str, ...]],
    fill: float,
) -> Housing:
    """What the bench holds samples in, else a deep-well plate, else vials of glass."""
    entries = held.get(vessel.name, held.get(SAMPLES, ()))
    if any(entry in choice.have.labware for entry in entries):
        return _as_held(choice, vessel, entries)
    need = expected_sample_ul(choice.charges, step) / fill
    name = SAMPLES
    if name not in choice.have.labware:
        choice.have.labware[name] = _plate(choice.charges, step, need)
        choice.have.positions[name] = ()
    return _assumed(choice, vessel, name, "no labware of the bench holds `analysis`")


def _plate(charges: Charges, step: Monitor, need: float) -> Labware:
    """The plate where its plastic stands what the samples are diluted with, else glass vials."""
    diluted = step.dilute_with is not None
    names = list(step.dilute_with.fractions) if step.dilute_with is not None else []
    known = [charges.recipe.supplied[name] for name in names if name in charges.recipe.supplied]
    liquids = [liquid for supplied in known for liquid in supplied.liquids]
    plate = load_labware(ANALYSIS_PLATE)
    roomy = need <= min(well.capacity_ul for well in plate.wells.values())
    if diluted and roomy and resists(plate.material, liquids):
        return plate
    racks = [rack for name in SHIPPED_RACKS if (rack := shipped_rack(name)) is not None]
    large = [r for r in racks if min(w.capacity_ul for w in r.wells.values()) >= need]
    return (large or racks or [plate])[0]


def _wanted(vessel: Vessel, need: float, wells: int) -> str:
    size = vessel.size or vessel.at_least
    material = f" of {vessel.material}" if vessel.material else ""
    several = f"{wells} wells of " if wells > 1 else ""
    return f"{several}{size.text if size is not None else f'{need:.0f} µL'}{material}"


def _liquids(charges: Charges) -> tuple[Liquid, ...]:
    """Every liquid that is charged anywhere: any of them may be drawn into any vessel."""
    used = {charge.material for charge in charges.charges}
    return tuple(
        liquid
        for name, supplied in charges.recipe.supplied.items()
        if name in used
        for liquid in supplied.liquids
    )


def resists(material: str | None, liquids: Iterable[Liquid]) -> bool:
    """Whether labware of a material may hold these liquids for hours.

    Glass and PTFE hold whatever the catalogue does not rate "-" for them; another plastic holds
    water, and organic liquids that are rated "+" for it.
    """
    key = RATING_KEYS.get(material or "", "")
    if material in INERT:
        return all(liquid.substance.ratings.get(key) != "-" for liquid in liquids)
    return all(
        liquid.miscibility is Miscibility.WATER or liquid.substance.ratings.get(key) == "+"
        for liquid in liquids
    )
