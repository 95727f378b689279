"""`acidify` and `basify`: how much acid or base, and whether a given amount is enough.

The amount is that of the worst case (the acidic end for a base, the basic end for an acid), and
the margin. Decisions where the language is silent:

* Without `margin` a tenth more than the worst case takes; a window (`pH 9-10`) gets none.
* A window is aimed at from the near side: its low end for a base, its high end for an acid.
* Where the worst case is there already, nothing is added, and the operator checks.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.chemistry.acid_base import Solution, consumed_mmol, titrant_mmol
from compiler.chemistry.ionisation import rules
from compiler.diagnostics.codes import chemistry as c
from compiler.passes.acidity import Acidity, NotKnown
from compiler.passes.bookkeeping import Books
from compiler.passes.drawing import not_empty, pour
from compiler.stages.charges import Charge, Miscibility, Reaction, Supplied
from compiler.stages.documents import AdjustPh, Form

_NOTHING_MMOL = 1e-9


@dataclass(frozen=True, slots=True)
class _Job:
    """One vessel to bring to `ph`; `one` is a mmol of the acid or base."""

    books: Books
    step: AdjustPh
    reaction: Reaction
    supplied: Supplied
    state: Acidity
    one: Acidity
    ph: float

    @property
    def base(self) -> bool:
        """Whether a base is added."""
        return self.step.verb == "basify"

    def worst(self, of: Acidity) -> Solution:
        """The end that takes more of what is added, or brings less of it."""
        return of.acidic if self.base else of.basic

    def needed_mmol(self) -> float | None:
        """What brings the worst case to the pH."""
        return titrant_mmol(self.worst(self.state), self.worst(self.one), self.ph, base=self.base)

    def after(self, mmol: float) -> tuple[float, float]:
        """The pH when so much has been added."""
        one = self.one
        added = Acidity(one.acidic.scaled(mmol), one.basic.scaled(mmol))
        return self.state.plus(added).bracket()

    def takes_mmol(self) -> tuple[float, float]:
        """What the vessel takes up by stoichiometry, at the least and at the most (mmol)."""
        ends = self.state.acidic, self.state.basic
        low, high = sorted(consumed_mmol(end, self.ph, base=self.base) for end in ends)
        return low, high

    def takes(self) -> str:
        """The same in words."""
        low, high = (f"{mmol:.3f}" for mmol in self.takes_mmol())
        return f"{low} mmol" if low == high else f"{low} to {high} mmol"

    def brings_mmol(self, mmol: float) -> float:
        """What so much of the acid or base gives by stoichiometry, at the least (mmol)."""
        return -consumed_mmol(self.worst(self.one).scaled(mmol), self.ph, base=self.base)


def adjust(books: Books, step: AdjustPh, reaction: Reaction) -> None:
    """Adds the acid or base of a step, or says why it can't be worked out."""
    supplied = books.supplied(step.with_, reaction)
    charges = books.charges_of(step, reaction)
    contents = books.contents(reaction, step.vessel)
    missing = step.amount is not None and not charges  # it could not be charged: said elsewhere
    if supplied is None or missing or not contents.known or contents.empty:
        not_empty(books, step, reaction, step.vessel)
        books.forget(reaction, step.vessel)
        return
    job = _job(books, step, reaction, supplied)
    if step.amount is not None:
        if isinstance(job, _Job):
            _judge(job, charges[0])
        else:
            books.assume(step, "pH", "not known", job.why)
    elif isinstance(job, NotKnown):
        _not_worked_out(books, step, reaction, supplied, job)
        books.forget(reaction, step.vessel)
        return
    else:
        charge = _computed(job)
        if charge is None:
            books.forget(reaction, step.vessel)
            return
        charges = [charge] if charge.mmol else []
        if charges:
            books.filled[step.id, reaction.id] = charge
    for charge in charges:
        pour(books, reaction, charge)
    books.charged(step, reaction, step.vessel, step.spans.at("amount"))


def _job(books: Books, step: AdjustPh, reaction: Reaction, supplied: Supplied) -> _Job | NotKnown:
    ph = step.above if step.verb == "basify" else step.below
    if ph is None:
        other = "acidify" if step.verb == "basify" else "basify"
        return NotKnown(f"{step.verb} does not lead there; write `{other}`")
    watered = any(q.miscibility is Miscibility.WATER for q in supplied.liquids)
    state = books.acidity(reaction, step.vessel, watered=watered)
    one = books.acids.titrant(supplied)
    if isinstance(state, NotKnown):
        return state
    if isinstance(one, NotKnown):
        return one
    return _Job(books, step, reaction, supplied, state, one, ph)


def _not_worked_out(
    books: Books, step: AdjustPh, reaction: Reaction, supplied: Supplied, found: NotKnown
) -> None:
    books.report(
        c.BASE_3.at(
            step.spans.at("to"),
            f"how much {supplied.label} brings {step.vessel} to {_goal(step)} at {step.id!r} "
            f"cannot be worked out: {found.why}",
            help="give the amount (`amount: 100 µL`), and the `pKa` or `pKaH` of what is in there",
            step=step.id,
        ),
        reaction,
    )


def _computed(job: _Job) -> Charge | None:
    """The charge for the worst case and the margin; of 0 mmol where none is needed."""
    step, needed = job.step, job.needed_mmol()
    if needed is None:
        job.books.report(
            c.BASE_3.at(
                step.spans.at("with"),
                f"no amount of {job.supplied.label} brings {step.vessel} to {_goal(step)} at "
                f"{step.id!r}, which takes {job.takes()} of it",
                help=f"use a stronger {_kind(job)}, or a more concentrated one",
                step=step.id,
            ),
            job.reaction,
        )
        return None
    mmol = needed + _margin_mmol(job, needed)
    if mmol <= _NOTHING_MMOL:
        mmol = 0.0
    charge = _charge(job, mmol)
    ph = job.after(mmol)
    _judge_window(job, ph)
    job.books.assume(
        step,
        f"amount of {_kind(job)}",
        f"{mmol:.3f} mmol {job.supplied.label}"
        + (f" ({charge.volume_ul:.1f} µL)" if charge.volume_ul is not None else "")
        + f", pH {_range(ph)}",
        f"{job.takes()} are taken up; {needed:.3f} mmol for {_goal(step)} in the "
        f"worst case, and {_margin_words(step, mmol - needed)}; activities are taken as 1",
    )
    return charge


def _margin_mmol(job: _Job, needed: float) -> float:
    margin = job.step.margin
    if margin is not None:
        return (margin.plan or 0.0) * job.reaction.scale_mmol
    window = job.step.above is not None and job.step.below is not None
    return 0.0 if window else rules().default_margin * needed


def _margin_words(step: AdjustPh, mmol: float) -> str:
    if step.margin is not None:
        return f"{step.margin.text} more"
    return f"a tenth more ({mmol:.3f} mmol)" if mmol > 0 else "no margin"


def _charge(job: _Job, mmol: float) -> Charge:
    supplied = job.supplied
    molarity = supplied.molarity_mol_l
    weighed = supplied.weigh_factor if supplied.form in (Form.SOLID, Form.NEAT) else 1.0
    scale = job.reaction.scale_mmol
    return Charge(
        step=job.step.id,
        reaction=job.reaction.id,
        material=supplied.key,
        vessel=job.step.vessel,
        equiv=mmol / scale if scale and supplied.declared is not None else None,
        mmol=mmol,
        mass_mg=mmol * supplied.substance.mw_g_mol * weighed,
        volume_ul=1000.0 * mmol / molarity if molarity and supplied.liquids else None,
        form=supplied.form,
        by_operator=job.step.by_operator or not supplied.is_liquid,
    )


def _judge(job: _Job, charge: Charge) -> None:
    """C-BASE-2: a given amount does not do in the worst case."""
    mmol, step = charge.mmol or 0.0, job.step
    ph = job.after(mmol)
    enough = ph[0] > job.ph if job.base else ph[1] < job.ph
    if enough:
        _judge_window(job, ph)
        job.books.assume(
            step, "pH", _range(ph), "charge balance, best and worst case; activities taken as 1"
        )
        return
    brings, needed = job.brings_mmol(mmol), job.needed_mmol()
    short = f"{brings - job.takes_mmol()[1]:+.3f}".replace("-", "\N{MINUS SIGN}")
    job.books.report(
        c.BASE_2.at(
            step.spans.at("amount"),
            f"{_amount(charge)} {job.supplied.label} brings {brings:.3f} mmol {_kind(job)} to "
            f"{step.vessel} at {step.id!r}, which takes {job.takes()} "
            f"({_takers(job)}): {short} mmol in the worst case, pH {_range(ph)}, "
            f"where {_goal(step)} is asked",
            help="leave `amount` out and the ledger works it out"
            if needed is None
            else f"give more than {_needed(job, needed)}, or leave `amount` out",
            step=step.id,
        ),
        job.reaction,
    )


def _judge_window(job: _Job, ph: tuple[float, float]) -> None:
    """C-PH-WINDOW: what is enough in the worst case is too much in the best."""
    limit = job.step.below if job.base else job.step.above
    if limit is None:
        return
    over = ph[1] > limit if job.base else ph[0] < limit
    if over:
        job.books.report(
            c.PH_WINDOW.at(
                job.step.spans.at("to"),
                f"{job.step.vessel} comes to pH {_range(ph)} at {job.step.id!r}; {_goal(job.step)} "
                "is asked, and how much that takes is not known well enough",
                help="ask for one side (`pH > 9`), buffer it, or give the pKa values that are "
                "missing; the operator has to add in small portions",
                step=job.step.id,
            ),
            job.reaction,
        )


def _takers(job: _Job) -> str:
    """What takes it up: the names behind the consumption."""
    if not job.base:
        return "base, carbonate and buffer"
    return "acid, and all CO2 kept as carbonate at the most"


def _needed(job: _Job, mmol: float) -> str:
    molarity = job.supplied.molarity_mol_l
    volume = f"{1000.0 * mmol / molarity:.1f} µL ({mmol:.3f} mmol)" if molarity else ""
    return volume or f"{mmol:.3f} mmol"


def _amount(charge: Charge) -> str:
    if charge.volume_ul is not None:
        return f"{charge.volume_ul:.1f} µL"
    return f"{charge.mass_mg or 0.0:.1f} mg"


def _kind(job: _Job) -> str:
    return "base" if job.base else "acid"


def _goal(step: AdjustPh) -> str:
    if step.above is not None and step.below is not None:
        return f"pH {step.above:g} to {step.below:g}"
    return f"pH > {step.above:g}" if step.above is not None else f"pH < {step.below:g}"


def _range(ph: tuple[float, float]) -> str:
    low, high = f"{ph[0]:.2f}", f"{ph[1]:.2f}"
    return low if low == high else f"{low} to {high}"
