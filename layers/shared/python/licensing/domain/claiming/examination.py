"""The claim of several keys in one call: one answer for each, guesses counted, all or nothing unless asked (D13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.claiming.failed_lookups import WINDOW, FailedLookups, require_unlocked, too_many
from licensing.domain.claiming.key_entry import KeyCheck
from licensing.domain.claiming.requests import Mode
from licensing.domain.claiming.views import ClaimView
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, Observation, decide
from licensing.domain.core.errors import Code, Refusal
from licensing.domain.core.records import Value
from licensing.domain.licenses.license_key import LicenseKey

A = TypeVar("A", bound=Value)


class ClaimBatch(Struct, frozen=True):
    """The keys of one call, and the counters of those who entered them."""

    verdicts: tuple[KeyCheck, ...]
    lookups: tuple[FailedLookups, ...]
    now: datetime

    @property
    def claimable(self) -> list[LicenseKey]:
        return [each.key for each in self.verdicts if each.key and not each.refusal and not each.is_mine]

    def claims(self, *, refused: bool = False) -> tuple[ClaimView, ...]:
        return tuple(ClaimView.of(each, refused=refused) for each in self.verdicts)

    def refusal(self, mode: Mode) -> Refusal | None:
        """Why the whole call is refused: too many guesses, or the first bad key where all must be good (D13)."""
        # Raised: nothing is told about any key, so nothing has to be counted.
        require_unlocked(self.lookups, self.now)
        # Returned, not raised, so that this call's guesses are committed first. And refused whole: with one guess left,
        # 25 keys in a call would be 25 guesses.
        if not all(each.allows(self._count("unknown_key"), self.now) for each in self.lookups):
            return too_many(self.now + WINDOW, self.now)
        bad = next((each.refusal for each in self.verdicts if each.refusal), None)
        return bad if mode == "all_or_nothing" else None

    def looked(self, answer: A) -> Decision[A]:
        """An answer that changes nothing; yet it holds only if every guess is counted, and none came in between."""
        return Decision(answer, observed=self._observed)

    def refuse(self, refusal: Refusal) -> Decision[Any]:
        """The refusal of the whole call, given on the same terms."""
        return replace(self.looked(Value()), refusal=refusal)

    def refuse_claims(self, refusal: Refusal) -> Decision[Any]:
        """The same, telling what is wrong with which key; not to somebody who guesses."""
        if refusal.code != "rate_limited":
            refusal.extra["claims"] = [claim.model_dump(mode="json") for claim in self.claims(refused=True)]
        return self.refuse(refusal)

    def decide(self, answer: A, action: Action, summary: str, changes: Sequence[Change]) -> Decision[A]:
        """What the claim changes, in one step with the counting."""
        licenses = sum(key.quantity for key in self.claimable)
        return decide(answer, action, summary, changes, licenses=licenses, observed=self._observed)

    @property
    def _observed(self) -> Observation:
        # Malformed ones lock nobody: the check symbol finds them without a look-up, so they tell nothing (D8).
        unknown, malformed = self._count("unknown_key"), self._count("malformed_key")
        if not unknown and not malformed:
            return Observation(checks=self.lookups)
        return Observation(tuple(Change(each, each.plus(unknown, malformed, self.now)) for each in self.lookups))

    def _count(self, code: Code) -> int:
        return sum(each.refusal is not None and each.refusal.code == code for each in self.verdicts)
