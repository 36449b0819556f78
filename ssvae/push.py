"""A model on the Hugging Face hub: `python -m ssvae.push RUN hf://USER/NAME`."""

import contextlib
from collections.abc import Iterator

import ssvae
from ssvae.cli import console, process
from ssvae.cli.parser import Parser
from ssvae.config.toml import load_config
from ssvae.data import is_named
from ssvae.errors import InputError
from ssvae.runs.published import FILES, LABELS, finished, published
from ssvae.saving.hub import PREFIX, client, parsed, told
from ssvae.types import PathLike


def push(
    run: PathLike,
    address: str,
    license: str | None = None,
    private: bool = False,
    message: str | None = None,
) -> str:
    """Publish a run on the Hugging Face hub, in one commit; return its URL.

    The model, its settings, figures and pictures are published, and a card. What shows
    the user's own images or names their files stays here: `ssvae.runs.published`. Files
    of an earlier push that this run has not are removed; all others stay.

    Example:
        ```python
        from ssvae.push import push

        push("runs/digits", "hf://USER/digits", license="mit")
        model = ssvae.load_model("hf://USER/digits")
        ```

    Args:
        run: A run folder, a folder of `save_to_preset`, or the name of a shipped model.
        address: hf://USER/NAME; the repository is made if there is none. With
            @REVISION, a branch, which is made too.
        license: Name of the license by the hub's list, such as `mit`; None names none.
        private: Whether only you may see it.
        message: Message of the commit.

    Raises:
        InputError: If the run is not finished, the address is malformed, or the hub
            refuses or cannot be reached.
    """
    folder = finished(run)
    name, branch = parsed(address)
    files = published(folder, f"{PREFIX}{name}", license)
    hub = client()
    if hub.get_token() is None:
        raise InputError(
            f"{address}: you are not logged in: run `hf auth login`, or set HF_TOKEN"
        )
    api = hub.HfApi(library_name="ssvae", library_version=ssvae.__version__)
    with told(address), _uploading(address):
        # None leaves it to the settings of an organization.
        api.create_repo(name, private=private or None, exist_ok=True)
        if private and not api.repo_info(name).private:
            raise InputError(f"{address} exists and is public: leave out --private")
        if branch:
            api.create_branch(name, branch=branch, exist_ok=True)
        there = set(api.list_repo_files(name, revision=branch))
        stale = there & {*FILES, LABELS} - files.keys()
        operations = [hub.CommitOperationDelete(path) for path in sorted(stale)]
        operations += [
            hub.CommitOperationAdd(path, content) for path, content in files.items()
        ]
        return api.create_commit(
            name,
            operations,
            commit_message=message or f"{name} by ssvae {ssvae.__version__}",
            revision=branch,
        ).commit_url


@contextlib.contextmanager
def _uploading(address: str) -> Iterator[None]:
    """Turn what the client raises if a card or an upload fails into an `InputError`."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        # What `told` says better.
        if isinstance(error, InputError | OSError):
            raise
        cause = error.__cause__ if isinstance(error, RuntimeError) else None
        lines = " ".join(str(cause or error).split())
        what = "the upload failed" if cause else "the hub refused it"
        raise InputError(f"{address}: {what} ({lines})") from None


def main() -> None:
    """Read the flags, publish the run, print where it is."""
    parser = Parser(
        command="push",
        description="Publish a model on the Hugging Face hub, with a card whose header "
        "names task, data set, figures and license. What shows your own images or "
        'names their files stays here. ssvae.load_model("hf://USER/NAME") and every '
        "command load it from there.",
    )
    parser.add_argument(
        "run",
        metavar="RUN",
        help="run folder, folder of save_to_preset, or name of a shipped model",
    )
    parser.add_argument(
        "address",
        metavar="hf://USER/NAME",
        help="where it goes; the repository is made if there is none. With @BRANCH at "
        "the end, to that branch",
    )
    parser.add_argument(
        "--license",
        metavar="NAME",
        help="license that you give others, by the hub's list: mit, cc-by-4.0, ... "
        "(none is named)",
    )
    parser.add_argument(
        "--private", action="store_true", help="let only you see it (public)"
    )
    parser.add_argument(
        "--message", metavar="TEXT", help="message of the commit (names the model)"
    )
    flags = parser.parse_args()
    config = load_config(finished(flags.run) / "config.toml")
    if not is_named(config.dataset):
        console.say(f"Note: its settings name your data set, {config.dataset!r}.")
    if flags.license is None:
        console.say("Note: without --license nobody else may use the model.")
    url = push(flags.run, flags.address, flags.license, flags.private, flags.message)
    print(f"published: {url}")
    print(f'load it with ssvae.load_model("{flags.address}")')


if __name__ == "__main__":
    process.run(main, "ssvae.push")
