"""The keys a caller enters somewhere: which records tell about them, and what they turn out to be."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.claiming.examination import Examined
from licensing.domain.claiming.failed_lookups import Guesses
from licensing.domain.claiming.key_entry import Entered, enter, judge, wanted
from licensing.domain.claiming.requests import Mode
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import Facts, Ref, Value
from licensing.domain.licenses.catalog import Portal
from licensing.ports import Store
from licensing.use_cases.core.command import Context, Reading, run


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

    def load(self, reading: Reading, *others: Ref[Any]) -> Facts:
        """The keys, the counters and `others`, in one read."""
        refs = [*wanted(self.entered, self.mode), *self._counters, *others]
        return self._look(reading.store, reading.context, refs) if reading.context.dry_run else reading.get(*refs)

    @property
    def _counters(self) -> list[Ref[Guesses]]:
        return [Guesses.named(f"caller/{self.subject}"), Guesses.named(self.holder)]

    def examined(self, facts: Facts, context: Context) -> Examined:
        guesses = tuple(facts[ref] or Guesses(guesser=ref.ids[0]) for ref in self._counters)
        verdicts = judge(self.entered, facts, self.portal, self.holder, self.mode)
        return Examined(tuple(verdicts), guesses, context.now)

    def _look(self, store: Store, context: Context, refs: Sequence[Ref[Any]]) -> Facts:
        """The facts a dry run stands on. It shows as much of a key as the real call, so its guesses count for real."""
        seen: list[Facts] = []

        def decide(facts: Facts) -> Decision[Value]:
            seen.append(facts)
            examined = self.examined(facts, context)
            refusal = examined.refusal(self.mode)
            return examined.refuse_claims(refusal) if refusal else examined.looked(Value())

        for_real = replace(context, dry_run=False, plan=None, reply_key=None)
        run(store, for_real, lambda reading: reading.get(*refs), decide)
        return seen[-1]
