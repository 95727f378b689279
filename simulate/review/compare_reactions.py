"""Which reactions of two libraries belong together; which came, went, or are others now.

A reaction is found again by its name, whatever its row and well; what is left over by its row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulate.review.values import Plan
from simulate.review.wells import home_of

Reaction = Mapping[str, Any]
_MOST_NAMED = 6
_KEY = re.compile(r"/\d+$")  # of a compound that a material is in some rows: `aldehyde/2`


@dataclass(frozen=True, slots=True)
class Matched:
    """Reactions as (old, new): those that kept their name, and those that have another one now."""

    kept: tuple[tuple[Reaction, Reaction], ...]
    others: tuple[tuple[Reaction, Reaction], ...]
    gone: tuple[Reaction, ...]
    added: tuple[Reaction, ...]

    @property
    def pairs(self) -> tuple[tuple[Reaction, Reaction], ...]:
        """All that belong together."""
        return (*self.kept, *self.others)


def matched_reactions(old: Plan, new: Plan) -> Matched:
    """By stage and name, then by stage and row. The only one of a stage is always the same."""
    before, after = old["reactions"], new["reactions"]
    if _is_single(old) and _is_single(new):
        pairs, gone, added = _paired(before, after, ("stage",))
        return Matched(pairs, (), gone, added)
    kept, gone, added = _paired(before, after, ("stage", "name"))
    elsewhere, gone, added = _paired(gone, added, ("name",))  # in another run now
    kept += elsewhere
    if not all(reaction.get("name") for reaction in (*gone, *added)):
        return Matched(kept, (), gone, added)  # a procedure by itself is no row of a library
    others, gone, added = _paired(gone, added, ("stage", "row"))
    return Matched(kept, others, gone, added)


def _paired(
    before: Sequence[Reaction], after: Sequence[Reaction], keys: Sequence[str]
) -> tuple[tuple[tuple[Reaction, Reaction], ...], tuple[Reaction, ...], tuple[Reaction, ...]]:
    """Those with equal values under the keys, in their order; then what is left of both."""
    waiting: dict[tuple[Any, ...], list[Reaction]] = {}
    for reaction in before:
        waiting.setdefault(tuple(reaction.get(key) for key in keys), []).append(reaction)
    pairs, added = [], []
    for reaction in after:
        alike = waiting.get(tuple(reaction.get(key) for key in keys))
        if alike:
            pairs.append((alike.pop(0), reaction))
        else:
            added.append(reaction)
    left = tuple(reaction for some in waiting.values() for reaction in some)
    return tuple(pairs), left, tuple(added)


def _is_single(plan: Plan) -> bool:
    return len(plan["reactions"]) == len({r.get("stage") for r in plan["reactions"]})


def both(old: Plan, new: Plan, matched: Matched) -> tuple[Plan, Plan]:
    """The two plans with the reactions that belong together, by the new ids, and no others.

    Compounds go by the name of the material. A procedure by itself is held against every reaction
    of a library of it; where nothing belongs together, nothing is left of both.
    """
    pairs = matched.pairs
    if not pairs and 1 in (len(old["reactions"]), len(new["reactions"])):
        pairs = tuple((a, b) for a in old["reactions"] for b in new["reactions"])
    ids = [f"{a['id']} {b['id']}" if not matched.pairs else b["id"] for a, b in pairs]
    return (
        _shared(old, [(a["id"], id_) for (a, _), id_ in zip(pairs, ids, strict=True)]),
        _shared(new, [(b["id"], id_) for (_, b), id_ in zip(pairs, ids, strict=True)]),
    )


def _shared(plan: Plan, ids: Sequence[tuple[str, str]]) -> Plan:
    """The plan with the reactions of `ids` only, which are (id in the plan, id to have)."""
    found = dict(plan)
    new_ids: dict[str, list[str]] = {}
    for before, after in ids:
        new_ids.setdefault(before, []).append(after)
    for key in ("charges", "draws", "contents", "gas"):
        found[key] = [
            {**entry, "reaction": id_}
            | ({"material": material_name(entry["material"])} if "material" in entry else {})
            for entry in plan.get(key, ())
            for id_ in dict.fromkeys(new_ids.get(entry["reaction"], ()))
        ]
    found["reactions"] = [
        {**reaction, "id": id_, "limiting": material_name(reaction["limiting"])}
        for reaction in plan["reactions"]
        for id_ in dict.fromkeys(new_ids.get(reaction["id"], ()))
    ]
    return found


def material_name(key: str) -> str:
    """The material that a compound of a library is: `aldehyde` of `aldehyde/2`."""
    return _KEY.sub("", key)


def reactions(old: Plan, new: Plan, matched: Matched) -> Iterable[str]:
    """Reactions that came, went, became others, or moved to another well."""
    if len(old["reactions"]) != len(new["reactions"]):
        yield f"reactions {len(old['reactions'])} → {len(new['reactions'])}"
    if matched.added and matched.pairs:
        yield f"added: {_named(matched.added)}"
    if matched.gone and matched.pairs:
        yield f"gone: {_named(matched.gone)}"
    for before, after in matched.others[:_MOST_NAMED]:
        yield f"{_well(new, after)}: {_name(before)} → {_name(after)}"
    if len(matched.others) > _MOST_NAMED:
        yield f"{len(matched.others) - _MOST_NAMED} more are other reactions than before"
    moved = [(a, b) for a, b in matched.kept if _well(old, a) != _well(new, b)]
    for before, after in moved[:_MOST_NAMED]:
        yield f"{_name(after)}: {_well(old, before)} → {_well(new, after)}"
    if len(moved) > _MOST_NAMED:
        yield f"{len(moved) - _MOST_NAMED} more stand in other wells"


def _named(some: Iterable[Reaction]) -> str:
    """Their names, the first few of many."""
    names = [_name(reaction) for reaction in some]
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"


def _name(reaction: Reaction) -> str:
    return str(reaction.get("name") or reaction["id"])


def _well(plan: Plan, reaction: Reaction) -> str:
    return " ".join(home_of(plan, reaction) or (reaction["id"],))
