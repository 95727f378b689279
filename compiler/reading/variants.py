"""The reactions of a library: the procedure with the values of rows and parameters in place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product as crossed

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading import fields as f
from compiler.reading.columns import Kind, Target, steps_of
from compiler.reading.controls import Written, control_of, row_name, without
from compiler.reading.csv_table import MAX_ROWS
from compiler.reading.nodes import Node, Scalar, quote
from compiler.reading.parameters import defaults, fill_document
from compiler.reading.parts import REST, Override, Part, Parts, Rest, Version
from compiler.reading.procedure import Outline, number_samples, procedure_in
from compiler.reading.products import RowOf, with_products
from compiler.reading.sheet import Row, Sheet
from compiler.reading.wells import well_name
from compiler.stages.documents import AnyStep, Material, Procedure, Product, Vessel
from compiler.stages.library import Control, Variant
from compiler.stages.quantity import Dimension


@dataclass(frozen=True, slots=True)
class Plan:
    """What a library is made of: columns and rows, parameters to cross, replicates, controls."""

    targets: Mapping[str, Target]  # column -> what it stands for
    sheet: Sheet
    parameters: Mapping[str, tuple[Target, tuple[Node, ...]]]  # by name, in its order
    replicates: int
    controls: tuple[Written, ...]

    @property
    def of_a_row(self) -> int:
        """How many reactions a row makes."""
        each = math.prod(len(values) for _, values in self.parameters.values())
        return each * self.replicates


def build_variants(
    plan: Plan, outline: Outline, span: Span
) -> tuple[tuple[Variant, ...], tuple[Finding, ...]]:
    """Every reaction in order, and the findings of the procedure and of every row.

    `span` is the library's, for S-SIZE where there are too many; the first MAX_ROWS are made.
    """
    builder = _Builder(plan, outline)
    for row, chosen, replicate, control in _reactions(plan):
        if len(builder.variants) == MAX_ROWS:
            count = len(plan.sheet.rows) * plan.of_a_row
            message = f"The library has {count} reactions and its controls; "
            message += f"up to {MAX_ROWS} are made."
            help_ = "Cross fewer values, or split the library."
            builder.findings.append(s.SIZE.at(span, message, help=help_))
            break
        builder.add(row, chosen, replicate, control)
    return tuple(builder.variants), tuple(builder.all_findings())


Choice = Mapping[str, Node]


def _reactions(plan: Plan) -> Iterator[tuple[Row, Choice, int, Written | None]]:
    names = list(plan.parameters)
    values = [values for _, values in plan.parameters.values()]
    for row in plan.sheet.rows:
        for combination in crossed(*values):
            chosen = dict(zip(names, combination, strict=True))
            for replicate in range(1, plan.replicates + 1):
                yield row, chosen, replicate, None
    first = {name: each[0] for name, each in zip(names, values, strict=True)}
    for control in plan.controls:
        for row in control.rows:
            for replicate in range(1, plan.replicates + 1):
                yield row, first, replicate, control


class _Builder:
    """Makes variants one by one; what they have in common is made once."""

    def __init__(self, plan: Plan, outline: Outline) -> None:
        self.plan = plan
        self.outline = outline
        # What an absolute amount belongs to is the scale without a library.
        own_scale = f.quantity(
            fill_document(outline.root, defaults(outline.root)), "scale", Dimension.AMOUNT
        )
        self.base = replace(procedure_in(outline), scale=own_scale)
        self.parts = Parts(outline)
        self.variants: list[Variant] = []
        self.findings: list[Finding] = []
        self._defaults = {
            name: Override(Target(Kind.PARAMETER, name), node)
            for name, node in defaults(outline.root).items()
        }
        targets = [*plan.targets.values(), *(target for target, _ in plan.parameters.values())]
        changed = frozenset(part for target in targets for part in self._parts_of(target))
        given = frozenset(t.name for t in targets if t.kind is Kind.PARAMETER)
        self._dependent = self.parts.dependent(changed, given)
        self._used: dict[int, Version] = {}
        self._overrides: dict[tuple[str, int], Override] = {}
        self._steps: dict[str, AnyStep | None] = {step.id: step for step in self.base.steps}
        self._wrong_wells: set[int] = set()

    def _parts_of(self, target: Target) -> tuple[Part, ...]:
        if target.kind in (Kind.MATERIAL, Kind.PRODUCT):
            return (Part(target.kind.value, target.name),)
        if target.kind is Kind.STEP:
            return tuple(Part("steps", id_) for id_, _ in steps_of(target.name, self.outline))
        return (REST,) if target.kind is Kind.SCALE else ()

    def add(self, row: Row, chosen: Choice, replicate: int, control: Written | None) -> None:
        """Makes one variant."""
        given = [*self._of_row(row), *self._of_choice(chosen)]
        values = dict(self._defaults)
        values |= {o.target.name: o for o in given if o.target.kind is Kind.PARAMETER}
        by_part: dict[Part, list[Override]] = {}
        for override in given:
            for part in self._parts_of(override.target):
                by_part.setdefault(part, []).append(override)
        made: dict[Part, Version] = {}
        for part in self._dependent:
            overrides = sorted(by_part.get(part, ()), key=lambda o: o.target.path)
            made[part] = self.parts.version(part, tuple(overrides), values)
            self._used.setdefault(id(made[part]), made[part])
        procedure = self._assembled(made)
        procedure = self._with_products(procedure, row, given)
        left_out = self._control(control, procedure)
        well, well_span = self._well(row)
        rest = made[REST].built if REST in made else None
        scale = rest.scale if isinstance(rest, Rest) and rest.scale != self.base.scale else None
        variant = Variant(
            id=f"r{len(self.variants) + 1}",
            row=row.number,
            name=row_name(row),
            well=well,
            well_span=well_span,
            replicate=replicate,
            control=left_out,
            scale=scale,
            procedure=replace(procedure, steps=without(procedure.steps, left_out)),
            parameters={
                (override.target.name if override.target.kind is Kind.PARAMETER else name): text
                for name, override, text in self._shown(row, chosen)
            },
            span=row.span,
        )
        self.variants.append(variant)

    def _shown(self, row: Row, chosen: Choice) -> list[tuple[str, Override, str]]:
        """The parameters of a reaction for people: name, value, text; by name."""
        shown = []
        for name in sorted({*chosen, *(c for c in row.cells if c in self.plan.targets)}):
            target = self.plan.targets.get(name) or self.plan.parameters[name][0]
            if target.kind is not Kind.PARAMETER and not self._varies(name, chosen):
                continue
            override = self._override(name, target, chosen.get(name) or row.cells[name], None)
            text = override.node.text if isinstance(override.node, Scalar) else _text(override.node)
            shown.append((name, override, text))
        return shown

    def _varies(self, name: str, chosen: Choice) -> bool:
        """Whether a column is crossed, with more than one value."""
        return name in chosen and len(self.plan.parameters[name][1]) > 1

    def _of_row(self, row: Row) -> Iterator[Override]:
        for column, node in sorted(row.cells.items()):
            target = self.plan.targets.get(column)
            if target is not None and target.kind not in (Kind.NAME, Kind.WELL):
                yield self._override(column, target, node, row.number)

    def _of_choice(self, chosen: Choice) -> Iterator[Override]:
        for name, node in chosen.items():
            yield self._override(name, self.plan.parameters[name][0], node, None)

    def _override(self, name: str, target: Target, node: Node, row: int | None) -> Override:
        return self._overrides.setdefault((name, id(node)), Override(target, node, row))

    def _assembled(self, made: Mapping[Part, Version]) -> Procedure:
        """The procedure with the parts that were made; what has none made is shared."""
        materials: dict[str, Material] = {}
        products: dict[str, Product] = {}
        vessels: dict[str, Vessel] = {}
        steps: dict[str, AnyStep | None] = {}
        base = self.base
        for part, version in made.items():
            built = version.built
            if part.section == "steps":
                steps[part.name] = built if not isinstance(built, _NO_STEP) else None
            elif isinstance(built, Material):
                materials[part.name] = built
            elif isinstance(built, Product):
                products[part.name] = built
            elif isinstance(built, Vessel):
                vessels[part.name] = built
        rest = made[REST].built if REST in made else None
        limit = rest.max_concentration if isinstance(rest, Rest) else base.max_concentration
        return replace(
            base,
            materials={**base.materials, **materials} if materials else base.materials,
            vessels={**base.vessels, **vessels} if vessels else base.vessels,
            products={**base.products, **products} if products else base.products,
            steps=self._in_order(steps) if steps else base.steps,
            max_concentration=limit,
        )

    def _in_order(self, made: Mapping[str, AnyStep | None]) -> tuple[AnyStep, ...]:
        steps = (made.get(id_, self._steps.get(id_)) for id_, _ in self.outline.named)
        return number_samples(step for step in steps if step is not None)

    def _with_products(self, procedure: Procedure, row: Row, given: list[Override]) -> Procedure:
        structures = frozenset(
            o.target.name
            for o in given
            if o.target.kind is Kind.PRODUCT and o.target.path == ("smiles",)
        )
        changed = {
            key: _identity_span(material, row.span)
            for key, material in procedure.materials.items()
            if key in self.base.materials and _is_other(material, self.base.materials[key])
        }
        products, findings = with_products(
            procedure, RowOf(row.number, row.span, changed, structures)
        )
        self.findings.extend(findings)
        return (
            procedure if products is procedure.products else replace(procedure, products=products)
        )

    def _control(self, written: Written | None, procedure: Procedure) -> Control | None:
        if written is None:
            return None
        control = control_of(written, procedure)
        if isinstance(control, Control):
            return control
        self.findings.extend(control)  # each once: `in_order` sees to that
        return None

    def _well(self, row: Row) -> tuple[str | None, Span | None]:
        """The well that a row names; S-WELL once where it can't be one reaction's."""
        cell = row.cells.get("well")
        if not isinstance(cell, Scalar):
            return None, None
        plate, slash, name = cell.text.rpartition("/")
        well = well_name(name)
        if well is not None and self.plan.of_a_row == 1:
            return f"{plate}{slash}{well}", cell.span
        if row.number not in self._wrong_wells:
            self._wrong_wells.add(row.number)
            message = f"{quote(cell.text)} is no well."
            help_ = "Write a row's letter and a column's number: `A1`."
            if well is not None:
                message = f"The row makes {self.plan.of_a_row} reactions, and names one well."
                help_ = "Leave the `well` column out, or write each reaction as a row of its own."
            self.findings.append(s.WELL.at(cell.span, message, help=help_, row=row.number))
        return None, None

    def all_findings(self) -> Iterator[Finding]:
        """Those of the procedure that still stand, those of the rows, and those of the library."""
        gone = {
            (finding.code, finding.span)
            for part in self._dependent
            for finding in self.parts.faults(part)
        }
        yield from (x for x in self.outline.findings if (x.code, x.span) not in gone)
        for version in self._used.values():
            yield from version.standing
            yield from version.findings
        yield from self.findings


_NO_STEP = (Material, Vessel, Product, Rest)


def _is_other(material: Material, base: Material) -> bool:
    """Whether a row has made it another compound."""
    if material is base:
        return False
    return any(
        getattr(material, key) != getattr(base, key) for key in ("smiles", "is_", "cas", "formula")
    )


def _identity_span(material: Material, row: Span) -> Span:
    for key in ("smiles", "is", "cas", "formula"):
        if key in material.spans.keys:
            return material.spans.keys[key]
    return row


def _text(node: Node) -> str:
    """A value that is a mapping, as people read it: the plan of a range."""
    if isinstance(node, Scalar):
        return node.text
    inside = node.get("plan") or node.get("is") if hasattr(node, "get") else None
    return inside.text if isinstance(inside, Scalar) else "…"
