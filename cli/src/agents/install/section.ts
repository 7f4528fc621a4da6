/** How a kind of file writes comments. */
export interface Comments {
  open: string;
  close: string;
}

export const markdown: Comments = { open: "<!-- ", close: " -->" };
export const toml: Comments = { open: "# ", close: "" };

/** What stood before the section, so that it can be taken out again to the byte. */
const variants = { after: "", joined: " (after a line without end)", alone: " (of a new file)" };
type Variant = keyof typeof variants;

const beginOf = ({ open, close }: Comments, variant: Variant) =>
  `${open}ds agent install: begin${variants[variant]}${close}\n`;
const endOf = ({ open, close }: Comments) => `${open}ds agent install: end${close}\n`;

interface Found {
  variant: Variant;
  start: number;
  /** Behind the begin marker. */
  body: number;
  /** At the end marker. */
  end: number;
}

/** The file with the section in it, at its end or where it is already. */
export function withSection(text: string | undefined, body: string, comments: Comments): string {
  const found = text === undefined ? undefined : findSection(text, comments);
  if (text !== undefined && found) {
    return `${text.slice(0, found.body)}${body}${text.slice(found.end)}`;
  }
  const block = (variant: Variant) => `${beginOf(comments, variant)}${body}${endOf(comments)}`;
  if (text === undefined) return block("alone");
  return text === "" || text.endsWith("\n")
    ? `${text}\n${block("after")}`
    : `${text}\n\n${block("joined")}`;
}

/** The file as it was; undefined where it was made for the section, "none" where it has none. */
export function withoutSection(
  text: string,
  comments: Comments,
): { text: string | undefined } | "none" {
  const found = findSection(text, comments);
  if (found === undefined) return "none";
  const { variant, start, end } = found;
  const before = text.slice(0, start);
  const after = text.slice(end + endOf(comments).length);
  const blank = { after: "\n", joined: "\n\n", alone: "" }[variant];
  const bare = before.endsWith(blank) ? before.slice(0, before.length - blank.length) : before;
  // What somebody has written behind the section begins a line.
  const kept = variant === "joined" && after !== "" ? `${bare}\n` : bare;
  return { text: variant === "alone" && `${kept}${after}` === "" ? undefined : `${kept}${after}` };
}

function findSection(text: string, comments: Comments): Found | undefined {
  for (const variant of Object.keys(variants) as Variant[]) {
    const begin = beginOf(comments, variant);
    const start = text.indexOf(begin);
    if (start < 0) continue;
    const body = start + begin.length;
    const end = text.indexOf(endOf(comments), body);
    if (end >= 0) return { variant, start, body, end };
  }
  return undefined;
}
