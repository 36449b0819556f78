"""Open the app in the browser: `ssvae app`, which needs the extra `app`."""

import importlib.util
import os
import sys
from pathlib import Path

from ssvae.cli import process
from ssvae.cli.parser import Parser, whole_number
from ssvae.errors import InputError

SCRIPT = "streamlit_app.py"


def main() -> None:
    """Replace this process by Streamlit's server, which opens the browser.

    Raises:
        InputError: If Streamlit is not installed.
    """
    parser = Parser(
        "app",
        description="Open the app in the browser: from images that nobody labeled to a "
        "model. Projects are kept in the folder in which it is started.",
    )
    parser.add_argument(
        "--port",
        type=whole_number(1),
        help="port of the server (8501, or the next one that is free)",
    )
    parser.add_argument(
        "--headless", action="store_true", help="start the server without the browser"
    )
    flags = parser.parse_args()
    command = [sys.executable, "-m", "streamlit", "run", str(app_script())]
    if flags.port:
        command += ["--server.port", str(flags.port)]
    if flags.headless:
        command += ["--server.headless", "true"]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def app_script() -> Path:
    """Return the path of the app's script.

    Raises:
        InputError: If Streamlit or the app is not installed.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise InputError("Streamlit is not installed: pip install 'ssvae[app]'")
    package = Path(__file__).parent
    # An installed package holds the folder; in a checkout it is next to the package.
    for folder in (package / "streamlit_app", package.parent / "app"):
        if (folder / SCRIPT).is_file():
            return folder / SCRIPT
    raise InputError(
        f"this installation has no app: need {package / 'streamlit_app' / SCRIPT}"
    )


if __name__ == "__main__":
    process.run(main, "ssvae.app")
