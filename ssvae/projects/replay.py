"""From the events of a journal to the state of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ssvae.projects.journal import Event
from ssvae.projects.state import NONE, ClassOf, State, plain_name

# The label of an image before an event: its class or None, when it was given, and
# whether the image was skipped.
_Before = tuple[str, str | None, int, bool]


class Replay:
    """What events add up to, as far as they were applied."""

    def __init__(self) -> None:
        self.classes: list[ClassOf] = []
        self.labels: dict[str, str] = {}
        # How many labels had been given when each was; undo brings back older ones, and
        # then the labels are not in the order of labeling.
        self.given: dict[str, int] = {}
        self.num_given = 0
        self.in_order = True
        self.skipped: set[str] = set()
        self.left: set[str] = set()
        self.num_actions = 0
        self.acknowledged: dict[str, int] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        # What can be undone: each event, and the function that takes it back.
        self.history: list[tuple[Event, Callable[[], None]]] = []

    def state(self) -> State:
        """Return the state, which later events do not change."""
        if not self.in_order:
            self.labels = dict(sorted(self.labels.items(), key=self._when))
            self.in_order = True
        return State(
            list(self.classes),
            dict(self.labels),
            set(self.skipped),
            self.num_actions,
            dict(self.acknowledged),
            dict(self.refused),
            self.history[-1][0] if self.history else None,
            set(self.left),
        )

    def apply(self, events: Iterable[Event]) -> None:
        """Apply events in order; what does not fit is left out, as if it never was."""
        for event in events:
            self.num_actions += 1
            client, number = event.get("client"), event.get("number")
            if isinstance(client, str) and isinstance(number, int):
                known = self.acknowledged.get(client, 0)
                self.acknowledged[client] = max(known, number)
                if event.get("do") == "refused":
                    self.refused[client] = number, str(event.get("why", ""))
            step = _STEPS.get(str(event.get("do")))
            if step and (take_back := step(self, event)):
                self.history.append((event, take_back))

    def _label(self, event):
        wanted = event.get("class")
        if wanted != NONE and self._index(wanted) is None:
            return None
        before = self._before(event)
        for name, *_ in before:
            self._give(name, wanted)
            self.skipped.discard(name)
        return lambda: self._restore(before)

    def _assign(self, event):
        """Label images with several classes at once, as a table does."""
        wanted: Any = event.get("labels", {})
        known = {
            one: names
            for one, names in wanted.items()
            if one == NONE or self._index(one) is not None
        }
        before = [
            was for names in known.values() for was in self._before({"images": names})
        ]
        for label, names in known.items():
            for name in names:
                self._give(name, label)
                self.skipped.discard(name)
        # The last of an image's labels is taken back first.
        return lambda: self._restore(before[::-1])

    def _skip(self, event):
        before = self._before(event)
        for name, label, *_ in before:
            if label is None:
                self.skipped.add(name)
        return lambda: self._restore(before)

    def _leave(self, event):
        new = set(event.get("images", ())) - self.left
        self.left |= new
        return lambda: self.left.difference_update(new)

    def _unlabel(self, event):
        before = self._before(event)
        for name, *_ in before:
            self._take(name)
            self.skipped.discard(name)
        return lambda: self._restore(before)

    def _undo(self, event):
        if self.history:
            self.history.pop()[1]()

    def _add(self, event):
        one = ClassOf(*(str(event.get(key, "")) for key in ("id", "name", "color")), "")
        if self._index(one.id) is None:
            self.classes.append(one)
            self._change(event)

    def _change(self, event):
        """Give a class the name, the color or the key that an event states."""
        index = self._index(event.get("id"))
        if index is None:
            return
        new = {key: str(event[key]) for key in ("name", "color", "key") if key in event}
        self.classes[index] = replace(self.classes[index], **new)

    def _merge(self, event):
        if self._index(event.get("into")) is None or event["into"] == event.get("id"):
            return None
        return self._without_class(event, event["into"])

    def _remove(self, event):
        return self._without_class(event, None)

    def _without_class(self, event, into):
        """Remove a class; its labels become those of another, or none."""
        index = self._index(event.get("id"))
        if index is None:
            return None
        gone = self.classes.pop(index)
        names = [name for name, label in self.labels.items() if label == gone.id]
        before = self._before({"images": names})
        for name in names:
            if into is None:
                self._take(name)
            else:
                # It keeps its place in the order of labeling.
                self.labels[name] = into

        def take_back():
            self.classes.insert(index, self._as_free(gone))
            self._restore(before)

        return take_back

    def _as_free(self, gone: ClassOf) -> ClassOf:
        """Return a class that comes back, without what another one has by now."""
        names = {plain_name(one.name) for one in self.classes}
        name, number = gone.name, 2
        while plain_name(name) in names:
            name, number = f"{gone.name} {number}", number + 1
        taken = any(one.key == gone.key for one in self.classes)
        return replace(gone, name=name, key="" if taken else gone.key)

    def _before(self, event) -> list[_Before]:
        """Return what is known of the images of an event, each once."""
        images: Any = event.get("images", ())
        return [
            (name, self.labels.get(name), self.given.get(name, 0), name in self.skipped)
            for name in dict.fromkeys(images)
        ]

    def _restore(self, before: Sequence[_Before]) -> None:
        for name, label, given, skipped in before:
            self._take(name)
            if label is not None:
                self.labels[name], self.given[name] = label, given
                self.in_order = False
            (self.skipped.add if skipped else self.skipped.discard)(name)

    def _give(self, name, label):
        # Taken out first, so that it becomes the last in the order.
        self.labels.pop(name, None)
        self.num_given += 1
        self.labels[name], self.given[name] = label, self.num_given

    def _take(self, name):
        self.labels.pop(name, None)
        self.given.pop(name, None)

    def _when(self, item):
        return self.given[item[0]]

    def _index(self, class_id):
        ids = [one.id for one in self.classes]
        return ids.index(class_id) if class_id in ids else None


# What applies the events of each kind. A step returns a function that takes the event
# back, if it can be undone.
_STEPS: dict[str, Callable[[Replay, Event], Callable[[], None] | None]] = {
    "label": Replay._label,
    "assign": Replay._assign,
    "skip": Replay._skip,
    "unlabel": Replay._unlabel,
    "leave": Replay._leave,
    "undo": Replay._undo,
    "add class": Replay._add,
    "change class": Replay._change,
    "merge": Replay._merge,
    "remove class": Replay._remove,
}
