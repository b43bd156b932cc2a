"""A handler beside the very DynamoDB calls it makes, made bare by botocore on a twin of its table."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore import xform_name


@dataclass
class Beside:
    """Times both in turns; `client` is the handler's own, `table` the one it uses, `twin` one that holds the same."""

    client: Any
    endpoint: str
    table: str
    twin: str
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    walls: list[tuple[float, float]] = field(default_factory=list)
    cpus: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bare = botocore.session.get_session().create_client("dynamodb", endpoint_url=self.endpoint)
        self.client.meta.events.register("provide-client-params.dynamodb", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.made.append((model.name, dict(params)))

    def time(self, act: Callable[[], Any]) -> None:
        """Does it, and then its calls again on the twin."""
        self.made.clear()
        wall, cpu = timed(act)
        again = [(xform_name(name), self._on_the_twin(params)) for name, params in self.made]
        bare_wall, bare_cpu = timed(lambda: [getattr(self.bare, name)(**params) for name, params in again])
        self.walls.append((wall, bare_wall))
        self.cpus.append((cpu, bare_cpu))

    def _on_the_twin(self, params: Any) -> Any:
        if isinstance(params, dict):
            # Its own token: the engine takes a repeated one for a transaction it has carried out already.
            kept = {key: value for key, value in params.items() if key != "ClientRequestToken"}
            return {self._on_the_twin(key): self._on_the_twin(value) for key, value in kept.items()}
        if isinstance(params, list):
            return [self._on_the_twin(each) for each in params]
        return self.twin if params == self.table else params

    def rows(self) -> list[tuple[str, str]]:
        return [("wall clock", ratio(self.walls)), ("CPU", ratio(self.cpus))]


def ratio(pairs: Sequence[tuple[float, float]]) -> str:
    ours, bare = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    return f"{ours:.1f} ms / {bare:.1f} ms = {ours / bare:.2f}"


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu
