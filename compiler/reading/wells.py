"""Which reaction stands in which well: those that rows name, and an order for the rest."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related
from compiler.reading.nodes import quote
from compiler.reading.wording import best_match
from compiler.stages.library import Library, Variant, WellOrder

_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9][0-9]?)")


def well_name(text: str) -> str | None:
    """A well as Opentrons writes it, None where the text is none.

    >>> well_name("a01"), well_name("AF48"), well_name("1A")
    ('A1', 'AF48', None)
    """
    match = _WELL.fullmatch(text.strip())
    return f"{match[1].upper()}{match[2]}" if match else None


def assign_wells(
    library: Library, wells: Sequence[str]
) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Each reaction's well by its id, in the order of the reactions.

    `wells` are the wells there are, in any order. Several plates are written `<plate>/A1`; plates
    are filled in the order of their first well, and a row may name `A1` alone while there is one
    plate. Wells that rows name are kept; the other reactions take the free ones as `layout` says.
    S-WELL for a well that is named twice or is not there, P-WELLS where there are too few: the
    reactions without a well are left out.
    """
    ordered = sorted_wells(wells, by_row=library.layout.order is WellOrder.BY_ROW)
    named, findings = _named(library.rows, ordered)
    taken = set(named.values())
    free = [well for well in ordered if well not in taken]
    rest = [variant for variant in library.rows if variant.well is None]
    if len(rest) > len(free):
        message = f"{len(library.rows)} reactions need a well each; there are {len(ordered)}."
        help_ = "Take labware with more wells, or split the library."
        findings.append(p.WELLS.at(library.spans.whole, message, help=help_))
    to_fill = free[: len(rest)]
    if library.layout.order is WellOrder.RANDOM:
        random.Random(library.layout.seed or 0).shuffle(to_fill)
    given = named | {v.id: well for v, well in zip(rest, to_fill, strict=False)}
    placed = {v.id: given[v.id] for v in library.rows if v.id in given}
    return placed, tuple(findings)


def sorted_wells(wells: Iterable[str], *, by_row: bool = False) -> list[str]:
    """The wells plate by plate, down the columns (or along the rows); odd names come last."""
    unique = list(dict.fromkeys(wells))
    plates = list(dict.fromkeys(well.rpartition("/")[0] for well in unique))

    def place(well: str) -> tuple[int, int, int, int, str]:
        plate, _, name = well.rpartition("/")
        match = _WELL.fullmatch(name)
        if match is None:
            return (plates.index(plate), 1, 0, 0, name)
        row = sum((ord(c) - 64) * 26**i for i, c in enumerate(reversed(match[1].upper())))
        column = int(match[2])
        first, second = (row, column) if by_row else (column, row)
        return (plates.index(plate), 0, first, second, name)

    return sorted(unique, key=place)


def _named(
    variants: Sequence[Variant], wells: Sequence[str]
) -> tuple[dict[str, str], list[Finding]]:
    """The wells that variants name and that exist, each once."""
    known = {well: well for well in wells}
    by_name: dict[str, list[str]] = {}
    for well in wells:
        by_name.setdefault(well.rpartition("/")[2], []).append(well)
    known |= {name: found[0] for name, found in by_name.items() if len(found) == 1}
    named: dict[str, str] = {}
    findings = list(doubled_wells(variants))
    taken: set[str] = set()
    for variant in variants:
        if variant.well is None:
            continue
        well = known.get(variant.well, "")
        if not well:
            findings.append(_missing(variant, variant.well, wells, by_name))
        elif well not in taken:
            taken.add(well)
            named[variant.id] = well
    return named, findings


def _missing(
    variant: Variant, well: str, wells: Sequence[str], by_name: Mapping[str, list[str]]
) -> Finding:
    if well in by_name:
        message = f"The well {well} is on {len(by_name[well])} plates."
        help_ = f"Write which: {quote(by_name[well][0])}."
    else:
        message = f"There is no well {quote(well)} here."
        help_ = f"The wells are {wells[0]} to {wells[-1]}." if wells else ""
        if close := best_match(well, wells):
            help_ = f"Did you mean {quote(close)}? {help_}"
    return s.WELL.at(variant.well_span, message, help=help_, row=variant.row)


def doubled_wells(variants: Iterable[Variant]) -> Iterable[Finding]:
    """S-WELL for each variant whose well another one has named before."""
    first: dict[str, Variant] = {}
    for variant in variants:
        if variant.well is None:
            continue
        other = first.setdefault(variant.well, variant)
        if other is not variant and other.well_span is not None:
            message = f"The well {variant.well} is taken by {quote(other.name)}, row {other.row}."
            related = (Related(other.well_span, "it is named here first"),)
            yield s.WELL.at(
                variant.well_span,
                message,
                help="A well holds one reaction: name another, or leave the cell empty.",
                row=variant.row,
                related=related,
            )
