"""A library: one procedure over many wells, each reaction with the values of its row in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.diagnostics.finding import Span
from compiler.stages.documents import Procedure, Spans
from compiler.stages.quantity import Quantity


class WellOrder(StrEnum):
    """How reactions without a `well` of their own are laid out."""

    BY_COLUMN = "by column"  # A1, B1, C1 …
    BY_ROW = "by row"  # A1, A2, A3 …
    RANDOM = "random"  # the first free wells by column, reactions shuffled by the seed


@dataclass(frozen=True, slots=True)
class WellLayout:
    """`layout`. `seed` is None unless the order is random."""

    order: WellOrder
    seed: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Control:
    """A reaction that lacks something on purpose: `without` what is named, or with it `only`.

    `left_out` are the materials whose additions the variant's procedure does not have, by their
    keys, in the order of the procedure.
    """

    kind: str  # "without" | "only"
    materials: tuple[str, ...]
    left_out: tuple[str, ...]
    span: Span
    each_run: bool = False  # where the library is divided into several runs

    @property
    def label(self) -> str:
        """`without hydride`, `only diazepane`."""
        return f"{self.kind} {', '.join(self.materials) or 'solvents'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One reaction: the procedure with the values of a row and of the parameters in place.

    `row` counts the rows of the table from 1, blank lines apart; several variants share a row
    where parameters are crossed, where there are replicates, and where a control is made of it.
    Materials, vessels, products and steps that the row leaves alone are the same objects in all
    variants. A value that the row gives has its span in the table.

    `procedure.scale` stays the file's, which absolute amounts belong to; `scale` is the row's own
    scale (mmol of the basis), None where it has none. In a control `procedure.steps` lacks the
    additions of `control.left_out`; every other step has the same id in all variants.
    """

    id: str  # "r1"
    row: int
    name: str  # the table's `name`, or "row 3"
    well: str | None  # as `A1`, where the table names one
    well_span: Span | None
    replicate: int  # from 1
    control: Control | None
    scale: Quantity | None
    procedure: Procedure
    parameters: Mapping[str, str] = field(default_factory=dict)  # name -> value as written
    span: Span  # the row

    @property
    def label(self) -> str:
        """The name with what tells it from the others of its row, for people."""
        parts = [self.name, *(f"{name} {value}" for name, value in self.parameters.items())]
        if self.control is not None:
            parts.append(self.control.label)
        if self.replicate > 1:
            parts.append(f"replicate {self.replicate}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All reactions in order: row by row, the parameters of a row, its replicates; then controls.

    `rows` is never empty. `inputs` are the files it was read from with the SHA-256 of each: the
    library, its table where that is a file of its own, and the procedure.
    """

    file: str
    sha256: str
    inputs: tuple[tuple[str, str], ...]
    title: str | None
    rows: tuple[Variant, ...]
    layout: WellLayout
    spans: Spans

    @property
    def procedure(self) -> Procedure:
        """The first reaction's procedure: it is never a control, and so has every step."""
        return self.rows[0].procedure
