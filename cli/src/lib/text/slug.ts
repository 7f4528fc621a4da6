import { createHash } from "node:crypto";

/** Latin letters that Unicode does not decompose into a base letter and a mark. */
const spelledOut: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** Lower case, `[a-z0-9-]`, no hyphen at an end or twice; empty when nothing of the text is left. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => spelledOut[letter] ?? "")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Cuts what is too long and tells the cut ones apart by 6 hex digits of the whole. */
export function withinLength(name: string, longest: number, whole = name): string {
  if (name.length <= longest) return name;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, 6);
  return `${name.slice(0, longest - 7).replace(/-+$/, "")}-${digest}`;
}
