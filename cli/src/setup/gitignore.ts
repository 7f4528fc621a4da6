/** The text of a .gitignore with one more line, for a file beside it. What is there stays to the byte. */
export function withIgnored(text: string, name: string): string {
  const lineEnd = /\r\n/.test(text) ? "\r\n" : "\n";
  const before = text === "" || text.endsWith("\n") ? text : `${text}${lineEnd}`;
  return `${before}${pattern(name)}${lineEnd}`;
}

/** A pattern that fits this name alone, in this folder. */
const pattern = (name: string) =>
  `/${name.replace(/[\\*?[]/g, "\\$&").replace(/ +$/, (blanks) => "\\ ".repeat(blanks.length))}`;
