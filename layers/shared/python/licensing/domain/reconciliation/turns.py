"""The table is proven in segments that take turns, so that every owner is proven within 30 days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.limits import SEGMENTS, SEGMENTS_A_DAY
from licensing.domain.core.records import Record, RecordSet, Ref

# What a turn takes when no day is missed.
TURN = SEGMENTS // SEGMENTS_A_DAY * DAY


class ProofTurn(Record):
    """When all that lies in a segment was last handed out to be proven."""

    kind: ClassVar[str] = "proof_turn"
    segment: int
    proven_at: Instant

    @property
    def ref(self) -> Ref["ProofTurn"]:
        return ProofTurn.ref_of(self.segment)

    @staticmethod
    def ref_of(segment: int) -> Ref["ProofTurn"]:
        return Ref(ProofTurn, (f"{segment:03}",))


ALL_TURNS = [ProofTurn.ref_of(number) for number in range(SEGMENTS)]


def due_segments(turns: RecordSet, now: datetime) -> list[int]:
    """Those never proven, those that days were missed for, and the oldest besides: as many as a day has to do."""
    proven = sorted(turns.present(ALL_TURNS), key=lambda turn: turn.proven_at)
    never = sorted(set(range(SEGMENTS)) - {turn.segment for turn in proven})
    late = [turn for number, turn in enumerate(proven) if number < SEGMENTS_A_DAY or now - turn.proven_at >= TURN]
    return never + [turn.segment for turn in late]


def oldest_proof(turns: RecordSet, now: datetime) -> timedelta:
    """Its age; nothing while nothing was ever proven."""
    return max((now - turn.proven_at for turn in turns.present(ALL_TURNS)), default=timedelta())


def segment_names(numbers: Sequence[int]) -> tuple[str, ...]:
    """As they are handed out, beside owners: `segment/7`."""
    return tuple(f"segment/{number}" for number in numbers)
