"""Names that must be declared somewhere: vessels, materials of an equation, step ids."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading import fields as f
from compiler.reading.expand import Written
from compiler.reading.limits import check_limits
from compiler.reading.nodes import Fields, Items, quote
from compiler.reading.wording import best_match, choices

WASTE = ("waste.organic", "waste.aqueous")

_OUTCOMES = {"pass": ("continue",), "fail": ("extend", "abort")}


def check_references(root: Fields, named: list[tuple[str, Written]]) -> tuple[Finding, ...]:
    """S-VESSEL-UNKNOWN and S-REFERENCE, each at the use."""
    ids = step_ids(named)
    found: list[Finding] = []
    vessels = tuple(f.mapping(root.get("vessels")) or ())
    for step_id, step in named:
        found.extend(check_step(step_id, step, vessels, ids))
        found.extend(_once(check_limits(step_id, step, named), found))
    found.extend(_acknowledged(root, ids))
    found.extend(_products(root, named, ids))
    return tuple(found)


def _once(more: Iterator[Finding], found: list[Finding]) -> list[Finding]:
    """Those that no other round of a `repeat` has told."""
    told = {(finding.span, finding.message) for finding in found}
    return [finding for finding in more if (finding.span, finding.message) not in told]


def check_step(
    step_id: str, step: Written, vessels: tuple[str, ...], ids: set[str]
) -> Iterator[Finding]:
    """S-VESSEL-UNKNOWN and S-REFERENCE of one step, but for its limits."""
    inner = step.node[step.verb]
    if isinstance(inner, Fields):
        yield from _vessels(step_id, step.verb, inner, vessels)
        if step.verb == "monitor":
            yield from _outcomes(step_id, inner, ids)
    yield from _acknowledged(step.node, ids)


def step_ids(named: list[tuple[str, Written]]) -> set[str]:
    """The ids that may be named: those of the unrolled steps, and those that were written."""
    ids = {step_id for step_id, _ in named}
    return ids | {given for _, step in named if (given := f.text(step.node, "id"))}


def _vessels(step: str, verb: str, inner: Fields, known: tuple[str, ...]) -> Iterator[Finding]:
    sources = ("from",) if verb == "transfer" else ("vessel",)
    targets = ("to", "into") if verb in ("add", "transfer") else ("into",)
    for key in (*sources, *targets):
        name = f.text(inner, key)
        if name is None or name in known or (key in targets and name in WASTE):
            continue
        allowed = (*known, *WASTE) if key in targets else known
        close = best_match(name, allowed)
        help_ = f"Did you mean {quote(close)}? " if close else ""
        help_ += f"Declared: {choices(known, 'and')}." if known else "Declare it under `vessels`."
        message = f"The vessel {quote(name)} is not declared under `vessels`."
        yield s.VESSEL_UNKNOWN.at(inner[key].span, message, help=help_, step=step)


def _outcomes(step: str, inner: Fields, ids: set[str]) -> Iterator[Finding]:
    for key, words in _OUTCOMES.items():
        name = f.text(inner, key)
        if name is not None and name not in ids and name not in words:
            yield _unknown_step(inner, key, name, ids, words, step)


def _unknown_step(
    node: Fields,
    key: str,
    name: str,
    ids: set[str],
    words: tuple[str, ...] = (),
    step: str | None = None,
) -> Finding:
    allowed = (*words, *sorted(ids))
    close = best_match(name, allowed)
    help_ = f"Did you mean {quote(close)}?" if close else "Give the step an `id`, and name that."
    if words and not close:
        help_ = f"Write {choices(words)}, or the `id` of a step."
    message = f"{quote(name)} under {quote(key)} is no step's id."
    return s.REFERENCE.at(node[key].span, message, help=help_, step=step)


def _acknowledged(node: Fields, ids: set[str]) -> Iterator[Finding]:
    listed = node.get("acknowledge")
    for each in listed if isinstance(listed, Items) else ():
        if isinstance(each, Fields):
            name = f.text(each, "step")
            if name is not None and name not in ids:
                yield _unknown_step(each, "step", name, ids)


def _products(root: Fields, named: list[tuple[str, Written]], ids: set[str]) -> Iterator[Finding]:
    declared = tuple(f.mapping(root.get("materials")) or ())
    used = {
        f.text(inner, "material")
        for _, step in named
        if step.verb == "add" and isinstance(inner := step.node[step.verb], Fields)
    }
    for product in f.members(root, "products").values():
        equation = f.mapping(product.get("from"))
        for name in equation or ():
            if equation is not None and name not in declared and name not in used:
                close = best_match(name, declared)
                help_ = f"Did you mean {quote(close)}? " if close else ""
                message = f"{quote(name)} is no material of this procedure."
                help_ += f"Materials: {choices(declared, 'and')}." if declared else ""
                yield s.REFERENCE.at(equation.keys_at[name], message, help=help_)
        formed = f.text(product, "formed by")
        if formed is not None and formed not in ids:
            yield _unknown_step(product, "formed by", formed, ids)
    limit = f.mapping(root.get("max concentration"))
    of = f.text(limit, "of") if limit else None
    if limit is not None and of is not None and of not in declared and of not in used:
        close = best_match(of, declared)
        help_ = f"Did you mean {quote(close)}?" if close else "Declare it under `materials`."
        yield s.REFERENCE.at(limit["of"].span, f"{quote(of)} is no material.", help=help_)
