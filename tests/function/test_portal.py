"""The function that serves the page: its files, their headers, its size, and the configuration."""

import base64
import gzip
import hashlib
import json
import re
from typing import Any

import pytest

from functions.portal import app

COGNITO = "https://cognito-idp.eu-central-1.amazonaws.com/"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COGNITO_URL", COGNITO)
    monkeypatch.setenv("USER_POOL_CLIENT_ID", "client-1")
    monkeypatch.delenv("DEMO_PEOPLE", raising=False)


def get(name: str = "", **headers: str) -> dict[str, Any]:
    parameters = {"proxy": name} if name else None
    event = {"path": f"/portal/{name}" if name else "/portal", "pathParameters": parameters, "headers": headers}
    return app.handler(event, None)


def links_of(page: str) -> list[str]:
    """What a page names, as paths below the portal."""
    return [link.removeprefix("portal/") for link in re.findall(r'(?:href|src)="([^"]+)"', page)]


def test_the_page_names_only_files_that_are_served_and_kept_for_ever() -> None:
    links = links_of(get()["body"])
    answers = [get(link) for link in links]
    assert len(links) > 10
    assert {answer["statusCode"] for answer in answers} == {200}
    assert {answer["headers"]["Cache-Control"] for answer in answers} == {"public, max-age=31536000, immutable"}


def test_every_file_that_a_module_imports_is_there() -> None:
    for name, text in app.FILES.items():
        if not name.endswith(".js"):
            continue
        for target in re.findall(r"""(?:from|import) "(\.[^"]+)";""", text):
            base = name.split("/")[:-1]
            for part in target.split("/"):
                base = base[:-1] if part == ".." else base if part == "." else [*base, part]
            assert "/".join(base) in app.FILES, f"{name} imports {target}"


def test_the_first_view_is_below_100_kb_on_the_wire() -> None:
    page = get()["body"]
    first = [page, *(get(link)["body"] for link in links_of(page)), app.FILES["views/licenses.js"]]
    assert sum(len(gzip.compress(text.encode(), 6)) for text in first) < 100_000


def test_the_page_is_asked_for_anew_but_not_sent_anew() -> None:
    page = get()
    assert page["headers"]["Cache-Control"] == "no-cache"
    again = get(**{"If-None-Match": page["headers"]["ETag"]})
    assert (again["statusCode"], again["body"]) == (304, "")


def test_nothing_runs_in_the_page_but_what_comes_from_here() -> None:
    page = get()
    policy = dict(rule.split(" ", 1) for rule in page["headers"]["Content-Security-Policy"].split("; "))
    imports = re.search(r'<script type="importmap">(.*?)</script>', page["body"])
    assert imports is not None
    digest = base64.b64encode(hashlib.sha256(imports.group(1).encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["connect-src"] == "'self' https://cognito-idp.eu-central-1.amazonaws.com"
    assert (policy["default-src"], policy["frame-ancestors"], policy["form-action"]) == ("'none'", "'none'", "'none'")
    assert policy["style-src"] == "'self'"
    assert " style=" not in page["body"]
    assert page["headers"]["X-Content-Type-Options"] == "nosniff"


def test_the_libraries_are_those_that_were_published() -> None:
    for module in app.MODULES.values():
        content = app.FILES[f"vendor/{module['file']}"].encode()
        assert module["integrity"] == f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def test_no_file_names_another_host() -> None:
    for name, text in app.FILES.items():
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org"}
        assert not hosts or name.startswith("vendor/"), f"{name} names {hosts}"


@pytest.mark.parametrize("name", ["nothing", "0123456789ab/main.js", "../app.py", f"{app.VERSION}/index.html", "a/b/c"])
def test_what_is_not_there_is_a_page_that_leads_back(name: str) -> None:
    answer = get(name)
    assert answer["statusCode"] == 404
    assert f'href="{"../" * (name.count("/") + 1)}portal"' in answer["body"]


def test_the_address_with_a_slash_leads_to_the_one_without() -> None:
    answer = app.handler({"path": "/portal/", "pathParameters": None, "headers": {}}, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, "../portal")


def test_on_aws_nobody_signs_in_with_one_click() -> None:
    answer = get("config.json")
    assert json.loads(answer["body"]) == {"cognito_url": COGNITO, "client_id": "client-1", "demo_people": []}
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_a_local_stack_names_its_demo_people(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [{"label": "Operator", "email": "operator@example.com", "password": "x"}]
    monkeypatch.setenv("DEMO_PEOPLE", json.dumps(people))
    assert json.loads(get("config.json")["body"])["demo_people"] == people
