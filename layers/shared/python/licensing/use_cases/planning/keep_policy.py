"""Standing auto-association: set it, show it, and bind by it (D41)."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import AssociationView, AutomaticView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.planning.policies import (
    ACTOR,
    AssociationPolicy,
    bind_by_policy,
    policy_of,
    policy_view,
    put_policy,
)
from licensing.domain.planning.requests import PolicyRequest
from licensing.domain.planning.views import PolicyView
from licensing.listings import DevicesByEnd, EnabledPolicies, FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.core.rounds import Source, listed

# What an org has that never set one.
OFF = PolicyRequest(enabled=False, within_days_of_end=30)


class Loaded(Struct, frozen=True):
    policy: AssociationPolicy | None
    free: Sequence[Block | License] = ()
    devices: Sequence[Device] = ()
    done: Sequence[AssociationView] = ()


def set_policy(store: Store, context: Context, org_id: str, request: PolicyRequest) -> Outcome[PolicyView]:
    """A dry run shows what it would bind today, too."""

    def load(reading: Reading) -> Loaded:
        before = reading.one(AssociationPolicy.ref_of(org_id))
        return _stock(reading, policy_of(org_id, request, before), before) if context.dry_run else Loaded(before)

    def decide(loaded: Loaded) -> Decision[PolicyView]:
        wanted = policy_of(org_id, request, loaded.policy)
        today = bind_by_policy(wanted, loaded.free, loaded.devices, (), context.now) if context.dry_run else None
        return put_policy(org_id, request, loaded.policy, today)

    def _stock(reading: Reading, wanted: AssociationPolicy, before: AssociationPolicy | None) -> Loaded:
        return replace(_load(reading, wanted, context), policy=before)

    return run_command(store, context, load, decide)


def read_policy(store: Store, org_id: str) -> PolicyView:
    found = store.one(AssociationPolicy.ref_of(org_id))
    return policy_view(found or policy_of(org_id, OFF, None))


def carry_out_policy(store: Store, context: Context, org_id: str) -> None:
    """Binds what the org's policy allows today; nothing where there is none."""
    acting = replace(context, actor=ACTOR)

    def load(reading: Reading[AssociationView]) -> Loaded:
        policy = reading.one(AssociationPolicy.ref_of(org_id))
        if policy is None or not policy.enabled:
            return Loaded(None)
        return replace(_load(reading, policy, context), done=reading.done)

    def decide(loaded: Loaded) -> Decision[AutomaticView]:
        if loaded.policy is None:
            return Decision(AutomaticView(associations=(), left_over=0))
        return bind_by_policy(loaded.policy, loaded.free, loaded.devices, loaded.done, context.now)

    run_command(store, acting, load, decide, (AssociationView,))


def after_claim(store: Store, context: Context, org_id: str) -> None:
    """What stands in the policy's way keeps nobody from a claim that was made: the daily run comes again."""
    try:
        carry_out_policy(store, context, org_id)
    except Refusal as refusal:
        if refusal.code == "unfinished":
            raise


def with_policies(store: Store) -> list[Source]:
    """The owners of the daily round."""
    return [listed(store, "policies", EnabledPolicies())]


def _load(reading: Reading[Any], policy: AssociationPolicy, context: Context) -> Loaded:
    """The free licenses, and the devices that end soon: nothing else is read."""
    free = list(reading.every(FreeLicensesOf(policy.org_id, after=to_text(context.now))))
    by = to_text(policy.ends_by(context.now))
    devices = list(reading.every(DevicesByEnd(policy.org_id, until=by))) if free else []
    return Loaded(policy, free, devices)
