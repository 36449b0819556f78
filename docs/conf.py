"""How Sphinx builds the site: `make docs` writes it into `build/docs`."""

import inspect
import re
import sys
from pathlib import Path

from sphinx.util.inspect import stringify_signature

import ssvae

# The two extensions in this folder.
sys.path.insert(0, str(Path(__file__).parent))
# TensorFlow, which the reference imports, tells less then.
ssvae.prepare_process()

project = "ssvae"
author = "The ssvae authors"
project_copyright = f"2026, {author}"
version = release = ssvae.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mathml",
    "sphinx_copybutton",
    "commands_help",
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
# Headings that pages link to, down to this level.
myst_heading_anchors = 4
suppress_warnings = [
    # Some files of the repository, such as model cards, begin below a title.
    "myst.header",
]
nitpicky = True
# Types of other libraries: to link them their sites would have to be asked.
nitpick_ignore_regex = [("py:.*", r".*")]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_math_renderer = "mathml"
html_theme_options = {"top_of_page_buttons": []}
html_title = f"ssvae {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
# All that links to other sites is checked by `make docs-links`.
linkcheck_anchors = False
linkcheck_timeout = 20
# Prompts and comments of shells are not copied.
copybutton_exclude = ".linenos, .gp, .go"

# Pages of the site that show files outside of `docs`; links name the files, so that
# they lead somewhere in the repository as well.
SHOWN = {
    "../benchmarks/": "benchmarks/",
    "../CONTRIBUTING.md": "developers.md",
    "../CHANGELOG.md": "changelog.md",
    "../saved_models/README.md": "saved_models/README.md",
}


# Parameters of a class that are listed, at most: `Config` has all settings.
MOST_PARAMETERS = 20
# Methods that saving and Keras's loops call, and what scikit-learn adds to estimators.
CALLED_BY_OTHERS = re.compile(
    r"(save|load)_own_variables|get_config|from_config|predict_on_batch|set_\w+_request"
)


def link_pages(app, docname, source):
    """Let links to files that the site shows lead to their pages."""
    for file, page in SHOWN.items():
        source[0] = source[0].replace(f"]({file}", f"]({page}")


def as_rst(app, what, name, obj, options, lines):
    """Turn the Markdown of docstrings into what Sphinx reads: code and examples."""
    text = "\n".join(lines)

    def block(match):
        indent, language, code = match.groups()
        inner = re.sub("^(?=.)", "    ", code, flags=re.MULTILINE)
        return f"{indent}.. code-block:: {language}\n\n{inner}"

    text = re.sub(r"^( *)```(\w+)\n(.*?)^ *```$", block, text, flags=re.M | re.S)
    code = r"(?<![`:])`([^`]+?)`(?!`)"
    text = re.sub(code, lambda m: f"``{' '.join(m[1].split())}``", text)
    lines[:] = text.splitlines()


def short_signature(app, what, name, obj, options, signature, annotation):
    """Show what a class takes: what `__init__` takes, and of `Config` less."""
    if what != "class":
        return None
    parameters = list(inspect.signature(obj.__init__).parameters.values())[1:]
    if len(parameters) > MOST_PARAMETERS:
        return "(**settings)", None
    taken = inspect.Signature(parameters)
    return stringify_signature(taken, unqualified_typehints=True), None


def leave_out(app, what, name, obj, skip, options):
    """Leave out what Keras and scikit-learn call, and people do not."""
    return True if CALLED_BY_OTHERS.fullmatch(name) else None


def setup(app):
    """Connect the functions above."""
    app.connect("source-read", link_pages)
    # Before napoleon, which has 500.
    app.connect("autodoc-process-docstring", as_rst, priority=400)
    app.connect("autodoc-process-signature", short_signature)
    app.connect("autodoc-skip-member", leave_out)
