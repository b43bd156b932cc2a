"""Carrying a renewal out: what stock and claimed keys allow is bound as planned, and never otherwise (D40)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.associations import bind
from licensing.domain.assigning.co_term import co_terminated, share_of
from licensing.domain.assigning.coverage import coverage_of, waits_for_network
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.catalog import model_of
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO, runs_parallel
from licensing.domain.ordering.quotes import Quote, expired
from licensing.domain.planning.plans import ChainPlan, DevicePlan, PlanStep, holdings
from licensing.domain.planning.renewal_plan import CO_TERM
from licensing.domain.planning.renewals import Renewal, RenewalPart, renewal_view
from licensing.domain.planning.views import RenewalView

Free = Block | License


def apply_renewal(
    renewal: Renewal,
    quote: Quote,
    parts: Sequence[RenewalPart],
    devices: RecordSet,
    free: Sequence[Free],
    now: datetime,
) -> Decision[RenewalView]:
    """Binds what there is, device by device; a device that changed meanwhile is left out with the reason.

    Raises `renewal_expired` for a draft that was not ordered in time.
    """
    if renewal.status(quote, now) == "expired":
        raise expired(renewal.renewal_id, renewal.valid_until)
    draft: Draft[Any] = Draft(
        RecordSet([renewal, *parts, *devices, *free]),
        lambda made: f"Renewal {renewal.renewal_id} carried out, {len(made)} licenses associated",
    )
    supply = Supply(renewal, free, now)
    for part in parts:
        for number, plan in enumerate(part.devices):
            draft.begin(_records(plan))
            after = _carried_out(draft, renewal, plan, devices[Device.ref_of(renewal.org_id, plan.serial)], supply, now)
            if after != plan:
                _keep(draft, part, number, after)
            draft.end()
    left = [draft[part.ref] or part for part in parts]
    if all(is_done(plan) for part in left for plan in part.devices) and not renewal.applied_at:
        draft.room_for(1)
        out = sum(plan.left_out is not None for part in left for plan in part.devices)
        draft.put(renewal.evolve(applied_at=now, left_out_count=out))
    view = renewal_view(draft[renewal.ref] or renewal, quote, left, now)
    return Decision(view, actions.RENEWAL_APPLIED, draft.finish())


def is_ready(quote: Quote, parts: Iterable[RenewalPart], free: Iterable[Free]) -> bool:
    """Whether all that had to be bought, and is not bound yet, is claimed."""
    claimed, wanted = Counter[str](), Counter[str]()
    for each in free:
        if isinstance(each, Block) and each.renewal_id == quote.renewal_id:
            claimed[each.license_model] += len(each.free)
    for plan in (plan for part in parts for plan in part.devices if not is_done(plan)):
        for chain, done in zip(plan.chains, _bound(plan), strict=True):
            for step, many in zip(chain.steps, done, strict=True):
                wanted[step.license_model] += step.quantity - many if step.source == "purchase" else 0
    return claimed >= wanted


def _records(plan: DevicePlan) -> int:
    """How many records it takes at most: the device and the part, and for each license it and its block."""
    # Units are no records: they take one block or two of a device's co-termination.
    terms = (step.quantity for chain in plan.chains for step in chain.steps if not _is_units(step))
    return 2 + 2 * (sum(terms) + 4)


class Supply:
    """The org's free licenses by model, those of the renewal's own keys apart, the oldest issued first."""

    def __init__(self, renewal: Renewal, free: Iterable[Free], now: datetime) -> None:
        self._now = now
        self._blocks: dict[bool, dict[str, list[Block]]] = {True: {}, False: {}}
        self._licenses: dict[bool, dict[str, list[License]]] = {True: {}, False: {}}
        for each in sorted(free, key=lambda one: one.key_id):
            if isinstance(each, License):
                self._licenses[False].setdefault(each.license_model, []).append(each)
            elif each.renewal_id in (None, renewal.renewal_id):
                bought = each.renewal_id == renewal.renewal_id
                self._blocks[bought].setdefault(each.license_model, []).append(each)

    def next(self, draft: Draft[Any], step: PlanStep, device: Device) -> License | None:
        """One that the step may bind; what another renewal bought is never taken."""
        return next((one for one in self._candidates(draft, step) if self._does(one, step, device)), None)

    def _candidates(self, draft: Draft[Any], step: PlanStep) -> Iterator[License]:
        """One of all that are alike, the oldest first."""
        known = self._licenses[step.source == "purchase"].get(step.license_model, ())
        yield from (one for one in draft.present(each.ref for each in known) if one.is_free)
        yield from (block.license(next(iter(block.free))) for block in self.blocks(draft, step))

    def _does(self, one: License, step: PlanStep, device: Device) -> bool:
        """Whether it brings what was planned: of the stock an older one of the model may have burned too far."""
        if one.is_over(self._now):
            return False
        return step.source == "purchase" or _end_with(device, one, self._now) >= step.brings_to

    def blocks(self, draft: Draft[Any], step: PlanStep) -> list[Block]:
        mine = self._blocks[step.source == "purchase"].get(step.license_model, ())
        return [block for block in draft.present(each.ref for each in mine) if block.free]


def _end_with(device: Device, one: License, now: datetime) -> datetime:
    """The end that it brings: its chain's, or its own where licenses run beside each other (D22)."""
    association = Association.of(one, now, networked=device.network_id is not None)
    coverage = coverage_of(device.evolve(associations=(*device.associations, association)))
    if runs_parallel(association.chain):
        return coverage.stretch_of(one.license_id).until
    return coverage.end(association.chain) or now


def is_done(plan: DevicePlan) -> bool:
    """Nothing is left to do for the device."""
    return plan.left_out is not None or not any(_left(plan))


def _left(plan: DevicePlan) -> Iterator[int]:
    bound = _bound(plan)
    for chain, done in zip(plan.chains, bound, strict=True):
        yield from (step.quantity - many for step, many in zip(chain.steps, done, strict=True))


def _bound(plan: DevicePlan) -> tuple[tuple[int, ...], ...]:
    return plan.bound or tuple((0,) * len(chain.steps) for chain in plan.chains)


def _carried_out(
    draft: Draft[Any], renewal: Renewal, plan: DevicePlan, device: Device | None, supply: Supply, now: datetime
) -> DevicePlan:
    """The plan as it stands once as much of it is bound as there is."""
    if is_done(plan):
        return plan
    if device is None or device.parked_at:
        return plan.model_copy(update={"left_out": "It is no longer in the inventory."})
    if holdings(device) != plan.had:
        return plan.model_copy(update={"left_out": "It got or lost a license since it was planned."})
    bound = tuple(
        tuple(_chain(draft, renewal, chain, done, device, supply, now))
        for chain, done in zip(plan.chains, _bound(plan), strict=True)
    )
    after = draft[device.ref] or device
    return plan.model_copy(update={"bound": bound, "had": holdings(after)}) if bound != _bound(plan) else plan


def _chain(
    draft: Draft[Any],
    renewal: Renewal,
    chain: ChainPlan,
    done: Sequence[int],
    device: Device,
    supply: Supply,
    now: datetime,
) -> Iterator[int]:
    """How many of each step's licenses are bound. Units come last: what they have to fill is known only then (D28)."""
    complete = True
    for step, many in zip(chain.steps, done, strict=True):
        if _is_units(step):
            yield step.quantity if many or (complete and _units(draft, renewal, chain, device, supply, now)) else 0
            continue
        while many < step.quantity and (one := supply.next(draft, step, draft[device.ref] or device)) is not None:
            bind(draft, one, draft[device.ref] or device, now)
            many += 1
        complete = complete and many == step.quantity
        yield many


def _is_units(step: PlanStep) -> bool:
    return model_of(step.license_model).type == CO_TERM


def _units(
    draft: Draft[Any], renewal: Renewal, chain: ChainPlan, device: Device, supply: Supply, now: datetime
) -> bool:
    """Whether the device ends at the renewal's end by now, to the second, paid for with no more units than planned."""
    device = draft[device.ref] or device
    end = coverage_of(device).end(PRO)
    if end and end >= renewal.until:
        return True
    steps = [step for step in chain.steps if _is_units(step)]
    blocks = [block for step in steps for block in supply.blocks(draft, step)]
    share = share_of(device, renewal.until, now)
    planned = sum(step.quantity for step in steps)
    enough = share.units <= min(planned, sum(len(block.free) for block in blocks))
    return (
        enough
        and not waits_for_network(device, PRO, now)
        and co_terminated(draft, device, share, blocks, renewal.until, now)
    )


def _keep(draft: Draft[Any], part: RenewalPart, number: int, after: DevicePlan) -> None:
    known = draft[part.ref] or part
    devices = (*known.devices[:number], after, *known.devices[number + 1 :])
    draft.put(known.model_copy(update={"devices": devices}))
