"""How Sphinx makes a site of these pages: ``make docs``."""

from __future__ import annotations

import pyrhi

project = "pyrhi"
copyright = "the pyrhi developers, BSD-3-Clause. Research use only; not a medical device"  # noqa: A001
version = release = pyrhi.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
exclude_patterns = ["*.py"]
# The notebooks are stored with what they showed; a test runs them again and compares.
nb_execution_mode = "off"

# The slugs of a forge, so that a link works in both places.
myst_heading_anchors = 4

# A parameter a line where all do not fit on one.
maximum_signature_line_length = 88
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
# Names in single backquotes are parameters, as in numpydoc.
default_role = "code"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
# Types of libraries whose documentation is not linked: nothing is fetched while the site is built.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!pyrhi).*"),
    # What a model's file is read through: of no use outside pyrhi.
    (r"py:class", r"pyrhi\.pain\.model\.Checker"),
    (r"py:class", r"pyrhi\..*\._\w+"),
]

copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["notebooks.css"]
html_title = f"pyrhi {release}"
html_show_sourcelink = False
html_sidebars = {"index": [], "tutorial": []}
html_theme_options = {
    "header_links_before_dropdown": 8,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
