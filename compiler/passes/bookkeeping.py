"""The books that the account pass keeps while it walks the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from compiler.chemistry.mixture import Contents, combine
from compiler.chemistry.phases import Layer, Solute, as_phases, layers, solute_of
from compiler.chemistry.temperature import ROOM_C, Condition, conditions
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Span
from compiler.passes._notebook import in_rows
from compiler.passes.acidity import AcidBook, Acidity, NotKnown
from compiler.stages.charges import Assumption, Charge, Charges, Reaction, Supplied
from compiler.stages.contents import Draw, PhaseKind, Snapshot
from compiler.stages.documents import AdjustPh, AnyStep, Procedure
from compiler.stages.vessels import House
from compiler.target.geometry import WellShape

_SLACK = 1e-9  # relative: a vessel that is filled exactly to its limit is not over it


@dataclass(slots=True)
class Books:
    """Contents of every vessel so far, and everything that has been written down.

    A vessel belongs to one reaction, except shared ones and the waste, which all reactions use.
    """

    charges: Charges
    house: House
    at: Mapping[tuple[str, str], Condition]
    solutes: Mapping[str, Solute]
    acids: AcidBook
    snapshots: list[Snapshot] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    filled: dict[tuple[str, str], Charge] = field(default_factory=dict)
    _state: dict[tuple[str | None, str], Contents] = field(default_factory=dict)
    _by_step: dict[tuple[str, str], list[Charge]] = field(default_factory=dict)
    _highest: dict[str, float] = field(default_factory=dict)
    _assumed: dict[tuple[str | None, str], Assumption] = field(default_factory=dict)
    _found: list[tuple[Finding, Reaction]] = field(default_factory=list)
    _said: set[tuple[str, str, str, str]] = field(default_factory=set)
    _own: dict[str, Mapping[str, AnyStep]] = field(default_factory=dict)

    @classmethod
    def open(cls, charges: Charges, house: House, *, reckon_ph: bool = False) -> Books:
        """Empty books for a run. A pH is reckoned where it is asked for, or a step needs it."""
        needed = any(isinstance(step, AdjustPh) for step in charges.recipe.procedure.steps)
        books = cls(
            charges,
            house,
            conditions(charges, house),
            {key: solute_of(supplied) for key, supplied in charges.recipe.supplied.items()},
            AcidBook(charges.recipe, reckon_ph or needed),
        )
        for charge in charges.charges:
            books._by_step.setdefault((charge.step, charge.reaction), []).append(charge)
        recipe = charges.recipe
        books._own = {r: recipe.steps_of(r) for r in recipe.own}
        return books

    @property
    def procedure(self) -> Procedure:
        """The procedure that is accounted for."""
        return self.charges.recipe.procedure

    def own_step(self, step: AnyStep, reaction: Reaction) -> AnyStep | None:
        """A step with the values of a reaction's row; None where a control leaves it out."""
        own = self._own.get(reaction.id)
        return step if own is None else own.get(step.id)

    def supplied(self, name: str, reaction: Reaction) -> Supplied | None:
        """What a name of the procedure is in a reaction, None where that is not known."""
        return self.charges.recipe.supplied_to(reaction.id, name)

    def charges_of(self, step: AnyStep, reaction: Reaction) -> list[Charge]:
        """The charges of a step in one reaction, in order."""
        return self._by_step.get((step.id, reaction.id), [])

    # --- contents ---------------------------------------------------------------------------

    def is_common(self, vessel: str) -> bool:
        """Whether all reactions use one and the same vessel: a premix, the waste."""
        declared = self.procedure.vessels.get(vessel)
        return vessel.startswith("waste.") or (declared is not None and declared.shared)

    def _key(self, reaction: Reaction, vessel: str) -> tuple[str | None, str]:
        return (None if self.is_common(vessel) else reaction.id, vessel)

    def contents(self, reaction: Reaction, vessel: str) -> Contents:
        """What a vessel holds now."""
        return self._state.get(self._key(reaction, vessel), Contents())

    def put(self, reaction: Reaction, vessel: str, contents: Contents) -> None:
        """A vessel now holds exactly this."""
        self._state[self._key(reaction, vessel)] = contents
        if contents.volume_ul > self._highest.get(vessel, 0.0):
            self._highest[vessel] = contents.volume_ul

    def pour(self, reaction: Reaction, vessel: str, added: Contents) -> None:
        """Something is added to a vessel."""
        self.put(reaction, vessel, combine(self.contents(reaction, vessel), added))

    def forget(self, reaction: Reaction, *vessels: str) -> None:
        """From here on nothing is concluded from these vessels' contents."""
        for vessel in vessels:
            self.put(reaction, vessel, replace(self.contents(reaction, vessel), known=False))

    def layers(
        self, reaction: Reaction, vessel: str, organics_in: PhaseKind = PhaseKind.ORGANIC
    ) -> tuple[Layer, ...]:
        """The layers in a vessel now, the lower first."""
        return layers(self.contents(reaction, vessel), self.solutes, organics_in)

    def acidity(
        self, reaction: Reaction, vessel: str, *, watered: bool = False
    ) -> Acidity | NotKnown:
        """What decides the pH in a vessel now, or when water comes (`watered`)."""
        contents = self.contents(reaction, vessel)
        key = self._key(reaction, vessel)
        split = self.layers(reaction, vessel)
        return self.acids.state(key, contents, split, watered=watered)

    def move(
        self, reaction: Reaction, vessel: str, into: str, drawn: Contents, rest: Contents
    ) -> None:
        """`drawn` goes from one vessel into another, and `rest` stays."""
        before = self.contents(reaction, vessel)
        keys = self._key(reaction, vessel), self._key(reaction, into)
        self.acids.carry(*keys, before, drawn)
        self.put(reaction, vessel, rest)
        self.pour(reaction, into, drawn)

    # --- the vessel itself ------------------------------------------------------------------

    def shape(self, vessel: str) -> WellShape | None:
        """The inside of the well that holds a vessel; None without labware."""
        housing = self.house.housings.get(vessel)
        if housing is None or housing.labware is None:
            return None
        return next((well.shape for well in housing.labware.wells.values()), None)

    def capacity_ul(self, vessel: str) -> float | None:
        """What a vessel holds to the brim (uL), if that is known."""
        housing = self.house.housings.get(vessel)
        if housing is not None:
            return housing.capacity_ul
        declared = self.procedure.vessels.get(vessel)
        size = declared.size or declared.at_least if declared is not None else None
        return size.plan if size is not None else None

    # --- writing down -----------------------------------------------------------------------

    def snapshot(
        self,
        step: AnyStep,
        reaction: Reaction,
        vessel: str,
        moment: str,
        round_: int = 1,
        organics_in: PhaseKind = PhaseKind.ORGANIC,
    ) -> Snapshot:
        """Writes down what a vessel holds at a moment."""
        contents = self.contents(reaction, vessel)
        condition = self.at.get((step.id, vessel))
        split = self.layers(reaction, vessel, organics_in)
        snap = Snapshot(
            step=step.id,
            moment=moment,
            round=round_,
            reaction=reaction.id,
            vessel=vessel,
            volume_ul=contents.volume_ul,
            mmol=contents.mmol(),
            ph=self.acids.bracket(self._key(reaction, vessel), contents, split),
            phases=as_phases(split, self.shape(vessel)),
            temperature_c=condition.temperature_c if condition is not None else ROOM_C,
            closed=condition is not None and condition.closure is not None,
        )
        self.snapshots.append(snap)
        return snap

    def charged(
        self, step: AnyStep, reaction: Reaction, vessel: str, span: Span, round_: int = 1
    ) -> None:
        """Writes down a vessel after something was added, and holds it against its capacity."""
        self.snapshot(step, reaction, vessel, "charged", round_)
        self.check_fill(step, reaction, vessel, span, round_)

    def check_fill(
        self, step: AnyStep, reaction: Reaction, vessel: str, span: Span, round_: int = 1
    ) -> None:
        """P-CAP-1 where a vessel holds more than the bench's fill limit allows."""
        volume_ul = self.contents(reaction, vessel).volume_ul
        capacity_ul = self.capacity_ul(vessel)
        if capacity_ul is None:
            return
        limit_ul = self.house.fill_limit * capacity_ul
        if volume_ul <= limit_ul * (1.0 + _SLACK):
            return
        when = f" in round {round_}" if round_ > 1 else ""
        self.report(
            p.CAP_1.at(
                span,
                f"{volume_ul:.0f} µL in {vessel} after {step.id!r}{when}, which may hold "
                f"{limit_ul:.0f} µL ({100 * self.house.fill_limit:.0f} % of "
                f"{capacity_ul:.0f} µL)",
                help=f"use a vessel of at least "
                f"{math.ceil(volume_ul / self.house.fill_limit / 100) / 10:g} mL, less solvent, "
                f"or a scale of {reaction.scale_mmol * limit_ul / volume_ul:.3g} mmol",
                step=step.id,
            ),
            reaction,
            vessel=vessel,
        )

    def assume(self, step: AnyStep | None, what: str, value: str, why: str) -> None:
        """Lists a default, once for a step (the value of the first reaction stands)."""
        key = (step.id if step is not None else None, what)
        self._assumed.setdefault(key, Assumption(key[0], what, value, why))

    def report(self, finding: Finding, reaction: Reaction, *, vessel: str = "") -> None:
        """Takes down a finding; one of a kind for each step, reaction and vessel.

        In a vessel that all reactions share it stands once, with the first row that it befell.
        """
        row = "" if self.is_common(vessel) else reaction.id
        key = (finding.code, finding.step or "", row, vessel)
        if key not in self._said:
            self._said.add(key)
            self._found.append((finding, reaction))

    # --- closing ----------------------------------------------------------------------------

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Every default that was filled in, in order."""
        return tuple(self._assumed.values())

    @property
    def highest_ul(self) -> Mapping[str, float]:
        """The fullest that each vessel gets."""
        return dict(self._highest)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings; what all reactions share stands once, the rest names its row."""
        return merge_rows(self._found, self.charges.reactions)


def merge_rows(
    found: list[tuple[Finding, Reaction]], reactions: Sequence[Reaction]
) -> tuple[Finding, ...]:
    """The same finding in several reactions as one; with its rows unless all rows share it."""
    rows = {reaction.row for reaction in reactions}
    groups: dict[Finding, list[tuple[Finding, Reaction]]] = {}
    for finding, reaction in found:
        groups.setdefault(replace(finding, related=()), []).append((finding, reaction))
    merged = []
    for bare, told in groups.items():
        first = told[0][0]
        if any(finding.related != first.related for finding, _ in told):
            first = bare  # what else belongs to it is another place in each row
        befallen = {reaction.row for _, reaction in told}
        every = len({reaction.id for _, reaction in told}) == len(reactions)
        shared = every or (len(rows) > 1 and befallen == rows)
        merged.append(first if shared else in_rows(first, befallen))
    return tuple(dict.fromkeys(merged))
