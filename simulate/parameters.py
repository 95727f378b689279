"""Values of runtime parameters, from the command line to what the engine takes.

The script itself says which parameters it has, in calls like
`parameters.add_int(variable_name="samples", ...)`. They are read from its syntax tree, without
running it: a value is text on the command line, and "007" may be a name or a number.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Value = bool | int | float | str

_KINDS = {
    "add_int": "int",
    "add_float": "float",
    "add_bool": "bool",
    "add_str": "str",
    "add_csv_file": "csv",
}
_MOST_BYTES = 10_000_000


class ParameterFault(Exception):  # noqa: N818 - it says what happened
    """A parameter can't be set; the message says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """Parameters as the engine takes them: values, and files by the name of their parameter."""

    values: Mapping[str, Value]
    files: Mapping[str, Path]


def given_parameters(script: Path, values: Sequence[str], files: Sequence[str]) -> Given:
    """What `--param name=value` and `--params file.csv` (or `name=file.csv`) say for a script.

    A file is the script's CSV parameter; where the script has none, its rows are names and
    values. Raises ParameterFault.
    """
    kinds = _declared(script)
    texts: dict[str, str] = {}
    paths: dict[str, Path] = {}
    for text in files:
        name, path = _file(text, kinds)
        if name is None:
            texts |= _rows(path)
        else:
            paths[name] = path
    for text in values:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise ParameterFault(f"--param {text}: write it as name=value")
        texts[name.strip()] = value.strip()
    return Given({name: _value(name, text, kinds.get(name)) for name, text in texts.items()}, paths)


def _declared(script: Path) -> dict[str, str]:
    """The kind of each parameter that the script declares; none where it can't be read."""
    try:
        tree = ast.parse(script.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return {}  # the run itself says what is wrong with it
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            kind = _KINDS.get(node.func.attr)
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            first = node.args[1] if len(node.args) > 1 else None
            name = named.get("variable_name", first)
            if kind and isinstance(name, ast.Constant) and isinstance(name.value, str):
                found[name.value] = kind
            elif kind and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)] = kind
    return found


def _file(text: str, kinds: Mapping[str, str]) -> tuple[str | None, Path]:
    name, sign, rest = text.partition("=")
    path = Path(rest) if sign and name in kinds else Path(text)
    if not path.is_file():
        raise ParameterFault(f"--params {text}: there is no file {path}")
    if path.stat().st_size > _MOST_BYTES:
        raise ParameterFault(f"--params {text}: it is larger than {_MOST_BYTES // 1_000_000} MB")
    if sign and name in kinds:
        return name, path
    tables = [name for name, kind in kinds.items() if kind == "csv"]
    if len(tables) > 1:
        raise ParameterFault(
            f"--params {text}: the script has the CSV parameters {', '.join(tables)}; "
            f"write {tables[0]}={path.name}"
        )
    return (tables[0] if tables else None), path


def _rows(path: Path) -> dict[str, str]:
    """Names and values, a row each."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ParameterFault(f"--params {path}: it is no CSV file ({error})") from error
    short = [row for row in rows if len(row) != 2]
    if short:
        raise ParameterFault(
            f"--params {path}: the script has no CSV parameter, so rows must be name,value; "
            f"one is {','.join(short[0])[:60]}"
        )
    return {name.strip(): value.strip() for name, value in rows}


def _value(name: str, text: str, kind: str | None) -> Value:
    """The value of a parameter. Raises ParameterFault where it is not of its kind."""
    try:
        match kind:
            case "str":
                return text
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
            case "csv":
                raise ParameterFault(f"--param {name}: it is a CSV file; use --params {name}=FILE")
    except (ValueError, KeyError) as error:
        raise ParameterFault(f"--param {name}: {text!r} is no {kind}") from error
    return text  # one that the script does not declare: the engine says so
