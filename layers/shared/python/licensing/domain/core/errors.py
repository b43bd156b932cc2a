"""How the domain says no: one exception, named by a stable code, always with what to do about it."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

Code = Literal[
    "invalid_request",
    "unauthenticated",
    "forbidden",
    "not_found",
    "rate_limited",
    "idempotency_key_reused",
    "plan_stale",
    "conflict",
    "order_conflict",
    "unknown_license_model",
    "duplicate_license_model",
    "malformed_key",
    "unknown_key",
    "already_claimed",
    "wrong_portal",
    "key_voided",
    "device_exists",
    "device_elsewhere",
    "not_matching",
    "license_unavailable",
    "license_expired",
    "undo_expired",
    "not_latest",
    "not_enough_licenses",
    "not_started",
    "renewal_expired",
    "unfinished",
    "not_ready",
    "too_many",
    "job_running",
]


class Fault(Struct, frozen=True):
    """One thing wrong with the input: where, and what would be right."""

    field: str
    message: str


class Refusal(Exception):
    """A command that breaks a rule.

    `detail` is one plain sentence, `remedy` what the caller can do, `case` which of several remedies of one code;
    `extra` goes into the problem document as it is (`changes` of an `order_conflict`, `claims` of a refused claim, …).
    """

    def __init__(
        self,
        code: Code,
        detail: str,
        remedy: str,
        faults: tuple[Fault, ...] = (),
        *,
        case: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.code: Code = code
        self.detail = detail
        self.remedy = remedy
        self.case = case
        self.faults = faults
        self.extra = extra


def told(faults: Sequence[Fault]) -> str:
    """The first few in a sentence."""
    more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
    return "; ".join(f"{fault.field} {fault.message}" for fault in faults[:5]) + more


def not_found(what: str) -> Refusal:
    """The answer for what is missing and for what is another's alike, so that neither can be told apart."""
    return Refusal("not_found", f"There is no such {what}.", f"Check the {what}'s id, and that it is yours.")


def invalid(*faults: Fault) -> Refusal:
    """Bad input, all faults in one answer."""
    return Refusal(
        "invalid_request",
        told(faults),
        "Correct the fields named in `errors` and send the request again.",
        faults,
    )


class LostRace(Exception):
    """The facts a decision stood on have changed since they were read: decide again."""


class Overloaded(Refusal):
    """The table took no more for as long as the request could wait. Of what was asked last nothing was done."""

    def __init__(self) -> None:
        super().__init__(
            "rate_limited",
            "More is asked of the same records at the moment than can be done.",
            "Send the same request again in a moment; with an Idempotency-Key nothing is done twice.",
            retry_after=1,
        )
