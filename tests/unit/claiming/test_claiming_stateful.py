"""Claims, moves and MSP extensions at random, against a model of ten lines: nothing lost, nothing owned twice."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from licensing.domain.claiming.requests import MoveRequest, MspClaimRequest, TransferRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.core.records import Image
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.licenses import Block, License, license_id_of
from licensing.domain.licenses.msp_portals import Extension, MspPortal
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.claiming.show_portal import show_portal
from licensing.use_cases.claiming.transfer_tokens import transfer_tokens
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.claiming import BLUE, NORTH, SOUTH, claim, issue, key_id
from tests.worlds.examples import NOON, at
from tests.worlds.fakes import MemoryStore

ORGS = (NORTH, SOUTH)
OWNERS = ("org/org-north", "org/org-south", f"msp/{BLUE}")
REPLAYED = (Block, License, TokenPool, MspPortal, Extension)
numbers = st.integers(0, 11)
orgs = st.sampled_from(ORGS)

# Keys by number: model and quantity.
KEYS = [("AP-1YR-LIC", 1 + number % 4) for number in range(6)]
KEYS += [("AI-TOKEN-1K-LIC", 2)] * 2 + [("MSP-1YR-LIC", 1), ("MSP-3YR-LIC", 2)] * 2


class Claiming(RuleBasedStateMachine):
    """The model: who owns which licence, what the token pools hold, until when the portal is valid."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.now = NOON
        self.keys = [issue(self.store, number, *KEYS[number]) for number in range(len(KEYS))]
        self.owner: dict[str, str] = {}
        self.holder: dict[int, str] = {}
        self.tokens = dict.fromkeys(ORGS, 0)
        self.valid_until: datetime | None = None
        self.answers: list[tuple[str, datetime, list[str]]] = []

    @initialize()
    def something_to_begin_with(self) -> None:
        for number in (2, 3, 6):
            self.claim_in_an_org(number, NORTH)
        self.claim_in_the_portal(8)

    @rule(hours=st.sampled_from((1, 24 * 30, 24 * 200)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(number=numbers, org=orgs)
    def claim_in_an_org(self, number: int, org: str) -> None:
        model, quantity = KEYS[number]
        said = self.code(lambda: claim(self.store, self.keys[number], org=org, context=self.tick()))
        if model.startswith("MSP"):
            assert said == "wrong_portal"
        elif number in self.holder:
            assert said == (None if self.holder[number] == org else "already_claimed")
        else:
            self.holder[number] = org
            self.owner |= {license_id_of(key_id(number), each): org for each in range(1, quantity + 1)}
            self.tokens[org] += 1000 * quantity if model.startswith("AI") else 0

    @rule(number=numbers)
    def claim_in_the_portal(self, number: int) -> None:
        model, quantity = KEYS[number]
        request, context = MspClaimRequest(license_keys=(self.keys[number],)), self.tick()
        said = self.code(lambda: extend_msp(self.store, context, BLUE, "mia", request))
        assert said == (None if model.startswith("MSP") else "wrong_portal")
        if said is None and number not in self.holder:
            self.holder[number] = BLUE
            start = max(self.valid_until or self.now, self.now)
            self.valid_until = start + quantity * timedelta(days=365 if "1YR" in model else 1095)

    @rule(org=orgs, quantity=st.integers(1, 6))
    def move_the_oldest(self, org: str, quantity: int) -> None:
        alive = self.now < NOON + timedelta(days=90 + 365)
        movable = [each for each, owner in sorted(self.owner.items()) if owner == org and alive and is_ap(each)]
        said = self.move(org, license_model="AP-1YR-LIC", quantity=quantity)
        assert said == (None if quantity <= len(movable) else "not_enough_licenses")
        self.owner |= dict.fromkeys(movable[:quantity] if said is None else (), other(org))

    @rule(org=orgs, picks=st.sets(st.tuples(st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=5))
    def move_some(self, org: str, picks: set[tuple[int, int]]) -> None:
        chosen = [license_id_of(key_id(number), each) for number, each in picks]
        said = self.move(org, license_ids=chosen)
        assert said == (None if all(self.owner.get(each) == org for each in chosen) else "not_found")
        self.owner |= dict.fromkeys(chosen if said is None else (), other(org))

    @rule(org=orgs)
    def transfer_all(self, org: str) -> None:
        transfer_tokens(self.store, self.tick(), org, TransferRequest(to_org_id=other(org)))
        self.tokens[other(org)] += self.tokens[org]
        self.tokens[org] = 0

    @rule(org=orgs)
    def ask(self, org: str) -> None:
        """What is answered now must be answered again when it is past."""
        self.answers.append((org, self.now, self.ids(org)))
        self.now += timedelta(seconds=1)

    @invariant()
    def licenses_are_owned_as_the_model_says(self) -> None:
        for org in ORGS:
            assert self.ids(org) == sorted(each for each, owner in self.owner.items() if owner == org)

    @invariant()
    def tokens_and_validity_are_as_the_model_says(self) -> None:
        pools = [self.store.one(TokenPool.ref_of(org)) for org in ORGS]
        assert [pool.balance if pool else 0 for pool in pools] == list(self.tokens.values())
        assert show_portal(self.store, BLUE, self.now).valid_until == self.valid_until

    @invariant()
    def the_ledger_replays_to_the_same_state(self) -> None:
        replayed: dict[str, Image] = {}
        for owner in OWNERS:
            for entry in reversed(list(self.store.every(LedgerOf(owner)))):
                for diff in entry.changes:
                    facts = diff.applied(replayed.pop(diff.record, None))
                    replayed |= {diff.record: facts} if facts is not None else {}
        present = [record for record in self.store.items.values() if isinstance(record, REPLAYED)]
        kinds = tuple(f"{kind.kind}/" for kind in REPLAYED)
        assert {ref: told for ref, told in replayed.items() if ref.startswith(kinds)} == {
            str(record.ref): record.model_dump(mode="json", exclude_none=True) for record in present
        }

    def teardown(self) -> None:
        for org, then, ids in self.answers:
            page = list_licenses(self.store, org, LicenseFilter(), then, then + DAY, 1000, None)
            assert [row.license_id for row in page.items] == ids

    def ids(self, org: str) -> list[str]:
        page = list_licenses(self.store, org, LicenseFilter(), self.now, self.now, 1000, None)
        return [row.license_id for row in page.items]

    def move(self, org: str, **which: Any) -> str | None:
        request = MoveRequest.model_validate({"to_org_id": other(org)} | which)
        context = self.tick()
        return self.code(lambda: move_licenses(self.store, context, org, request))

    def tick(self) -> Any:
        """A context for a command, a second after everything before."""
        self.now += timedelta(seconds=1)
        return at(self.now)

    @staticmethod
    def code(command: Any) -> str | None:
        try:
            command()
        except Refusal as refusal:
            return refusal.code
        return None


def is_ap(license_id: str) -> bool:
    return any(license_id.startswith(key_id(number)) for number in range(6))


def other(org: str) -> str:
    return SOUTH if org == NORTH else NORTH


Claiming.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestClaiming = Claiming.TestCase
