"""How Sphinx makes the site: the notebooks as they are stored, and the pages around them."""

from __future__ import annotations

from pathlib import Path

from mxnet import np, npx

import d2lconv
from d2lconv.draw import animate
from d2lconv.explorer import explorer

npx.set_np()

MATHJAX = Path(__file__).parent.parent / "build/npm/node_modules/mathjax/es5/tex-svg-full.js"

project = html_title = "d2lconv"
author = "The d2lconv authors"
release = d2lconv.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["**/.ipynb_checkpoints"]

# The sections show their stored outputs, which the tests compare with what the code prints. The
# assignments are stored without any, so they are run for their drawings; their tests raise.
nb_execution_mode = "force"
nb_execution_excludepatterns = ["notebooks/*"]
nb_execution_timeout = 120
nb_execution_raise_on_error = True
myst_enable_extensions = ["dollarmath", "substitution"]
# the front page's moving picture, and the sliders of a page of their own
WINDOW = animate(np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2), padding=1, strides=(3, 2))
myst_substitutions = {
    "window": WINDOW._repr_html_(),
    "explorer": explorer(n=3, k=2, p=1, s=2)._repr_html_(),
}
myst_heading_anchors = 3

autodoc_member_order = "bysource"
default_role = "code"  # what stands in single backticks in a docstring

html_theme = "furo"
templates_path = ["_templates"]
html_static_path = ["_static", str(MATHJAX)]
mathjax_path = MATHJAX.name  # the whole of MathJax 3 in one file, so that nothing is fetched
html_favicon = "_static/favicon.svg"
html_show_copyright = False
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_domain_indices = html_use_index = False  # nobody looks for a name in an index
html_copy_source = False
html_show_search_summary = False  # an excerpt would have to be fetched, which a file can't
