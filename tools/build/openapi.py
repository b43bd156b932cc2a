"""docs/openapi.json, written from the routes the functions declare; a test compares the two."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from licensing.domain.core.errors import Code
from licensing.domain.core.limits import MAX_IDEMPOTENCY_KEY
from licensing.domain.core.records import Value
from licensing.domain.jobs.views import JobView
from licensing.entry.answers import NoContent, Redirect
from licensing.entry.http import QUERIED, Route
from licensing.entry.problems import STATUS
from licensing.entry.requests import COMMANDS
from tools.paths import ROOT

FILE = ROOT / "docs/openapi.json"
JOB_HEADERS = {
    "Location": {"schema": {"type": "string", "format": "uri-reference"}},
    "Preference-Applied": {"schema": {"type": "string", "const": "respond-async"}},
}
REF = "#/components/schemas/{model}"
Json = dict[str, Any]
Schemas = dict[Any, Json]  # by (model, mode)


def routes() -> Iterator[tuple[str, Route]]:
    """Every route with the folder of its function."""
    for path in sorted(ROOT.glob("functions/*/app.py")):
        api = getattr(importlib.import_module(f"functions.{path.parent.name}.app"), "api", None)
        for route in api.routes if api else ():
            yield path.parent.name, route


def document() -> Json:
    declared = list(routes())
    schemas, definitions = models_json_schema(list(_models(declared)), ref_template=REF)
    paths: dict[str, Json] = {}
    for function, route in sorted(declared, key=lambda each: (each[1].path, each[1].method)):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(function, route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "EnGenius licensing", "version": "1", "description": "Ordering, claiming and assigning."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {
                **definitions["$defs"],
                **_shown_schemas(declared, schemas, definitions["$defs"]),
                "Problem": problem_schema(),
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": {"Problem": _answer("Why not (RFC 9457)", "Problem", media="application/problem+json")},
        },
    }


def _models(declared: list[tuple[str, Route]]) -> Iterator[tuple[type[Value], JsonSchemaMode]]:
    for _, route in declared:
        if route.takes:
            yield route.takes, "validation"
        if route.gives:
            yield route.gives, "serialization"
    yield JobView, "serialization"


def _operation(function: str, route: Route, schemas: Schemas) -> Json:
    operation: Json = {
        "operationId": f"{function}.{route.endpoint.__name__}",
        "tags": [function],
        "summary": route.endpoint.__name__.replace("_", " ").capitalize(),
        "x-rule": route.rule.name,
        "parameters": [*_parameters(route)],
        "responses": _responses(route, schemas) | {"default": {"$ref": "#/components/responses/Problem"}},
    }
    if route.takes and route.method not in QUERIED:
        schema = schemas[route.takes, "validation"]
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation


def _parameters(route: Route) -> Iterator[Json]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if route.method in COMMANDS:
        yield _query("dry_run", {"type": "boolean", "default": False, "description": "Show what would be done."})
        yield _query("plan", {"type": "string", "description": "Do it only if a dry run gave this plan."})
    if route.takes and route.method in QUERIED:
        for name, schema in route.takes.model_json_schema(ref_template=REF)["properties"].items():
            yield _query(name, schema)
    if route.method == "POST":
        schema = {"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY}
        yield {"name": "Idempotency-Key", "in": "header", "schema": schema}
    if route.job:
        wish = {
            "type": "string",
            "description": "`respond-async`: do it as a job, which takes more at once.",
        }
        yield {"name": "Prefer", "in": "header", "schema": wish}


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _responses(route: Route, schemas: Schemas) -> Json:
    model = schemas[route.gives, "serialization"]["$ref"].rpartition("/")[2]
    models = (model, shown(model)) if route.method in COMMANDS else (model,)
    answers = {str(route.status): _answer("Done", *models)}
    if route.unchanged != route.status:
        answers[str(route.unchanged)] = _answer("Nothing had to be done", *models)
    if route.job:
        answers["202"] = _answer("It goes on as a job", "JobView") | {"headers": JOB_HEADERS}
    kinds = get_args(get_type_hints(route.endpoint)["return"])
    if NoContent in kinds:
        answers["204"] = {"description": "Done, and there is nothing to show"}
    if Redirect in kinds:
        location = {"Location": {"schema": {"type": "string", "format": "uri"}}}
        answers["302"] = {"description": "It lies elsewhere", "headers": location}
    return answers


def shown(model: str) -> str:
    """The name of what a dry run answers instead of a command's `model`."""
    return f"{model}.Shown"


def _shown_schemas(declared: list[tuple[str, Route]], schemas: Schemas, definitions: Json) -> Json:
    """For each command the answer of its dry run: that of the real call, and the plan."""
    members = {"dry_run": {"type": "boolean", "const": True}, "plan": {"type": "string"}}
    commands = [route.gives for _, route in declared if route.gives and route.method in COMMANDS]
    models = {schemas[gives, "serialization"]["$ref"].rpartition("/")[2] for gives in commands}
    return {
        shown(model): definitions[model]
        | {"title": f"{model} as a dry run shows it"}
        | {"properties": definitions[model]["properties"] | members}
        | {"required": [*definitions[model].get("required", ()), *members]}
        for model in sorted(models)
    }


def _answer(description: str, *models: str, media: str = "application/json") -> Json:
    refs: list[Json] = [{"$ref": REF.format(model=model)} for model in models]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    return {"description": description, "content": {media: {"schema": schema}}}


def problem_schema() -> Json:
    """What every refusal holds; some add members of their own, such as `changes` of an `order_conflict`."""
    texts = {name: {"type": "string"} for name in ("type", "title", "detail", "remedy", "instance")}
    fault = {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}}
    statuses = sorted({400, 413, 500, 504, *STATUS.values()})
    members = texts | {
        "status": {"type": "integer", "enum": statuses},
        "code": {"type": "string", "enum": [*get_args(Code), "internal_error"]},
    }
    errors = {"type": "array", "items": fault}
    return {"type": "object", "properties": members | {"errors": errors}, "required": list(members)}


def as_text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text())
