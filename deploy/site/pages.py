"""Brings pages from outside of docs/ into the site. A link to a file that is no page becomes the file's name."""

import os
import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

TOP = Path(__file__).resolve().parents[2]
# Where a page of the repository is in the site.
ELSEWHERE = {
    "README.md": "errand.md",
    "DESIGN.md": "design.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "GOVERNANCE.md": "governance.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "deploy/README.md": "deploy.md",
    "deploy/helm/errand/README.md": "chart.md",
    "clients/README.md": "clients.md",
    "clients/python/README.md": "clients-python.md",
    "clients/node/README.md": "clients-node.md",
    "verify/README.md": "verify.md",
}
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(```.*?^```)", re.S | re.M)
# In the pages a list may follow a paragraph without an empty line; Python-Markdown does not read that as a list.
TIGHT_LIST = re.compile(r"^(?!\s*(?:[-*] |\d+\. |\||#|```))(.+)\n(?=(?:- |1\. ))", re.M)


def _in_site(source, link, pages):
    """The link's target in the site, for a link of a page of the repository; None if the target is no page of the site."""
    path, _, anchor = link.partition("#")
    if re.match(r"[a-z]+:", link) or not path:
        return link
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    here = ELSEWHERE.get(source) or posixpath.relpath(source, "docs")
    if target in ELSEWHERE:
        page = ELSEWHERE[target]
    elif target.startswith("docs/"):
        page = posixpath.relpath(target, "docs")
        if page not in pages and page + "/README.md" in pages:
            page += "/README.md"
        if page not in pages:
            return None
    else:
        return None
    return posixpath.relpath(page, posixpath.dirname(here) or ".") + ("#" + anchor if anchor else "")


def _adapt(text, source, pages):
    def link(found):
        target = _in_site(source, found.group(2), pages)
        return found.group(1) if target is None else f"[{found.group(1)}]({target})"

    parts = FENCE.split(text)
    for i in range(0, len(parts), 2):
        parts[i] = TIGHT_LIST.sub(r"\1\n\n", LINK.sub(link, parts[i]))
    return "".join(parts)


STYLE = """
.md-grid { max-width: 72rem; }
.md-typeset table:not([class]) { display: table; font-size: .7rem; }
.md-typeset table:not([class]) code { word-break: break-word; white-space: normal; }
.md-typeset__table { width: 100%; }
@media screen and (max-width: 44.9em) {
  .md-typeset table:not([class]) :is(tbody, tr, td) { display: block; min-width: 0; }
  .md-typeset table:not([class]) thead, .md-typeset table:not([class]) td:empty { display: none; }
  .md-typeset table:not([class]) tr { padding: .4rem 0; border-top: .05rem solid var(--md-typeset-table-color); }
  .md-typeset table:not([class]) td { padding: .1rem .6rem; border: 0; }
  .md-typeset table:not([class]) td:first-child { font-weight: 700; }
}
.md-nav--primary .md-nav__item--section > .md-nav__link { color: var(--md-typeset-a-color); }
"""


def on_files(files, config):
    files.append(File.generated(config, "assets/errand.css", content=STYLE))
    drawing = Path(os.environ["ERRAND_MERMAID"]).read_text()
    files.append(File.generated(config, "assets/mermaid.min.js", content=drawing))
    for source, page in ELSEWHERE.items():
        if (TOP / source).is_file():
            files.append(File.generated(config, page, content=(TOP / source).read_text()))
    return files


def on_page_markdown(markdown, page, config, files):
    uri = page.file.src_uri
    source = next((name for name, site in ELSEWHERE.items() if site == uri), "docs/" + uri)
    return _adapt(markdown, source, {file.src_uri for file in files})
