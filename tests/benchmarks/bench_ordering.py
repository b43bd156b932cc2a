"""Ordering in numbers: a warm order beside its bare calls, what an order costs, one PDF, sizes.

python -m tests.benchmarks.bench_ordering
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from licensing.adapters import artwork, facts, printing
from licensing.adapters.fonts import Font, ready, runs
from licensing.adapters.printing import print_document
from licensing.adapters.typesetting import Block, draw
from licensing.domain.ordering.documents import KeyDocument
from licensing.entry import wiring
from licensing.use_cases.ordering.complete_order import complete_order
from licensing.use_cases.ordering.generate_keys import key_document
from licensing.use_cases.ordering.place_order import place_order
from licensing.use_cases.ordering.read_orders import existing_order, reader
from tests.benchmarks.beside import Beside, ratio, timed
from tests.benchmarks.harness import AWS, Shipped, say, table
from tests.benchmarks.metering import MeteredStore
from tests.worlds.examples import at, order_request, purchase_order
from tests.worlds.gateway import ACME, api_event
from tests.worlds.ordering import World
from tools.local.ministack import ministack

ROUNDS, DOCUMENTS = 40, 150
TABLES = count()


def new_store(endpoint: str) -> MeteredStore:
    store = MeteredStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint)
    store.rows.create_table(wait=True)
    return store


def warm_order(endpoint: str) -> list[tuple[str, str]]:
    """POST /orders through the function's handler, with an Idempotency-Key as a careful partner sends one."""
    ours, twin = (new_store(endpoint).rows.Meta.table_name for _ in range(2))
    os.environ |= {"TABLE_NAME": ours, "AWS_ENDPOINT_URL": endpoint, "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
    wiring.reset()
    from functions.order_intake.app import handler

    def place(number: int) -> None:
        order = purchase_order(po_number=f"PO-{number}")
        answer = handler(api_event("POST", "/orders", order, who=ACME, headers={"Idempotency-Key": str(number)}), None)
        assert answer["statusCode"] == 201, answer

    beside = Beside(cast(Any, wiring.store())._connection.client, endpoint, ours, twin)
    place(0)
    for number in range(1, ROUNDS + 1):
        beside.time(partial(place, number))
    return beside.rows()


def costs(endpoint: str) -> Iterator[tuple[str, str]]:
    """An order of two lines and two recipients, from intake to fulfilled."""
    store = new_store(endpoint)
    world = World(store=cast(Any, store))
    order_id = order_request().order_id
    steps: dict[str, Callable[[], object]] = {
        "intake": lambda: place_order(store, at(), order_request()),
        "completion": lambda: complete_order(store, world.notes, at(), order_id),
        "two keys": lambda: world.generate(order_id),
        "two mails": lambda: world.deliver(order_id),
        "reading it": lambda: world.view(order_id),
    }
    for name, step in steps.items():
        with store.metered() as meter:
            step()
        yield name, f"{meter.calls} calls, {meter.items} items, {meter.write_units} WCU, {meter.read_units} RCU"


def one_document() -> list[tuple[str, str]]:
    """The sample customer's page, and a bare one: its texts in the same faces, drawn where they stand, nothing else."""
    world = World()
    order_id = world.place_and_complete(customer="株式会社ノース (Łódź branch)")
    world.generate(order_id)
    bought = existing_order(reader(world.store), order_id)
    document = key_document(bought.order, bought.keys[0], "7Q4ZK-00000-00000-00000-00000", "https://portal.example")
    texts = list(texts_of(document))
    pairs = []
    for number in range(DOCUMENTS):
        page = replace(document, line=number)
        pairs.append((timed(partial(print_document, page))[1], timed(partial(bare_page, texts))[1]))
    return [("CPU", ratio(pairs[1:])), ("bytes", f"{len(print_document(document)):,}")]


def texts_of(document: KeyDocument) -> Iterator[tuple[Font, float, str]]:
    """What the page says: face, size and text of each stretch."""
    drawn: list[Block] = []

    def noted(canvas: object, block: Block, x: float, top: float, color: object) -> float:
        drawn.append(block)
        return draw(canvas, block, x, top, color)

    with pytest.MonkeyPatch.context() as patch:
        for module in (artwork, printing, facts):
            patch.setattr(module, "draw", noted)
        print_document(document)
    for block in drawn:
        for line in block.lines:
            yield from ((face, block.size, stretch) for face, stretch in runs(line, block.font))


def bare_page(texts: Iterable[tuple[Font, float, str]]) -> bytes:
    paper = BytesIO()
    canvas: Any = Canvas(paper, A4, pageCompression=1, initialFontName=ready("Text"))
    for row, (face, size, text) in enumerate(texts):
        canvas.setFont(face, size)
        canvas.drawString(48, 800 - 14 * row, text)
    canvas.save()
    return paper.getvalue()


def main() -> None:
    os.environ |= AWS
    with tempfile.TemporaryDirectory(prefix="licensing-bench-") as folder:
        say("building what is shipped …")
        shipped = Shipped.into(Path(folder))
        table("Packages and layers", shipped.sizes())
    table("One document over a bare page", one_document())
    with ministack("dynamodb") as endpoint:
        table(f"A warm POST /orders over its bare calls ({ROUNDS} rounds)", warm_order(endpoint))
        table("What an order of two lines and two recipients takes", list(costs(endpoint)))


if __name__ == "__main__":
    main()
