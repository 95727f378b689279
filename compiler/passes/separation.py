"""Drawing one layer of two: rounds of `extract` and `wash`, `separate`, and what can go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.chemistry.phases import (
    Guard,
    Layer,
    dissolved_ul,
    draw,
    guard,
    heights,
    reacts_with_water,
    rules,
    tip_height_mm,
)
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.passes.bookkeeping import Books
from compiler.stages.charges import Miscibility, Reaction
from compiler.stages.contents import Draw, PhaseKind
from compiler.stages.documents import Extract, Separate
from compiler.target.geometry import WellShape

_KINDS = {"organic": PhaseKind.ORGANIC, "aqueous": PhaseKind.AQUEOUS}
_NOTHING_UL = 1e-3
_OTHER = {PhaseKind.ORGANIC: PhaseKind.AQUEOUS, PhaseKind.AQUEOUS: PhaseKind.ORGANIC}


@dataclass(frozen=True, slots=True)
class Separation:
    """One layer of `step.vessel` goes `into` another vessel.

    `keeps_drawn`: the kept layer is the one that is drawn (extract, separate), not the one that
    stays (wash). `solvent_kind` is the layer that the added solvent ends up in, if it is known.
    """

    step: Extract | Separate
    reaction: Reaction
    into: str | None  # None: the waste for the layer that is drawn
    round: int
    keeps_drawn: bool
    solvent_kind: PhaseKind | None


def separate(books: Books, job: Separation, lost_share: float) -> float:
    """Draws the layer; returns the share of it that has been left behind so far (0-1)."""
    step, reaction = job.step, job.reaction
    contents = books.contents(reaction, step.vessel)
    if not contents.known:
        _give_up(books, job)
        return lost_share
    split = books.layers(reaction, step.vessel)
    if len(split) < 2:
        _one_phase(books, job, split)
        _give_up(books, job)
        return lost_share
    kept = _kept_kind(books, job, split)
    drawn_kind = kept if job.keeps_drawn else _OTHER[kept]
    split = books.layers(reaction, step.vessel, kept)
    layer = next(layer for layer in split if layer.kind is drawn_kind)
    below_ul = split[0].volume_ul if layer.position == "upper" else 0.0
    shape = _fitting_shape(books, step.vessel, contents.volume_ul)
    left = guard(layer, below_ul, shape, step.guard)
    _judge(books, job, split, layer, left, shape)
    volume_ul = layer.volume_ul - left.volume_ul
    if volume_ul < _NOTHING_UL:
        books.report(
            p.UNDERFLOW.at(
                step.spans.at("guard"),
                f"nothing to draw: the {layer.kind} layer in {step.vessel} is "
                f"{layer.volume_ul:.0f} µL, and the guard is all of it",
                help="use more solvent, a narrower vessel, or give a smaller `guard:`",
                step=step.id,
            ),
            reaction,
        )
        _give_up(books, job)
        return lost_share
    into = job.into or f"waste.{drawn_kind.value}"
    books.snapshot(step, reaction, step.vessel, "settled", job.round, kept)
    drawn, rest = draw(contents, layer, volume_ul)
    lost_share *= left.volume_ul / layer.volume_ul
    at = heights(split, shape)
    books.draws.append(
        Draw(
            step=step.id,
            reaction=reaction.id,
            vessel=step.vessel,
            into=into,
            round=job.round,
            phase=layer.kind,
            position=layer.position or "single",
            volume_ul=volume_ul,
            guard_ul=left.volume_ul,
            interface_mm=at.interface_mm,
            tip_mm=tip_height_mm(layer, below_ul, shape, left.volume_ul),
            recovered=1.0 - lost_share,
        )
    )
    books.move(reaction, step.vessel, into, drawn, rest)
    books.snapshot(step, reaction, step.vessel, "drawn", job.round, kept)
    books.snapshot(step, reaction, into, "drawn", job.round, kept)
    books.check_fill(step, reaction, into, step.spans.at("volume"), job.round)
    _assume(books, job, layer, left)
    return lost_share


def _give_up(books: Books, job: Separation) -> None:
    into = () if job.into is None else (job.into,)
    books.forget(job.reaction, job.step.vessel, *into)


def _fitting_shape(books: Books, vessel: str, volume_ul: float) -> WellShape | None:
    """The vessel's shape, unless it is too full for heights to mean anything."""
    shape = books.shape(vessel)
    return shape if shape is not None and volume_ul <= shape.capacity_ul else None


def _one_phase(books: Books, job: Separation, split: tuple[Layer, ...]) -> None:
    """There are no two layers: an empty vessel, one liquid, or liquids that mix."""
    step = job.step
    if not split:
        books.report(
            p.UNDERFLOW.at(
                step.spans.at("vessel"),
                f"{step.vessel} is empty at {step.id!r}: there is no layer to draw",
                help="add something to it first, or name the vessel that holds the mixture",
                step=step.id,
            ),
            job.reaction,
        )
        return
    held = split[0].contents.liquids
    watery = [h.liquid.name for h in held if h.liquid.miscibility is Miscibility.WATER]
    others = [h.liquid.name for h in held if h.liquid.miscibility is not Miscibility.WATER]
    span = step.spans.at("with" if isinstance(step, Extract) else "keep")
    if watery and others:
        books.report(
            c.PH_0.at(
                span,
                f"{_list(others)} and {_list(watery)} do not separate: they are one phase of "
                f"{split[0].volume_ul:.0f} µL in {step.vessel}",
                help="extract with a solvent that does not mix with water (EtOAc, DCM), remove "
                f"{_list(others)} first, or salt it out off the deck as an `operator` step",
                step=step.id,
            ),
            job.reaction,
        )
    elif len(held) > 1:
        books.report(
            c.PH_1.at(
                span,
                f"{_list(others or watery)} mix: {step.vessel} holds one phase of "
                f"{split[0].volume_ul:.0f} µL and no "
                f"{'water' if others else 'organic layer'}",
                help="add the aqueous quench (or water) before the extraction"
                if others
                else "extract with an organic solvent",
                step=step.id,
            ),
            job.reaction,
        )
    else:
        books.report(
            c.PH_1.at(
                span,
                f"{step.vessel} holds {held[0].liquid.name} and nothing that separates from it",
                help="a separation needs an aqueous and an organic layer",
                step=step.id,
            ),
            job.reaction,
        )


def _kept_kind(books: Books, job: Separation, split: tuple[Layer, ...]) -> PhaseKind:
    """Which layer is kept. `upper` and `lower` are held against where the solvent went."""
    step = job.step
    if step.keep in _KINDS:
        return _KINDS[step.keep]
    there = next(layer for layer in split if layer.position == step.keep)
    if job.solvent_kind is None:
        return there.kind
    wanted = job.solvent_kind if job.keeps_drawn else _OTHER[job.solvent_kind]
    if there.kind is wanted:
        return wanted
    layer, other = there, next(layer for layer in split if layer is not there)
    books.report(
        c.PH_3.at(
            step.spans.at("keep"),
            f"the {other.kind} layer ({other.name}) is the {other.position} one: "
            f"{other.density_g_ml:.3f} g/mL against {layer.density_g_ml:.3f} g/mL of the "
            f"{layer.kind} layer; `keep: {step.keep}` would keep the {layer.kind} layer",
            help=f"write `keep: {other.position}`, or `keep: {other.kind}`, which holds for "
            "every solvent",
            step=step.id,
        ),
        job.reaction,
    )
    return wanted


def _judge(
    books: Books,
    job: Separation,
    split: tuple[Layer, ...],
    layer: Layer,
    left: Guard,
    shape: WellShape | None,
) -> None:
    """Whether the interface is where it is thought to be, and the guard enough for that."""
    _judge_densities(books, job, split)
    _judge_interface(books, job, split, layer, left, shape)
    known, step = rules(), job.step
    thin = []
    if left.volume_ul < known.guard_share_warning * layer.volume_ul:
        thin.append(
            f"the guard of {left.volume_ul:.0f} µL is "
            f"{100 * left.volume_ul / layer.volume_ul:.1f} % of the {layer.kind} layer"
        )
    if left.height_mm is not None and left.height_mm < known.guard_height_warning_mm - 1e-6:
        thin.append(f"the guard of {left.volume_ul:.0f} µL is {left.height_mm:.2f} mm thick")
    if shape is not None:
        at = heights(split, shape)
        assert at.top_mm is not None and at.interface_mm is not None  # shape and two layers
        thickness = at.top_mm - at.interface_mm if layer.position == "upper" else at.interface_mm
        if thickness < known.layer_height_warning_mm:
            thin.append(f"the {layer.kind} layer in {step.vessel} is {thickness:.1f} mm thick")
    if thin:
        books.report(
            c.PH_5.at(
                step.spans.at("guard"),
                "; ".join(thin),
                help="leave at least 5 % of the layer and 1.0 mm of it, use more solvent, or a "
                "narrower vessel",
                step=step.id,
            ),
            job.reaction,
        )
    settle_s = step.settle.plan if step.settle is not None else None
    if settle_s is not None and settle_s < known.settle_warning_s:
        books.report(
            c.PH_6.at(
                step.spans.at("settle"),
                f"the layers settle for {settle_s:.0f} s; {known.settle_warning_s:.0f} s is the "
                "least that mixed layers need to part",
                help="write `settle: 2 min` or longer",
                step=step.id,
            ),
            job.reaction,
        )


def _judge_densities(books: Books, job: Separation, split: tuple[Layer, ...]) -> None:
    lower, upper = split
    apart = lower.density_g_ml - upper.density_g_ml
    known = rules()
    if apart >= known.density_warning_g_ml:
        return
    error = apart < known.density_error_g_ml
    at_issue = "which one is lower is not certain" if error else "they part slowly"
    books.report(
        c.PH_2.at(
            job.step.spans.at("with" if isinstance(job.step, Extract) else "keep"),
            f"the layers in {job.step.vessel} differ by {apart:.3f} g/mL ({lower.name} "
            f"{lower.density_g_ml:.3f}, {upper.name} {upper.density_g_ml:.3f}): {at_issue}",
            help="use more of the extraction solvent or another one, or water instead of brine",
            step=job.step.id,
            severity=Severity.ERROR if error else Severity.WARNING,
        ),
        job.reaction,
    )


def _judge_interface(
    books: Books,
    job: Separation,
    split: tuple[Layer, ...],
    layer: Layer,
    left: Guard,
    shape: WellShape | None,
) -> None:
    """PH-4: a cosolvent, or solvent that water takes up, moves the interface."""
    known, step = rules(), job.step
    aqueous = next(part for part in split if part.kind is PhaseKind.AQUEOUS)
    organic = next(part for part in split if part.kind is PhaseKind.ORGANIC)
    cosolvents = {
        held.liquid.name: held.volume_ul
        for held in aqueous.contents.liquids
        if held.liquid.miscibility is Miscibility.MISCIBLE and not reacts_with_water(held)
    }
    mixing_ul = sum(cosolvents.values())
    share = mixing_ul / aqueous.volume_ul
    why = ""
    guard_share = left.volume_ul / layer.volume_ul
    wide_enough = step.guard is not None and guard_share >= known.cosolvent_guard_share
    if share > known.cosolvent_share and not wide_enough:
        why = (
            f"{100 * share:.1f} % of the aqueous layer in {step.vessel} is "
            f"{_list(list(cosolvents))}, which spreads over both layers (up to "
            f"{mixing_ul:.0f} µL{_as_height(mixing_ul, organic, split, shape)})"
        )
    shift_ul = dissolved_ul(organic, aqueous)
    moved = shift_ul / organic.volume_ul > known.solubility_change
    if not why and moved and shift_ul > left.volume_ul:
        why = (
            f"water takes up to {shift_ul:.0f} of the {organic.volume_ul:.0f} µL "
            f"{organic.name} in {step.vessel}{_as_height(shift_ul, organic, split, shape)}, more "
            f"than the guard of {left.volume_ul:.0f} µL"
        )
    if why:
        books.report(
            c.PH_4.at(
                step.spans.at("with" if isinstance(step, Extract) else "keep"),
                why,
                help="write `guard: 25 %`, or take the cosolvent off first"
                if cosolvents
                else "write a larger `guard:`, or saturate the water with salt",
                step=step.id,
            ),
            job.reaction,
        )


def _as_height(
    shift_ul: float, organic: Layer, split: tuple[Layer, ...], shape: WellShape | None
) -> str:
    """The shift of the interface in mm, as a message shows it."""
    if shape is None:
        return ""
    lower_ul = split[0].volume_ul
    moved_ul = lower_ul - shift_ul if organic.position == "lower" else lower_ul + shift_ul
    moved_ul = min(max(moved_ul, 0.0), shape.capacity_ul)
    return f", {abs(shape.height_mm(lower_ul) - shape.height_mm(moved_ul)):.1f} mm"


def _assume(books: Books, job: Separation, layer: Layer, left: Guard) -> None:
    step = job.step
    which = f", round {job.round}" if job.round > 1 else ""
    if step.guard is None:
        books.assume(
            step,
            f"guard{which}",
            f"{left.volume_ul:.1f} µL ({left.rule})",
            "the larger of 10 % of the layer and a 1.0 mm slice (2.0 mm for an upper layer) is "
            "left behind from the layer that is drawn",
        )
    if layer.position == "lower" and job.round == 1:
        books.assume(
            step,
            "tip height",
            f"{rules().tip_above_bottom_mm} mm above the bottom",
            "the default for a lower layer",
        )
    if job.round == 1 and not any(
        product.logd is not None for product in books.procedure.products.values()
    ):
        books.assume(
            step,
            "partition",
            "the product goes with the kept layer",
            "no `logD` is given; inorganic salts stay in the water",
        )


def _list(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
