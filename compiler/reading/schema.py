"""Holds a document against its JSON Schema, and says what is wrong in findings.

The schemas in `schemas/` are the one source of structure, here and in editors. jsonschema walks
them over the nodes themselves; the keywords below know that every scalar is text, pick the
branch of an `anyOf` by the shape of what was written, and know two keywords of our own:

`dimension`
    what a quantity measures (one of the names of `Dimension`, or a list of them)
`unless`
    words that may stand instead of that quantity (`all`, `dryness`)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading.nodes import Fields, Items, Node, Scalar, describe, quote
from compiler.reading.quantities import read_quantity
from compiler.reading.wording import best_match, choices, example_text
from compiler.stages.quantity import Dimension, Quantity

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

Schema = Mapping[str, Any]

# More than anyone corrects in one go; a file of noise must not print a megabyte of findings.
MAX_FINDINGS = 200

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_TYPE_WORDS = {
    "string": "text",
    "object": "a mapping",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
}


def is_number(node: Node) -> bool:
    """Whether a scalar is a plain finite number, as YAML 1.2 would read it."""
    return isinstance(node, Scalar) and _NUMBER.fullmatch(node.text) is not None


def is_integer(node: Node) -> bool:
    """Whether a scalar is a whole number."""
    return isinstance(node, Scalar) and _INTEGER.fullmatch(node.text) is not None


def is_boolean(node: Node) -> bool:
    """Whether a scalar is one of YAML 1.2's truth values; `yes` and `on` are none of them."""
    return isinstance(node, Scalar) and node.text in ("true", "True", "TRUE", *_FALSE)


_FALSE = ("false", "False", "FALSE")


@cache
def load_schema(name: str) -> Schema:
    """The schema in `schemas/<name>`."""
    text = resources.files("schemas").joinpath(name).read_text(encoding="utf-8")
    schema: Schema = json.loads(text)
    return schema


def verbs() -> tuple[str, ...]:
    """The verbs of the language, as the schema of a step lists them."""
    properties = load_schema("procedure.schema.json")["$defs"]["step"]["properties"]
    return tuple(key for key in properties if key not in STEP_KEYS)


STEP_KEYS = ("id", "note", "acknowledge", "by", "within")


def check_structure(root: Node, name: str, pointer: str = "") -> tuple[Finding, ...]:
    """Everything in `root` that the schema `name` (or its part at `pointer`) does not allow.

    Keys of a step are judged by `steps` (a verb that is misspelled deserves more than "unknown
    key"), `kind` and `version` by `documents`. At most MAX_FINDINGS are returned.
    """
    schema = resolve_ref(f"{name}#{pointer}", name)
    validator = _validator_class()(schema)
    found: list[Finding] = []
    for error in islice(validator.iter_errors(root), MAX_FINDINGS):
        found.extend(_findings(error))
    return tuple(found)


@cache
def resolve_ref(ref: str, within: str) -> Schema:
    """The schema that a `$ref` names: `#/$defs/x`, or `other.schema.json#/$defs/x`."""
    file, _, pointer = ref.partition("#")
    schema: Any = load_schema(file or within)
    for part in pointer.split("/")[1:]:
        schema = schema[part]
    found: Schema = schema
    return found


# --- keywords ---------------------------------------------------------------------------------
# Each takes what jsonschema gives (validator, the keyword's value, the node, the schema around)
# and yields an error whose message is the one datum that `_findings` needs.

Errors = Iterator["ValidationError"]


def _error(datum: str) -> ValidationError:
    from jsonschema import ValidationError

    return ValidationError(datum)


def _ref(validator: Validator, ref: str, node: Node, schema: Schema) -> Errors:
    # All local references are within the procedure's schema or the bench's own `planned`, which
    # is the same text in both (a test holds them together).
    yield from validator.descend(node, resolve_ref(ref, "procedure.schema.json"))


def _type(validator: Validator, types: str | list[str], node: Node, schema: Schema) -> Errors:
    names = [types] if isinstance(types, str) else types
    if not any(validator.is_type(node, name) for name in names):
        yield _error(" or ".join(_TYPE_WORDS[name] for name in names))


def _required(validator: Validator, keys: list[str], node: Node, schema: Schema) -> Errors:
    if isinstance(node, Fields):
        yield from (_error(key) for key in keys if key not in node)


def _dependent_required(
    validator: Validator, keys: Mapping[str, list[str]], node: Node, schema: Schema
) -> Errors:
    if isinstance(node, Fields):
        for key, needed in keys.items():
            if key in node:
                yield from (_error(other) for other in needed if other not in node)


def _additional(validator: Validator, allowed: bool | Schema, node: Node, schema: Schema) -> Errors:
    if not isinstance(node, Fields):
        return
    known = schema.get("properties", {})
    for key in node:
        if key in known:
            continue
        if isinstance(allowed, Mapping):
            yield from validator.descend(node[key], allowed, path=key)
        else:
            yield _error(key)


def _enum(validator: Validator, values: list[str], node: Node, schema: Schema) -> Errors:
    if not isinstance(node, Scalar) or node.text not in values:
        yield _error("enum")


def _const(validator: Validator, value: object, node: Node, schema: Schema) -> Errors:
    if not isinstance(node, Scalar) or node.text != str(value):
        yield _error("const")


def _minimum(validator: Validator, least: float, node: Node, schema: Schema) -> Errors:
    if isinstance(node, Scalar) and is_number(node) and float(node.text) < least:
        yield _error(f"at least {least:g}")


def _above(validator: Validator, least: float, node: Node, schema: Schema) -> Errors:
    if isinstance(node, Scalar) and is_number(node) and float(node.text) <= least:
        yield _error(f"above {least:g}")


def _maximum(validator: Validator, most: float, node: Node, schema: Schema) -> Errors:
    if isinstance(node, Scalar) and is_number(node) and float(node.text) > most:
        yield _error(f"at most {most:g}")


def _pattern(validator: Validator, pattern: str, node: Node, schema: Schema) -> Errors:
    if isinstance(node, Scalar) and not re.search(pattern, node.text):
        yield _error("pattern")


def _any_of(validator: Validator, branches: list[Schema], node: Node, schema: Schema) -> Errors:
    fitting = [branch for branch in branches if _takes(branch, node)]
    if not fitting or (isinstance(node, Scalar) and node.is_null):
        yield _error(" or ".join(dict.fromkeys(_shape(branch) for branch in branches)))
        return
    if isinstance(node, Fields):
        keys = set(node)
        fitting.sort(key=lambda branch: -len(keys & set(_flat(branch).get("properties", {}))))
    yield from validator.descend(node, fitting[0])


def _flat(branch: Schema) -> Schema:
    return resolve_ref(branch["$ref"], "procedure.schema.json") if "$ref" in branch else branch


def _takes(branch: Schema, node: Node) -> bool:
    kind = _flat(branch).get("type", "string")
    if isinstance(node, Fields):
        return bool(kind == "object")
    if isinstance(node, Items):
        return bool(kind == "array")
    return kind not in ("object", "array")


def _shape(branch: Schema) -> str:
    kinds = _flat(branch).get("type", "string")
    return " or ".join(_TYPE_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _dimension(validator: Validator, names: str | list[str], node: Node, schema: Schema) -> Errors:
    if _quantity_findings(node, schema):
        yield _error("dimension")


def _quantity_findings(node: Node, schema: Schema) -> tuple[Finding, ...]:
    if isinstance(node, Items) and not any(_takes(b, node) for b in schema.get("anyOf", ())):
        return ()  # S-TYPE
    names = schema["dimension"]
    if isinstance(node, Scalar) and (node.is_null or node.text in schema.get("unless", ())):
        return ()
    dimensions = tuple(Dimension(name) for name in ([names] if isinstance(names, str) else names))
    quantity = read_quantity(node, dimensions)
    if not isinstance(quantity, Quantity):
        return quantity
    if not quantity.hole:
        return ()
    message = "This value is not decided yet (`?`)."
    help_ = "`check` goes on without it; `compile` needs a value."
    return (s.HOLE.at(node.span, message, help=help_),)


@cache
def _validator_class() -> type[Validator]:
    """jsonschema's validator for draft 2020-12, with the keywords above."""
    from jsonschema import Draft202012Validator, validators

    checker = Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "object": lambda _, node: isinstance(node, Fields),
            "array": lambda _, node: isinstance(node, Items),
            "string": lambda _, node: isinstance(node, Scalar) and not node.is_null,
            "number": lambda _, node: is_number(node),
            "integer": lambda _, node: is_integer(node),
            "boolean": lambda _, node: is_boolean(node),
        }
    )
    keywords = {
        "$ref": _ref,
        "type": _type,
        "required": _required,
        "dependentRequired": _dependent_required,
        "additionalProperties": _additional,
        "enum": _enum,
        "const": _const,
        "minimum": _minimum,
        "exclusiveMinimum": _above,
        "maximum": _maximum,
        "pattern": _pattern,
        "anyOf": _any_of,
        "dimension": _dimension,
    }
    made: type[Validator] = validators.extend(
        Draft202012Validator, validators=keywords, type_checker=checker
    )
    return made


# --- errors to findings -----------------------------------------------------------------------


def _findings(error: ValidationError) -> Iterator[Finding]:
    """The findings that one error of jsonschema makes."""
    node: Node = error.instance
    path = list(error.absolute_path)
    name = _name(path)
    keyword, datum = error.validator, error.message
    example = example_text(error.schema)
    if (path and path[0] in ("kind", "version")) or (not path and datum in ("kind", "version")):
        return  # documents.py says this better
    if keyword == "dimension":
        yield from _quantity_findings(node, error.schema)
    elif keyword == "additionalProperties":
        if not _is_step(error.schema):
            yield unknown_key(node, datum, name, tuple(error.schema["properties"]))
    elif keyword in ("required", "dependentRequired"):
        if _is_misspelled(datum, node, error.schema):
            return  # S-KEY-UNKNOWN names it
        message = f"{_capital(name)} needs the key {quote(datum)}."
        help_ = example or example_text(error.schema.get("properties", {}).get(datum, {}))
        yield s.KEY_MISSING.at(node.span, message, help=help_)
    elif keyword == "oneOf":
        yield _one_of(error, node, name)
    elif keyword == "not":
        both = " and ".join(quote(key) for key in error.schema["not"]["required"])
        message = f"{_capital(name)} has {both}, which exclude each other."
        yield s.TYPE.at(node.span, message, help="Keep one of the two.")
    elif keyword == "enum":
        yield _choice(node, name, error.validator_value)
    else:
        yield _wrong_shape(error, node, name, example)


def _name(path: list[str | int]) -> str:
    """What to call the value at a path: its key, or the list that it is in."""
    key = next((quote(part) for part in reversed(path) if isinstance(part, str)), None)
    if key is None:
        return "the document"
    return f"an entry of {key}" if isinstance(path[-1], int) else key


def _is_misspelled(key: str, node: Node, schema: Schema) -> bool:
    known = schema.get("properties", {})
    strange = [other for other in node if other not in known] if isinstance(node, Fields) else []
    return any(best_match(other, known) == key for other in strange)


def _wrong_shape(error: ValidationError, node: Node, name: str, example: str) -> Finding:
    keyword, datum = error.validator, error.message
    if keyword in ("type", "anyOf"):
        message = f"{_capital(name)} takes {datum}; this is {describe(node)}."
        if datum == _TYPE_WORDS["boolean"]:
            example = "Write `true` or `false`; YAML 1.2 knows no other truth values."
    elif keyword in ("minimum", "maximum", "exclusiveMinimum"):
        message = f"{_capital(name)} is {describe(node)}; it must be {datum}."
    elif keyword in ("minItems", "maxItems", "minProperties"):
        few = "few" if keyword.startswith("min") else "many"
        count = len(node) if isinstance(node, Items | Fields) else 0
        message = f"{_capital(name)} has too {few} entries: {count}; "
        message += f"{'at least' if few == 'few' else 'at most'} {error.validator_value} must be."
    else:
        message = f"{_capital(name)} is not written as it must be: {describe(node)}."
    return s.TYPE.at(node.span, message, help=example)


def _one_of(error: ValidationError, node: Node, name: str) -> Finding:
    keys = [branch["required"][0] for branch in error.schema["oneOf"]]
    given = [key for key in keys if isinstance(node, Fields) and key in node]
    if given:
        message = f"{_capital(name)} has {choices(given, 'and')}, which exclude each other."
        return s.TYPE.at(node.span, message, help=f"Keep one of {choices(keys)}.")
    message = f"{_capital(name)} needs one of {choices(keys)}."
    return s.KEY_MISSING.at(node.span, message, help=example_text(error.schema))


def _choice(node: Node, name: str, allowed: list[str]) -> Finding:
    if not isinstance(node, Scalar) or node.is_null:
        message = f"{_capital(name)} takes one of {choices(allowed)}; this is {describe(node)}."
        return s.TYPE.at(node.span, message, help=f"Write {quote(allowed[0])}, for example.")
    message = f"{quote(node.text)} is not a choice of {name}: {choices(allowed)}."
    close = best_match(node.text, allowed)
    help_ = f"Did you mean {quote(close)}?" if close else f"Write one of {choices(allowed)}."
    return s.CHOICE.at(node.span, message, help=help_)


def unknown_key(node: Node, key: str, name: str, known: tuple[str, ...]) -> Finding:
    """S-KEY-UNKNOWN at the key itself, with the nearest key that is known there."""
    span = node.keys_at[key] if isinstance(node, Fields) else node.span
    close = best_match(key, known)
    meant = f"Did you mean {quote(close)}? " if close else ""
    value = node.get(key) if isinstance(node, Fields) else None
    if isinstance(value, Scalar) and not value.text and value.plain:  # {name: 1-Boc-1,4-diazepane}
        meant = "A comma ends a value inside { }: text that holds one needs quotes. "
    message = f"{quote(key)} is not a key of {name}."
    return s.KEY_UNKNOWN.at(span, message, help=f"{meant}Keys here: {choices(known, 'and')}.")


def _is_step(schema: Schema) -> bool:
    return schema is resolve_ref("#/$defs/step", "procedure.schema.json")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
