"""Tables that code makes say what their data say."""

import pytest

from docs_tools.tables import conformance, markdown, speed


def cells(table):
    """The rows of a Markdown table, without its head."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def test_a_table_has_a_head_an_alignment_and_its_rows():
    assert markdown(["a", "b"], [["x", 1], ["y", 2]], right=["b"]) == ("| a | b |\n| --- | --: |\n| x | 1 |\n| y | 2 |")


def test_the_counts_of_the_summary_add_up_to_all_calls():
    for (name, entry), (title, release, *counts) in zip(
        conformance.results().items(), cells(conformance.summary()), strict=True
    ):
        assert title == conformance.TITLES[name]
        assert all(version in release for version in entry["versions"].values())
        assert sum(int(count.replace(",", "")) for count in counts) == entry["calls"]


def test_every_known_disagreement_has_a_row_and_a_reason():
    known = conformance.known()
    rows = cells(conformance.differences())
    assert [row[1] for row in rows] == [entry["name"] for entry in known]
    assert all(entry["reason"] in conformance.reasons() for entry in known)


def test_all_backends_of_keras_are_one_implementation():
    backends = [name for name, title in conformance.TITLES.items() if title.startswith("Keras on")]
    assert conformance.who({"implementations": [*backends, "jax"]}) == "Keras, every backend; JAX"
    assert conformance.who({"implementations": backends[:1]}) == "Keras on TensorFlow"


@pytest.mark.parametrize("kind", ["AVX-512", "AVX2"])
def test_every_layer_that_was_measured_has_a_row_with_its_median_ratios(kind):
    table = speed.layers(kind).split("\n\n", 1)[1]
    for (name, layer), row in zip(speed.results(kind)["layers"].items(), cells(table), strict=True):
        assert row[0] == f"`{name}`"
        assert row[2] == f"{layer['summary']['recycled_to_best'][1]:.2f}"
        assert row[3] == f"{layer['summary']['once_to_best'][1]:.2f}"
