"""A library's file, CSV or YAML, and its procedure to a `Library`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading import fields as f
from compiler.reading.columns import Kind, Target, find_target
from compiler.reading.controls import written_controls
from compiler.reading.csv_table import read_table
from compiler.reading.expand import reading_root
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote
from compiler.reading.opening import in_order, open_document, wrong_kind
from compiler.reading.parameters import NAME, defaults, uses
from compiler.reading.procedure import Outline, outline_of
from compiler.reading.result import Read
from compiler.reading.schema import check_structure, is_integer
from compiler.reading.sheet import Column, Row, Sheet, sheet_of_list, sheet_of_table
from compiler.reading.sweeps import values_of
from compiler.reading.variants import Plan, build_variants
from compiler.reading.wells import doubled_wells
from compiler.reading.wording import best_match, choices
from compiler.stages.library import Library, WellLayout, WellOrder

SCHEMA = "library.schema.json"
DOCUMENTS = (".yaml", ".yml", ".json")
_BESIDE = "procedure.yaml"


def read_library(library: Path, procedure: Path | None = None) -> Read[Library]:
    """Reads a library and its procedure, with every finding of both and of every row.

    A file that ends in `.yaml`, `.yml` or `.json` is a document, any other a CSV table. Without
    `procedure` the document's own key `procedure` counts, else `procedure.yaml` beside it.

    A finding of a row stands on its cell and carries the row's number; one that the procedure has
    whatever the row stands in the procedure, once. What can't be read is left out; None where
    there is no row, or no procedure. Raises nothing.
    """
    opened = _open(library)
    found = list(opened.findings)
    if opened.sheet is None:
        return Read(None, in_order(found))
    path = procedure or _procedure_path(library, opened.root, found)
    if path is None:
        return Read(None, in_order(found))
    document = open_document(path)
    given = _given_names(opened)
    outline = outline_of(document, frozenset(given))
    if not isinstance(outline, Outline):
        return Read(None, (*in_order(found), *outline))
    plan = _plan(opened, outline, found)
    outline = _unfilled(outline, given, plan.sheet, found)
    variants, of_variants = build_variants(plan, outline, opened.span)
    found.extend((*of_variants, *doubled_wells(variants)))
    if not variants:
        return Read(None, in_order(found))
    read = Library(
        file=str(library),
        sha256=opened.inputs[0][1],
        inputs=(*opened.inputs, (outline.source.file, outline.source.sha256)),
        title=f.text(opened.root, "title"),
        rows=variants,
        layout=_layout(opened.root, opened.span, found),
        spans=f.spans(opened.root, opened.span),
    )
    return Read(read, in_order(found))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A library's file, and its table where that is another one. `root` is empty for a CSV."""

    root: Fields
    sheet: Sheet | None
    inputs: tuple[tuple[str, str], ...]
    span: Span
    findings: tuple[Finding, ...]


def _open(library: Path) -> _Opened:
    span = Span(str(library))
    nothing = Fields({}, span)
    if library.suffix.lower() not in DOCUMENTS:
        sheet, inputs, findings = _table(library)
        return _Opened(nothing, sheet, inputs, span, findings)
    opened = open_document(library)
    other = wrong_kind(opened, "library")
    if opened.root is None or opened.source is None or other is not None:
        extra = (other,) if other else ()
        return _Opened(nothing, None, (), span, (*opened.findings, *extra))
    root = opened.root
    sheet, inputs, findings = _rows(library, root)
    checked = check_structure(root, SCHEMA)
    return _Opened(
        root,
        sheet,
        ((opened.source.file, opened.source.sha256), *inputs),
        root["kind"].span if "kind" in root else root.span,
        (*opened.findings, *checked, *findings),
    )


_Rows = tuple[Sheet | None, tuple[tuple[str, str], ...], tuple[Finding, ...]]


def _rows(library: Path, root: Fields) -> _Rows:
    """The rows of a document: in a table of its own, in a list, or one that changes nothing."""
    node = root.get("rows")
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return Sheet({}, (Row(1, root.span, {}),)), (), ()
    if isinstance(node, Items):
        sheet, findings = sheet_of_list(node)
        return sheet, (), findings
    if not isinstance(node, Scalar):
        return None, (), ()  # S-TYPE
    problem = ""
    path = library
    try:
        path = library.parent / node.text
        if not path.resolve().is_relative_to(reading_root(library)):
            problem = "lies outside the library's folder, and tables are read inside it only"
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
        problem = "cannot be a file's name"
    if problem:
        message = f"The table {quote(node.text)} {problem}."
        help_ = "Move the table into the folder of the library, or into protocols/."
        return None, (), (s.FILE.at(node.span, message, help=help_),)
    read, inputs, findings = _table(path)
    # A table that can't be opened is told where it is named.
    named = (replace(x, span=node.span) if x.code == s.FILE.id else x for x in findings)
    return read, inputs, tuple(named)


def _table(path: Path) -> _Rows:
    table, findings = read_table(path)
    if table is None:
        return None, (), findings
    sheet, of_sheet = sheet_of_table(table)
    return sheet, ((table.file, table.sha256),), (*findings, *of_sheet)


def _procedure_path(library: Path, root: Fields, found: list[Finding]) -> Path | None:
    """The procedure that a library names, or the one beside it; S-FILE where there is none."""
    named = root.get("procedure")
    try:
        if isinstance(named, Scalar) and not named.is_null:
            path = library.parent / named.text
            if path.resolve().is_relative_to(reading_root(library)):
                return path
            message = f"The procedure {quote(named.text)} lies outside the library's folder."
            help_ = "Move it into the folder of the library, or into protocols/."
            found.append(s.FILE.at(named.span, message, help=help_))
            return None
        beside = library.parent / _BESIDE
        if beside.is_file() and beside.resolve().is_relative_to(reading_root(library)):
            return beside
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
        pass
    message = f"{library} does not say which procedure it is of."
    help_ = f"Write `procedure: {_BESIDE}`, or name the procedure on the command line."
    found.append(s.FILE.at(root.span, message, help=help_))
    return None


# --- columns and parameters -------------------------------------------------------------------


def _given_names(opened: _Opened) -> Mapping[str, Span]:
    """The `$names` that the library has values for, and where it says so."""
    sheet = opened.sheet
    given: dict[str, Span] = {}
    for column in sheet.columns.values() if sheet else ():
        if column.name.startswith("$") and NAME.fullmatch(column.name[1:]):
            given[column.name[1:]] = column.span
    declared = f.mapping(opened.root.get("parameters"))
    for key in declared or ():
        name = _parameter_name(key)
        if declared is not None and name is not None:
            given.setdefault(name, declared.keys_at[key])
    return given


def _parameter_name(key: str) -> str | None:
    """The `$name` that a key under `parameters` is, None where it is a column."""
    name = key.removeprefix("$")
    return name if NAME.fullmatch(name) and key != Kind.SCALE.value else None


def _plan(opened: _Opened, outline: Outline, found: list[Finding]) -> Plan:
    sheet = opened.sheet or Sheet({}, ())
    targets: dict[str, Target] = {}
    for column in sheet.columns.values():
        target = find_target(column.name, column.span, outline)
        if isinstance(target, Finding):
            found.append(target)
            continue
        targets[column.name] = target
        if column.unit is not None and not target.dimensions and target.kind is not Kind.PARAMETER:
            message = f"{quote(column.name)} has no unit; {quote(column.unit)} is in its header."
            help_ = f"Write {quote(column.name)} alone."
            found.append(s.COLUMN_UNKNOWN.at(column.span, message, help=help_))
    controls, of_controls = written_controls(opened.root, sheet.rows)
    found.extend(of_controls)
    return Plan(
        targets=targets,
        sheet=sheet,
        parameters=_parameters(opened.root, sheet, targets, outline, found),
        replicates=f.integer(opened.root, "replicates") or 1,
        controls=tuple(controls),
    )


def _parameters(
    root: Fields,
    sheet: Sheet,
    targets: Mapping[str, Target],
    outline: Outline,
    found: list[Finding],
) -> Mapping[str, tuple[Target, tuple[Node, ...]]]:
    """What is crossed with the rows, by name, so that the order of the keys does not matter."""
    declared = f.mapping(root.get("parameters"))
    crossed: dict[str, tuple[Target, tuple[Node, ...]]] = {}
    taken = {target: sheet.columns[name] for name, target in targets.items()}
    for key, node in sorted(declared.items()) if declared is not None else ():
        span = declared.keys_at[key] if declared is not None else node.span
        name = _parameter_name(key)
        target = Target(Kind.PARAMETER, name) if name else find_target(key, span, outline)
        values, faults = values_of(node)
        found.extend(faults)
        if isinstance(target, Finding):
            found.append(target)
        elif target in taken:
            found.append(_also_column(key, span, taken[target]))
        elif values:
            taken[target] = Column(key, None, span)
            crossed[name or key] = (target, values)
    return crossed


def _also_column(key: str, span: Span, column: Column) -> Finding:
    message = f"{quote(key)} is a parameter, and {quote(column.name)} gives the same value."
    related = (Related(column.span, "it is given here too"),)
    help_ = "Cross it with the rows, or give it in each row; not both."
    return s.COLUMN_DUPLICATE.at(span, message, help=help_, related=related)


def _unfilled(
    outline: Outline, given: Mapping[str, Span], sheet: Sheet, found: list[Finding]
) -> Outline:
    """S-PARAMETER: a name without use, a use without value, a row without one.

    The outline comes back without what was found of those uses as values.
    """
    used: dict[str, Scalar] = {}
    steps = (step.node for _, step in outline.named)
    lists = (node for key, node in outline.root.items() if key != "parameters")
    for node in (*lists, *steps):
        for name, scalar in uses(node):
            used.setdefault(name, scalar)
    own = defaults(outline.root)
    for name, span in given.items():
        if name not in used:
            names = sorted({*used, *own})
            close = best_match(name, names)
            help_ = f"Did you mean {quote(close)}? " if close else ""
            help_ += f"The procedure has {choices([f'${n}' for n in names], 'and')}."
            if not names:
                help_ = f"Write `${name}` in the procedure where the value belongs."
            message = f"The procedure has no {quote('$' + name)}."
            found.append(s.PARAMETER.at(span, message, help=help_))
    faulty: set[Span] = set()
    for name, scalar in used.items():
        if name not in given and name not in own and scalar.text == f"${name}":
            faulty.add(scalar.span)
            message = f"{quote(scalar.text)} has no value: neither the library gives one, "
            message += "nor the procedure's `parameters`."
            help_ = f"Add a column `${name}`, or `parameters: {{{name}: …}}`."
            found.append(s.PARAMETER.at(scalar.span, message, help=help_))
    found.extend(_rows_without(sheet, frozenset(used) - frozenset(own)))
    kept = tuple(x for x in outline.findings if x.span not in faulty)
    return replace(outline, findings=kept)


def _rows_without(sheet: Sheet, needed: frozenset[str]) -> Iterator[Finding]:
    for column in sheet.columns.values():
        if column.name.removeprefix("$") not in needed or not column.name.startswith("$"):
            continue
        for row in sheet.rows:
            if column.name not in row.cells:
                message = f"The row has no value for {quote(column.name)}."
                help_ = "Fill the cell, or give the procedure a default under `parameters`."
                yield s.PARAMETER.at(row.span, message, help=help_, row=row.number)


# --- layout -----------------------------------------------------------------------------------


def _layout(root: Fields, span: Span, found: list[Finding]) -> WellLayout:
    """`layout`; by column where nothing is written. S-KEY-MISSING for a random one without seed."""
    node = f.mapping(root.get("layout"))
    if node is None:
        return WellLayout(WellOrder.BY_COLUMN, None, span)
    written = f.word(node, "order", tuple(WellOrder))
    order = WellOrder(written) if written else WellOrder.BY_COLUMN
    seed = node.get("seed")
    number = int(seed.text) if isinstance(seed, Scalar) and is_integer(seed) else None
    if order is WellOrder.RANDOM and seed is None:
        message = "A random layout needs the key `seed`: the same input gives the same plate."
        help_ = "Write for example `layout: {order: random, seed: 7}`."
        found.append(s.KEY_MISSING.at(node.span, message, help=help_))
    return WellLayout(order, number if order is WellOrder.RANDOM else None, node.span)
