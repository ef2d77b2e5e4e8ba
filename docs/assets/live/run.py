"""Runs the blocks of a page in the reader's browser as the site's own tests run them: in order, in one namespace.

It runs in a worker, beside NumPy and deconvlib.  What a block prints goes to `write`, a function of the worker, while
the block runs.
"""

import ast
import contextlib
import io
import linecache
import traceback
import types

LONGEST = 20_000  # characters that a block may print; what comes after is not shown


class Printed(io.TextIOBase):
    """Hands on whole lines."""

    def __init__(self, write):
        self.hand_on = write
        self.waiting = ""
        self.length = 0

    def write(self, text):
        self.waiting += text
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self):
        text, self.waiting = self.waiting, ""
        if not text or self.length > LONGEST:
            return
        self.length += len(text)
        if self.length > LONGEST:
            text = text[:LONGEST] + "\n... and more, which is not shown"
        self.hand_on(text)


class Session:
    """The namespace of a page, and the sources that have run in it."""

    def __init__(self):
        self.names = {"__name__": "__main__"}
        self.sources = {}

    def run(self, title, source, write):
        """Run a block; the answer is what went wrong, or nothing."""
        filename = f"<{title}>"
        self.sources[filename] = source
        linecache.cache[filename] = len(source), None, source.splitlines(True), filename  # for the traceback
        printed = Printed(write)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                exec(compile(source, filename, "exec", dont_inherit=True), self.names)
        except BaseException as error:  # SystemExit, too, ends a block and not the worker
            return self.told(error)
        finally:
            printed.flush()
        return ""

    def told(self, error):
        """Python's own message, with those lines alone that stand on the page."""
        told = traceback.TracebackException.from_exception(error)
        told.stack[:] = [frame for frame in told.stack if frame.filename in self.sources]
        message = "".join(told.format(chain=False)).rstrip()
        return message + self.case(error) if isinstance(error, AssertionError) else message

    def case(self, error):
        """The values of the names in an assertion that failed."""
        steps = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__) if self.is_here(frame)]
        frame, line = steps[-1]
        tree = ast.parse(self.sources[frame.f_code.co_filename])
        asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        failed = [node for node in asserts if node.lineno <= line <= node.end_lineno]
        names = [node for part in failed for node in ast.walk(part.test) if isinstance(node, ast.Name)]
        names.sort(key=lambda name: (name.lineno, name.col_offset))
        values = {name.id: frame.f_locals[name.id] for name in names if name.id in frame.f_locals}
        said = [f"{name} = {value!r}" for name, value in values.items() if not is_tool(value)]
        return f"\nwith {', '.join(said)}" if said else ""

    def is_here(self, frame):
        return frame.f_code.co_filename in self.sources


def is_tool(value):
    """A function or a module: its value says nothing to a reader."""
    return callable(value) or isinstance(value, types.ModuleType)
