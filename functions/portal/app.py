"""The portal: the page and its files, and the configuration it starts with. It talks to nothing else of the cloud."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

STATIC = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FILES = {path.relative_to(STATIC).as_posix(): path.read_text() for path in sorted(STATIC.rglob("*")) if path.is_file()}
# In the address of every file, so that a browser may keep it for ever and never mixes two versions.
VERSION = hashlib.sha256(json.dumps(FILES).encode()).hexdigest()[:12]
# The libraries by the names they are imported by, with their digests as published (`make vendored`).
MODULES: dict[str, dict[str, str]] = json.loads(FILES["vendor/modules.json"])
# What the page needs before it can show anything; views are loaded when they are opened.
FIRST = sorted(name for name in FILES if name.endswith((".js", ".mjs")) and not name.startswith("views/"))


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _import_map(assets: str) -> str:
    """Where the libraries lie, with the digests the browser checks them against."""
    paths = {name: f"./{assets}/vendor/{module['file']}" for name, module in MODULES.items()}
    integrity = {path: MODULES[name]["integrity"] for name, path in paths.items()}
    return json.dumps({"imports": paths, "integrity": integrity}, separators=(",", ":"))


def _integrity(file: str) -> str:
    known = [module["integrity"] for module in MODULES.values() if file == f"vendor/{module['file']}"]
    return f' integrity="{known[0]}"' if known else ""


def _page(name: str, portal: str) -> str:
    """An HTML file with its links filled in; `portal` leads from where it is served to the portal's address."""
    assets = f"{portal}/{VERSION}"
    styles = [f'<link rel="stylesheet" href="{assets}/{file}">' for file in FILES if file.endswith(".css")]
    preloads = [f'<link rel="modulepreload" href="{assets}/{file}"{_integrity(file)}>' for file in FIRST]
    parts = {"assets": assets, "portal": portal, "imports": IMPORTS, "styles": styles, "preloads": preloads}
    text = FILES[name]
    for part, value in parts.items():
        text = text.replace(f"{{{part}}}", value if isinstance(value, str) else "\n".join(value))
    return text


IMPORTS = _import_map(f"portal/{VERSION}")
INDEX = _page("index.html", "portal")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Strict-Transport-Security": "max-age=63072000",
}


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    name = (event.get("pathParameters") or {}).get("proxy") or ""
    if not name:
        return _redirect("../portal") if event["path"].endswith("/") else _index(event)
    if name == "config.json":
        return _answer(200, _config(), "application/json", "no-store")
    version, _slash, file = name.partition("/")
    if version == VERSION and file in FILES and not file.endswith(".html"):
        return _answer(200, FILES[file], TYPES[Path(file).suffix], "public, max-age=31536000, immutable")
    missing = _page("not_found.html", "../" * (name.count("/") + 1) + "portal")
    return _answer(404, missing, TYPES[".html"], "no-store")


def _index(event: Mapping[str, Any]) -> dict[str, Any]:
    tag = f'"{_digest(INDEX + _policy())}"'
    headers = {header.lower(): value for header, value in (event.get("headers") or {}).items()}
    status, text = (304, "") if headers.get("if-none-match") == tag else (200, INDEX)
    return _answer(status, text, TYPES[".html"], "no-cache", {"ETag": tag})


def _config() -> str:
    """What differs between stacks. Demo people are named on a local stack only."""
    people = json.loads(os.environ.get("DEMO_PEOPLE") or "[]")
    settings = {"cognito_url": os.environ["COGNITO_URL"], "client_id": os.environ["USER_POOL_CLIENT_ID"]}
    return json.dumps(settings | {"demo_people": people})


def _policy() -> str:
    """Scripts, styles and pictures from here alone; calls to here and to the sign-in service."""
    cognito = urlsplit(os.environ["COGNITO_URL"])
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' '{_digest(IMPORTS)}'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' {cognito.scheme}://{cognito.netloc}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _redirect(location: str) -> dict[str, Any]:
    return {"statusCode": 308, "headers": ALWAYS | {"Location": location}, "body": ""}


def _answer(status: int, body: str, kind: str, cache: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    headers = {"Content-Type": kind, "Cache-Control": cache, "Content-Security-Policy": _policy(), **(more or {})}
    return {"statusCode": status, "headers": ALWAYS | headers, "body": body}
