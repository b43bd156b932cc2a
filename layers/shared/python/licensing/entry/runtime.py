"""What Lambda hands a function beside the event."""

import math
from typing import Any


def seconds_left(runtime: Any) -> float:
    """How long the function may go on, by what Lambda hands it; for ever where there is no Lambda."""
    return runtime.get_remaining_time_in_millis() / 1000 if runtime else math.inf
