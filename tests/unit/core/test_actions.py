"""The ledger's actions stand in one list (D33)."""

import ast
from pathlib import Path

from licensing.domain.core import actions

LAYER = Path(__file__).parents[3] / "layers/shared/python/licensing"


def used() -> set[str]:
    """The names of the list that the domain and the use cases take."""
    trees = [ast.parse(path.read_text()) for part in ("domain", "use_cases") for path in LAYER.glob(f"{part}/*/*.py")]
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "actions"
    }


def test_every_action_of_the_list_is_decided_somewhere() -> None:
    listed = {name for name, value in vars(actions).items() if isinstance(value, actions.Action)}
    assert listed == used() - {"Action", "ACTIONS"}


def test_actions_have_names_of_their_own_and_say_in_a_sentence_what_they_tell() -> None:
    listed = [value for value in vars(actions).values() if isinstance(value, actions.Action)]
    assert len(actions.ACTIONS) == len(listed)
    assert all(each.tells.endswith(".") and "." in each.name for each in listed)
