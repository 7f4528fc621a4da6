/**
 * Edits the text of an env file. Everything that is not asked to change stays to the byte: order,
 * comments, unknown lines, line ends. Where a name is set twice the last one wins, as dotenv and
 * shells have it, and it is that one that is changed.
 */

// `export NAME = value`, kept apart so that only the value is replaced.
const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_.]*)(\s*=\s*)(.*)$/;

interface Assignment {
  /** Index of the first line, and how many it spans (a quoted value may hold line breaks). */
  line: number;
  lines: number;
  head: string;
  name: string;
  equals: string;
  /** The value as written, with its quotes, and what follows it on the line. */
  written: string;
  trailing: string;
}

/** The value of a name; undefined when it is not set. */
export function readEnvValue(text: string, name: string): string | undefined {
  const found = lastAssignment(text.split("\n"), name);
  return found && unquote(found.written);
}

/** Every name that is set, once each. */
export function envNames(text: string): string[] {
  return [...new Set(assignments(text.split("\n")).map(({ name }) => name))];
}

/** Sets names to values, in place or at the end. The same values again change no byte. */
export function setEnvValues(text: string, values: Record<string, string>): string {
  const lineEnd = /\r\n/.test(text) ? "\r\n" : "\n";
  let lines = text.split("\n");
  for (const [name, value] of Object.entries(values)) {
    const found = lastAssignment(lines, name);
    if (!found) {
      lines = append(lines, `${name}=${quote(value)}`, lineEnd);
    } else if (unquote(found.written) !== value) {
      const carriage = lines[found.line + found.lines - 1]?.endsWith("\r") ? "\r" : "";
      const changed = `${found.head}${found.name}${found.equals}${quote(value)}${found.trailing}${carriage}`;
      lines = lines.toSpliced(found.line, found.lines, changed);
    }
  }
  return lines.join("\n");
}

function append(lines: string[], line: string, lineEnd: string): string[] {
  const last = lines.at(-1) ?? "";
  const carriage = lineEnd === "\r\n" ? "\r" : "";
  // A file that ends without a line break gets one first: the new line must not join the old.
  const before = last === "" ? lines.slice(0, -1) : [...lines.slice(0, -1), `${last}${carriage}`];
  return [...before, `${line}${carriage}`, ""];
}

function lastAssignment(lines: string[], name: string): Assignment | undefined {
  return assignments(lines).findLast((entry) => entry.name === name);
}

function assignments(lines: string[]): Assignment[] {
  const found: Assignment[] = [];
  for (let at = 0; at < lines.length; ) {
    const entry = assignmentAt(lines, at);
    if (entry) found.push(entry);
    at += entry?.lines ?? 1;
  }
  return found;
}

function assignmentAt(lines: string[], line: number): Assignment | undefined {
  const [, head, name, equals, rest] =
    assignment.exec((lines[line] ?? "").replace(/\r$/, "")) ?? [];
  if (head === undefined || name === undefined || equals === undefined || rest === undefined)
    return;
  const base = { line, head, name, equals };
  const mark = rest[0];
  if (mark === '"' || mark === "'" || mark === "`") {
    let value = rest;
    for (let lineCount = 1; line + lineCount <= lines.length; lineCount++) {
      const end = closingQuote(value, mark);
      if (end > 0) {
        return {
          ...base,
          lines: lineCount,
          written: value.slice(0, end + 1),
          trailing: value.slice(end + 1),
        };
      }
      value += `\n${(lines[line + lineCount] ?? "").replace(/\r$/, "")}`;
    }
  }
  // Unquoted: a # after a space begins a comment.
  const comment = rest.search(/\s+#/);
  const written = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
  return { ...base, lines: 1, written, trailing: rest.slice(written.length) };
}

function closingQuote(text: string, mark: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\" && mark === '"') at++;
    else if (text[at] === mark) return at;
  }
  return -1;
}

function unquote(written: string): string {
  const mark = written[0];
  if (written.length < 2 || written.at(-1) !== mark) return written;
  const inner = written.slice(1, -1);
  if (mark === "'" || mark === "`") return inner;
  if (mark !== '"') return written;
  return inner.replace(/\\([nrt"\\$`])/g, (_, letter: string) => escapes[letter] ?? letter);
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** As written in the file: bare where every reader agrees on it, else quoted. */
function quote(value: string): string {
  if (/^[A-Za-z0-9_@%+=:,./?&~-]+$/.test(value) && !/&/.test(value)) return value;
  // Single quotes: no reader expands anything in them, and a shell that sources the file agrees.
  if (!/['\n\r]/.test(value)) return `'${value}'`;
  const escaped = value
    .replace(/[\\"$`]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r");
  return `"${escaped}"`;
}
