// What Material's script leaves without a name, and the TeX of copied equations.  No page needs this file to be read.

let named = 0; // each name is given once, and no two are alike

function label() {
  for (const actions of document.querySelectorAll(".md-code__nav:not([aria-label])")) {
    actions.setAttribute("aria-label", `Actions for code block ${++named}`);
  }
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap:not([aria-label])")) {
    table.tabIndex = 0;
    table.setAttribute("role", "group");
    table.setAttribute("aria-label", `Table ${++named}`);
  }
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
