import type { FixReport } from "./report.ts";

/** What was written anew, what was not, and what is left to do. */
export function fixText({ deployments, files, left, rewrites, status }: FixReport): string {
  const lines = rewrites.map(({ file, line, rule, says }) => `${file}:${line}: ${rule}: ${says}`);
  for (const { because, file, line, rule } of left)
    lines.push(`${file}:${line}: ${rule}: left as it is: ${because}`);
  if (deployments.length > 0) {
    lines.push("", "Deployments, in this order:");
    lines.push(`  1. ${[...new Set(deployments.map(({ migration }) => migration))].join(", ")}`);
    lines.push(
      ...deployments.map(({ file, when }, index) => `  ${index + 2}. ${file}: ${when}`),
      "Each is to become a migration then: drizzle-kit generate --custom, with the file's text in it.",
    );
  }
  const end =
    status === "nothing"
      ? "Nothing to write anew."
      : `Wrote ${files.map(({ file }) => file).join(", ")}. Look at it with: ds db migrate --plan`;
  return [...lines, ...(lines.length > 0 ? [""] : []), end].join("\n");
}
