"""Which blocks of a page can run in the page: those that need NumPy, deconvlib and Python's own library alone.

The page's script finds what is written here on each block of Python: `data-live` where it can run, `data-needs` with
the reason where it can't, and `data-answer`, what a reader's answer begins with, on the check of an exercise.
"""

from __future__ import annotations

import ast
import builtins
import html
import re
import sys
from dataclasses import dataclass, field

import lxml.html

from docs_tools.live.names import Names

__all__ = ["Block", "judge", "marked", "stub"]

HERE = {"numpy", "deconvlib"} | sys.stdlib_module_names
# Of Python's own library: what a worker of a browser does not have.
NOT_HERE = {"pathlib": "files", "subprocess": "other programs", "threading": "threads", "concurrent": "threads"}
SPOKEN = {
    "tensorflow": "TensorFlow",
    "tf": "TensorFlow",
    "keras": "Keras",
    "torch": "PyTorch",
    "jax": "JAX",
    "onnx": "ONNX",
    "scipy": "SciPy",
    "skimage": "scikit-image",
    **NOT_HERE,
}
# Signatures and sources of the API page: nobody would run them.
NOT_TYPED = "contains(@class, 'doc-signature') or contains(@class, 'mkdocstrings-source')"
OPENING = re.compile(r'<div class="(language-python\b[^"]*)"(?=>)')


@dataclass
class Block:
    """A block of Python as the page shows it, and what its fence says of it."""

    source: str
    words: set[str] = field(default_factory=set)
    needs: str = ""  # what is missing in the page, or nothing


def judge(blocks: list[Block]) -> None:
    """Write into each block of a page what it needs that the page does not have."""
    missing: dict[str, str] = {}  # a name that only a block which can't run has made, and what that block needs
    for block in blocks:
        try:
            names = Names(block.source)
        except SyntaxError:
            block.needs = "something else than Python"
            continue
        block.needs = _needs(block, names, missing)
        for name in names.writes:
            missing.pop(name, None)
            if block.needs:
                missing[name] = block.needs


def _needs(block: Block, names: Names, missing: dict[str, str]) -> str:
    if "machine" in block.words:
        return "a machine of your own"
    said = [word.removeprefix("needs-") for word in sorted(block.words) if word.startswith("needs-")]
    modules = [*said, *sorted(names.modules - HERE), *sorted(names.modules & set(NOT_HERE))]
    if modules:
        return " and ".join(dict.fromkeys(SPOKEN.get(module, module) for module in modules))
    borrowed = [missing[name] for name in sorted(names.reads - set(dir(builtins))) if name in missing]
    return borrowed[0] if borrowed else ""


def stub(solutions: list[str], check: str) -> str:
    """What a reader's answer begins with: each name of the solution that the check reads, without its value."""
    wanted = Names(check).reads
    lines = []
    for statement in (statement for source in solutions for statement in ast.parse(source).body):
        if isinstance(statement, ast.FunctionDef) and statement.name in wanted:
            lines.append(f"def {statement.name}({ast.unparse(statement.args)}):\n    ...")
        elif isinstance(statement, ast.Assign):
            made = Names(ast.unparse(statement)).writes & wanted
            lines += [f"{name} = ..." for name in sorted(made)]
    return "\n".join(dict.fromkeys(lines))


def marked(content: str) -> str:
    """The page's HTML, with a mark on every block of Python that tells the page's script what can be done with it."""
    root = lxml.html.fragment_fromstring(content, create_parent="div")
    found = [element for element in root.iter("div") if (element.get("class") or "").startswith("language-python")]
    typed = [element for element in found if not element.xpath(f"ancestor-or-self::*[{NOT_TYPED}]")]
    blocks = [Block(element.xpath("string(.//code)"), set(element.get("class").split())) for element in typed]
    judge(blocks)
    marks = {}
    for number, (element, block) in enumerate(zip(typed, blocks)):
        marks[element] = f' data-needs="{html.escape(block.needs)}"' if block.needs else " data-live"
        exercise = element.xpath("ancestor::details[contains(@class, 'question')]")
        if "check" in block.words and exercise and not block.needs:
            before = zip(typed[:number], blocks[:number])
            solutions = [b.source for e, b in before if exercise[-1] in e.iterancestors() and "check" not in b.words]
            marks[element] += f' data-answer="{html.escape(stub(solutions, block.source))}"'
    openings = iter(found)
    return OPENING.sub(lambda match: match[0] + marks.get(next(openings), ""), content)
