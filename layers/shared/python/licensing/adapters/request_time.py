"""Until when the request that this process is at may go on."""

import math
import time


class _Request:
    ends = math.inf


def begin_request(seconds: float) -> None:
    """The request at hand has so many seconds from now on."""
    _Request.ends = time.monotonic() + seconds


def request_ends() -> float:
    """By `time.monotonic`; never, where nobody has said."""
    return _Request.ends
