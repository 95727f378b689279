"""What changed between two runs, in the words of chemistry: two plans in, sentences out.

Numbers are per reaction; where reactions differ, the smallest and the largest are given. Amounts
are compared in the reactions that both runs have, gases and volumes over all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulate.review.compare_charges import chemistry
from simulate.review.compare_reactions import both, matched_reactions, reactions
from simulate.review.compare_run import findings, fullest, gas, run
from simulate.review.compare_steps import draws, matched_steps, steps
from simulate.review.values import Plan


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind, a sentence each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All changes against `old`, which is what that run is called."""

    old: str
    groups: tuple[Group, ...]

    def markdown(self, title: str) -> str:
        """The same for a pull request."""
        lines = [f"### {_plain(title)}: changes against {_plain(self.old)}", ""]
        for group in self.groups:
            lines += [f"**{group.title}**", ""]
            lines += [f"- {_plain(line)}" for line in group.lines]
            lines.append("")
        if not self.groups:
            lines += ["Nothing that the plan holds has changed.", ""]
        return "\n".join(lines)


def compare(old: Plan, new: Plan, name: str) -> Changes:
    """What is different in `new`, in the order in which a chemist would ask for it."""
    matched = matched_reactions(old, new)
    before, after = both(old, new, matched)
    pairs = matched_steps(before, after)
    groups = (
        Group("Reactions", tuple(reactions(old, new, matched))),
        Group("Chemistry", tuple(chemistry(before, after, pairs))),
        Group("Steps", tuple(steps(before, after, pairs))),
        Group("Layers", tuple(draws(before, after, pairs))),
        Group("Gas and volumes", (*gas(old, new, pairs), *fullest(old, new))),
        Group("Run", tuple(run(old, new))),
        Group("Findings", tuple(findings(old, new))),
    )
    return Changes(name, tuple(group for group in groups if group.lines))


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, one line."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
