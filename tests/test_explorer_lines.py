"""The explorer reads pasted lines as the terminal does: from one table of what they mean."""

from explorer import ask
from pasted_lines import DEEP, READ, REFUSED


def tuples(value):
    """Lists as tuples, as deep as they go."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def test_each_line_means_what_the_table_says():
    body = "given.map((line) => read(line))"
    for (line, meaning), answer in zip(READ.items(), ask(body, [*READ], "read from lines.js")):
        assert answer["framework"] == meaning.framework, line
        assert tuples(answer["kernelSize"]) == meaning.kernel_size, line
        assert {key: tuples(value) for key, value in answer["arguments"].items()} == meaning.arguments, line
        assert answer["axes"] == meaning.axes, line
        assert tuples(answer["channels"]) == meaning.channels, line


def test_each_refusal_has_the_words_of_the_table():
    body = """given.map((line) => {
      try {
        return read(line);
      } catch (refusal) {
        return refusal.message;
      }
    })"""
    for (line, words), answer in zip(REFUSED.items(), ask(body, [*REFUSED], "read from lines.js")):
        assert isinstance(answer, str), line
        assert words in answer, line


def test_nonsense_is_refused_at_once():
    body = """given.map((line) => {
      const start = performance.now();
      try {
        return read(line);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        return [refusal.message.length, performance.now() - start];
      }
    })"""
    answers = ask(body, DEEP, "read from lines.js", "Refusal from geometry.js")
    for line, (length, milliseconds) in zip(DEEP, answers):
        assert length < 500, line[:40]
        assert milliseconds < 1000, line[:40]
