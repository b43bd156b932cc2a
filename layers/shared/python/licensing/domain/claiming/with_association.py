"""A claim with automatic association: the claim first, then what its licences are associated with (D25)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.assigning.automatic import Kind, Pool, automatic
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import AssociationView
from licensing.domain.claiming.views import ClaimsView, ClaimView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.limits import MAX_AUTOMATIC
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, split_id

# What the steps answer: the claims, then the associations.
Part = ClaimView | AssociationView
PARTS: tuple[type[Part], ...] = (ClaimView, AssociationView)


class Matches(Struct, frozen=True):
    """The licences that the claim brings, by kind, and the devices they will go to, in order."""

    free: Mapping[Kind, Pool]
    devices: Mapping[Kind, Sequence[Device]]


def as_claimed(key: LicenseKey, org_id: str, now: datetime) -> Block:
    """The key's block as the claim's own step will have left it."""
    return Block.of(key, org_id, now).evolve(version=1)


def claimed_before(done: Sequence[Part]) -> list[str]:
    """The ids of the keys that an interrupted call has claimed."""
    claims = [each for each in done if isinstance(each, ClaimView) and each.outcome == "claimed"]
    return [split_id(each.license_ids.first)[0] for each in claims if each.license_ids]


def with_associations(
    claim: Decision[ClaimsView], matches: Matches, done: Sequence[Part], now: datetime
) -> Decision[ClaimsView]:
    """The claim's step, followed by those of the association. `done`: the claims, then what is associated already."""
    if claim.refusal:
        return claim
    made = [each for each in done if isinstance(each, AssociationView)]
    # As the first step told them: decided again after it, the claim would answer `already_yours`.
    claims = tuple(each for each in done if isinstance(each, ClaimView)) or claim.answer.claims
    first = () if done else tuple(replace(step, parts=claims) for step in claim.steps)
    after = automatic(matches.free, matches.devices, MAX_AUTOMATIC, made, now)
    answer = ClaimsView(claims=tuple(_associated(each, after.answer.associations) for each in claims))
    return replace(claim, answer=answer, steps=(*first, *after.steps))


def _associated(claim: ClaimView, made: Sequence[AssociationView]) -> ClaimView:
    """The claim with the associations of its licences."""
    if claim.license_ids is None:
        return claim
    key_id, _ = split_id(claim.license_ids.first)
    own = tuple(each for each in made if split_id(each.license_id)[0] == key_id)
    return claim.model_copy(update={"associations": own})
