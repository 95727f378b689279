"""What the name of a column stands for: `aldehyde.smiles`, `hydride.amount`, `$equiv`, `well`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading.limits import KEY as WITHIN
from compiler.reading.nodes import Fields, quote
from compiler.reading.parameters import NAME, defaults, uses
from compiler.reading.procedure import SCHEMA, Outline
from compiler.reading.schema import load_schema, resolve_ref
from compiler.reading.wording import best_match, choices
from compiler.stages.quantity import Dimension

# A key of the document's declarations that no row may change: it says what 1 equiv is.
_FIXED = ("basis",)
_OWN = ("name", "well", "scale")


class Kind(StrEnum):
    """What a column gives a value to."""

    MATERIAL = "materials"
    PRODUCT = "products"
    STEP = "steps"
    PARAMETER = "parameter"
    SCALE = "scale"
    NAME = "name"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column's value goes: into which thing, and along which keys in it.

    `dimensions` is empty for what is no quantity; `name` is a step's id as the column has it, and
    stands for every round of a step in a `repeat`.
    """

    kind: Kind
    name: str = ""
    path: tuple[str, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    is_text: bool = False  # any text will do


def find_target(column: str, span: Span, outline: Outline) -> Target | Finding:
    """What a column stands for, or S-COLUMN-UNKNOWN with the nearest that there is."""
    if column in _OWN:
        scale = (Dimension.AMOUNT,) if column == "scale" else ()
        return Target(Kind(column), dimensions=scale)
    if column.startswith("$") and NAME.fullmatch(column[1:]):
        return Target(Kind.PARAMETER, column[1:])
    found = tuple(_targets(column, outline))
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{quote(column)} may be of {choices([t.kind for t in found])}."
        help_ = f"{quote(found[0].name)} has two meanings in the procedure; rename one of them."
        return s.COLUMN_UNKNOWN.at(span, message, help=help_)
    return _unknown(column, span, outline)


def _targets(column: str, outline: Outline) -> Iterator[Target]:
    """All that a name with points in it can mean; ids of steps may have points themselves."""
    parts = tuple(part.strip() for part in column.split("."))
    for split in range(1, len(parts)):
        name, path = ".".join(parts[:split]), parts[split:]
        for kind in (Kind.MATERIAL, Kind.PRODUCT):
            declared = outline.root.get(kind)
            if isinstance(declared, Fields) and name in declared and path[0] not in _FIXED:
                part = "#/$defs/material" if kind is Kind.MATERIAL else "#/$defs/product"
                schema = _at(resolve_ref(part, SCHEMA), path)
                if schema is not None:
                    is_text = schema.get("type") == "string" and "pattern" not in schema
                    yield Target(kind, name, path, _dimensions(schema), is_text)
        verbs = dict.fromkeys(step.verb for id_, step in steps_of(name, outline))
        for verb in verbs:
            holder = "step" if path[0] == WITHIN else _definition(verb)
            schema = _at(resolve_ref(f"#/$defs/{holder}", SCHEMA), path)
            if schema is not None and _dimensions(schema):
                yield Target(Kind.STEP, name, path, _dimensions(schema))


def steps_of(name: str, outline: Outline) -> list[tuple[str, Any]]:
    """The steps that a column's name means: the one with this id and its further rounds."""
    exact = [(id_, step) for id_, step in outline.named if id_ == name]
    if not exact or exact[0][1].suffix:
        return exact
    first = exact[0][1]
    return [
        (id_, step)
        for id_, step in outline.named
        if id_ == name or ("id" in first.node and step.node is first.node)
    ]


def _definition(verb: str) -> str:
    """The part of the schema that holds a verb's keys."""
    properties: Mapping[str, Any] = resolve_ref("#/$defs/step", SCHEMA)["properties"]
    ref = properties[verb].get("$ref", "")
    return ref.rsplit("/", 1)[-1] if ref else verb


def _at(schema: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any] | None:
    """The schema of the value at the end of a path, None where there can be none."""
    for key in path:
        branches = [resolve_ref(b["$ref"], SCHEMA) if "$ref" in b else b for b in _all(schema)]
        found = [inside for b in branches if (inside := _key(b, key)) is not None]
        if not found:
            return None
        schema = found[0]
    return schema


def _all(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A schema and what it may be: the branches of its `anyOf`, and what it refers to."""
    if "$ref" in schema:
        return [schema, *_all(resolve_ref(schema["$ref"], SCHEMA))]
    return [schema, *(each for branch in schema.get("anyOf", ()) for each in _all(branch))]


def _key(schema: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    if schema.get("type") != "object":
        return None
    properties: Mapping[str, Any] = schema.get("properties", {})
    others = schema.get("additionalProperties")
    found = properties.get(key, others if isinstance(others, Mapping) else None)
    return found if isinstance(found, Mapping) else None


def _dimensions(schema: Mapping[str, Any]) -> tuple[Dimension, ...]:
    for each in _all(schema):
        if "dimension" in each:
            names = each["dimension"]
            return tuple(Dimension(n) for n in ([names] if isinstance(names, str) else names))
    return ()


def _unknown(column: str, span: Span, outline: Outline) -> Finding:
    known = tuple(known_columns(outline))
    close = best_match(column, known)
    if column and not close and "." not in column:
        close = best_match(f"${column}", known)
    meant = f"Did you mean {quote(close)}? " if close else ""
    name, _, key = column.rpartition(".")
    of_this = [each for each in known if name and each.startswith(f"{name}.")]
    if key and of_this:
        offered = ", ".join(each.removeprefix(f"{name}.") for each in of_this)
        help_ = f"{meant}Keys of {quote(name)}: {offered}."
    else:
        help_ = f"{meant}Columns are `<material>.<key>`, `<product>.<key>`, `<step>.<quantity>`, "
        help_ += "`$parameter`, `scale`, `well` and `name`."
    message = f"{quote(column)} names nothing that a row may change."
    if not column:
        message = "This column has cells and no name."
    return s.COLUMN_UNKNOWN.at(span, message, help=help_)


def known_columns(outline: Outline) -> Iterator[str]:
    """The names that columns may have, keys inside keys of materials included."""
    yield from _OWN
    names = {*defaults(outline.root), *(name for name, _ in uses(outline.root))}
    yield from (f"${name}" for name in sorted(names))
    for kind, part in ((Kind.MATERIAL, "material"), (Kind.PRODUCT, "product")):
        declared = outline.root.get(kind)
        for name in declared if isinstance(declared, Fields) else ():
            for key, schema in load_schema(SCHEMA)["$defs"][part]["properties"].items():
                if key not in _FIXED:
                    yield f"{name}.{key}"
                    yield from (f"{name}.{key}.{inner}" for inner in _inner(schema))
    for id_, step in outline.named:
        yield f"{id_}.{WITHIN}"
        keys = resolve_ref(f"#/$defs/{_definition(step.verb)}", SCHEMA).get("properties", {})
        for key, schema in keys.items():
            if _dimensions(schema):
                yield f"{id_}.{key}"
            else:
                inner = resolve_ref(schema["$ref"], SCHEMA) if "$ref" in schema else schema
                yield from (
                    f"{id_}.{key}.{name}"
                    for name, one in inner.get("properties", {}).items()
                    if _dimensions(one)
                )


def _inner(schema: Mapping[str, Any]) -> Iterator[str]:
    """The keys inside a material's key, apart from those of a planned quantity."""
    if "dimension" in schema:
        return
    for branch in _all(schema):
        yield from branch.get("properties", {})
