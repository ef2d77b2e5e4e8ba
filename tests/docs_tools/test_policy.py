"""What the policy in a page allows."""

import base64
import hashlib

from docs_tools.policy import guarded

PAGE = '<head><meta charset="utf-8"></head><script src="a.js"></script><script>b()</script>'
DATA = '<script type="application/json">{}</script>'


def digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_scripts_of_the_page_are_allowed_by_their_digest_and_python_where_it_runs():
    scripts = f"script-src 'self' {digest('b()')}"
    assert f"{scripts};" in guarded(PAGE + DATA)
    assert f"{scripts} 'wasm-unsafe-eval';" in guarded(PAGE + "<div data-live>")


def test_a_script_that_comes_from_elsewhere_does_not_run(browser, site, address):
    page = browser.new_page()
    page.goto(address)
    run = "(text) => document.body.append(Object.assign(document.createElement('script'), { text }))"
    page.evaluate(run, "window.stranger = true")
    assert page.evaluate("typeof document$ !== 'undefined'")  # the theme's own scripts did run
    assert page.evaluate("window.stranger") is None
    page.close()
