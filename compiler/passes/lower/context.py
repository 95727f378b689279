"""What every lowering function may look at, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from compiler.diagnostics.finding import Finding
from compiler.passes.lower.pipetting import Instrument
from compiler.stages.charges import Assumption, Charge, Reaction, Supplied
from compiler.stages.contents import Draw, Ledger, Snapshot
from compiler.stages.documents import AnyStep, Bench, Procedure, Temper, Vessel
from compiler.stages.operations import Operation
from compiler.stages.quantity import Origin, Quantity
from compiler.stages.vessels import Housing


@dataclass(frozen=True)
class Context:
    """The ledger, indexed. Nothing in it changes while steps are lowered."""

    ledger: Ledger
    bench: Bench
    instruments: tuple[Instrument, ...]

    @property
    def procedure(self) -> Procedure:
        """The procedure that is lowered."""
        return self.ledger.charges.recipe.procedure

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """All reactions, in the order of service."""
        return self.ledger.charges.reactions

    @cached_property
    def _snapshots(self) -> Mapping[tuple[str, str, str, str, int], Snapshot]:
        return {(s.step, s.moment, s.reaction, s.vessel, s.round): s for s in self.ledger.snapshots}

    @cached_property
    def _charges(self) -> Mapping[str, tuple[Charge, ...]]:
        found: dict[str, list[Charge]] = {}
        for charge in self.ledger.charges.charges:
            found.setdefault(charge.step, []).append(charge)
        return {step: tuple(charges) for step, charges in found.items()}

    @cached_property
    def _draws(self) -> Mapping[tuple[str, int], tuple[Draw, ...]]:
        found: dict[tuple[str, int], list[Draw]] = {}
        for draw in self.ledger.draws:
            found.setdefault((draw.step, draw.round), []).append(draw)
        return {key: tuple(draws) for key, draws in found.items()}

    def supplied(self, material: str) -> Supplied | None:
        """What a material is, None where `resolve` could not tell."""
        return self.ledger.charges.recipe.supplied.get(material)

    def words_for(self, charges: Sequence[Charge], name: str) -> Supplied | None:
        """What a step charges, for sentences: where rows differ, `each row's aldehyde`."""
        keys = dict.fromkeys(charge.material for charge in charges)
        found = [s for key in keys if (s := self.supplied(key)) is not None]
        if len(found) < 2:
            return found[0] if found else None
        return replace(found[0], label=f"each row's {name}")

    def own(self, step: AnyStep, reaction: str) -> AnyStep:
        """A step with the values of a reaction's row, for the places of findings."""
        return self.ledger.charges.recipe.steps_of(reaction).get(step.id, step)

    def row(self, reaction: str) -> int | None:
        """The row of a library that a reaction belongs to; None without a library."""
        return self._rows.get(reaction) if self.ledger.charges.recipe.library else None

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {reaction.id: reaction.row for reaction in self.reactions}

    def charges(self, step: str) -> tuple[Charge, ...]:
        """The charges of a step, in reaction order (rounds one after the other)."""
        return self._charges.get(step, ())

    def draws(self, step: str, round_: int = 1) -> tuple[Draw, ...]:
        """The draws of one round of a step, in reaction order."""
        return self._draws.get((step, round_), ())

    def snapshot(
        self, step: str, moment: str, reaction: str, vessel: str, round_: int = 1
    ) -> Snapshot | None:
        """A vessel at a moment of a step."""
        return self._snapshots.get((step, moment, reaction, vessel, round_))

    def vessel(self, name: str) -> Vessel | None:
        """The declaration of a vessel, None for the bench's waste."""
        return self.procedure.vessels.get(name)

    def housing(self, vessel: str) -> Housing | None:
        """The labware that a vessel is."""
        return self.ledger.house.housings.get(vessel)

    def setting(self, vessel: str, before: AnyStep) -> Temper | None:
        """The last `heat` or `cool` of a vessel before a step; None for rt."""
        found: Temper | None = None
        for step in self.procedure.steps:
            if step is before:
                break
            if isinstance(step, Temper) and step.vessel == vessel:
                found = step
        return found


def chosen(step: str, what: str, quantity: Quantity, value: str) -> tuple[Assumption, ...]:
    """The assumption behind a planned value, where the document left a choice or assumed it."""
    if quantity.assumed:
        return (Assumption(step, what, value, quantity.assumed),)
    if quantity.origin is Origin.LOW_END:
        return (Assumption(step, what, value, f"the low end of {quantity.text}"),)
    if quantity.origin is Origin.PLANNED:
        return (Assumption(step, what, value, f"planned inside {quantity.text}"),)
    return ()


@dataclass(frozen=True, slots=True)
class Lowered:
    """What one step becomes."""

    operations: tuple[Operation, ...] = ()
    text: str = ""
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[Assumption, ...] = field(default=())

    def with_text(self, text: str) -> Lowered:
        """The same with another sentence."""
        return Lowered(self.operations, text, self.findings, self.assumptions)
