"""What is known of a project's images, made in the background while people label."""

from __future__ import annotations

import threading

import numpy as np

from ssvae.errors import InputError
from ssvae.projects.atlas import Atlas
from ssvae.projects.course import note
from ssvae.projects.features import project_vectors
from ssvae.projects.guessed import Guessed
from ssvae.projects.guesses import guess
from ssvae.projects.images import Images
from ssvae.projects.order import order
from ssvae.projects.pictures import Pictures
from ssvae.projects.project import Project
from ssvae.projects.state import State
from ssvae.projects.unusual import questions

# Kinds of orders that take seconds to find, and images that are found at once.
SLOW, FOUND = {"helpful"}, 400
# Seconds without a question after which the thread of a desk ends.
IDLE = 60.0


class Desk:
    """A project that people label, as one process has it open.

    The images are opened first; with them labeling can begin. Then they are compared,
    which takes a second for thousand images or more. Whenever somebody asks for guesses
    and labels came since the last ones, they are made anew.

    Args:
        project: The project.

    Attributes:
        project: The project.
        images: Its images; `wait` says whether they are open.
        pictures: Its images as a browser shows them, as soon as they are open.
        atlas: How they lie to each other; None until they are compared.
        guessed: The newest guesses; None until the images are compared.
        orders: Images by the kind of their order, and the guesses it was found with.
        aside: int array, rows of the images that the newest model took for no class.
        doing: What is being done now, in words; "" if nothing.
        done: Fraction of it that is done, 0 to 1; None if it is not known.
        error: Why the images cannot be opened or compared; "" if they can.
    """

    images: Images
    pictures: Pictures

    def __init__(self, project: Project) -> None:
        self.project = project
        self.atlas: Atlas | None = None
        self.guessed: Guessed | None = None
        self.orders: dict[str, tuple[Guessed | None, np.ndarray | None]] = {}
        self.aside = np.zeros(0, np.int64)
        self.doing, self.error = "Opening the images", ""
        self.done: float | None = None
        self.opened = threading.Event()
        # The newest state that guesses are wanted of, and the number of the last one.
        self._wanted: State | None = None
        self._tried, self._guesses = -1, False
        self._wakes = threading.Condition()
        self._begin()

    def wait(self, seconds: float) -> bool:
        """Wait until the images are open; return whether they are."""
        return self.opened.wait(seconds) and hasattr(self, "pictures")

    def ask_for_guesses(self, state: State) -> Guessed | None:
        """Return the newest guesses, and let newer ones be made if labels came.

        Args:
            state: What people did so far.
        """
        with self._wakes:
            if state.num_actions != self._tried and not self.error:
                self._wanted = state
                self._wakes.notify()
                if not self._works:
                    self._begin()
        return self.guessed

    def slow_order(self, kind: str, state: State) -> np.ndarray | None:
        """Return the newest order of a kind that takes seconds to find.

        Args:
            kind: The kind, see `order`.
            state: What people did so far.

        Returns:
            int array, rows; None as long as it is found the first time.
        """
        if kind not in self.orders:
            self.orders[kind] = None, None
            with self._wakes:
                self._tried = -1
        self.ask_for_guesses(state)
        return self.orders[kind][1]

    @property
    def is_busy(self) -> bool:
        """Whether guesses or what they need are being made."""
        return bool(self.doing) or self._wanted is not None or self._guesses

    def _begin(self):
        self._works = True
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        """Prepare, then guess whenever somebody asks; the thread's whole life.

        It ends when nobody asks any more: a thread would keep a desk in memory that no
        page needs.
        """
        if not self.opened.is_set():
            try:
                self._prepare()
            except (InputError, ValueError, OSError) as error:
                self.error = str(error)
            finally:
                self.doing, self.done = "", None
                self.opened.set()
        while not self.error:
            with self._wakes:
                self._wakes.wait_for(lambda: self._wanted is not None, IDLE)
                state, self._wanted = self._wanted, None
                if state is None:
                    self._works = False
                    return
                # Before the guess: an order that is wanted meanwhile asks once more.
                self._tried, self._guesses = state.num_actions, True
            try:
                self._guess(state)
            except Exception as error:
                # The page says so; the traceback is in the server's log.
                self.error = f"no guesses can be made ({error})"
                raise
            finally:
                self._guesses = False

    def _prepare(self):
        self.images = self.project.images(progress=self._tell)
        self.pictures = Pictures(self.images)
        self.opened.set()
        self.doing, self.done = "Comparing the images", None
        folder = self.project.cache
        folder.mkdir(exist_ok=True)
        vectors = project_vectors(
            folder,
            self.images.dataset,
            self.project.config,
            progress=lambda done, total: self._tell(done / max(1, total)),
        )
        self.atlas = Atlas.of(vectors, folder, self.images.dataset.images)
        state = self.project.state()
        self._tried = state.num_actions
        self._guess(state)

    def _tell(self, share):
        self.done = share

    def _guess(self, state):
        """Guess from the labels of a state."""
        labels = state.labels_of(self.images.names)
        guesses = guess(self.atlas.vectors, labels, len(state.classes))
        is_known = len(np.unique(labels[labels >= 0])) > 1
        ids = tuple(one.id for one in state.classes)
        self.aside = self._put_aside(state)
        self.guessed = Guessed(guesses, ids, labels, state.num_actions, is_known)
        for kind in SLOW & set(self.orders):
            done = state.labels.keys() | state.skipped
            names = self.images.names
            rows = np.flatnonzero([name not in done for name in names])
            found = order(kind, self.atlas, guesses, rows, FOUND, self.aside)
            self.orders[kind] = self.guessed, found
        if guesses.estimate is not None and is_known:
            note(self.project, guesses.estimate)

    def _put_aside(self, state):
        """Return the rows of the images that the newest model took for no class."""
        try:
            asked = questions(self.project, self.images, state)
        except (ValueError, KeyError, OSError):
            # The model's table was changed by hand: it tells nothing.
            return np.zeros(0, np.int64)
        names = [name for one in asked if one.put_aside for name in one.names]
        return np.array([self.images.row(name) for name in names], np.int64)
