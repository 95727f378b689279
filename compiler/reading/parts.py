"""A procedure in parts that are built once, or once more where a row gives them other values.

A part is one material, vessel, product or step, or the rest of the document. 384 rows that change
one material make 384 materials and share everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading import fields as f
from compiler.reading import limits
from compiler.reading.columns import Kind, Target
from compiler.reading.expand import Written
from compiler.reading.materials import build_material, build_product, build_vessel
from compiler.reading.nodes import Fields, Items, Node, Scalar
from compiler.reading.overriding import override_material, put
from compiler.reading.parameters import fill, uses
from compiler.reading.procedure import SCHEMA, Outline, build_named, concentration_limit
from compiler.reading.quantities import read_quantity
from compiler.reading.references import check_step, step_ids
from compiler.reading.schema import check_structure
from compiler.stages.documents import AnyStep, ConcentrationLimit, Material, Product, Vessel
from compiler.stages.quantity import Dimension, Quantity

Built = Material | Vessel | Product | AnyStep | None


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part stands: `materials`, `vessels` or `products` and its name, `steps` and its id,
    or `document` and nothing."""

    section: str
    name: str = ""


REST = Part("document")

# What a mapping lacks: it does so whatever value a row puts into it.
_OF_A_MAPPING = (s.KEY_MISSING.id, s.TYPE.id)


@dataclass(frozen=True, slots=True)
class Rest:
    """What a row can change in the document outside its lists."""

    scale: Quantity | None
    max_concentration: ConcentrationLimit | None


@dataclass(frozen=True, slots=True)
class Override:
    """A value that goes into a part; `row` where it stands in a row of the table."""

    target: Target
    node: Node
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A part with some values in place. `findings` are its own; `standing` those of the procedure.

    A finding of the procedure goes away where every version has a better value.
    """

    built: Built | Rest
    findings: tuple[Finding, ...] = ()
    standing: tuple[Finding, ...] = ()


class Parts:
    """The parts of an outline, and every version of them that was asked for."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.steps = dict(outline.named)
        self._vessels = tuple(f.mapping(outline.root.get("vessels")) or ())
        self._ids = step_ids(outline.named)
        self._nodes = self._all()
        self._names = {
            part: frozenset(name for name, _ in uses(node)) for part, node in self._nodes.items()
        }
        self._judged: dict[Part, tuple[Finding, ...]] = {}
        # What stands in a version without faults of its own, by the keys that it has: of others
        # with the same keys only the values that differ are looked at.
        self._clean: dict[tuple[object, ...], tuple[Finding, ...]] = {}
        self._versions: dict[tuple[object, ...], tuple[Version, tuple[object, ...]]] = {}

    def _all(self) -> dict[Part, Node]:
        root = self.outline.root
        nodes: dict[Part, Node] = {
            Part(section, name): node
            for section in ("materials", "vessels", "products")
            for name, node in f.members(root, section).items()
        }
        nodes |= {Part("steps", id_): step.node for id_, step in self.steps.items()}
        listed = ("materials", "vessels", "products", "steps", "parameters")
        rest = {key: node for key, node in root.items() if key not in listed}
        nodes[REST] = Fields(rest, root.span, root.keys_at)
        return nodes

    def dependent(self, changed: frozenset[Part], parameters: frozenset[str]) -> tuple[Part, ...]:
        """The parts that are not the same in every variant, in the order of the document.

        Steps of a block that is included twice stand at the same place, and their findings can't
        be told apart: all of them are listed with the one that is changed.
        """
        own = [p for p in self._nodes if p in changed or self._names[p] & parameters]
        places = {self._nodes[part].span for part in own if part is not REST}
        return tuple(p for p, node in self._nodes.items() if p in own or node.span in places)

    def faults(self, part: Part) -> tuple[Finding, ...]:
        """What is wrong with a part as the procedure has it."""
        if part not in self._judged:
            self._judged[part] = self._judge(part, self._nodes[part])
        return self._judged[part]

    def version(
        self, part: Part, overrides: tuple[Override, ...], values: Mapping[str, Override]
    ) -> Version:
        """The part with overrides and parameters in place; the same object for the same values."""
        used = tuple(values[name] for name in sorted(self._names[part]) if name in values)
        given = (*overrides, *used)
        key = (part, *(id(override.node) for override in given))
        if key not in self._versions:
            # what has an id in the key is kept, so that the id stays its own
            self._versions[key] = (self._make(part, overrides, values, given), given)
        return self._versions[key][0]

    def _make(
        self,
        part: Part,
        overrides: tuple[Override, ...],
        values: Mapping[str, Override],
        given: tuple[Override, ...],
    ) -> Version:
        before = self._nodes[part]
        node = fill(before, {name: value.node for name, value in values.items()})
        row = next((o.row for o in given if o.row is not None), None)
        cell = next((o.node.span for o in given if o.row is not None), None)
        if isinstance(node, Fields) and overrides:
            node = self._overridden(part, node, overrides)
        faults = self.faults(part)
        if node is before:
            return Version(self._build(part, node, None), (), faults)
        known = {(finding.code, finding.message): finding for finding in faults}
        shape = (part, tuple(o.target for o in given), frozenset(_keys(node)))
        standing = self._clean.get(shape)
        if standing is not None and all(_is_sound(part, o, node, self) for o in given):
            return Version(self._build(part, node, cell), (), standing)
        found = self._judge(part, node)
        cells = {o.node.span for o in given}
        own = tuple(
            replace(each, row=row)
            for each in found
            if (each.code, each.message) not in known
            or (each.span in cells and each.code not in _OF_A_MAPPING)
        )
        messages = {(each.code, each.message) for each in found if each.span not in cells}
        messages |= {(x.code, x.message) for x in found if x.code in _OF_A_MAPPING}
        standing = tuple(finding for key, finding in known.items() if key in messages)
        if not own:
            self._clean[shape] = standing
        return Version(self._build(part, node, cell), own, standing)

    def _overridden(self, part: Part, node: Fields, overrides: tuple[Override, ...]) -> Fields:
        if part.section == "materials":
            return override_material(node, [(o.target, o.node) for o in overrides])
        for override in overrides:
            path = self.path(part, override.target)
            filled = put(node, path, override.node, override.target.dimensions)
            node = filled if isinstance(filled, Fields) else node
        return node

    def path(self, part: Part, target: Target) -> tuple[str, ...]:
        """The keys from a part's node to a value."""
        if part is REST:
            return ("scale",)
        if part.section == "steps" and target.path[0] == limits.KEY:
            return limits.path_in(self.steps[part.name].node, target.path)
        verb = (self.steps[part.name].verb,) if part.section == "steps" else ()
        return (*verb, *target.path)

    def _judge(self, part: Part, node: Node) -> tuple[Finding, ...]:
        """All that is wrong with a part by itself."""
        if part.section == "steps":
            step = self._written(part, node)
            found = [
                *check_structure(Items((node,), node.span), SCHEMA, "/$defs/steps"),
                *check_step(part.name, step, self._vessels, self._ids),
                *limits.check_limits(part.name, step, self.outline.named),
            ]
            return tuple(replace(each, step=part.name) for each in found)
        if part is REST:
            found = list(check_structure(node, SCHEMA))
            lists = ("materials", "vessels", "products", "steps")
            return tuple(x for x in found if not any(f"`{key}`" in x.message for key in lists))
        wrapped = Fields({part.name: node}, node.span)
        return check_structure(wrapped, SCHEMA, f"/properties/{part.section}")

    def _written(self, part: Part, node: Node) -> Written:
        step = self.steps[part.name]
        return replace(step, node=node) if isinstance(node, Fields) else step

    def _build(self, part: Part, node: Node, cell: Span | None) -> Built | Rest:
        if not isinstance(node, Fields):
            return None
        if part.section == "steps":
            step = self.steps[part.name]
            whole = step.node.entry_span(step.verb)
            return build_named(part.name, self._written(part, node), self.outline.named, whole)
        if part is REST:
            scale = f.quantity(node, "scale", Dimension.AMOUNT)
            return Rest(scale, concentration_limit(node))
        outer = f.mapping(self.outline.root.get(part.section))
        place = outer.entry_span(part.name) if outer is not None else node.span
        if part.section == "materials":
            return build_material(part.name, node, cell or place)
        if part.section == "products":
            return build_product(part.name, node, cell or place)
        return build_vessel(part.name, node, cell or place)


def _keys(node: Node) -> tuple[str, ...]:
    return tuple(node) if isinstance(node, Fields) else ()


def _is_sound(part: Part, override: Override, node: Node, parts: Parts) -> bool:
    """Whether a value is one that needs no schema to be told sound."""
    target = override.target
    if target.kind is Kind.PARAMETER:
        return False
    if not isinstance(override.node, Scalar) or override.node.is_null:
        return False
    if not target.dimensions:
        return target.is_text
    value: Node | None = node
    for key in parts.path(part, target):
        value = value.get(key) if isinstance(value, Fields) else None
    read = read_quantity(value, target.dimensions) if value is not None else ()
    return isinstance(read, Quantity) and not read.hole
