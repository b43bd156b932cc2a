"""A claim with automatic association: the claim first, then what its licences are associated with (D25)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.assigning.automatic import Kind, Pool, automatic
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.requests import MOST_LICENSES
from licensing.domain.assigning.views import AssociationView
from licensing.domain.claiming.views import ClaimsView, ClaimView
from licensing.domain.core.decisions import Decision
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, split_id


class Matches(Struct, frozen=True):
    """The licences that the claim brings, by kind, and the devices they will go to, in order."""

    free: Mapping[Kind, Pool]
    devices: Mapping[Kind, Sequence[Device]]


def as_claimed(key: LicenseKey, org_id: str, now: datetime) -> Block:
    """The key's block as the claim's own step will have left it."""
    return Block.of(key, org_id, now).but(version=1)


def claimed_before(done: Sequence[Any]) -> list[str]:
    """The ids of the keys that an interrupted call has claimed."""
    claims = [ClaimView.model_validate(part) for part in done[0]]
    return [split_id(each.license_ids.first)[0] for each in claims if each.license_ids and each.outcome == "claimed"]


def with_associations(
    claim: Decision[ClaimsView], matches: Matches, done: Sequence[Any], now: datetime
) -> Decision[ClaimsView]:
    """The claim's step, followed by those of the association; `done` begins with the claim's answers."""
    if claim.refusal:
        return claim
    claims, steps = claim.answer.claims, claim.steps
    if done:
        claims, steps = tuple(ClaimView.model_validate(part) for part in done[0]), ()
    told = [each.model_dump(mode="json") for each in claims]
    after = automatic(matches.free, matches.devices, MOST_LICENSES, done[1:], now)
    answer = ClaimsView(claims=tuple(_associated(each, after.answer.associations) for each in claims))
    return replace(claim, answer=answer, steps=(*(replace(step, part=told) for step in steps), *after.steps))


def _associated(claim: ClaimView, made: Sequence[AssociationView]) -> ClaimView:
    """The claim with the associations of its licences."""
    if claim.license_ids is None:
        return claim
    key_id, _ = split_id(claim.license_ids.first)
    own = tuple(each for each in made if split_id(each.license_id)[0] == key_id)
    return claim.model_copy(update={"associations": own})
