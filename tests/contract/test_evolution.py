"""What is stored outlives a release: a made-up record in three shapes, through the real rows, ledger and replies.

In release 1 a thing has a `colour` and a `size` in inches. Release 2 calls the former `color`. Release 3 measures in
millimetres, no longer has a `weight`, and knows a `place`, which things had none of before.
"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import boto3
import pytest
from moto import mock_aws

from licensing.adapters.dynamodb import keys
from licensing.adapters.dynamodb.keys import Shape
from licensing.adapters.dynamodb.rows import row_class
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, Step, changed, created, decide
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.records import Image, Record, Ref, Stored, Value
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.history import as_it_was
from licensing.use_cases.core.reading import Reading
from licensing.use_cases.reconciliation.reconcile import reconcile
from licensing.use_cases.reconciliation.reindex import reindex
from tests.worlds.examples import NOON, at, later
from tests.worlds.items import text_of

REF_IDS = ("t-1",)
THING_PUT = Action("thing.put", "A thing was put.")
KEY = IdempotencyKey.of("tester", "intent-1", "paint everything")


class Thing1(Record):
    """As release 1 knew it."""

    kind: ClassVar[str] = "thing"
    thing_id: str
    colour: str
    size: int
    weight: int | None = None

    @property
    def ref(self) -> Ref[Any]:
        return Ref(type(self), (self.thing_id,))

    @property
    def owner(self) -> str:
        return "org/things"


def renamed(told: Image) -> Image:
    return {"color" if name == "colour" else name: value for name, value in told.items()}


def in_millimetres(told: Image) -> Image:
    return told | {"size_mm": round(told["size"] * 25.4)} if "size" in told else told


class Thing3(Record):
    """As release 3 knows it."""

    kind: ClassVar[str] = "thing"
    lifts = (renamed, in_millimetres)
    thing_id: str
    color: str
    size_mm: int
    place: str = "nowhere"

    @property
    def ref(self) -> Ref[Any]:
        return Ref(type(self), (self.thing_id,))

    @property
    def owner(self) -> str:
        return "org/things"


class Painted1(Stored):
    """What a step of a bulk command answered in release 1."""

    kind: ClassVar[str] = "painted"
    colour: str


class Painted3(Stored):
    kind: ClassVar[str] = "painted"
    lifts = (renamed,)
    color: str


class Painting(Value):
    colors: tuple[str, ...]


@pytest.fixture
def store() -> Iterator[DynamoStore]:
    with mock_aws():
        rows = row_class("evolving")
        rows.create_table(wait=False)
        yield DynamoStore("evolving")


def release(patch: pytest.MonkeyPatch, thing: type[Record], index: str) -> None:
    """From here on the code knows things as `thing`, and lists them under their `index`."""
    shape = Shape(
        "thing", "", "THING#{0}", "THING", lambda one: {"gsi2pk": "THINGS", "gsi2sk": str(getattr(one, index))},
        number=thing.shape(),
    )  # fmt: skip
    known = keys.class_of
    patch.setitem(keys.SHAPES, "thing", shape)
    patch.setattr(keys, "class_of", lambda kind: thing if kind == "thing" else known(kind))


def write(store: DynamoStore, changes: list[Any], hours: int) -> None:
    context = at(later(hours=hours))
    run_command(store, context, lambda _: None, lambda _: decide(Value(), THING_PUT, "A thing", changes))


def lived(store: DynamoStore, patch: pytest.MonkeyPatch) -> None:
    """A thing made and painted in release 1, painted again and moved in release 3; another gone in release 1."""
    release(patch, Thing1, "colour")
    thing = Thing1(thing_id="t-1", colour="red", size=2, weight=7)
    gone = Thing1(thing_id="t-2", colour="grey", size=1)
    write(store, [created(thing), created(gone)], 0)
    write(store, [changed(thing.evolve(version=1), colour="green", size=4), Change(gone.evolve(version=1), None)], 1)
    patch.undo()
    release(patch, Thing3, "color")


def thing(store: DynamoStore) -> Thing3:
    found = store.one(Ref(Thing3, REF_IDS))
    assert isinstance(found, Thing3)
    return found


def test_a_record_of_an_older_release_is_read_in_todays_shape(store: DynamoStore, monkeypatch: Any) -> None:
    lived(store, monkeypatch)
    found = thing(store).evolve(told_in=None)
    assert found == Thing3(thing_id="t-1", color="green", size_mm=102, place="nowhere", version=2)


def test_the_past_is_rewound_across_releases(store: DynamoStore, monkeypatch: Any) -> None:
    lived(store, monkeypatch)
    write(store, [changed(thing(store), color="blue", place="hall")], 2)
    found = [thing(store)]
    told = {hours: as_it_was(store, "org/things", found, later(hours=hours), Thing3) for hours in (0, 1, 2)}
    assert told[2] == [Thing3(thing_id="t-1", color="blue", size_mm=102, place="hall")]
    assert told[1] == [Thing3(thing_id="t-1", color="green", size_mm=102)]
    assert told[0] == [
        Thing3(thing_id="t-1", color="red", size_mm=51),
        Thing3(thing_id="t-2", color="grey", size_mm=25),
    ]


def test_the_ledger_replays_across_releases(store: DynamoStore, monkeypatch: Any) -> None:
    lived(store, monkeypatch)
    write(store, [changed(thing(store), color="blue", place="hall")], 2)
    assert [each for each in reconcile(store, NOON) if each.promise == "the ledger tells of every change"] == []


def test_what_an_older_release_wrote_is_found_by_the_reconciler_and_written_anew(
    store: DynamoStore, monkeypatch: Any
) -> None:
    lived(store, monkeypatch)
    release(monkeypatch, Thing3, "size_mm")
    assert {each.item for each in reconcile(store, NOON)} == {"thing/t-1"}
    assert reindex(store) == 1
    assert reconcile(store, NOON) == []
    item = boto3.client("dynamodb", "eu-central-1").get_item(
        TableName="evolving", Key={"pk": {"S": "THING#t-1"}, "sk": {"S": "THING"}}
    )["Item"]
    assert (item["gsi2sk"], item["shape"], item["version"]) == ({"S": "102"}, {"N": "3"}, {"N": "2"})
    assert json.loads(text_of(item)) == {"thing_id": "t-1", "color": "green", "size_mm": 102, "place": "nowhere"}
    assert reindex(store) == 0


def test_reindexing_gives_way_to_whoever_writes_meanwhile(store: DynamoStore, monkeypatch: Any) -> None:
    lived(store, monkeypatch)
    rewrite = store.rewrite

    def overtaken(record: Record) -> None:
        if record.version == 2 and record.ref.ids == REF_IDS:
            write(store, [changed(thing(store), color="blue")], 2)
        rewrite(record)

    monkeypatch.setattr(store, "rewrite", overtaken)
    assert reindex(store) == 0
    assert (thing(store).color, thing(store).version) == ("blue", 3)


def paint(store: DynamoStore, part: Any, field: str, hurried: bool) -> Painting:
    """A bulk command of two steps; hurried, its time is up after the first."""

    def decided(done: tuple[Any, ...]) -> Decision[Painting]:
        made = [*(getattr(each, field) for each in done), *("red", "green")[len(done) :]]
        steps = [
            Step((created(Thing1(thing_id=f"p-{n}", colour=color, size=1)),), color, (part(**{field: color}),))
            for n, color in enumerate(made)
        ]
        return Decision(Painting(colors=tuple(made)), THING_PUT, tuple(steps[len(done) :]))

    context = at(idempotency_key=KEY, seconds=1.0) if hurried else at(idempotency_key=KEY)

    def load(reading: Reading[Any]) -> tuple[Any, ...]:
        reading.load_bookkeeping()
        return reading.done

    answer = run_command(store, context, load, decided, (part,)).answer
    assert answer
    return answer


def test_a_half_done_bulk_command_is_finished_by_the_next_release(store: DynamoStore, monkeypatch: Any) -> None:
    release(monkeypatch, Thing1, "colour")
    with pytest.raises(Refusal, match="after 1 of 2 steps"):
        paint(store, Painted1, "colour", hurried=True)
    assert paint(store, Painted3, "color", hurried=False).colors == ("red", "green")


def test_every_class_has_the_shape_that_the_table_says() -> None:
    for kind, shape in keys.SHAPES.items():
        assert keys.class_of(kind).shape() == shape.number, f"{kind}: say its shape number in its Shape"
