"""Write the sections as one PDF, with a table of contents: Chromium prints them, if it is there."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

NAME = "convolutions-that-run.pdf"
CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), ""
)
LINK = f'The sections are also one <a href="{NAME}">PDF</a>, to read on paper.'
STYLE = """<style>
h1 { break-before: page; }
.sections h1 { break-before: auto; }
.sections ul, details > summary { list-style: none; }
html { font-size: 80%; }
</style>"""
FOOTER = (
    '<div style="width:100%;font-size:8px;text-align:center"><span class="pageNumber"></span></div>'
)


def together(folder: Path, names: list[str], title: str) -> str:
    """Return the pages of a folder as one page of HTML with a table of contents."""
    articles, contents = [], []
    for number, name in enumerate(names):
        page = (folder / f"{name}.html").read_text("utf-8")
        head = "".join(re.findall('<link rel="stylesheet"[^>]*>', page))
        article = re.search("(?s)<article.*</article>", page)[0]
        article = re.sub("(?s)<script.*?</script>|(?s:<p class=.links.*?</p>)", "", article)
        article = re.sub(r'(?<= )id="', f'id="{number}-', article)
        article = article.replace('href="#', f'href="#{number}-').replace(' loading="lazy"', "")
        for other, there in enumerate(names):
            article = re.sub(f'href="{re.escape(there)}.html#?', f'href="#{other}-', article)
        article = re.sub(r'href="(?!#|https?:)[^"]*"', "", article)  # the site's other pages
        articles.append(article.replace("<details", "<details open"))
        found = re.findall(r'<h([12])>(.*?)<a class="headerlink" href="(#[^"]*)"', article)
        contents += [
            f'<li style="margin-left:{2 * int(level) - 2}em"><a href="{there}">{heading}</a></li>'
            for level, heading, there in found
        ]
    start = f'<div class="sections"><h1>{title}</h1><ul>{"".join(contents)}</ul></div>'
    begin = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    return begin + head + STYLE + start + "".join(articles)


def write(app: Any, error: Exception | None) -> None:
    """Print the built sections; nothing if there is no Chromium."""
    out = Path(app.outdir)
    names = [name for name in app.config.printed if (out / "notebooks" / f"{name}.html").exists()]
    if error or not CHROMIUM or not names:
        return
    page = out / "notebooks" / "printed.html"
    page.write_text(together(page.parent, names, app.config.html_title), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0
        )
        tab = browser.new_context(java_script_enabled=False, color_scheme="light").new_page()
        tab.goto(page.as_uri(), timeout=600_000)
        margin = dict.fromkeys(["top", "bottom", "left", "right"], "15mm")
        footer = {
            "display_header_footer": True,
            "header_template": "<p>",
            "footer_template": FOOTER,
        }
        tab.set_default_timeout(600_000)
        tab.pdf(path=out / NAME, format="A4", margin=margin, outline=True, tagged=True, **footer)
        browser.close()
    page.unlink()
