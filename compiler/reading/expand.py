"""The list of steps as it will run: `repeat` written out, `include` replaced by its block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote
from compiler.reading.parameters import fill, names_in
from compiler.reading.schema import STEP_KEYS, check_structure, is_integer, unknown_key, verbs
from compiler.reading.source import read_source
from compiler.reading.tree import parse_tree
from compiler.reading.wording import best_match, choices

MAX_STEPS = 1000
MAX_INCLUDES = 100
_DEEPEST = 16  # blocks that include blocks
_LARGEST_VALUE = 100  # values in all that a block is given; a bomb has more


@dataclass(frozen=True, slots=True)
class Written:
    """One step that does something: `node` holds the verb, `prefix` and `suffix` belong to ids.

    `outer` are the `repeat` and `include` steps that it stands in, `begins` those of which it is
    the first step.
    """

    node: Fields
    verb: str
    prefix: str = ""
    suffix: str = ""
    outer: tuple[Fields, ...] = ()
    begins: tuple[Fields, ...] = ()


@dataclass(slots=True)
class _Expansion:
    """What is gathered while the steps are walked."""

    root: Path  # blocks are read inside this folder only
    findings: list[Finding] = field(default_factory=list)
    judged: set[int] = field(default_factory=set)  # steps in a `repeat` are judged once
    steps: int = 0
    includes: int = 0
    full: bool = False


def expand(node: Node | None, path: Path) -> tuple[tuple[Written, ...], tuple[Finding, ...]]:
    """All steps in order. `path` is the procedure's file: blocks are sought from its folder.

    Steps beyond MAX_STEPS are left out, with a finding; a step without a readable verb is left
    out with S-VERB.
    """
    state = _Expansion(reading_root(path))
    steps = tuple(_walk(node, Written(_NOTHING, ""), (path,), state))
    return steps, tuple(state.findings)


_NOTHING = Fields({}, Span(""))


def reading_root(path: Path) -> Path:
    """The folder that blocks and stages may be in: `protocols` around the file, else its own."""
    folder = path.resolve().parent
    trees = [parent for parent in (folder, *folder.parents) if parent.name == "protocols"]
    return trees[-1] if trees else folder


def _walk(
    node: Node | None, around: Written, files: tuple[Path, ...], state: _Expansion
) -> Iterator[Written]:
    for step in node if isinstance(node, Items) else ():
        if not isinstance(step, Fields):
            continue  # the schema says that a step is a mapping
        verb = _verb(step, state)
        inner = step.get(verb) if verb else None
        if verb is None or not isinstance(inner, Fields):
            continue
        if verb == "repeat":
            yield from _begun(step, _repeat(step, inner, around, files, state))
        elif verb == "include":
            yield from _begun(step, _include(step, inner, around, files, state))
        elif not state.full:
            state.steps += 1
            if state.steps > MAX_STEPS:
                state.full = True
                message = f"The procedure has more than {MAX_STEPS} steps with its repeats."
                state.findings.append(s.REPEAT.at(step.span, message, help="Repeat less."))
                return
            yield replace(around, node=step, verb=verb)


def _begun(outer: Fields, steps: Iterator[Written]) -> Iterator[Written]:
    """The steps of a `repeat` or an `include`; the first of them says that it begins it."""
    for number, step in enumerate(steps):
        yield step if number else replace(step, begins=(*step.begins, outer))


def _verb(step: Fields, state: _Expansion) -> str | None:
    """The verb of a step; S-VERB and S-KEY-UNKNOWN where there is none, or more than that."""
    known = verbs()
    found = [key for key in step if key in known]
    strange = [key for key in step if key not in known and key not in STEP_KEYS]
    if id(step) not in state.judged:
        state.judged.add(id(step))
        state.findings.extend(_judge_keys(step, found, strange, known))
    return found[0] if found else None


def _judge_keys(
    step: Fields, found: list[str], strange: list[str], known: tuple[str, ...]
) -> Iterator[Finding]:
    if len(found) > 1:
        message = f"A step does one thing; this one has {choices(found, 'and')}."
        help_ = "Write each verb as a step of its own, with its own dash."
        yield s.VERB.at(step.keys_at[found[1]], message, help=help_)
    if not found and not strange:
        message = "This step has no verb."
        yield s.VERB.at(step.span, message, help="Write for example `stir: {vessel: …, for: 1 h}`.")
    for key in strange:
        close = best_match(key, known)
        if not found:
            help_ = f"Did you mean {quote(close)}?" if close else f"Verbs: {', '.join(known)}."
            yield s.VERB.at(step.keys_at[key], f"{quote(key)} is not a verb.", help=help_)
        else:
            finding = unknown_key(step, key, "a step", STEP_KEYS)
            yield replace(finding, help=f"{finding.help} Others belong inside {quote(found[0])}.")


def _repeat(
    step: Fields, inner: Fields, around: Written, files: tuple[Path, ...], state: _Expansion
) -> Iterator[Written]:
    times = inner.get("times")
    rounds = int(times.text) if isinstance(times, Scalar) and is_integer(times) else 1
    outer = (*around.outer, step)
    for turn in range(1, min(rounds, MAX_STEPS) + 1):
        if state.full:
            return
        before = state.steps
        suffix = around.suffix if turn == 1 else f"{around.suffix}-{turn}"
        yield from _walk(
            inner.get("steps"), replace(around, suffix=suffix, outer=outer), files, state
        )
        if state.steps == before:
            return  # nothing in it: more rounds make no difference


# --- blocks -----------------------------------------------------------------------------------


def _include(
    step: Fields, inner: Fields, around: Written, files: tuple[Path, ...], state: _Expansion
) -> Iterator[Written]:
    named = inner.get("block")
    if not isinstance(named, Scalar) or named.is_null:
        return  # S-KEY-MISSING or S-TYPE
    path = _block_path(named, files, state)
    if path is None:
        return
    state.includes += 1
    root = _read_block(path, named, state)
    if root is None:
        return
    values = _parameters(root, inner, named, state)
    steps = root.get("steps")
    if steps is None or values is None:
        return
    filled = _substitute(steps, values, state)
    state.findings.extend(check_structure(filled, "procedure.schema.json", "/$defs/steps"))
    own_id = step.get("id")
    prefix = f"{around.prefix}{own_id.text}." if isinstance(own_id, Scalar) else around.prefix
    inside = replace(around, prefix=prefix, outer=(*around.outer, step))
    yield from _walk(filled, inside, (*files, path), state)


def _block_path(named: Scalar, files: tuple[Path, ...], state: _Expansion) -> Path | None:
    """The block's file, where it may be read. A path is sought from the including file's folder."""
    problem = help_ = ""
    path = files[-1]
    try:
        path = files[-1].parent / named.text
        resolved = path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
        problem = "cannot be a file's name"
    else:
        if not resolved.is_relative_to(state.root):
            problem = f"lies outside {state.root.name}/, and blocks are read inside it only"
            help_ = "Move the block into the folder of the procedure, or into protocols/."
        elif resolved in [file.resolve() for file in files]:
            problem = "includes itself"
        elif len(files) > _DEEPEST:
            problem = f"is included through more than {_DEEPEST} others"
        elif state.includes >= MAX_INCLUDES:
            problem = f"would be the {MAX_INCLUDES + 1}st that this procedure includes"
    if problem:
        message = f"The block {quote(named.text)} {problem}."
        state.findings.append(s.INCLUDE.at(named.span, message, help=help_))
        return None
    return path


def _read_block(path: Path, named: Scalar, state: _Expansion) -> Fields | None:
    source = read_source(path)
    if isinstance(source, Finding):
        state.findings.append(replace(source, span=named.span))
        return None
    root, findings = parse_tree(source.text, source.file)
    state.findings.extend(findings)
    if root is None:
        return None
    kind = root.get("kind") if isinstance(root, Fields) else None
    if not isinstance(root, Fields) or not isinstance(kind, Scalar) or kind.text != "block":
        message = f"{source.file} is not a block."
        help_ = "A block starts with `kind: block` and `version: 1`."
        state.findings.append(s.INCLUDE.at(named.span, message, help=help_))
        return None
    header = {key: value for key, value in root.items() if key != "steps"}
    whole = Fields({**header, "steps": Items((_NOTHING,), root.span)}, root.span, root.keys_at)
    checked = whole if "steps" in root else Fields(header, root.span, root.keys_at)
    state.findings.extend(check_structure(checked, "block.schema.json"))
    return root


def _parameters(
    root: Fields, inner: Fields, named: Scalar, state: _Expansion
) -> Mapping[str, Node] | None:
    """The value of each of the block's parameters; None where one has none."""
    declared = root.get("parameters")
    declared = declared if isinstance(declared, Fields) else _NOTHING
    given = inner.get("with")
    given = given if isinstance(given, Fields) else _NOTHING
    for key in given:
        if key not in declared:
            finding = unknown_key(given, key, "this block's parameters", tuple(declared))
            state.findings.append(finding)
    values = {name: given.get(name, default) for name, default in declared.items()}
    missing = [n for n, value in values.items() if isinstance(value, Scalar) and value.is_null]
    if missing:
        message = f"The block {quote(named.text)} needs a value for {choices(missing, 'and')}."
        help_ = "Give it: `with: {" + f"{missing[0]}: …" + "}`."
        state.findings.append(s.KEY_MISSING.at(inner.span, message, help=help_))
        return None
    if sum(_size(value) for value in values.values()) > _LARGEST_VALUE:
        message = f"The values for the block {quote(named.text)} are larger than steps can use."
        state.findings.append(s.INCLUDE.at(named.span, message, help="Give names and quantities."))
        return None
    return values


def _substitute(node: Node, values: Mapping[str, Node], state: _Expansion) -> Node:
    """The node with `$name` replaced; S-REFERENCE for a name that is no parameter."""
    strange: list[Scalar] = []
    filled = fill(node, values, strange)
    for text in strange:
        names = [f"${n}" for n in names_in(text.text) if not isinstance(values.get(n), Scalar)]
        message = f"{choices(names, 'and')} stands for no parameter of this block."
        help_ = f"Parameters: {choices(sorted(values), 'and') or 'none'}."
        state.findings.append(s.REFERENCE.at(text.span, message, help=help_))
    return filled


def _size(node: Node) -> int:
    """How many values a node has in it."""
    if isinstance(node, Scalar):
        return 1 + len(node.text) // 1000
    inside = node if isinstance(node, Items) else node.values()
    return 1 + sum(_size(each) for each in inside)
