"""Proving all that there is, a little at a time: segments of the table in turns, and the owners met there."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.limits import SEGMENTS, SUSPECTS
from licensing.domain.core.records import Value
from licensing.domain.reconciliation.turns import ALL_TURNS, ProofTurn, due_segments, oldest_proof, segment_names
from licensing.domain.reconciliation.violations import Violation
from licensing.ports import Page, Position, Segment, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import Source
from licensing.use_cases.reconciliation.prove import prove
from licensing.use_cases.reconciliation.reconcile import pages
from licensing.use_cases.reconciliation.strays import owners_met, stray_findings

# Findings of a first look, by their digests.
Suspects = tuple[str, ...]


class ToProve(Value):
    """A message: owners to be proven, with what a first look found of the one it names; or a segment of the table to
    be walked through (`segment/7`), from `after` on."""

    owners: tuple[str, ...]
    waited: int = 0
    suspects: Suspects = ()
    after: Position | None = None


class Seen(Struct, frozen=True):
    """What a look at an owner came to: what is `broken` for sure, what has to be looked at again, and whose proofs
    have something new to look at."""

    broken: Sequence[Violation]
    suspects: Suspects
    asks: set[str]


class Step(Struct, frozen=True):
    """A page of a segment: what is broken in it, the owners met, and where the next one starts."""

    broken: Sequence[Violation]
    owners: Sequence[str]
    next: Position | None


def look(store: Store, owner: str, context: Context, suspects: Suspects) -> Seen:
    """The first look (no `suspects`) tells nothing, for what is being changed meanwhile may look broken; the second
    tells what it finds again."""
    proof = prove(store, owner, context)
    found = {_digest(finding): finding for finding in proof.findings}
    broken = [finding for digest, finding in sorted(found.items()) if digest in suspects]
    return Seen(broken, () if suspects else tuple(sorted(found))[:SUSPECTS], proof.asks - {owner})


def segments_due(store: Store, now: datetime) -> Source:
    """Those whose turn it is today."""
    return Source("segments", lambda _: Page(segment_names(due_segments(store.get(*ALL_TURNS), now))))


def oldest_proof_of(store: Store, now: datetime) -> timedelta:
    """How long ago some part of the table was proven last."""
    return oldest_proof(store.get(*ALL_TURNS), now)


def walk(store: Store, name: str, after: Position | None, context: Context) -> Iterator[Step]:
    """Through a segment, page by page; at its end its turn is noted."""
    number, known = int(name.partition("/")[2]), set[str]()
    for page in pages(store, Segment(number, SEGMENTS), after):
        broken = sorted(stray_findings(store, page.items), key=lambda finding: finding.item)
        yield Step(broken, owners_met(store, (each.record for each in page.items), known), page.next)
    _turn_over(store, number, context)


def _turn_over(store: Store, number: int, context: Context) -> None:
    def decided(turn: ProofTurn | None) -> Decision[Value]:
        return decide(Value(), None, "", [Change(turn, ProofTurn(segment=number, proven_at=context.now))])

    run_command(store, context, lambda reading: reading.one(ProofTurn.ref_of(number)), decided)


def _digest(finding: Violation) -> str:
    return hashlib.sha256("\n".join((finding.item, finding.promise, finding.detail)).encode()).hexdigest()[:16]
