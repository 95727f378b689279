"""The schemas themselves: valid, described for editors, and at one with the language's types."""

import json
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Span
from compiler.pipeline import compile_procedure
from compiler.reading.quantities import parse_quantity
from compiler.reading.schema import load_schema, verbs
from compiler.reading.steps import _BUILDERS
from compiler.stages.quantity import Dimension, Quantity

NAMES = (
    "clock.schema.json",
    "procedure.schema.json",
    "bench.schema.json",
    "catalogue.schema.json",
    "block.schema.json",
    "library.schema.json",
    "sequence.schema.json",
)


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a schema, examples apart."""
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in ("examples", "enum", "const"):
                yield from parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from parts(value)


def keys(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in parts(schema):
        properties = part.get("properties")
        if isinstance(properties, dict) and part.get("type") == "object":
            yield from properties.items()


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_and_says_so(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_has_hover_text_and_an_example(name: str) -> None:
    for key, value in keys(load_schema(name)):
        assert len(value.get("description", "")) > 4, key
        assert value.get("examples"), key


@pytest.mark.parametrize("name", NAMES)
def test_every_dimension_is_one_and_its_examples_are_read(name: str) -> None:
    for part in parts(load_schema(name)):
        names = part.get("dimension")
        if names is None:
            continue
        dimensions = tuple(Dimension(n) for n in ([names] if isinstance(names, str) else names))
        for example in part["examples"]:
            if isinstance(example, str) and example not in part.get("unless", ()):
                read = parse_quantity(example, dimensions, Span("x"))
                assert isinstance(read, Quantity), read


def test_the_verbs_are_those_that_can_be_built() -> None:
    assert set(verbs()) == {*_BUILDERS, "repeat", "include"}


def test_what_two_schemas_share_is_the_same() -> None:
    bench, procedure = load_schema("bench.schema.json"), load_schema("procedure.schema.json")
    assert bench["$defs"]["planned"] == procedure["$defs"]["planned"]


def test_editors_read_the_same_file() -> None:
    """What an editor makes of the example (YAML 1.2, plain jsonschema) has no errors either."""
    import yaml  # the editor's reader; numbers and truth values are typed there

    root = Path(__file__).parents[2]
    text = (root / "protocols/reductive-amination/procedure.yaml").read_text(encoding="utf-8")
    schema = json.loads((root / "schemas/procedure.schema.json").read_text(encoding="utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text)))


def _unnamed(value: Any, schema: dict[str, Any], place: str, root: Any) -> Iterator[str]:
    """The keys of a JSON value that its schema does not describe."""
    if "$ref" in schema:
        schema = reduce(getitem, schema["$ref"].removeprefix("#/").split("/"), root)
    kind = {dict: "object", list: "array"}.get(type(value))
    schema = next((s for s in schema.get("oneOf", ()) if s.get("type") == kind), schema)
    if isinstance(value, dict):
        extra = schema.get("additionalProperties")
        for key, item in value.items():
            described = schema.get("properties", {}).get(key, extra)
            if described:
                yield from _unnamed(item, described, f"{place}.{key}", root)
            else:
                yield f"{place}.{key}"
    elif isinstance(value, list):
        for item in value:
            yield from _unnamed(item, schema.get("items", {}), f"{place}[]", root)


@pytest.mark.parametrize("bench", ["flex", "ot2"])
@pytest.mark.parametrize(
    "name",
    [
        "reductive-amination/procedure.yaml",
        "reductive-amination-h2-pd/procedure.yaml",
        "reductive-amination-nabh4/procedure.yaml",
        "dropwise-alkylation/procedure.yaml",
        "acid-base-extraction/procedure.yaml",
        "boc-route/sequence.yaml",
    ],
)
def test_whatever_a_plan_has_is_in_its_schema(name: str, bench: str) -> None:
    root = Path(__file__).parents[2]
    made = compile_procedure(root / "protocols" / name, shipped_benches()[bench])
    plan = json.loads(json.dumps(made.plan))
    schema = load_schema("plan.schema.json")
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(plan)] == []
    assert sorted(set(_unnamed(plan, schema, "plan", schema))) == []
