"""Standing auto-association: an org's stock is bound to devices whose coverage ends soon, so many a day (D41)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar

from licensing.domain.assigning.associations import RECORDS_A_PAIR, bind, told
from licensing.domain.assigning.automatic import Kind, amount, can_take, earliest_end_first, licenses_of, pools
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import AssociationView, AutomaticView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_AUTOMATIC
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import DeviceCategory, chain_of
from licensing.domain.planning.requests import PolicyRequest
from licensing.domain.planning.views import PolicyView

# Who does it, as the ledger tells.
ACTOR = "policy:auto-association"


class AssociationPolicy(Record):
    """What an org has its stock do by itself. `bound`: how many it bound on `day`, which lasts until midnight UTC."""

    kind: ClassVar[str] = "policy"
    org_id: str
    enabled: bool
    categories: tuple[DeviceCategory, ...] | None = None
    within_days_of_end: int
    most_a_day: int | None = None
    day: str | None = None
    bound: int = 0

    @property
    def ref(self) -> Ref["AssociationPolicy"]:
        return AssociationPolicy.ref_of(self.org_id)

    @staticmethod
    def ref_of(org_id: str) -> Ref["AssociationPolicy"]:
        return Ref(AssociationPolicy, (org_id,))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"

    def ends_by(self, now: datetime) -> datetime:
        """Devices that end by then are served."""
        return now + timedelta(days=self.within_days_of_end)

    def left(self, now: datetime) -> int:
        """How many it may still bind today."""
        most = MAX_AUTOMATIC if self.most_a_day is None else self.most_a_day
        return max(most - (self.bound if self.day == _day(now) else 0), 0)

    def spent(self, now: datetime) -> "AssociationPolicy":
        """With one more that it bound."""
        return self.evolve(day=_day(now), bound=1 + (self.bound if self.day == _day(now) else 0))


Devices = Mapping[Kind, Sequence[Device]]
Free = Iterable[Block | License]


def put_policy(
    org_id: str,
    request: PolicyRequest,
    before: AssociationPolicy | None,
    today: Decision[AutomaticView] | None,
) -> Decision[PolicyView]:
    """The policy, new or changed; `today`: what it would bind, for a dry run to show."""
    after = policy_of(org_id, request, before)
    view = policy_view(after, today.answer.associations if today else None)
    if before == after:
        return Decision(view)
    summary = f"Auto-association {'enabled' if after.enabled else 'disabled'}"
    return decide(view, actions.POLICY_PUT, summary, [Change(before, after)])


def policy_of(org_id: str, request: PolicyRequest, before: AssociationPolicy | None) -> AssociationPolicy:
    """As it is asked for; what it has bound today stays."""
    return (before or AssociationPolicy(org_id=org_id, enabled=False, within_days_of_end=1)).evolve(**dict(request))


def policy_view(policy: AssociationPolicy, today: tuple[AssociationView, ...] | None = None) -> PolicyView:
    return PolicyView(
        enabled=policy.enabled,
        categories=policy.categories,
        within_days_of_end=policy.within_days_of_end,
        most_a_day=policy.most_a_day,
        today=today,
    )


def usable(policy: AssociationPolicy, free: Free, now: datetime) -> dict[Kind, list[Block | License]]:
    """The stock that it may bind, by kind: never what a renewal has planned (D40)."""
    unplanned = (each for each in free if isinstance(each, License) or each.renewal_id is None)
    return {
        kind: pool
        for kind, pool in pools(unplanned, now).items()
        if policy.categories is None or kind[0] in policy.categories
    }


def bind_by_policy(
    policy: AssociationPolicy, free: Free, devices: Iterable[Device], done: Sequence[AssociationView], now: datetime
) -> Decision[AutomaticView]:
    """One license for each device that ends soon, whose coverage ends first at first, by the decision of D25.

    `done`: what earlier steps of the same run have bound. The count is written with each association, so that two runs
    at once can't pass the cap together.
    """
    stock, candidates = usable(policy, free, now), list(devices)
    facts = RecordSet([policy, *(each for pool in stock.values() for each in pool), *candidates])
    draft: Draft[Any] = Draft(facts, told)
    made = {view.license_id for view in done}
    pairs = (
        pair
        for kind, pool in stock.items()
        for pair in zip(licenses_of(pool), _ending(policy, candidates, kind, made, now), strict=False)
    )
    after = []
    for one, device in islice(pairs, policy.left(now) if policy.enabled else 0):
        draft.begin(RECORDS_A_PAIR + 1)
        after.append(bind(draft, one, device, now))
        draft.put((draft[policy.ref] or policy).spent(now))
        draft.end()
    left_over = sum(map(amount, stock.values())) - len(after)
    answer = AutomaticView(associations=(*done, *after), left_over=left_over)
    return Decision(answer, actions.LICENSES_ASSOCIATED, draft.finish())


def _ending(
    policy: AssociationPolicy, devices: Iterable[Device], kind: Kind, made: set[str], now: datetime
) -> list[Device]:
    chain, by = chain_of(kind[1]), policy.ends_by(now)
    soon = (device for device in devices if can_take(device, kind, made) and _end(device, chain, now) <= by)
    return earliest_end_first(soon, kind)


def _end(device: Device, chain: str, now: datetime) -> Instant:
    return coverage_of(device).end(chain) or now


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
