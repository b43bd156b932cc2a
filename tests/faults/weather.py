"""Bad weather, seeded: whatever a use case talks to fails, answers too late, throttles, repeats itself or dies."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from licensing.domain.core.errors import Overloaded
from tests.worlds.ordering import Killed


class Unreachable(Exception):
    """No answer came: whoever asked does not know whether it was done."""


def calm() -> None:
    """Nothing happens meanwhile."""


@dataclass
class Weather:
    """`odds` are those of something going wrong at an effect; reads are a quarter as likely to fail.

    `rival` is somebody else's command that comes between a command's reads and its commit. `struck` counts by kind.
    """

    random: Random
    odds: float
    rival: Callable[[], None] = calm
    struck: dict[str, int] = field(default_factory=dict)

    def over(self, target: Any, *, reads: tuple[str, ...] = (), effects: tuple[str, ...] = ()) -> None:
        """From now on these methods of `target` are done in this weather."""
        for name in reads:
            setattr(target, name, self._stormy(getattr(target, name), 0.25, ("down", "killed")))
        for name in effects:
            fates = ("down", "lost", "killed", "killed after", "twice")
            setattr(target, name, self._stormy(getattr(target, name), 1, fates))

    def over_commits(self, store: Any) -> None:
        fates = ("down", "lost", "killed", "killed after", "throttled", "raced", "raced")
        store.commit = self._stormy(store.commit, 1, fates)

    def _stormy(self, original: Callable[..., Any], weight: float, fates: tuple[str, ...]) -> Callable[..., Any]:
        def stormy(*args: Any, **how: Any) -> Any:
            if self.random.random() >= self.odds * weight:
                return original(*args, **how)
            fate = self.random.choice(fates)
            self.struck[fate] = self.struck.get(fate, 0) + 1
            self._before(fate)
            result = original(*args, **how)
            if fate == "twice":
                result = original(*args, **how)
            self._after(fate)
            return result

        return stormy

    def _before(self, fate: str) -> None:
        if fate == "down":
            raise Unreachable
        if fate == "killed":
            raise Killed
        if fate == "throttled":
            raise Overloaded
        if fate == "raced":
            self.rival()

    @staticmethod
    def _after(fate: str) -> None:
        if fate == "lost":
            raise Unreachable
        if fate == "killed after":
            raise Killed

    def clears(self) -> None:
        """Nothing goes wrong any more."""
        self.odds = 0
