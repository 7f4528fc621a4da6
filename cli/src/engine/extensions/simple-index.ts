/** What to ask an index for: JSON (PEP 691), else HTML (PEP 503). */
export const accepted =
  "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/** The page of a package below an index: its name is normalised as PEP 503 has it. */
export function packagePage(index: string, packageName: string): URL {
  const base = new URL(index.endsWith("/") ? index : `${index}/`);
  return new URL(`${packageName.toLowerCase().replaceAll(/[-_.]+/g, "-")}/`, base);
}

/**
 * Where an index says that a file is; undefined where it does not list it.
 *
 * @param page its answer
 * @param at the page's own address, after redirects
 */
export function addressOfFile(
  page: { type: string; text: string },
  at: URL,
  file: string,
): URL | undefined {
  const found = /\bjson\b/i.test(page.type) ? inJson(page.text, file) : inHtml(page.text, file);
  return found !== undefined && URL.canParse(found, at.href) ? new URL(found, at) : undefined;
}

function inJson(text: string, file: string): string | undefined {
  try {
    const { files } = JSON.parse(text) as { files?: { filename?: unknown; url?: unknown }[] };
    const url = files?.find(({ filename }) => filename === file)?.url;
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

/** PEP 503: an anchor a file, whose text is the file's name. */
function inHtml(text: string, file: string): string | undefined {
  for (const [, attributes = "", name = ""] of text.matchAll(/<a\s([^>]*)>([^<]*)<\/a\s*>/gi)) {
    if (decoded(name.trim()) !== file) continue;
    const [, double, single, bare] =
      /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes) ?? [];
    const url = double ?? single ?? bare;
    if (url !== undefined) return decoded(url.trim());
  }
  return undefined;
}

const entities: Record<string, string> = {
  amp: "&",
  quot: '"',
  lt: "<",
  gt: ">",
  "#39": "'",
  "#x27": "'",
};

const decoded = (text: string): string =>
  text.replaceAll(
    /&(amp|quot|lt|gt|#39|#x27);/gi,
    (whole, name: string) => entities[name.toLowerCase()] ?? whole,
  );
