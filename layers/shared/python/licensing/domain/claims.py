"""The claim of several keys in one call: one answer for each, guesses counted, all or nothing unless asked (D13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.associations import AssociationView
from licensing.domain.decisions import Change, Decision, Step, decide
from licensing.domain.entered_keys import Mode, Verdict
from licensing.domain.errors import Code, Refusal
from licensing.domain.guesses import WINDOW, Guesses, require_unlocked, too_many
from licensing.domain.keys import LicenseKey
from licensing.domain.licenses import license_id_of
from licensing.domain.records import Value

A = TypeVar("A", bound=Value)
Outcome = Literal["claimed", "already_yours", "not_claimed"] | Code


class LicenseIds(Value):
    first: str
    last: str


class Claim(Value):
    """What became of one key. `not_claimed`: nothing wrong with it, but with another of the same call."""

    key_fingerprint: str | None
    outcome: Outcome
    license_model: str | None = None
    quantity: int | None = None
    license_ids: LicenseIds | None = None
    associations: tuple[AssociationView, ...] = ()


def claim_of(verdict: Verdict, *, refused: bool) -> Claim:
    """The answer about one key; `refused` when the whole call is."""
    key, refusal = verdict.key, verdict.refusal
    outcome: Outcome = "not_claimed" if refused or key is None else "already_yours" if verdict.is_mine else "claimed"
    return Claim(
        key_fingerprint=key.fingerprint if key else None,
        outcome=refusal.code if refusal else outcome,
        license_model=key.license_model if key else None,
        quantity=key.quantity if key else None,
        license_ids=ids_of(key) if key and not refusal and not refused else None,
    )


class Examined(Struct, frozen=True):
    """The keys of one call, and the counters of those who entered them."""

    verdicts: tuple[Verdict, ...]
    guesses: tuple[Guesses, ...]
    now: datetime

    @property
    def claimable(self) -> list[LicenseKey]:
        return [each.key for each in self.verdicts if each.key and not each.refusal and not each.is_mine]

    def claims(self, *, refused: bool = False) -> tuple[Claim, ...]:
        return tuple(claim_of(each, refused=refused) for each in self.verdicts)

    def refusal(self, mode: Mode) -> Refusal | None:
        """Why the whole call is refused: too many guesses, or the first bad key where all must be good (D13)."""
        require_unlocked(self.guesses, self.now)
        if not all(each.allows(self._count("unknown_key"), self.now) for each in self.guesses):
            return too_many(self.now + WINDOW, self.now)
        bad = next((each.refusal for each in self.verdicts if each.refusal), None)
        return bad if mode == "all_or_nothing" else None

    def looked(self, answer: A) -> Decision[A]:
        """An answer that changes nothing; yet it holds only if every guess is counted, and none came in between."""
        counted = self._counted()
        return Decision(answer, "keys.looked_at", (Step(tuple(counted), ""),), self._checks(counted))

    def refuse(self, refusal: Refusal) -> Decision[Any]:
        """The refusal of the whole call, given on the same terms."""
        return replace(self.looked(Value()), refusal=refusal)

    def refuse_claims(self, refusal: Refusal) -> Decision[Any]:
        """The same, telling what is wrong with which key; not to somebody who guesses."""
        if refusal.code != "rate_limited":
            refusal.extra["claims"] = [claim.model_dump(mode="json") for claim in self.claims(refused=True)]
        return self.refuse(refusal)

    def decide(self, answer: A, action: str, summary: str, changes: Sequence[Change]) -> Decision[A]:
        """What the claim changes, in one step with the counting."""
        counted = self._counted()
        licenses = sum(key.quantity for key in self.claimable)
        return decide(answer, action, summary, [*changes, *counted], licenses=licenses, checks=self._checks(counted))

    def _checks(self, counted: Sequence[Change]) -> tuple[Guesses, ...]:
        return () if counted else self.guesses

    def _counted(self) -> list[Change]:
        unknown, malformed = self._count("unknown_key"), self._count("malformed_key")
        if not unknown and not malformed:
            return []
        return [Change(each, each.plus(unknown, malformed, self.now)) for each in self.guesses]

    def _count(self, code: Code) -> int:
        return sum(each.refusal is not None and each.refusal.code == code for each in self.verdicts)


def ids_of(key: LicenseKey) -> LicenseIds:
    """The licences of a key are numbered from 1 on."""
    return LicenseIds(first=license_id_of(key.key_id, 1), last=license_id_of(key.key_id, key.quantity))
