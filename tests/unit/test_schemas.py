"""The schemas themselves: valid, described for editors, and at one with the language's types."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compiler.diagnostics.finding import Span
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
