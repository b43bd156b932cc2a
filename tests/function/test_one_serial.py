"""A serial number is one, however it is spelled (D45): a story told in odd spellings comes out as in canonical ones.

Every call that takes a serial is among the steps; a new one fails `test_every_call_that_takes_a_serial_is_a_step`.
"""

import importlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.domain.core.ledger import Entry
from licensing.domain.people.access import Grant
from licensing.entry import wiring
from tests.function.test_isolation import ROUTES
from tests.worlds.claiming import NORTH, SOUTH, issue, key_id, mint
from tests.worlds.examples import NOON
from tests.worlds.fakes import MemoryStore
from tests.worlds.gateway import Answer, answer_of, api_event, person, target_of

ADMIN = person("ada@north.example", *(Grant(role="org_admin", org_id=org) for org in (NORTH, SOUTH)))
KEYS = {1: ("AP-1YR-LIC", 6), 2: ("SPC-1YR-200-LIC", 3), 3: ("CO-TERM-LIC", 3_000), 4: ("GW-1YR-LIC", 3)}
SERIALS = ("AP-A1", "AP-B2", "GW_C3", "GW_D4", "GW_E5")
LICENSES = [f"{key_id(number)}-{n:06}" for number in (1, 2, 4) for n in (1, 2, 3)]

# How a serial is written, in one place of one step.
Spelling = Callable[[str], str]
Step = tuple[str, list[str], int]


def canonical(serial: str) -> str:
    return serial


def device(serial: str) -> dict[str, str]:
    """What is told of a device but for its serial is the same in every spelling."""
    number = SERIALS.index(serial.upper())
    category, model = ("ap", "ECW230S") if serial.upper().startswith("AP") else ("gateway", "ESG610")
    return {"serial": serial, "mac": f"88:DC:96:00:00:0{number}", "model": model, "category": category}


def requests(spell: Spelling, chosen: list[str], pick: int) -> Mapping[str, tuple[str, Any]]:
    """The path and body of each call about the chosen serials; `pick` decides the rest."""
    one, other, *_ = [spell(serial) for serial in chosen] * 2
    each = [spell(serial) for serial in chosen]
    here, there = (NORTH, SOUTH) if pick % 4 else (SOUTH, NORTH)
    until = f"{NOON + timedelta(days=200 + pick):%Y-%m-%dT%H:%M:%SZ}"
    license_id, org = LICENSES[pick % len(LICENSES)], f"/orgs/{here}"
    pair = {"pairs": [{"license_id": license_id, "serial": one}]}
    term = {"serial": one, "term_days": 365}
    return {
        "POST /orgs/{org_id}/devices": (f"{org}/devices", {"devices": [device(serial) for serial in each]}),
        "GET /orgs/{org_id}/devices/{serial}": (f"{org}/devices/{one}", None),
        "GET /orgs/{org_id}/devices/{serial}/timeline": (f"{org}/devices/{one}/timeline", None),
        "GET /orgs/{org_id}/devices/{serial}/offers": (f"{org}/devices/{one}/offers", None),
        "PUT /orgs/{org_id}/devices/{serial}/network": (f"{org}/devices/{one}/network", {"network_id": "net"}),
        "DELETE /orgs/{org_id}/devices/{serial}/network": (f"{org}/devices/{one}/network", None),
        "DELETE /orgs/{org_id}/devices/{serial}": (f"{org}/devices/{one}", None),
        "POST /orgs/{org_id}/devices/move": (f"{org}/devices/move", {"to_org_id": there, "serials": each}),
        "POST /orgs/{org_id}/devices/{serial}/replacement": (
            f"{org}/devices/{one}/replacement",
            {"new_serial": other},
        ),
        "POST /orgs/{org_id}/associations": (f"{org}/associations", pair if pick % 3 else term),
        "POST /orgs/{org_id}/associations/automatic": (f"{org}/associations/automatic", {"serials": each, "max": 2}),
        "POST /orgs/{org_id}/devices/{serial}/undo": (f"{org}/devices/{one}/undo", {}),
        "POST /orgs/{org_id}/co-term": (f"{org}/co-term", {"until": until, "serials": each}),
        "POST /orgs/{org_id}/renewals": (f"{org}/renewals", {"until": until, "serials": each}),
        "POST /orgs/{org_id}/seat-shares": (
            f"{org}/seat-shares",
            {"license_id": LICENSES[3 + pick % 3], "serials": each},
        ),
        "GET /orgs/{org_id}/licenses": (f"{org}/licenses", one),
    }


def all_calls() -> list[str]:
    return list(requests(canonical, list(SERIALS), 1))


class RecordHistory:
    """An inventory and its stock, told by the calls of the API."""

    def __init__(self) -> None:
        self.store, self.now = MemoryStore(), NOON

    @contextmanager
    def told(self) -> Iterator[None]:
        with (
            mock.patch.object(wiring, "store", return_value=self.store),
            mock.patch.object(wiring, "now", side_effect=lambda: self.now),
            mock.patch.dict("os.environ", {"FREE_DAYS": "*=90,camera=0", "TABLE_NAME": "t"}),
        ):
            for number, (model, quantity) in KEYS.items():
                issue(self.store, number, model, quantity)
            claimed = self.call("POST", f"/orgs/{NORTH}/claims", {"license_keys": [mint(number) for number in KEYS]})
            assert claimed.status == 201
            yield

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        self.now += timedelta(minutes=1)
        handler = importlib.import_module(f"functions.{target_of(method, path).function}.app").handler
        return answer_of(handler(api_event(method, path, body, who=ADMIN, **query), None))

    def step(self, spell: Spelling, name: str, chosen: list[str], pick: int) -> Any:
        method, (path, body) = name.partition(" ")[0], requests(spell, chosen, pick)[name]
        self.now += timedelta(days=pick % 40)
        if method == "GET":
            answer = self.call(method, path, serial=body) if body else self.call(method, path)
        else:
            answer = self.call(method, path, body)
        assert answer.status < 500, answer.body
        # Digests and fingerprints have no letter that a spelling touches; what people read may have any.
        return answer.status, json.dumps(answer.body).upper()

    @property
    def records(self) -> list[str]:
        """All that is kept, the ledger too; its entries are named by chance, and tell of a new spelling as a change."""
        entries = [one for one in self.store.items.values() if isinstance(one, Entry)]
        told = [entry.model_dump_json(exclude={"entry_id", "changes"}) for entry in entries]
        kept = {key: one for key, one in self.store.items.items() if not isinstance(one, Entry)}
        told += [f"{key} {one.version} {one.model_dump_json()}" for key, one in kept.items()]
        return sorted(text.upper() for text in told)


steps = st.tuples(
    st.sampled_from(all_calls()),
    st.lists(st.sampled_from(SERIALS), min_size=1, max_size=3, unique=True),
    st.integers(0, 11),
)
REGISTERED: list[Step] = [("POST /orgs/{org_id}/devices", list(SERIALS[:4]), 1)]


@settings(max_examples=60, deadline=None)
@given(story=st.lists(steps, min_size=4, max_size=14), chance=st.randoms(use_true_random=False))
def test_a_story_in_odd_spellings_comes_out_as_in_canonical_ones(story: list[Step], chance: random.Random) -> None:
    def oddly(serial: str) -> str:
        return "".join(chance.choice((char, char.lower())) for char in serial)

    compare([*REGISTERED, *story], oddly)


def test_every_step_is_taken_in_lower_case_as_in_upper_case() -> None:
    """Each call once, in an order in which none is refused by itself."""
    gateways = ["GW_C3", "GW_D4"]
    story: list[Step] = [
        *REGISTERED,
        ("PUT /orgs/{org_id}/devices/{serial}/network", ["AP-A1"], 1),
        ("POST /orgs/{org_id}/associations", ["AP-A1"], 1),
        ("POST /orgs/{org_id}/associations", ["AP-B2"], 2),
        ("POST /orgs/{org_id}/seat-shares", gateways, 1),
        ("POST /orgs/{org_id}/associations/automatic", ["AP-B2"], 1),
        ("POST /orgs/{org_id}/devices/{serial}/undo", ["AP-B2"], 2),
        ("GET /orgs/{org_id}/licenses", ["AP-A1"], 1),
        ("GET /orgs/{org_id}/devices/{serial}/timeline", ["AP-A1"], 1),
        ("GET /orgs/{org_id}/devices/{serial}/offers", ["AP-A1"], 1),
        ("POST /orgs/{org_id}/co-term", ["AP-B2"], 401),
        ("POST /orgs/{org_id}/renewals", ["AP-B2"], 501),
        ("POST /orgs/{org_id}/devices/{serial}/replacement", ["GW_C3", "GW_E5"], 1),
        ("DELETE /orgs/{org_id}/devices/{serial}/network", ["AP-A1"], 1),
        ("DELETE /orgs/{org_id}/devices/{serial}", ["AP-A1"], 1),
        ("POST /orgs/{org_id}/devices", ["AP-A1"], 1),
        ("POST /orgs/{org_id}/devices/move", ["GW_D4", "GW_E5"], 1),
        ("GET /orgs/{org_id}/devices/{serial}", ["GW_E5"], 4),
    ]
    assert {name for name, _, _ in story} == set(all_calls())
    assert {status for status, _ in compare(story, str.lower)} <= {200, 201}


def compare(story: list[Step], spell: Spelling) -> list[Any]:
    """Plays the story in both spellings; what was answered."""
    plain, odd = RecordHistory(), RecordHistory()
    with plain.told():
        expected = [plain.step(canonical, *step) for step in story]
    with odd.told():
        answered = [odd.step(spell, *step) for step in story]
    assert answered == expected
    assert odd.records == plain.records
    return answered


def test_every_call_that_takes_a_serial_is_a_step() -> None:
    assert set(all_calls()) == {f"{route.method} {route.path}" for route in ROUTES if takes_serials(route)}


def takes_serials(route: Any) -> bool:
    schema = json.dumps(route.takes.model_json_schema()["properties"] if route.takes else {})
    parts = json.dumps(route.takes.model_json_schema().get("$defs", {}) if route.takes else {})
    return any(name in route.path + schema + parts for name in ("{serial}", '"serial"', '"serials"', '"new_serial"'))
