// What Material's script leaves without a name, and the TeX of copied equations.  No page needs this file to be read.

const name = (selector, word) =>
  document.querySelectorAll(selector).forEach((node, n) => node.setAttribute("aria-label", `${word} ${n + 1}`));

function label() {
  name(".md-code__nav", "Actions for code block");
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    table.tabIndex = 0;
    table.setAttribute("role", "group");
  }
  name(".md-typeset__scrollwrap", "Table");
}

document.addEventListener("DOMContentLoaded", () => {
  label();
  new MutationObserver(label).observe(document.querySelector("main"), { childList: true, subtree: true });
});

document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  if (!selection.rangeCount) return;
  const copy = selection.getRangeAt(0).cloneContents();
  const equations = copy.querySelectorAll("math");
  if (!equations.length) return;
  for (const equation of equations) {
    const mark = equation.getAttribute("display") === "block" ? "$$" : "$";
    equation.replaceWith(mark + equation.querySelector("annotation").textContent + mark);
  }
  event.clipboardData.setData("text/plain", copy.textContent);
  event.preventDefault();
});
