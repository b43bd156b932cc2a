"""A plan's digest: what would be written, apart from the instant of deciding (D32).

Facts that become "now" are left out; facts that only happen to equal it (a device that was registered in the very
second of the dry run) are copies of what was there before, and stay in.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from licensing.domain.core.decisions import Change, Decision
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import Record

Image = dict[str, Any]


def digest(decision: Decision[Any], now: datetime) -> str:
    """The plan, 32 hex digits: two decisions with one digest write the same facts, whenever they are taken.

    Bookkeeping that no ledger tells of is no part of it, nor is chance.
    """
    told = [change for change in decision.changes if change.owner]
    known = set(_known(told))
    # With the version: a plan made before somebody else's change must not hold, even if it would write the same.
    plan = [[str(each.ref), each.version, _timeless("", _facts(each.after), to_text(now), known)] for each in told]
    text = _text([decision.action.name if decision.action else None, plan])
    text = text.replace(decision.chance, "<chance>") if decision.chance else text
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _known(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """The facts there were, and the entries of their lists; of a record that is changed twice, those at first."""
    first: dict[str, Record | None] = {}
    for change in changes:
        first.setdefault(str(change.ref), change.before)
    for before in first.values():
        for name, value in _facts(before).items():
            yield from ((name, _text(each)) for each in (value if isinstance(value, list) else [value]))


def _timeless(name: str, value: Any, now: str, known: set[tuple[str, str]]) -> Any:
    if (name, _text(value)) in known:
        return value
    if isinstance(value, dict):
        return {inner: _timeless(inner, each, now, known) for inner, each in value.items()}
    if isinstance(value, list):
        return [_timeless(name, each, now, known) for each in value]
    return "<now>" if value == now else value


def _facts(record: Record | None) -> Image:
    return record.model_dump(mode="json", exclude_none=True) if record else {}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
