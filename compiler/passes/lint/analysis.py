"""Samples, columns and acid-base extraction: C-MON-1, C-MON-2, C-CHR-1, C-CHR-2, C-ABX-1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from compiler.chemistry.classes import classes_of
from compiler.chemistry.sites import log_p
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Related
from compiler.passes.lint.scenes import Story
from compiler.passes.lint.templates import templates
from compiler.passes.sampling import most_samples
from compiler.stages.documents import AdjustPh, Extract, Monitor, Purify

_CRITERION = re.compile(
    r"\d|consum|gone|disappear|convers|no more|no further|absent|spot|peak|mass|M\+H|\bSM\b"
    r"|starting material|product|constant|clear|gas|pH",
    re.IGNORECASE,
)
_REVERSED = re.compile(r"C-?18|C-?8\b|reversed?[ -]phase|\bRP\b", re.IGNORECASE)
_SILICA = re.compile(r"flash|silica|normal[ -]phase|column|chromatograph", re.IGNORECASE)
_BASIC_MODIFIER = re.compile(
    r"NH3|NH4OH|NH₃|ammonia|ammonium hydroxide|Et3N|NEt3|triethylamine|DIPEA|DEA|amine|amino",
    re.IGNORECASE,
)
_AMINES = frozenset(
    {"amine_primary_aliphatic", "amine_secondary_aliphatic", "amine_tertiary_aliphatic"}
)


def criterion(story: Story) -> Iterator[Finding]:
    """C-MON-1: `until` names nothing that an analysis could show."""
    names = {key.casefold() for key in story.procedure.materials}
    names |= {s.label.casefold() for s in story.ledger.charges.recipe.supplied.values()}
    for step in story.procedure.steps:
        if not isinstance(step, Monitor):
            continue
        said = step.until.casefold()
        if _CRITERION.search(step.until) or any(name in said for name in names):
            continue
        yield c.MON_1.at(
            step.spans.at("until"),
            f"`until: {step.until}` says nothing that {step.by} could show, so the hold ends by "
            "the clock",
            help="name what is to be seen: `until: diazepane consumed`, `until: SM < 5 %`",
            step=step.id,
        )


def samples(story: Story) -> Iterator[Finding]:
    """C-MON-2: all samples together are more than 5 % of the batch."""
    taken: dict[str, float] = {}
    for scene in story.scenes:
        step = scene.step
        if not isinstance(step, Monitor) or scene.vessel != step.vessel or not step.aliquot:
            continue
        aliquot_ul = step.aliquot.plan or 0.0
        taken[step.vessel] = taken.get(step.vessel, 0.0) + most_samples(step) * aliquot_ul
        batch_ul = scene.volume_ul
        share = taken[step.vessel] / batch_ul if batch_ul > 0 else 0.0
        if share > templates().sample_share + 1e-9:
            yield c.MON_2.at(
                step.spans.at("aliquot"),
                f"up to {most_samples(step)} samples of {aliquot_ul:g} µL take"
                f" {100 * share:.1f} % of the {batch_ul:.0f} µL in {step.vessel}",
                help="take smaller or fewer samples (`every`), or run a larger batch",
                step=step.id,
            )


def silica(story: Story) -> Iterator[Finding]:
    """C-CHR-1: a free amine on silica without ammonia or triethylamine."""
    for step in story.procedure.steps:
        if not isinstance(step, Purify) or _REVERSED.search(step.by):
            continue
        words = " ".join(filter(None, (step.by, step.gradient, step.modifier)))
        if not _SILICA.search(step.by) or _BASIC_MODIFIER.search(words):
            continue
        for name, product in story.procedure.products.items():
            if product.smiles and not _AMINES.isdisjoint(classes_of(product.smiles)):
                yield c.CHR_1.at(
                    step.spans.at("by"),
                    f"{product.label or name} is a basic amine: it tails on bare silica",
                    help="write a `modifier`: 1 % NH3 (7 M in MeOH) or Et3N, or use amine silica",
                    step=step.id,
                    related=(Related(product.spans.whole, "the product is declared here"),),
                )
                break


def elution(story: Story) -> Iterator[Finding]:
    """C-CHR-2: the declared order against Crippen's logP: falling on silica, rising on C18."""
    known = _smiles(story)
    for step in story.procedure.steps:
        if not isinstance(step, Purify) or len(step.order) < 2:
            continue
        reverse = bool(_REVERSED.search(step.by))
        values = [
            (name, value)
            for name in step.order
            if name in known and (value := log_p(known[name])) is not None
        ]
        wrong = [
            (first, second)
            for first, second in pairwise(values)
            if (first[1] - second[1]) * (-1 if reverse else 1) < -templates().log_p_apart
        ]
        if wrong:
            (a, a_log_p), (b, b_log_p) = wrong[0]
            yield c.CHR_2.at(
                step.spans.at("order"),
                f"{a} (logP {a_log_p:.2f}) is to leave {step.by} before {b} (logP {b_log_p:.2f}); "
                + ("C18 lets the polar one go first" if reverse else "silica holds the polar one"),
                help="turn the order round, or look at the sample by TLC first",
                step=step.id,
            )


def _smiles(story: Story) -> Mapping[str, str]:
    known = {n: p.smiles for n, p in story.procedure.products.items() if p.smiles}
    recipe = story.ledger.charges.recipe
    for key, supplied in recipe.supplied.items():
        if supplied.substance.smiles:
            known.setdefault(key, supplied.substance.smiles)
    return known


def acid_base_extraction(story: Story) -> Iterator[Finding]:
    """C-ABX-1: two products with pKaH within 2 units are to be parted by pH."""
    steps = story.procedure.steps
    adjusted = next((s for s in steps if isinstance(s, AdjustPh)), None)
    if adjusted is None or not any(isinstance(s, Extract) for s in steps):
        return
    known = [
        (product.label or name, max(product.base_pkah), product)
        for name, product in story.procedure.products.items()
        if product.base_pkah
    ]
    for (a, a_pkah, _), (b, b_pkah, product) in pairwise(known):
        if abs(a_pkah - b_pkah) < templates().pka_apart:
            yield c.ABX_1.at(
                adjusted.spans.at("to"),
                f"{a} (pKaH {a_pkah:g}) and {b} (pKaH {b_pkah:g}) differ by "
                f"{abs(a_pkah - b_pkah):.1f} units: no pH holds one back and lets the other go",
                help="use chromatography, or several extractions with a pH halfway between",
                step=adjusted.id,
                related=(Related(product.spans.at("pKaH"), f"{b} is declared here"),),
            )
