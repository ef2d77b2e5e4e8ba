"""Pages that are kept true: what comes from code is run again and compared, sentences are written by people.

pytest-markdown-docs collects and runs.  What it runs are the statements that `page.py` finds on a page:

    ```python             a block runs, in order, with the names of the blocks before it on the page;
    ```text               what it prints stands straight below it, and nothing else does
    value<!--= code -->   a number in a sentence, if the author wants it bound
    <!-- eq: code for n in 1..9 -->   $$ y = n + 1 $$     a display equation, if the author wants it bound
    <!-- table: package.module.function -->   ...   <!-- end of table -->     a table that a function makes

`statements.py` says how each is compared.  `pytest --update-docs` writes what the code says into the pages, and lists
the paragraphs around each change, to be read again.  A block marked `{ .python .needs-torch }` is skipped where the
module is not installed.  A Python file is a page, too: that of its docstrings.
"""
