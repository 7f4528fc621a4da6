import type { Finding } from "../findings/finding.ts";
import type { SnapshotColumns } from "../folder/snapshot-columns.ts";

const rule = "still-selected";

/**
 * What the base's own schema says of what is dropped: its code selects it, or does not know it any more.
 *
 * @param base undefined: no snapshot tells
 */
export function settleSelected(
  findings: readonly Finding[],
  base: { ref: string; columns: SnapshotColumns } | undefined,
): Finding[] {
  if (base === undefined) return [...findings];
  return findings.flatMap((finding) => {
    if (finding.rule !== rule || finding.table === undefined) return [finding];
    const columns = base.columns.get(plain(finding.table));
    const has = finding.column === undefined ? columns !== undefined : columns?.has(finding.column);
    return has
      ? [{ ...finding, evidence: [...finding.evidence, `the schema at ${base.ref} has it`] }]
      : [];
  });
}

/** `"public"."a"` and `"a"` as snapshots have them: `public.a`. */
function plain(table: string): string {
  const parts = [...table.matchAll(/"((?:[^"]|"")*)"/g)].map((match) =>
    (match[1] ?? "").replaceAll('""', '"'),
  );
  return parts.length === 1 ? `public.${parts[0]}` : parts.join(".");
}
