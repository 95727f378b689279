"""YAML text to nodes, straight from the parser's events.

No composer or constructor runs: the tree is built with a stack of its own, so that depth,
aliases and tags are judged while the document streams in, and nothing recurses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import yaml

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote

MAX_DEPTH = 64
MAX_NODES = 50_000  # aliases written out; a procedure has some hundred

# The tags of YAML 1.2's core schema say nothing that the field does not say itself.
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
) | {"!"}

# libyaml's parser where PyYAML was built with it, the same in Python where not.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(Exception):  # noqa: N818 - a way out of the event loop, never seen outside
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(slots=True)
class _Open:
    """A list or mapping that has not ended. `key` is a mapping's key that waits for its value."""

    start: Span
    flow: bool
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    fields: dict[str, Node] = field(default_factory=dict)
    keys_at: dict[str, Span] = field(default_factory=dict)
    key: Node | None = None
    size: int = 1  # values, aliases written out
    height: int = 1  # lists and mappings inside each other, aliases written out
    last: Span | None = None


class _Builder:
    """Builds the tree from events; raises _Refused where the document can't be held."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.documents = 0
        self.nodes = 0

    def span(self, event: yaml.Event) -> Span:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:  # the parser always sets both; its types do not say so
            return Span(self.file)
        return Span(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def handle(self, event: yaml.Event) -> None:
        """Takes one event."""
        if isinstance(event, yaml.ScalarEvent):
            self.check_tag(event)
            span = self.span(event)
            node = Scalar(event.value, span, plain=not event.style)  # None, or '' from libyaml
            self.put(node, 1, 0, event.anchor)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.check_tag(event)
            self.open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.close(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            self.anchors.clear()
            if self.documents > 1:
                span = self.span(event)
                message = "A second document starts here; a file holds one."
                raise _Refused(s.YAML.at(span, message, help="Put it into a file of its own."))

    def check_tag(self, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is None or tag in _CORE_TAGS:
            return
        span = self.span(event)
        message = f"The tag {quote(tag)} is not read: a document is data, and makes no objects."
        self.findings.append(s.YAML.at(span, message, help="Remove the tag."))

    def open(self, event: yaml.CollectionStartEvent) -> None:
        self.check_depth(1, self.span(event))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(self.span(event), bool(event.flow_style), is_mapping, event.anchor))

    def check_depth(self, height: int, span: Span) -> None:
        if len(self.stack) + height > MAX_DEPTH:
            raise _Refused(_too_deep(span))

    def close(self, event: yaml.CollectionEndEvent) -> None:
        done = self.stack.pop()
        # A block collection ends where its last entry does, not where the next token starts.
        end = self.span(event) if done.flow else done.last or done.start
        span = replace(done.start, end_line=end.end_line, end_column=end.end_column)
        node: Node
        if done.is_mapping:
            node = Fields(done.fields, span, done.keys_at)
        else:
            node = Items(tuple(done.items), span)
        self.put(node, done.size, done.height, done.anchor)

    def alias(self, event: yaml.AliasEvent) -> None:
        span, name = self.span(event), event.anchor or ""
        if name not in self.anchors:
            inside = any(name == outer.anchor for outer in self.stack)
            what = "stands inside what it names" if inside else "names no anchor above it"
            raise _Refused(s.ALIAS.at(span, f"The alias {quote('*' + name)} {what}."))
        node, size, height = self.anchors[name]
        self.check_depth(height, span)
        self.put(node, size, height, None, span)

    def put(
        self, node: Node, size: int, height: int, anchor: str | None, at: Span | None = None
    ) -> None:
        """Puts a finished node into what is open. `at` is where an alias stands."""
        place = at or node.span
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            self.root = node
            return
        outer = self.stack[-1]
        outer.size += size
        outer.height = max(outer.height, height + 1)
        self.nodes += size if at else 1
        if self.nodes > MAX_NODES:
            raise _Refused(self.too_many(place))
        outer.last = place
        if not outer.is_mapping:
            outer.items.append(node)
        elif outer.key is None:
            outer.key = node
        else:
            key, outer.key = outer.key, None
            self.put_entry(outer, key, node)

    def too_many(self, place: Span) -> Finding:
        help_ = "Many similar reactions are a library: one procedure and a table."
        if self.anchors:
            message = f"With its aliases written out this document has over {MAX_NODES} values."
            return s.ALIAS.at(place, message, help=help_)
        message = f"This document has over {MAX_NODES} values."
        return s.SIZE.at(place, message, help=help_)

    def put_entry(self, outer: _Open, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            message = "A key must be text; this one is a list or a mapping."
            help_ = 'A placeholder in braces needs quotes: "{name}".'
            self.findings.append(s.TYPE.at(key.span, message, help=help_))
        elif key.plain and key.text == "<<":
            message = "Merge keys (`<<`) are not part of YAML 1.2 and are not read."
            help_ = "Write the keys out, or use an alias for the whole value."
            self.findings.append(s.YAML.at(key.span, message, help=help_))
        elif key.text in outer.fields:
            first = Related(outer.keys_at[key.text], f"{quote(key.text)} stands here first")
            message = f"The key {quote(key.text)} stands twice in this mapping."
            help_ = "Remove one of the two, or rename it; only the first was read."
            self.findings.append(
                s.KEY_DUPLICATE.at(key.span, message, help=help_, related=(first,))
            )
        else:
            outer.fields[key.text] = value
            outer.keys_at[key.text] = key.span


def parse_tree(text: str, file: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The document in `text` as nodes, with the findings of the YAML itself.

    None where there is no document to go on with. Raises nothing that depends on the text.
    """
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.handle(event)
    except _Refused as refused:
        return None, (*builder.findings, refused.finding)
    except yaml.YAMLError as error:
        return None, (*builder.findings, _yaml_error(error, file))
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.is_null):
        help_ = "A document starts with `kind: procedure` and `version: 1`."
        empty = s.EMPTY.at(Span(file), f"{file} has no content.", help=help_)
        return None, (*builder.findings, empty)
    return builder.root, tuple(builder.findings)


def _too_deep(span: Span) -> Finding:
    message = f"Lists and mappings nest more than {MAX_DEPTH} deep here."
    help_ = "A procedure nests about six deep; look for brackets that do not close."
    return s.DEPTH.at(span, message, help=help_)


def _yaml_error(error: yaml.YAMLError, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    span = Span(file, line, column, line, column + 1)
    if "nesting depth" in problem:  # libyaml 0.2.6 and later look ahead, and stop before we do
        return _too_deep(span)
    context = getattr(error, "context", None)
    message = f"This is not valid YAML: {problem}" + (f" ({context})." if context else ".")
    return s.YAML.at(span, message, help=_yaml_help(problem))


def _yaml_help(problem: str) -> str:
    if "tab" in problem or "\\t" in problem:
        return "Indent with spaces, never with tabs."
    if "mapping values are not allowed" in problem:
        return 'A value that has ": " in it needs quotes around it.'
    if "cannot start any token" in problem:
        return "A value that starts with %, @ or ` needs quotes around it."
    return "Look at the indentation, and for a bracket or a quote that does not close."
