"""The keys a caller enters somewhere: which records tell about them, and what they turn out to be."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from licensing.domain.claiming.examination import Examined
from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.claiming.key_entry import Entered, enter, judge, wanted
from licensing.domain.claiming.requests import Mode
from licensing.domain.core.records import Facts, Ref
from licensing.domain.licenses.catalog import Portal
from licensing.ports import Reader
from licensing.use_cases.core.context import Context


class Entering(Struct, frozen=True):
    """Keys entered by `subject` for `holder` (`org/…`, `msp/…`), whose guesses are counted for both."""

    entered: Sequence[Entered]
    mode: Mode
    portal: Portal
    holder: str
    subject: str

    @classmethod
    def of(cls, texts: Sequence[str], mode: Mode, portal: Portal, holder: str, subject: str) -> "Entering":
        return cls(enter(texts), mode, portal, holder, subject)

    def load(self, reading: Reader, *others: Ref[Any]) -> Facts:
        """The keys, the counters and `others`, in one read."""
        return reading.get(*wanted(self.entered, self.mode), *self._counters, *others)

    @property
    def _counters(self) -> list[Ref[FailedLookups]]:
        return [FailedLookups.named(f"caller/{self.subject}"), FailedLookups.named(self.holder)]

    def examined(self, facts: Facts, context: Context) -> Examined:
        lookups = tuple(facts[ref] or FailedLookups(guesser=ref.ids[0]) for ref in self._counters)
        verdicts = judge(self.entered, facts, self.portal, self.holder, self.mode)
        return Examined(tuple(verdicts), lookups, context.now)
