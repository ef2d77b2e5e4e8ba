"""What builds the site and keeps it true.  Not part of the package.

checker/        runs the pages as tests: blocks, what they print, numbers, equations, tables
drawings/       what the figures show; figures.py is what they are drawn with, gallery.py their catalogue
tables/         the tables that code makes
live/           blocks that run in the page
takeaway/       pages as Markdown and as notebooks, and the notebook as Markdown
notebook.py     the page that mkdocs-jupyter makes of the notebook, as light as the others
inline_svg.py, mathml.py, glossary.py    extensions of Python-Markdown: figures, equations, words with a meaning
hooks.py, hosted.py, policy.py           hooks of MkDocs: what every page has, its address, what it may load
compare.py      do two builds of the site show the same?
"""
