"""What the page Label sends: actions of one or more tabs, each stored once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ssvae.errors import InputError
from ssvae.projects.actions import act
from ssvae.projects.classes import add_class
from ssvae.projects.project import Project
from ssvae.projects.state import State

# Beginning of a class that is given by its name, because the page does not know its id.
BY_NAME = "name:"


@dataclass(frozen=True)
class Heard:
    """What became of a message, for the page that sent it.

    Attributes:
        client: Id of the page; "" if there was no message yet.
        id: Number of the message.
        clients: Ids of all pages whose actions were in the message.
        reopened: Names of images that an undo opened again.
        error: What went wrong as a whole; "" if nothing did.
        reasons: Why actions with a class of a new name are refused: dict from the
            client and the number of the action.
        ask: What the page asks for beside.
    """

    client: str = ""
    id: int = 0
    clients: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    error: str = ""
    reasons: dict[tuple[str, int], str] = field(default_factory=dict)
    ask: dict[str, Any] = field(default_factory=dict)

    def answer(self, state: State) -> dict[str, Any]:
        """Return what the page needs to know, as JSON can hold it."""
        refused = [
            {
                "client": client,
                "number": number,
                "why": self.reasons.get((client, number), why),
            }
            for client, (number, why) in state.refused.items()
            if client in self.clients
        ]
        return {
            "heard": {"client": self.client, "id": self.id},
            "acknowledged": {
                client: state.acknowledged.get(client, 0) for client in self.clients
            },
            "refused": refused,
            "reopened": list(self.reopened),
            "error": self.error,
        }


def receive(project: Project, message: dict[str, Any]) -> Heard:
    """Store the actions of a message; those that were stored before do nothing.

    Args:
        project: The project.
        message: Dict with `client` and `id`; `batches`, a list of dicts with `client`
            and `actions`, see `act`; `ask`, a dict of what the page wants to see.

    Returns:
        What became of it. What cannot be stored is told in it: nothing is raised, for
        the page keeps its actions and sends them again.
    """
    batches = message.get("batches") or []
    clients = tuple(batch["client"] for batch in batches)
    error = ""
    reasons: dict[tuple[str, int], str] = {}
    try:
        before = _closed(project.state())
        for batch in batches:
            actions, why = _with_ids(project, **batch)
            reasons |= why
            act(project, batch["client"], actions)
        reopened = before - _closed(project.state())
    except (InputError, ValueError) as problem:
        error, reopened = str(problem), set()
    return Heard(
        message["client"],
        message["id"],
        clients,
        tuple(sorted(reopened)),
        error,
        reasons,
        message.get("ask") or {},
    )


def _closed(state):
    """Return the names of the images that need no label any more."""
    return set(state.labels) | state.skipped


def _with_ids(
    project: Project, client: str, actions: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[tuple[str, int], str]]:
    """Return actions whose classes have ids: those of a new name are added.

    Returns:
        The actions, and why a class of a new name cannot be added; its action keeps a
        class that is not there, and so it is refused.
    """
    done = project.state().acknowledged.get(client, 0)
    prepared, reasons = [], {}
    for action in actions:
        name = str(action.get("class", ""))
        if name.startswith(BY_NAME) and action["number"] > done:
            try:
                class_id = _class_named(project, name.removeprefix(BY_NAME))
                action = action | {"class": class_id}
            except InputError as error:
                text = str(error)
                reasons[client, action["number"]] = f"{text[:1].upper()}{text[1:]}."
        prepared.append(action)
    return prepared, reasons


def _class_named(project, name):
    """Return the id of a class, which is added if it is new."""
    known = project.state().class_named(name)
    return (known or add_class(project, name)).id
