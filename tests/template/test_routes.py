"""What the functions declare, what template.yaml routes to them, and what the documents say are one and the same."""

import json

from tests.worlds.gateway import template_routes
from tools.build.openapi import FILE, document, routes


def test_every_route_of_the_template_is_declared_by_its_function_and_the_other_way_round() -> None:
    declared = {(route.method, route.path): function for function, route in routes()}
    # The portal hands out files, and has no routes of the API's kind.
    routed = {route: function for route, function in template_routes().items() if function != "portal"}
    assert declared == routed


def test_a_route_is_declared_once() -> None:
    declared = [(route.method, route.path) for _, route in routes()]
    assert len(set(declared)) == len(declared)


def test_a_route_names_the_tenant_its_rule_checks() -> None:
    for _, route in routes():
        assert route.rule.tenant is None or f"{{{route.rule.tenant}}}" in route.path


def test_the_openapi_document_is_the_one_the_routes_make() -> None:
    assert json.loads(FILE.read_text()) == document(), "run `make openapi` and commit docs/openapi.json"


def test_every_reference_of_the_openapi_document_leads_somewhere() -> None:
    text = FILE.read_text()
    parts = json.loads(text)["components"]
    known = {f"#/components/{kind}/{name}" for kind, named in parts.items() for name in named}
    used = {piece.split('"')[0] for piece in text.split('"$ref": "')[1:]}
    assert used <= known
