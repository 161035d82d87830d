"""Hooks of the documentation site: pages that are not in docs/ as they stand, and links that leave docs/."""

import posixpath
import re
import sys
from pathlib import Path

import griffe
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # `workflow` is not installed

from workflow.configuration import reference  # noqa: E402

PAGES = {  # files of the project that are pages of the site
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "config/README.md": "configuration.md",
}
PACKAGES = ("lofi", "simulations")
LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")


def packages():
    """{package: its modules} of what people import, by name; packages without modules are left out."""
    found = {}
    for top in PACKAGES:
        for folder in sorted(path.parent for path in (ROOT / top).rglob("__init__.py")):
            name = ".".join(folder.relative_to(ROOT).parts)
            modules = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
            if modules:
                found[name] = [f"{name}.{module}" for module in modules]
    return found


def api_page(package, modules):
    """The reference of a package: its docstring, then module by module."""
    members = "\n    options: {members: false, show_root_heading: false, heading_level: 1}\n"
    return f"# {package}\n\n::: {package}{members}\n" + "\n".join(f"::: {module}\n" for module in modules)


def on_config(config):
    """The reference at the end of the menu."""
    parts = {top: [{name: f"api/{name}.md"} for name in packages() if name.split(".")[0] == top] for top in PACKAGES}
    config.nav.append({"Reference": [{top: pages} for top, pages in parts.items()]})
    return config


def on_files(files, config):
    """Add the pages and the files that are linked to and lie outside docs/."""
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in PAGES}
    sources["config/README.md"] += f"\n{reference.page()}"
    for path, text in sources.items():
        files.append(File.generated(config, PAGES[path], content=text))
    for name, modules in packages().items():
        files.append(File.generated(config, f"api/{name}.md", content=api_page(name, modules)))
    sources |= {f"docs/{path.name}": path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
    linked = {target(source, link) for source, text in sources.items() for _, link, _ in LINK.findall(text)}
    for path in sorted(linked - {None}):
        if not path.startswith("docs/") and path not in PAGES and (ROOT / path).is_file():
            files.append(File.generated(config, f"files/{path}", abs_src_path=str(ROOT / path)))
    return files


def target(source, link):
    """The file of the project that a link in the file `source` leads to; None for addresses of the web."""
    return None if re.match(r"\w+:", link) else posixpath.normpath(posixpath.join(posixpath.dirname(source), link))


def place(path):
    """Where a file of the project is on the site."""
    return path.removeprefix("docs/") if path.startswith("docs/") else PAGES.get(path, f"files/{path}")


def on_page_markdown(markdown, page, config, files):
    """Links as they are on the site, from links as they are in the project."""
    own = {where: path for path, where in PAGES.items()}.get(page.file.src_uri, f"docs/{page.file.src_uri}")

    def replaced(match):
        path = target(own, match[2])
        return match[0] if path is None else match[1] + place(path) + match[3]

    if page.file.src_uri.startswith("api/"):
        return markdown
    # GitHub wants pipes escaped in the code of a table, Markdown's own rules do not.
    markdown = re.sub(r"`[^`\n]+`", lambda code: code[0].replace("\\|", "|"), markdown)
    return LINK.sub(replaced, markdown)


def on_post_page(output, page, config):
    """Refuse a page that loads scripts, styles or pictures from elsewhere."""
    elsewhere = re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"?(https?:[^\"> ]+)", output)
    if elsewhere:
        raise PluginError(f"{page.file.src_uri} loads {elsewhere[1]}; the site must not need other servers")
    return output


class Sections(griffe.Extension):
    """Docstrings as Markdown: headings with dashes below, `name : explanation` as lists, and assumptions."""

    heading = re.compile(r"^(\w+)\n-{3,}\n", flags=re.MULTILINE)
    names = re.compile(r"(?:^|(?<=[.;)`]\s))([\w*]+(?:, [\w*]+)*) : ", flags=re.MULTILINE)

    def on_instance(self, *, obj, **_):
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring:
            text = self.heading.sub(r"**\1**\n\n", obj.docstring.value)
            text = "\n\n".join(self._items(paragraph) for paragraph in text.split("\n\n"))
            text = re.sub(r"^( *)# ASSUME:", r"\n\1**Assumed:**", text, flags=re.MULTILINE)
            obj.docstring.value = re.sub(r"^# ", "", text, flags=re.MULTILINE)

    def _items(self, paragraph):
        """A paragraph that begins with `name : ` as a list of names."""
        return self.names.sub(r"\n* `\1`: ", paragraph) if self.names.match(paragraph) else paragraph
