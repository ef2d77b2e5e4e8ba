"""The theme's style sheets lose what no page can show, and nothing else."""

import pytest

from docs_tools.stylesheets import properties_for, rules_for, used

NAMES = {"shown", "slate", "tab--"}


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        (".shown,.gone{color:red}", ".shown{color:red}"),
        (".shown .gone{color:red}p{margin:0}", "p{margin:0}"),
        (".shown:not(.gone){color:red}", ".shown:not(.gone){color:red}"),
        (":is(.shown,.gone){color:red}", ":is(.shown,.gone){color:red}"),
        (".shown:not(.gone:is(.other)) .gone{color:red}", ""),
        (r".sho\:wn{color:red}", ""),
        ("[data-md-color-scheme=slate]{top:0}[data-md-color-scheme=dim]{top:0}", "[data-md-color-scheme=slate]{top:0}"),
        (".tab--next{top:0}.tab-next{top:0}", ".tab--next{top:0}"),
        ('@charset "UTF-8";.gone{top:0}', '@charset "UTF-8";'),
        ("@media print{.gone{top:0}}@media screen{.shown{top:0}}", "@media screen{.shown{top:0}}"),
        ("@keyframes gone{0%{top:0}to{top:1px}}", "@keyframes gone{0%{top:0}to{top:1px}}"),
        ('.shown{content:"}.gone{";top:0}', '.shown{content:"}.gone{";top:0}'),
    ],
)
def test_a_rule_stays_if_all_of_its_classes_are_used(sheet, left):
    assert rules_for(NAMES, sheet) == left


def test_a_custom_property_stays_if_something_reads_it():
    sheet = "@media screen{:root{--read:1;--unread:url('a;b');top:var(--read)}}:root{--unread:1}"
    assert properties_for({"--read"}, sheet) == "@media screen{:root{--read:1;top:var(--read)}}"


def test_values_of_attributes_and_words_of_scripts_are_used():
    assert used(['<p class="a b-c" data-x="d">prose'], ['e("md-f--g")']) >= {"a", "b-c", "d", "md-f--g"}
    assert "prose" not in used(['<p class="a">prose'], [])


def test_the_site_has_every_style_sheet_that_its_pages_ask_for(site, documents):
    for name, page in documents.items():
        for sheet in page.xpath("//link[@rel='stylesheet']/@href"):
            path = site / sheet.removeprefix("/deconvlib/") if sheet.startswith("/") else (site / name).parent / sheet
            assert path.is_file(), (name, sheet)
