// A small editor: a textarea that indents.  Tab indents, Shift+Tab takes it back, Enter keeps the indentation,
// Ctrl+Enter runs, and Escape leaves, so that nobody who uses the keyboard is caught in it.

const INDENT = "    ";

export function editor(text, name, { run, leave }) {
  const area = document.createElement("textarea");
  area.className = "live-editor";
  area.value = text;
  area.setAttribute("aria-label", `${name}: Tab indents, Escape leaves, Ctrl+Enter runs`);
  Object.assign(area, { spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off" });
  const fit = () => (area.rows = area.value.split("\n").length);
  fit();
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    else if (event.key === "Escape") leave();
    else if (event.key === "Tab") indent(area, event.shiftKey);
    else if (event.key === "Enter" && !event.shiftKey) breakLine(area);
    else return;
    event.preventDefault();
  });
  return area;
}

function lineStart(area) {
  return area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
}

// As if typed, so that the browser can undo it.
function type(text) {
  document.execCommand(text ? "insertText" : "delete", false, text);
}

function breakLine(area) {
  const line = area.value.slice(lineStart(area), area.selectionStart);
  const deeper = /:\s*$/.test(line) ? INDENT : "";
  type("\n" + line.match(/^ */)[0] + deeper);
}

function indent(area, back) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (from === to && !back) return type(INDENT);
  const start = lineStart(area);
  const lines = value.slice(start, to).split("\n");
  const moved = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : INDENT + line));
  const text = moved.join("\n");
  if (text === value.slice(start, to)) return;
  area.setSelectionRange(start, to);
  type(text);
  if (from === to) area.setSelectionRange(...Array(2).fill(Math.max(start, from + text.length - (to - start))));
  else area.setSelectionRange(start, start + text.length);
}
