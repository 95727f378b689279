"""Drawing without an interface in the way: transfers, rinses and aliquots."""

from __future__ import annotations

from compiler.chemistry.mixture import Contents, poured
from compiler.chemistry.phases import Layer, draw, rules, tip_height_mm
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.bookkeeping import Books
from compiler.stages.charges import Charge, Reaction
from compiler.stages.contents import Draw, PhaseKind
from compiler.stages.documents import Amount, AmountKind, AnyStep, Transfer


def pour(books: Books, reaction: Reaction, charge: Charge, *, stays_solid: bool = False) -> None:
    """One charge goes into its vessel, which is unknown afterwards if the material is."""
    supplied = books.charges.recipe.supplied.get(charge.material)
    if supplied is None:
        books.forget(reaction, charge.vessel)
        return
    books.pour(reaction, charge.vessel, poured(supplied, charge, stays_solid=stays_solid))


def draw_liquid(
    books: Books,
    step: AnyStep,
    reaction: Reaction,
    vessels: tuple[str, str],
    layer: Layer,
    volume_ul: float,
    round_: int = 1,
) -> None:
    """Draws from one layer (or a single liquid) without a guard, and writes it down.

    What `volume: all` can't reach stands as the share that was not recovered.
    """
    vessel, into = vessels
    split = books.layers(reaction, vessel)
    below_ul = split[0].volume_ul if layer.position == "upper" else 0.0
    shape = books.shape(vessel)
    total_ul = sum(part.volume_ul for part in split)
    if shape is not None and total_ul > shape.capacity_ul:
        shape = None
    settled = books.snapshot(step, reaction, vessel, "settled", round_)
    # The tip of an upper layer keeps clear of the interface by what is left of the layer.
    clear_ul = max(layer.volume_ul - volume_ul, 0.0)
    drawn, rest = draw(books.contents(reaction, vessel), layer, volume_ul)
    books.move(reaction, vessel, into, drawn, rest)
    books.draws.append(
        Draw(
            step=step.id,
            reaction=reaction.id,
            vessel=vessel,
            into=into,
            round=round_,
            phase=layer.kind,
            position=layer.position or "single",
            volume_ul=volume_ul,
            guard_ul=0.0,
            interface_mm=settled.phases[0].interface_mm,
            tip_mm=tip_height_mm(layer, below_ul, shape, clear_ul),
            recovered=min(volume_ul / layer.volume_ul, 1.0),
        )
    )
    books.snapshot(step, reaction, vessel, "drawn", round_)
    books.snapshot(step, reaction, into, "drawn", round_)


def not_empty(books: Books, step: AnyStep, reaction: Reaction, vessel: str) -> bool:
    """Whether there is something in a vessel; a finding where there is known to be nothing."""
    contents = books.contents(reaction, vessel)
    if not contents.empty:
        return True
    if contents.known:
        key = "from" if isinstance(step, Transfer) else "vessel"
        books.report(
            p.UNDERFLOW.at(
                step.spans.at(key),
                f"{vessel} is empty at {step.id!r}",
                help="add something to it first, or name the vessel that holds the mixture",
                step=step.id,
            ),
            reaction,
        )
    return False


def _too_little(
    books: Books, step: AnyStep, reaction: Reaction, span: Span, what: str, there: str
) -> None:
    books.report(
        p.UNDERFLOW.at(
            span,
            f"{what} at {step.id!r}, and there is {there}",
            help="take less, or write `volume: all`",
            step=step.id,
        ),
        reaction,
    )


def transfer(books: Books, step: Transfer, reaction: Reaction) -> None:
    """A transfer and its rinses: a layer, a volume, or all there is."""
    contents = books.contents(reaction, step.from_)
    if not not_empty(books, step, reaction, step.from_) or not contents.known:
        books.forget(reaction, step.from_, step.to)
        return
    split = books.layers(reaction, step.from_)
    wanted_ul = None if step.volume is None else _amount_ul(books, step.volume, reaction)
    layer = _transferred(books, step, reaction, split, wanted_ul)
    if layer is None:
        books.forget(reaction, step.from_, step.to)
        return
    reached_ul = _reached_ul(books, step, layer)
    volume_ul = reached_ul if wanted_ul is None else wanted_ul
    if volume_ul > reached_ul * (1 + 1e-9):
        there = f"{layer.volume_ul:.0f} µL"
        if reached_ul < layer.volume_ul:
            there += f", of which the tip reaches {reached_ul:.0f} µL"
        what = f"{volume_ul:.0f} µL are drawn from {step.from_}"
        _too_little(books, step, reaction, step.spans.at("volume"), what, there)
        volume_ul = reached_ul
    vessels = (step.from_, step.to)
    if volume_ul > 0:
        draw_liquid(books, step, reaction, vessels, layer, volume_ul)
    for number, charge in enumerate(books.charges_of(step, reaction), start=1):
        pour(books, reaction, charge)
        books.charged(step, reaction, charge.vessel, step.spans.at("rinse"), number + 1)
        rinse = books.layers(reaction, step.from_)
        if charge.vessel == step.from_ and rinse:
            whole = _whole(rinse)
            reached_ul = _reached_ul(books, step, whole)
            if reached_ul > 0:
                draw_liquid(books, step, reaction, vessels, whole, reached_ul, number + 1)
    books.check_fill(step, reaction, step.to, step.spans.at("volume"))


def _reached_ul(books: Books, step: Transfer, layer: Layer) -> float:
    """All of a layer that a tip gets: what lies below its opening stays, and a rinse gets that."""
    shape = books.shape(step.from_)
    if shape is None or step.by_operator or layer.position == "upper":
        return layer.volume_ul
    left_ul = shape.volume_ul(rules().tip_above_bottom_mm)
    if layer.volume_ul > left_ul:
        books.assume(
            step,
            "left in the vessel",
            f"{left_ul:.1f} µL",
            f"what lies below the tip, {rules().tip_above_bottom_mm} mm above the bottom",
        )
    return max(layer.volume_ul - left_ul, 0.0)


def _transferred(
    books: Books,
    step: Transfer,
    reaction: Reaction,
    split: tuple[Layer, ...],
    wanted_ul: float | None,
) -> Layer | None:
    """The layer that a transfer takes: the named one, or all there is of a single one."""
    if not split:
        _too_little(
            books,
            step,
            reaction,
            step.spans.at("from"),
            f"{step.from_} holds no liquid",
            "nothing to draw",
        )
        return None
    if step.phase is not None:
        for layer in split:
            if step.phase in (layer.kind.value, layer.position):
                return layer
        if len(split) == 1:
            return split[0]
    if len(split) > 1 and not step.by_operator:
        books.report(_which_layer(step, split), reaction)
        return None
    return _whole(split)


def _which_layer(step: Transfer, split: tuple[Layer, ...]) -> Finding:
    """C-LAYERS: a pipette takes the layer that its tip is in, and the step names none."""
    lower, upper = split
    return c.LAYERS.at(
        step.spans.at("from"),
        f"{step.from_} holds two layers at {step.id!r}: {upper.volume_ul:.0f} µL"
        f" {upper.kind.value} above {lower.volume_ul:.0f} µL {lower.kind.value}, and nothing says"
        " which is meant",
        help="write `phase: organic` or `phase: aqueous`",
        step=step.id,
    )


def _whole(split: tuple[Layer, ...]) -> Layer:
    """All layers as one liquid."""
    if len(split) == 1:
        return split[0]
    lower, upper = (part.contents for part in split)
    solutes = dict(lower.solutes)
    for key, amount in upper.solutes.items():
        solutes[key] = solutes.get(key, 0.0) + amount
    return Layer(PhaseKind.SINGLE, None, Contents(lower.liquids + upper.liquids, solutes))


def _amount_ul(books: Books, amount: Amount, reaction: Reaction) -> float | None:
    """A `volume` of a step in uL; None for a hole, or where the basis has no molar mass."""
    value = amount.quantity.plan
    if value is None:
        return None
    if amount.kind is AmountKind.VOLUME_PER_AMOUNT:
        return value * reaction.scale_mmol
    if amount.kind is AmountKind.VOLUME_PER_MASS:
        basis = books.supplied(books.charges.recipe.basis or "", reaction)
        return None if basis is None else value * reaction.scale_mmol * basis.substance.mw_g_mol
    if amount.at_scale is not None and amount.at_scale.plan:
        return value * reaction.scale_mmol / amount.at_scale.plan
    return value
