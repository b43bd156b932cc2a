"""The service's API, called as anybody would call it."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

# Straight to this machine, whatever proxy the person uses for the world.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


class Client:
    """Calls the API with one person's token."""

    def __init__(self, api_url: str, token: str | None) -> None:
        self.api_url = api_url
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send a request. Header names are written with underscores: `Idempotency_Key="1"`."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(self.api_url + path, method=method, data=content)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with OPENER.open(request, timeout=60) as response:
                return answer_of(response)
        except urllib.error.HTTPError as error:
            return answer_of(error)

    def must(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's body; anything but success is an error."""
        answer = self.call(method, path, body, **headers)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {answer.body}")
        return answer.body


def answer_of(response: Any) -> Answer:
    content = response.read()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Answer(response.status, json.loads(content) if is_json and content else content, dict(response.headers))
