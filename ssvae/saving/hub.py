"""Models on the Hugging Face hub: their addresses, their files, and what goes wrong."""

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from ssvae.errors import InputError
from ssvae.types import PathLike

# What the address of a model on the hub begins with.
PREFIX = "hf://"
ADDRESS = re.compile(r"hf://(?P<name>[^/@\s]+/[^/@\s]+)(@(?P<revision>[^@\s]+))?")


def is_on_hub(path: PathLike) -> bool:
    """Return whether a path is the address of a model on the hub."""
    return str(path).startswith(PREFIX)


def parsed(address: str) -> tuple[str, str | None]:
    """Return the USER/NAME and the revision in an address; None for no revision.

    Args:
        address: hf://USER/NAME, or hf://USER/NAME@REVISION, which is a branch, a tag or
            the hash of a commit.

    Raises:
        InputError: If it is no such address.
    """
    found = ADDRESS.fullmatch(address)
    reason = ""
    if found:
        hub = client()
        try:
            hub.utils.validate_repo_id(found["name"])
            return found["name"], found["revision"]
        except hub.errors.HFValidationError as error:
            reason = f" ({first_line(error)})"
    raise InputError(
        f"{address!r} is no address of a model on the hub{reason}: need "
        "hf://USER/NAME or hf://USER/NAME@REVISION"
    )


def client() -> ModuleType:
    """Return the package `huggingface_hub`.

    Raises:
        InputError: If it is not installed.
    """
    try:
        import huggingface_hub
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ImportError as error:
        raise InputError(
            f"hf:// needs huggingface_hub ({error}): run `pip install 'ssvae[hub]'`"
        ) from None
    return huggingface_hub


def downloaded(address: str, names: Sequence[str]) -> Path:
    """Return a folder with those of the named files that a repository has.

    They are kept in the cache of `huggingface_hub`: only what has changed is fetched,
    and without a network what was fetched before is taken.

    Args:
        address: See `parsed`.
        names: Names of the files.

    Raises:
        InputError: If there is no such repository, or it cannot be fetched.
    """
    name, revision = parsed(address)
    hub = client()

    class Bar(hub.utils.tqdm):  # type: ignore[name-defined]
        """A bar on terminals alone, which goes away: commands ask more than once."""

        def __init__(self, *arguments, **settings):
            settings |= {"disable": not sys.stderr.isatty(), "leave": False}
            super().__init__(*arguments, **settings)

    with told(address):
        folder = hub.snapshot_download(
            name,
            revision=revision,
            allow_patterns=list(names),
            library_name="ssvae",
            tqdm_class=Bar,
        )
    return Path(folder)


@contextlib.contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what the hub or the network refuses, in the block, into an `InputError`.

    Args:
        address: Address of the repository that the block speaks of.
    """
    errors = client().errors
    try:
        yield
    except errors.RevisionNotFoundError:
        wrong = "there is no such revision: need a branch, a tag or a commit of it"
    except errors.GatedRepoError:
        wrong = "its owner must let you in: ask on its page, then run `hf auth login`"
    except errors.RepositoryNotFoundError:
        wrong = (
            "there is no such repository, or it is private: check the name; for a "
            "private one run `hf auth login` first, or set HF_TOKEN"
        )
    except errors.HfHubHTTPError as error:
        wrong = _of_status(error)
    # Of its network library, of its cache, of its own where it may use no network.
    except (errors.HTTPError, errors.EntryNotFoundError, ConnectionError) as error:
        wrong = f"the hub cannot be reached ({first_line(error)}): check the network"
    except OSError as error:
        wrong = f"its files cannot be kept here ({first_line(error)}): make room"
    else:
        return
    raise InputError(f"{address}: {wrong}")


def _of_status(error):
    """Return what the hub's refusal means, and what to do."""
    status = getattr(error.response, "status_code", None)
    if status == 401:
        return "the hub does not know you: run `hf auth login`, or set HF_TOKEN"
    if status == 403:
        return (
            "you may not write there: need a name of your own or of your "
            "organization, and a token that may write"
        )
    said = error.server_message or first_line(error)
    return f"the hub refused ({said}): try again later, or change what it names"


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
