import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

/** Markdown as GitHub's renderer makes HTML of it; HTML that stands in it stays, as GitHub takes out only some of it. */
export const rendered = (markdown: string): string =>
  micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });

/** What of the HTML GitHub looks through for mentions, references and addresses: all but code. */
export const outsideOfCode = (html: string): string =>
  html.replace(/<pre>[\s\S]*?<\/pre>/g, "").replace(/<code[^>]*>[\s\S]*?<\/code>/g, "");

/** The texts that are code, as they are read. */
export const codeOf = (html: string): string[] =>
  [...html.matchAll(/<code[^>]*>([\s\S]*?)<\/code>/g)].map(([, text = ""]) =>
    text
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&"),
  );
