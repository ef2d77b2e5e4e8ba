// Values as Python writes them.  Numbers are integers, arrays tuples, null is None; what a line doesn't say is Unknown.

export class Unknown {
  constructor(text) {
    this.text = text;
  }
}

export function repr(value) {
  if (value === null || value === undefined) return "None";
  if (value instanceof Unknown) return value.text;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `(${value.map(repr).join(", ")}${value.length === 1 ? "," : ""})`;
  return String(value);
}

// A list of lists, as NumPy's pad takes it.
export const lists = (value) => (Array.isArray(value) ? `[${value.map(lists).join(", ")}]` : repr(value));
