"""The plan of a sequence as the plans of its stages: each starts on a fresh deck.

In a plan of several stages every entry names its `stage`, since wells, labels and stocks mean
something else in each; `waste` has its wells under `<stage>.<kind>`, and each of `stages` has its
own `timing`. Numbers of parts go on from stage to stage and are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulate.plan import PlanFault

Document = Mapping[str, Any]


def stage_documents(document: Document) -> tuple[Document, ...]:
    """A document for each stage, in order; the document itself where it has one stage at most.

    Raises PlanFault where stages have no ids, share one, or a script belongs to none of them.
    """
    stages = document.get("stages")
    if not isinstance(stages, list) or len(stages) < 2:
        return (document,)
    ids = [stage.get("id") if isinstance(stage, Mapping) else None for stage in stages]
    if not all(isinstance(each, str) for each in ids) or len(set(ids)) < len(ids):
        raise PlanFault("its stages have no ids, or two have the same")
    scripts = document.get("scripts")
    for script in scripts if isinstance(scripts, list) else []:
        if not isinstance(script, Mapping) or script.get("stage") not in ids:
            raise PlanFault("a script belongs to none of its stages")
    return tuple(_of_stage(document, stage) for stage in stages)


def _of_stage(document: Document, stage: Document) -> Document:
    own = {key: _entries(value, stage["id"]) for key, value in document.items()}
    waste, prefix = document.get("waste"), f"{stage['id']}."
    if isinstance(waste, Mapping):
        mine = {kind: well for kind, well in waste.items() if kind.startswith(prefix)}
        own["waste"] = {kind.removeprefix(prefix): well for kind, well in mine.items()}
    robot = stage.get("robot") or document.get("robot")
    return {**own, "stages": [stage], "timing": stage.get("timing") or {}, "robot": robot}


def _entries(value: object, stage: str) -> object:
    """A list without the entries of other stages; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [e for e in value if not isinstance(e, Mapping) or e.get("stage", stage) == stage]
