"""template.yaml as data, its short forms (`!Ref Table`) spelled out (`{"Ref": "Table"}`)."""

from pathlib import Path
from typing import Any

import yaml

from tools.paths import ROOT

Template = dict[str, Any]


class Loader(yaml.SafeLoader):
    """SafeLoader that knows CloudFormation's tags."""


def spell_out(loader: Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        # Only the short form may be written with a dot.
        value = value.split(".", 1) if tag == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


Loader.add_multi_constructor("!", spell_out)


def load(path: Path = ROOT / "template.yaml") -> Template:
    template: Template = yaml.load(path.read_text(), Loader)
    return template


def of_type(template: Template, *types: str) -> dict[str, dict[str, Any]]:
    """The template's resources of these types, by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] in types}
