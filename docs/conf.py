"""Configure Sphinx: the site consists of the stored notebooks and the pages around them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from mxnet import npx

import d2lconv
from d2lconv.course.explorer import explorer

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import guesses  # noqa: E402
import links  # noqa: E402
import pdf  # noqa: E402
import pictures  # noqa: E402
import slim  # noqa: E402
from speed import tables  # noqa: E402

from tools.publish.contents import notebooks  # noqa: E402

npx.set_np()

KATEX = HERE.parent / "build/npm/node_modules/katex/dist"
STATIC = HERE.parent / "build/static"  # generated for the site
shutil.rmtree(STATIC, ignore_errors=True)
pictures.write(STATIC)
shutil.copytree(KATEX / "fonts", STATIC / "fonts", ignore=shutil.ignore_patterns("*.ttf", "*.woff"))
shutil.copy(KATEX / "katex.min.css", STATIC)

SPEED = json.loads((HERE / "speed/corr2d.json").read_text("utf-8"))

project = "d2lconv"
html_title = "Convolutions that run"
author = "The d2lconv authors"
release = d2lconv.__version__
repository = links.repository()  # -D repository=... takes another
extensions = [
    "myst_nb",
    "notfound.extension",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinxcontrib.katex",
    "sphinxext.opengraph",
]
exclude_patterns = ["**/.ipynb_checkpoints"]

# The sections show their stored outputs, which tests compare with the code's. The assignments are
# stored without outputs, so Sphinx runs them to get their drawings; their tests raise.
nb_execution_mode = "force"
nb_execution_excludepatterns = ["notebooks/*"]
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
myst_enable_extensions = ["dollarmath", "substitution"]
# the front page's animation, the explorer's sliders, and the speed tables
myst_substitutions = {
    "window": pictures.filling()._repr_html_(),
    "explorer": explorer(n=3, k=2, p=1, s=2)._repr_html_(),
    "speed": tables.table(SPEED),
    "plot": tables.plot(SPEED),
}
myst_heading_anchors = 3

# Render formulas at build time, so that no page needs a script or the internet.
katex_prerender = True
katex_js_path = str(KATEX / "katex.min.js")
katex_css_path = "katex.min.css"

autodoc_member_order = "bysource"
default_role = "code"  # single backticks in docstrings mark code

html_theme = "furo"
html_theme_options = {"top_of_page_buttons": []}
templates_path = ["_templates"]
html_static_path = ["_static", str(STATIC)]
html_favicon = "_static/favicon.svg"
html_show_copyright = False
html_css_files = ["site.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("guess.js", "site.js")]
html_domain_indices = html_use_index = False  # nobody uses an index of names
html_sourcelink_suffix = ""  # readers download the notebooks in _sources/
html_show_sourcelink = False
html_search_scorer = str(HERE / "scorer.js")

copybutton_exclude = ".linenos, .gp, .go"
ogp_site_name = "Convolutions that run"
ogp_social_cards = {"enable": False}  # there is a better picture
ogp_image_alt = "A window of 2 by 2 on an input of 3 by 3, the kernel, the output, and a sum"


def at_home(app, config) -> None:
    """Set the options that depend on the repository's address, if there is one."""
    site = links.home(config.repository)
    config.html_baseurl = config.ogp_site_url = site
    config.ogp_image = f"{site}_static/shared.png" if site else None
    config.notfound_urls_prefix = root = "/" + site.partition(".github.io/")[2]
    config.notfound_context = {
        "title": "Not here",
        "body": "<h1>Not here</h1><p>There is no page at this address. "
        f'The <a href="{root}index.html">front page</a> links to all pages.</p>',
    }


def fill_in(app, docname, source) -> None:
    """Fill in the front page from the list of notebooks."""
    if docname == "index":
        found = notebooks()
        words = {"CARDS": links.cards(found), "CONTENTS": links.contents(found)}
        for word, text in {**words, "PDF": pdf.LINK if app.config.printed else ""}.items():
            source[0] = source[0].replace(f"\n{word}\n", f"\n{text}\n")


def link_here(app, path, docname, content) -> None:
    """Let the links of an included file lead to the site's pages."""
    for file, page in {
        "../../assignments/README": "teachers",
        "../tools/hub/README": "hub",
    }.items():
        content[0] = content[0].replace(f"({file}.md", f"({page}.md")


def add_links(app, pagename, templatename, context, doctree) -> None:
    """Pass the links of a notebook's page to the template."""
    # the name of a toggle must be its text (WCAG, rule label-content-name-mismatch)
    context["body"] = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    if context.get("sourcename", "").endswith(".ipynb"):
        context["links"] = links.links(app.config.repository, pagename)
    out = Path(app.outdir)
    context["body"] = slim.images_to_files(
        context["body"],
        out / "_images",
        lambda path: context["pathto"](path, resource=True),
    )
    if doctree is not None:
        text = out / f"{pagename}.txt"
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text(slim.plain_text(doctree), "utf-8")


def setup(app) -> None:
    """Register the above with Sphinx."""
    app.add_config_value("repository", "", "html", str)
    printed = [notebook.name for notebook in notebooks()] if pdf.CHROMIUM else []
    app.add_config_value("printed", printed, "html", list)  # -D printed= prints none
    app.connect("build-finished", pdf.write)
    app.connect("config-inited", at_home)
    app.connect("source-read", fill_in)
    app.connect("doctree-read", guesses.ask)
    app.connect("include-read", link_here)
    app.connect("html-page-context", add_links)
