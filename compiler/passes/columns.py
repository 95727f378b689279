"""Eight-channel pipettes serve columns: wherever eight wells below each other get the same.

An operation is divided into what a multi-channel does, a column at a time, and what is left to
the single-channel that `lower` chose. A column is served together where all of its eight wells
take part with the same volume, liquid and height; the liquid comes from a trough that eight tips
fit into, or from a column of the same reactions. Drops that are touched off stay single.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from compiler.passes._seats import COLUMN, eight_abreast, takes_eight
from compiler.passes._stocks import supplied_as
from compiler.passes._wells import WASTE, Occupancy, vessel_wells, waste_wells
from compiler.passes.house import resists
from compiler.passes.lower import pipetting
from compiler.passes.lower.pipetting import Instrument, Strokes, instruments
from compiler.stages.documents import Bench
from compiler.stages.operations import (
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Operations,
)

Column = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Gang:
    """The multi-channels of the bench, and where everything will stand."""

    operations: Operations
    bench: Bench
    eights: tuple[Instrument, ...]
    seats: Occupancy

    def columns(self, vessel: str) -> tuple[Column, ...]:
        """The full columns of a vessel's wells, each from row A to row H."""
        wells = {r: ref for (r, name), ref in self.seats.wells.items() if name == vessel}
        if len(set(wells.values())) < len(wells):
            return ()  # one vessel for all reactions
        return eight_abreast(wells, self.seats.labware)

    def alike(self, vessel: str, what: Mapping[str, Hashable]) -> tuple[Column, ...]:
        """The columns of a vessel in which `what` is there for all reactions, and the same."""
        return tuple(
            column
            for column in self.columns(vessel)
            if all(r in what for r in column) and len({what[r] for r in column}) == 1
        )

    def in_trough(self, material: str) -> bool:
        """Whether the bench has a trough for a stock of this material."""
        supplied = supplied_as(self.operations.ledger.charges.recipe, material)
        if supplied is None:
            return False
        return any(
            "stocks" in self.seats.holds(entry)
            and takes_eight(labware)
            and resists(labware.material, supplied.liquids)
            for entry, labware in self.seats.labware.items()
        )

    def wastes_together(self, into: str) -> bool:
        """Whether eight tips fit into where a kind of waste goes."""
        ref = self.seats.waste.get(into.removeprefix(WASTE))
        return ref is not None and takes_eight(self.seats.labware[ref.labware])


def columns(operations: Operations) -> Operations:
    """The operations with those that a multi-channel can do for whole columns divided off."""
    bench = operations.ledger.house.bench
    eights = instruments(bench, channels=COLUMN) if bench is not None else ()
    if bench is None or not eights:
        return operations
    house = operations.ledger.house
    seats = Occupancy(operations, house, bench, dict(house.labware))
    vessel_wells(seats)
    waste_wells(seats)
    gang = _Gang(operations, bench, eights, seats)
    made = [part for operation in operations.operations for part in _divided(gang, operation)]
    used = {o.pipette for o in _pipetting(made)}
    pipettes = {i.mount: i.pipette for i in eights if i.mount in used}
    tips = {i.mount: i.tip_load_name for i in eights if i.mount in used}
    return replace(
        operations,
        operations=tuple(made),
        pipettes={**operations.pipettes, **pipettes},
        tips={**operations.tips, **tips},
    )


def _pipetting(
    operations: Iterable[Operation],
) -> Iterable[Deliver | DeliverDrops | MixVessel | DrawPhase]:
    for operation in operations:
        if isinstance(operation, Deliver | DeliverDrops | MixVessel | DrawPhase):
            yield operation
            mix = operation.mix if isinstance(operation, Deliver | DeliverDrops) else None
            yield from () if mix is None else (mix,)
        elif isinstance(operation, Hold) and operation.mix is not None:
            yield operation.mix


def _divided(gang: _Gang, operation: Operation) -> tuple[Operation, ...]:
    match operation:
        case Deliver():
            return _deliver(gang, operation)
        case DeliverDrops():
            return (_drops(gang, operation),)
        case DrawPhase():
            return _draw(gang, operation)
        case MixVessel():
            return _mix(gang, operation)
        case Hold(mix=MixVessel() as mix):
            return (replace(operation, mix=_whole_mix(gang, mix)),)
        case _:
            return (operation,)


def _deliver(gang: _Gang, operation: Deliver) -> tuple[Operation, ...]:
    how = operation.handling
    if how.touch_off:
        return (operation,)
    mix = operation.mix
    what = {
        r: (volume, operation.materials.get(r, operation.material), *_mixing(mix, r))
        for r, volume in operation.volume_ul.items()
    }
    kind = how.name
    together, found = _served(
        gang.alike(operation.vessel, what), operation.volume_ul, gang.eights, kind
    )
    together = tuple(column for column in together if gang.in_trough(str(what[column[0]][1])))
    if not together or found is None:
        return (operation,)
    mine = _in(together)
    mixes = _mixed(mix, mine, found.instrument, together) if mix is not None else None
    if mix is not None and mixes is None:
        return (operation,)
    strokes = {r: _strokes(operation.volume_ul[r], found, kind) for r in mine}
    eight = replace(
        _only(operation, mine),
        handling=found.handling,
        pipette=found.instrument.mount,
        stroke_ul=strokes,
        mix=mixes,
        together=together,
    )
    rest = [r for r in operation.volume_ul if r not in mine]
    return (eight, _only(operation, rest)) if rest else (eight,)


def _only(operation: Deliver, reactions: Iterable[str]) -> Deliver:
    """A delivery to some of its wells."""
    mine = list(reactions)
    materials = {r: m for r, m in operation.materials.items() if r in mine}
    one = len(set(materials.values())) == 1
    return replace(
        operation,
        material=materials[mine[0]] if one else operation.material,
        volume_ul={r: operation.volume_ul[r] for r in mine},
        stroke_ul={r: operation.stroke_ul[r] for r in mine},
        mix=_some(operation.mix, mine) if operation.mix is not None else None,
        materials={} if one else materials,
    )


def _drops(gang: _Gang, operation: DeliverDrops) -> DeliverDrops:
    """All or nothing: a round by two pipettes would take as long as both of them."""
    mix = _whole_mix(gang, operation.mix) if operation.mix is not None else None
    made = replace(operation, mix=mix)
    if (
        operation.handling.touch_off
        or operation.materials
        or not gang.in_trough(operation.material)
    ):
        return made
    drops = operation.drops.drop_ul
    kind = operation.handling.name
    together, found = _served(gang.alike(operation.vessel, drops), drops, gang.eights, kind)
    if found is None or len(_in(together)) < len(drops):
        return made
    return replace(made, handling=found.handling, pipette=found.instrument.mount, together=together)


def _draw(gang: _Gang, operation: DrawPhase) -> tuple[Operation, ...]:
    draws = {draw.reaction: draw for draw in operation.draws}
    what = {
        r: (round(draw.volume_ul, 6), None if draw.tip_mm is None else round(draw.tip_mm, 3))
        for r, draw in draws.items()
    }
    volumes = {r: draw.volume_ul for r, draw in draws.items()}
    together, found = _served(gang.alike(operation.vessel, what), volumes, gang.eights, "layer")
    if operation.into.startswith(WASTE):
        together = together if gang.wastes_together(operation.into) else ()
    else:
        there = set(gang.columns(operation.into))
        together = tuple(column for column in together if column in there)
    if not together or found is None:
        return (operation,)
    mine = _in(together)
    eight = replace(
        operation,
        draws=tuple(draw for draw in operation.draws if draw.reaction in mine),
        stroke_ul={r: _strokes(volumes[r], found, "layer") for r in mine},
        handling=found.handling,
        pipette=found.instrument.mount,
        together=together,
    )
    rest = {r: ul for r, ul in operation.stroke_ul.items() if r not in mine}
    if not rest:
        return (eight,)
    left = tuple(draw for draw in operation.draws if draw.reaction in rest)
    return (eight, replace(operation, draws=left, stroke_ul=rest))


# --- mixing -----------------------------------------------------------------------------------


def _mixing(mix: MixVessel | None, reaction: str) -> tuple[float, float]:
    if mix is None or reaction not in mix.stroke_ul:
        return (0.0, 0.0)
    return (round(mix.stroke_ul[reaction], 6), mix.height_mm[reaction])


def _mix(gang: _Gang, operation: MixVessel) -> tuple[Operation, ...]:
    what = {r: _mixing(operation, r) for r in operation.stroke_ul}
    together, found = _served(
        gang.alike(operation.vessel, what), operation.stroke_ul, gang.eights, "aqueous"
    )
    if not together or found is None:
        return (operation,)
    mine = _in(together)
    eight = _mixed(operation, mine, found.instrument, together)
    if eight is None:
        return (operation,)
    rest = [r for r in operation.stroke_ul if r not in mine]
    return (eight, _some(operation, rest)) if rest else (eight,)


def _whole_mix(gang: _Gang, mix: MixVessel) -> MixVessel:
    """All wells by the multi-channel, or none."""
    parts = _mix(gang, mix)
    first = parts[0]
    return first if len(parts) == 1 and isinstance(first, MixVessel) else mix


def _mixed(
    mix: MixVessel, reactions: Iterable[str], instrument: Instrument, together: tuple[Column, ...]
) -> MixVessel | None:
    """A mixing by a multi-channel; None where its stroke is not one that it can make."""
    some = _some(mix, reactions)
    how = pipetting.handling("aqueous", instrument)
    most_ul = pipetting.capacity_ul(instrument, how)
    strokes = {r: min(ul, most_ul) for r, ul in some.stroke_ul.items()}
    if any(ul < instrument.pipette.min_ul for ul in strokes.values()):
        return None
    return replace(
        some, stroke_ul=strokes, handling=how, pipette=instrument.mount, together=together
    )


def _some(mix: MixVessel, reactions: Iterable[str]) -> MixVessel:
    mine = [r for r in reactions if r in mix.stroke_ul]
    return replace(
        mix,
        stroke_ul={r: mix.stroke_ul[r] for r in mine},
        height_mm={r: mix.height_mm[r] for r in mine},
    )


# --- which pipette ----------------------------------------------------------------------------


def _served(
    together: tuple[Column, ...],
    volumes_ul: Mapping[str, float],
    eights: tuple[Instrument, ...],
    kind: str,
) -> tuple[tuple[Column, ...], Strokes | None]:
    """The columns that the one best multi-channel can serve, and how."""

    def count(instrument: Instrument) -> int:
        return sum(_fits(volumes_ul[column[0]], instrument, kind) for column in together)

    if not together:
        return (), None
    best = max(eights, key=lambda i: (count(i), -_total(together, volumes_ul, i, kind)))
    kept = tuple(column for column in together if _fits(volumes_ul[column[0]], best, kind))
    if not kept:
        return (), None
    return kept, pipetting.strokes(volumes_ul[kept[0][0]], (best,), kind)


def _fits(volume_ul: float, instrument: Instrument, kind: str) -> bool:
    return pipetting.strokes(volume_ul, (instrument,), kind) is not None


def _total(
    together: tuple[Column, ...], volumes_ul: Mapping[str, float], instrument: Instrument, kind: str
) -> float:
    """Strokes in all, then the size of the pipette."""
    found = [pipetting.strokes(volumes_ul[column[0]], (instrument,), kind) for column in together]
    strokes = sum(len(one.volumes_ul) for one in found if one is not None)
    return strokes + instrument.pipette.max_ul / 1e6


def _strokes(volume_ul: float, like: Strokes, kind: str) -> tuple[float, ...]:
    found = pipetting.strokes(volume_ul, (like.instrument,), kind)
    return found.volumes_ul if found is not None else (volume_ul,)


def _in(together: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(reaction for column in together for reaction in column)
