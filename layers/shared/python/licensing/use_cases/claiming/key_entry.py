"""The keys a caller enters somewhere: which records tell about them, and what they turn out to be."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from licensing.domain.claiming.examination import ClaimBatch
from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.claiming.key_entry import ParsedKey, enter, judge, wanted
from licensing.domain.claiming.requests import Mode
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.licenses.catalog import Portal
from licensing.ports import Reader
from licensing.use_cases.core.context import Context


class KeyEntry(Struct, frozen=True):
    """Keys entered by `subject` for `holder` (`org/…`, `msp/…`), whose guesses are counted for both."""

    entered: Sequence[ParsedKey]
    mode: Mode
    portal: Portal
    holder: str
    subject: str

    @classmethod
    def of(cls, texts: Sequence[str], mode: Mode, portal: Portal, holder: str, subject: str) -> "KeyEntry":
        return cls(enter(texts), mode, portal, holder, subject)

    def load(self, reading: Reader, *others: Ref[Any]) -> RecordSet:
        """The keys, the counters and `others`, in one read."""
        return reading.get(*wanted(self.entered, self.mode), *self._counters, *others)

    @property
    def _counters(self) -> list[Ref[FailedLookups]]:
        # Both: else a person would guess on for each tenant of theirs, and a tenant with each of its people.
        return [FailedLookups.ref_of(f"caller/{self.subject}"), FailedLookups.ref_of(self.holder)]

    def examined(self, facts: RecordSet, context: Context) -> ClaimBatch:
        # One that isn't there yet has version 0, which is a condition too: first guesses at once can't share it either.
        lookups = tuple(facts[ref] or FailedLookups(guesser=ref.ids[0]) for ref in self._counters)
        verdicts = judge(self.entered, facts, self.portal, self.holder, self.mode)
        return ClaimBatch(tuple(verdicts), lookups, context.now)
