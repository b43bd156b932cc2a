"""The proof of one owner: all that it has, against its ledger and against those it shares promises with.

Costs what the owner has, in calls and in memory; nothing of it grows with the table.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from msgspec import Struct, field

from licensing.domain.assigning.devices import Device
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.instants import DAY
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.limits import EVERY_OWNER_WITHIN, KEYS_TRACED
from licensing.domain.core.records import Record, RecordSet, Value
from licensing.domain.inventory.counts import Counts
from licensing.domain.inventory.digests import OrgDigest
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.licenses import Block, License, license_id_of, split_id
from licensing.domain.reconciliation.devices import device_findings
from licensing.domain.reconciliation.digests import digest_findings
from licensing.domain.reconciliation.ledger import ledger_findings, lost_licenses, passed_findings
from licensing.domain.reconciliation.orders import order_findings
from licensing.domain.reconciliation.people import people_findings
from licensing.domain.reconciliation.portals import portal_findings
from licensing.domain.reconciliation.texts import oddly_spelled, text_findings, unreachable
from licensing.domain.reconciliation.tokens import other_sides, token_findings, transfer_findings
from licensing.domain.reconciliation.traces import KeyTrace, met
from licensing.domain.reconciliation.units import Holdings, held_by, holdings_of, of_unknown_key, unit_findings
from licensing.domain.reconciliation.violations import TableSnapshot, Violation
from licensing.listings import DevicesOf, LicensesOf
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.inventory.keep_digest import Torn, is_usable, kept_counts, ledger_since
from licensing.use_cases.reconciliation.read_owner import Owned, read_owner

# A key of which an org has licences is known once whoever claimed it was proven, which takes a turn at most.
UNKNOWN_FOR = EVERY_OWNER_WITHIN + DAY


class Proof(Struct):
    """What does not hold of an owner. `traced`: keys of others were met that no proof had met there before; `asks` are
    those who claimed them, and have something new to look at."""

    findings: set[Violation] = field(default_factory=set)
    traced: bool = False
    asks: set[str] = field(default_factory=set)


def prove(store: Store, owner: str, context: Context, unknown_for: timedelta = UNKNOWN_FOR) -> Proof:
    """Reads what the owner has and its ledger, then what these name. What was being changed meanwhile can look broken:
    whoever reports a finding has looked a second time.

    `unknown_for`: how long nobody may be known to have claimed a key.
    """
    # Before what it counts: what is committed meanwhile is undone by the ledger, which is read last.
    digest = _digest(store, owner)
    owned, proof = read_owner(store, owner), Proof()
    told_here = TableSnapshot(_as_told(owner, record) for record in owned.census if _is_told(owner, record))
    known = {ref: story for ref, story in owned.known.items() if not _is_passed(owner, ref)}
    proof.findings.update(ledger_findings(told_here, known), text_findings(owned.census), _claimed_findings(owned))
    match owner.partition("/")[0]:
        case "order":
            proof.findings.update(order_findings(owned.census, context.now))
        case "person":
            proof.findings.update(people_findings(owned.census))
        case "msp":
            proof.findings.update(_msp_findings(owned))
        case "org":
            proof.findings.update(_unreachable(store, owned.census), _tokens(store, owned))
            proof.findings.update(device_findings(owned.census, owned.org_id))
            proof.findings.update(_digest_findings(store, owned, digest) if digest else ())
            _trace_foreign(store, owned, context, proof, unknown_for)
            proof.findings.update(_unit_findings(store, owned, context))
    return proof


# --- the ledger ---


def _is_told(owner: str, record: Record) -> bool:
    return owner.startswith("order/") if isinstance(record, LicenseKey) else record.owner == owner


def _is_passed(owner: str, told: str) -> bool:
    """A key's claim is the one change that another ledger has begun: `_claimed_findings` looks at it."""
    return told.startswith(f"{LicenseKey.kind}/") and not owner.startswith("order/")


def _as_told(owner: str, record: Record) -> Record:
    """A claimed key as its order knew it: the claim, which is final and the last change of it, others tell (D11)."""
    if not isinstance(record, LicenseKey) or record.owner == owner:
        return record
    return record.model_copy(update={"claimed_by": None, "claimed_at": None, "version": record.version - 1})


def _claimed_findings(owned: Owned) -> Iterator[Violation]:
    for ref, story in owned.known.items():
        if _is_passed(owned.owner, ref):
            yield from passed_findings(ref, story, owned.census[ref])


# --- units ---


def _msp_findings(owned: Owned) -> Iterator[Violation]:
    holdings = holdings_of(owned.census)
    yield from portal_findings(owned.census)
    yield from unit_findings(owned.owner, owned.keys, holdings, ())
    for key_id in holdings.keys() - {key.key_id for key in owned.keys}:
        yield from of_unknown_key(key_id, holdings[key_id])


def _unit_findings(store: Store, owned: Owned, context: Context) -> Iterator[Violation]:
    """Of the org's own keys, wherever their licences are by now."""
    holdings, lost = holdings_of(owned.census), lost_licenses(owned.known)
    own = {key.key_id: key for key in owned.keys}
    for trace in _traces(store, list(own)):
        _note(store, context, trace, trace.evolve(claimed_by=owned.owner))
        lost |= {license_id_of(trace.key_id, number) for number in trace.lost}
        for org_id in trace.orgs:
            holdings.setdefault(trace.key_id, Holdings()).add(_held_there(store, org_id, own[trace.key_id]))
    yield from unit_findings(owned.owner, own.values(), holdings, lost)


def _touched(owned: Owned) -> Iterator[str]:
    """The keys of which the org has or had licences."""
    for told in (*owned.known, *(str(record.ref) for record in owned.census)):
        if told.partition("/")[0] in (Block.kind, License.kind):
            yield told.split("/")[2]
    for device in owned.census.all(Device):
        yield from (key_id for key_id, _ in held_by(device))


def _by_key(lost: Iterable[str]) -> dict[str, Intervals]:
    found: dict[str, list[int]] = {}
    for license_id in lost:
        key_id, number = split_id(license_id)
        found.setdefault(key_id, []).append(number)
    return {key_id: Intervals.of(numbers) for key_id, numbers in found.items()}


def _trace_foreign(store: Store, owned: Owned, context: Context, proof: Proof, unknown_for: timedelta) -> None:
    """What the org has of keys that others claimed is noted for these."""
    holdings, own = holdings_of(owned.census), {key.key_id for key in owned.keys}
    lost = dict.fromkeys(_touched(owned), Intervals()) | _by_key(lost_licenses(owned.known))
    foreign = sorted(lost.keys() - own)
    traces = {trace.key_id: trace for trace in _traces(store, foreign)}
    for key_id in foreign:
        known = traces.get(key_id)
        trace = met(known, key_id, owned.org_id, lost[key_id], context.now)
        if trace != known:
            _note(store, context, known, trace)
            proof.traced = True
            proof.asks |= {trace.claimed_by} if trace.claimed_by else set()
        if trace.claimed_by is None and context.now - trace.met_at >= unknown_for:
            proof.findings.update(of_unknown_key(key_id, holdings.get(key_id, Holdings())))


def _traces(store: Store, key_ids: Sequence[str]) -> Iterator[KeyTrace]:
    for start in range(0, len(key_ids), KEYS_TRACED):
        refs = [KeyTrace.ref_of(key_id) for key_id in key_ids[start : start + KEYS_TRACED]]
        yield from store.get(*refs).present(refs)


def _note(store: Store, context: Context, known: KeyTrace | None, trace: KeyTrace) -> None:
    """No ledger tells of it, and nobody is asked: it is bookkeeping."""

    def decided(current: KeyTrace | None) -> Decision[Value]:
        orgs = {*(current.orgs if current else ()), *trace.orgs}
        after = trace.evolve(orgs=tuple(sorted(orgs)))
        return decide(Value(), None, "", [] if after == current else [Change(current, after)])

    if trace != known:
        run_command(store, context, lambda reading: reading.one(trace.ref), decided)


def _held_there(store: Store, org_id: str, key: LicenseKey) -> Holdings:
    """What another org has of a key."""
    held = Holdings()
    for record in store.every(LicensesOf(org_id, key.key_id)):
        if record.key_id != key.key_id:
            break
        for _, part in held_by(record):
            held.add(part)
    if key.model.type == "co_term":
        for device in store.every(DevicesOf(org_id)):
            for key_id, part in held_by(device):
                if key_id == key.key_id:
                    held.add(part)
    return held


# --- digests ---


def _digest(store: Store, owner: str) -> tuple[OrgDigest, Counts] | None:
    """An org's digest and its counts, if it is in use, and nobody is writing it."""
    kind, _, owner_id = owner.partition("/")
    digest = store.one(OrgDigest.ref_of(owner_id)) if kind == "org" else None
    try:
        return (digest, kept_counts(store, digest)) if is_usable(digest) else None
    except Torn:
        return None


def _digest_findings(store: Store, owned: Owned, kept: tuple[OrgDigest, Counts]) -> Iterator[Violation]:
    digest, counts = kept
    records = [record for record in owned.census if record.owner == owned.owner]
    return digest_findings(digest, counts, records, ledger_since(store, owned.org_id, digest.settled))


# --- tokens, spellings ---


def _tokens(store: Store, owned: Owned) -> Iterator[Violation]:
    pool = owned.census[str(TokenPool.ref_of(owned.org_id))]
    yield from token_findings(owned.org_id, pool if isinstance(pool, TokenPool) else None, owned.keys, owned.transfers)
    for transfer in owned.transfers:
        refs = other_sides(transfer)
        yield from transfer_findings(transfer, store.get(*refs).present(refs))


def _unreachable(store: Store, census: TableSnapshot) -> Iterator[Violation]:
    odd = [record for record in oddly_spelled(census) if isinstance(record, Device)]
    # As a caller would look: an older release may have put it under a spelling that no canonical form leads to (D45).
    there = store.get(*[record.ref for record in odd]) if odd else RecordSet()
    return (unreachable(record) for record in odd if there[record.ref] is None)
