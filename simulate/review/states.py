"""What every well holds at every step: the frames that the deck map and the plate view show.

Frame 0 is the deck before the run; after it there is one for each moment of the plan's contents,
and one for each step that changes none. Reactions that hold the same share one state, so that
many wells stay small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from compiler.stages.charges import Miscibility
from compiler.stages.contents import Snapshot
from compiler.stages.layout import Layout
from compiler.target.commands import WellRef
from simulate.review.variants import Variants

_MOMENTS = {"charged": "after the addition", "settled": "layers settled", "drawn": "after the draw"}


@dataclass(frozen=True, slots=True)
class Frame:
    """A moment: the step (None before the run), what to call it, and wells that changed."""

    step: str | None
    label: str
    changed: Mapping[str, int]  # "reactors/A1" -> index into the states


@dataclass(frozen=True, slots=True)
class Owner:
    """What a well is for."""

    role: str  # "vessel" | "stock" | "waste"
    name: str
    reaction: str | None
    capacity_ul: float


@dataclass(slots=True)
class _Table:
    """States, each once."""

    states: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)

    def add(self, state: dict[str, Any]) -> int:
        key = repr(state)
        if key not in self.index:
            self.index[key] = len(self.states)
            self.states.append(state)
        return self.index[key]


@dataclass(frozen=True, slots=True)
class Film:
    """All frames, the states that they point at, and whose well each is."""

    frames: tuple[Frame, ...]
    states: tuple[Mapping[str, Any], ...]
    owners: Mapping[str, Owner]
    compounds: Mapping[str, str]  # the labels of materials that vary, by key
    reactions: Mapping[str, str]  # the names of a library's reactions, by id

    def at(self, number: int) -> dict[str, Mapping[str, Any]]:
        """What each well holds in a frame."""
        held: dict[str, int] = {}
        for frame in self.frames[: number + 1]:
            held.update(frame.changed)
        return {well: self.states[index] for well, index in held.items()}

    def as_object(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "frames": [
                {"step": frame.step, "label": frame.label, "wells": frame.changed}
                for frame in self.frames
            ],
            "states": list(self.states),
            "owners": {
                well: [owner.role, owner.name, owner.reaction, owner.capacity_ul]
                for well, owner in self.owners.items()
            },
            "compounds": self.compounds,
            "reactions": self.reactions,
        }


def film(layout: Layout, variants: Variants) -> Film:
    """The run as frames, from the ledger and the layout."""
    table = _Table()
    kinds = liquid_kinds(layout)
    stocks = {stock.well: stock.volume_ul for stock in layout.stocks}
    frames = [Frame(None, "Before the run", _first(layout, kinds, table))]
    steps = layout.operations.ledger.charges.recipe.procedure.steps
    snapshots = {
        step: list(found)
        for step, found in groupby(_in_step_order(layout), key=lambda snapshot: snapshot.step)
    }
    for number, step in enumerate(steps, start=1):
        drawn = _taken(layout, step.id)
        moments = list(_moments(snapshots.get(step.id, [])))
        if not moments:
            frames.append(Frame(step.id, f"{number}. {step.verb}", {}))
        for position, (label, group) in enumerate(moments):
            changed = {
                str(layout.wells[s.reaction, s.vessel]): table.add(_state(s, kinds))
                for s in group
                if (s.reaction, s.vessel) in layout.wells
            }
            moment, round_ = group[0].moment, group[0].round
            if moment == "charged" or position == 0:
                for well, volume in drawn.get(round_, {}).items():
                    stocks[well] -= volume
                    changed[str(well)] = table.add(_stock_state(layout, well, stocks[well], kinds))
                drawn[round_] = {}
            frames.append(Frame(step.id, f"{number}. {step.verb}, {label}", changed))
    charges = layout.operations.ledger.charges
    compounds = {
        key: charges.recipe.supplied[key].label for keys in variants.keys.values() for key in keys
    }
    named = {reaction.id: reaction.name for reaction in charges.reactions if reaction.name}
    return Film(tuple(frames), tuple(table.states), _owners(layout), compounds, named)


def liquid_kinds(layout: Layout) -> dict[str, str]:
    """Whether each liquid, by name, is organic, aqueous or mixes with both."""
    words = {
        Miscibility.WATER: "aqueous",
        Miscibility.MISCIBLE: "miscible",
        Miscibility.IMMISCIBLE: "organic",
    }
    recipe = layout.operations.ledger.charges.recipe
    return {
        liquid.name: words[liquid.miscibility]
        for supplied in recipe.supplied.values()
        for liquid in supplied.liquids
    }


def _in_step_order(layout: Layout) -> list[Snapshot]:
    ledger = layout.operations.ledger
    order = {s.id: n for n, s in enumerate(ledger.charges.recipe.procedure.steps)}
    return sorted(ledger.snapshots, key=lambda snapshot: order.get(snapshot.step, len(order)))


def _moments(snapshots: list[Snapshot]) -> Iterable[tuple[str, list[Snapshot]]]:
    """The moments of a step, each with the snapshots of all reactions."""
    groups: dict[tuple[int, str], list[Snapshot]] = {}
    for snapshot in snapshots:
        groups.setdefault((snapshot.round, snapshot.moment), []).append(snapshot)
    rounds = max((snapshot.round for snapshot in snapshots), default=1)
    for (round_, moment), group in groups.items():
        label = _MOMENTS.get(moment, moment)
        yield (f"round {round_}, {label}" if rounds > 1 else label), group


def _taken(layout: Layout, step: str) -> dict[int, dict[WellRef, float]]:
    """What a step takes from each stock, by round."""
    found: dict[int, dict[WellRef, float]] = {}
    for charge in layout.operations.ledger.charges.of_step(step):
        well = layout.source.get((step, charge.reaction))
        if well is not None and charge.volume_ul is not None and not charge.by_operator:
            share = found.setdefault(charge.round, {})
            share[well] = share.get(well, 0.0) + charge.volume_ul
    return found


def _first(layout: Layout, kinds: Mapping[str, str], table: _Table) -> dict[str, int]:
    empty: dict[str, Any] = {
        "uL": 0.0,
        "T": None,
        "pH": None,
        "closed": False,
        "phases": [],
        "solids": {},
    }
    found = {str(well): table.add(empty) for well in layout.wells.values()}
    found |= {str(well): table.add(empty) for _, well in sorted(layout.waste.items())}
    for stock in layout.stocks:
        state = _stock_state(layout, stock.well, stock.volume_ul, kinds)
        found[str(stock.well)] = table.add(state)
    return found


def _stock_state(
    layout: Layout, well: WellRef, volume_ul: float, kinds: Mapping[str, str]
) -> dict[str, Any]:
    from compiler.chemistry.mixture import composition_mmol_ml

    stock = next(s for s in layout.stocks if s.well == well)
    composition = composition_mmol_ml(stock.supplied)
    colour = _mixed(kinds[liquid.name] for liquid in stock.supplied.liquids)
    mmol = {name: round(each * volume_ul / 1000, 6) for name, each in composition.items()}
    phase = {"kind": "single", "at": None, "uL": round(volume_ul, 3), "is": colour, "mmol": mmol}
    return {
        "uL": round(volume_ul, 3),
        "T": None,
        "pH": None,
        "closed": False,
        "phases": [phase],
        "solids": {},
    }


def _state(snapshot: Snapshot, kinds: Mapping[str, str]) -> dict[str, Any]:
    phases = [
        {
            "kind": phase.kind.value,
            "at": phase.position,
            "uL": round(phase.volume_ul, 3),
            "is": _mixed(kinds.get(name, "organic") for name in phase.solvents_ul),
            "mmol": {name: round(amount, 6) for name, amount in phase.mmol.items()},
        }
        for phase in snapshot.phases
    ]
    dissolved = {name for phase in snapshot.phases for name in phase.mmol}
    return {
        "uL": round(snapshot.volume_ul, 3),
        "T": snapshot.temperature_c,
        "pH": None if snapshot.ph is None else [round(limit, 2) for limit in snapshot.ph],
        "closed": snapshot.closed,
        "phases": phases,
        "solids": {n: round(a, 6) for n, a in snapshot.mmol.items() if n not in dissolved},
    }


def _mixed(kinds: Iterable[str]) -> str:
    found = set(kinds)
    return next((kind for kind in ("aqueous", "organic", "miscible") if kind in found), "miscible")


def _owners(layout: Layout) -> dict[str, Owner]:
    capacity = {
        (placed.label, well.name): well.capacity_ul
        for placed in layout.placed
        for well in placed.labware.wells.values()
    }
    labels = {stock.material: stock.supplied.label for stock in layout.stocks}
    found = {
        str(ref): Owner("vessel", vessel, reaction, capacity[ref.labware, ref.well])
        for (reaction, vessel), ref in layout.wells.items()
    }
    found |= {
        str(s.well): Owner("stock", labels[s.material], None, capacity[s.well.labware, s.well.well])
        for s in layout.stocks
    }
    found |= {
        str(ref): Owner("waste", f"{kind} waste", None, capacity[ref.labware, ref.well])
        for kind, ref in sorted(layout.waste.items())
    }
    return found
