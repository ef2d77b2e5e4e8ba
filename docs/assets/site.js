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
  document.querySelector("[role=dialog]")?.setAttribute("aria-label", "Search");
  new MutationObserver(label).observe(document.querySelector("main"), { childList: true, subtree: true });
});

// The search looks for the beginnings of words, so "a" would find "avoid" and "artifacts" before all else.

const small = new Set(
  ("a an and are as at be by can do does for from get how i in is it my of on or the to " +
  "what when which why with").split(" "),
);
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (message, ...others) {
  const question = message?.type === 2 ? message.data : ""; // the theme's number for it
  const words = question.split(/\s+/).filter((word) => !small.has(word.toLowerCase())).join(" ");
  return postMessage.call(this, words ? { ...message, data: words } : message, ...others);
};

// Blocks that run in the page: their buttons, and with the first click all the rest.  docs_tools/live says which can.

const live = new URL("live/live.js", document.currentScript.src);

function buttons(actions, name = "") {
  const group = document.createElement("div");
  group.className = "live-actions";
  for (const [action, text] of Object.entries(actions)) {
    const button = document.createElement("button");
    button.dataset.do = action;
    button.textContent = text;
    if (name) button.setAttribute("aria-label", `${text} ${name}`);
    group.append(button);
  }
  return group;
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-live]").forEach((block, n) => {
    block.append(buttons({ run: "Run", edit: "Edit" }, `block ${n + 1}`));
  });
  const notebook = document.querySelector(".take-away [href$='.ipynb']");
  for (const block of document.querySelectorAll("[data-needs]")) {
    const note = buttons({});
    note.append(`needs ${block.dataset.needs}`);
    if (notebook) note.append(": ", Object.assign(notebook.cloneNode(), { textContent: "notebook" }));
    block.append(note);
  }
  for (const check of document.querySelectorAll("[data-answer]")) {
    check.closest("details.success").before(buttons({ try: "Try it" }));
  }
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest(".live-actions button");
    if (button) (await import(live)).act(button);
  });
});

// The explorer and the small ones in the lessons: loaded when one of them is near to be seen.

const explorer = new URL("explorer/", document.currentScript.src);

document.addEventListener("DOMContentLoaded", () => {
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) import(new URL(`${target.localName.replace("deconv-", "")}.js`, explorer));
      }
    },
    { rootMargin: "500px" },
  );
  document.querySelectorAll("deconv-explorer, deconv-lesson").forEach((element) => near.observe(element));
});

// The whole page as Markdown, in one click.

document.addEventListener("DOMContentLoaded", () => {
  const link = document.querySelector(".take-away [href$='.md']");
  if (!link || !navigator.clipboard) return;
  const button = document.createElement("button");
  button.textContent = "Copy page";
  button.title = "Copy this page as Markdown";
  button.addEventListener("click", async () => {
    const text = fetch(link.href).then((response) => response.text());
    const blob = text.then((content) => new Blob([content], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    button.textContent = "Copied";
  });
  link.after(" ", button);
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
