"""Where licences of a key were met outside the organization that claimed it: bookkeeping of the proofs.

No index leads from a key to all who hold licences of it, and none is needed: few keys are ever split between
organizations. Whoever holds some of a foreign key is written down here by its own proof, and looked up by the proof
of the one that claimed it.
"""

from datetime import datetime
from typing import ClassVar

from licensing.domain.core.instants import Instant
from licensing.domain.core.intervals import Intervals, IntervalsText
from licensing.domain.core.records import Record, Ref


class KeyTrace(Record):
    """`orgs` hold or held licences of the key, and are not `claimed_by`; `lost` are the numbers that went there with a
    device parked for too long (D27). `met_at`: when the first of them was met."""

    kind: ClassVar[str] = "key_trace"
    key_id: str
    claimed_by: str | None = None
    orgs: tuple[str, ...] = ()
    lost: IntervalsText = Intervals()
    met_at: Instant

    @property
    def ref(self) -> Ref["KeyTrace"]:
        return KeyTrace.ref_of(self.key_id)

    @staticmethod
    def ref_of(key_id: str) -> Ref["KeyTrace"]:
        return Ref(KeyTrace, (key_id,))


def met(trace: KeyTrace | None, key_id: str, org_id: str, lost: Intervals, now: datetime) -> KeyTrace:
    """The trace with what `org_id` has of the key, or had."""
    known = trace or KeyTrace(key_id=key_id, met_at=now)
    return known.evolve(orgs=tuple(sorted({*known.orgs, org_id})), lost=known.lost | lost)
