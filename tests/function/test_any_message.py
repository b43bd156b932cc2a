"""Workers are sent anything at all: what can't be handled fails alone, and the rest of its batch goes through."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worlds.examples import purchase_order
from tests.worlds.moto_cloud import Cloud, body_of, cloud, sqs_event

SAMPLES = {
    "key_generation": ["sqs_order_completed.json", "sqs_erp_order.json"],
    "key_delivery": ["sqs_key_delivery.json"],
    "mail_events": ["sqs_mail_bounce.json", "sqs_mail_delivery_notification.json"],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def made() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, cloud(patch) as one:
        yield one


def paths_of(value: Any) -> list[tuple[Any, ...]]:
    """Where everything in a message stands."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((name, *path) for name, inner in parts for path in paths_of(inner))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> str:
    """A message with one part of it put in the place of another thing; or no such message at all, or no JSON."""
    path = draw(st.sampled_from(paths_of(whole)))
    text = json.dumps(replaced(whole, path, draw(JSON)))
    return draw(st.sampled_from([text, text[: len(text) // 2]]) | st.text(max_size=50))


@pytest.mark.parametrize("function", SAMPLES)
def test_no_message_breaks_a_worker(made: Cloud, function: str) -> None:
    """What is no clean failure would be an exception of the handler, and the whole batch would come again."""
    bodies = st.sampled_from([body_of(name) for name in SAMPLES[function]]).flatmap(damaged)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(bodies, min_size=1, max_size=3))
    def survives(messages: list[str]) -> None:
        answer = made.function(function)(sqs_event(messages), None)
        known = {f"message-{number}" for number in range(len(messages))}
        assert {failure["itemIdentifier"] for failure in answer["batchItemFailures"]} <= known

    survives()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(poison=damaged({"type": "order.completed", "order": purchase_order()}), number=st.integers(1, 10**9))
def test_a_good_message_goes_through_whatever_stands_beside_it(made: Cloud, poison: str, number: int) -> None:
    good = {"type": "order.completed", "order": purchase_order(po_number=f"GOOD-{number}")}
    failed = made.send("key_generation", poison, good, poison)
    assert "message-1" not in failed
    order = made.call("GET", "/orders", partner_id="acme", po_number=f"GOOD-{number}").body["items"][0]
    assert all(line["key_state"] == "issued" for line in order["lines"])
