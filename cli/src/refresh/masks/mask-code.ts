import type { Mask } from "../../config/define/masks.ts";

/** A mask as somebody would write it into ds.config.ts. */
export function maskCode(mask: Mask): string {
  const call = (...parts: string[]) => `mask.${mask.mask}(${parts.join(", ")})`;
  switch (mask.mask) {
    case "name":
      return mask.part === "full" ? call() : call(`{ part: ${JSON.stringify(mask.part)} }`);
    case "text":
      return call(...options({ unique: mask.unique || undefined }));
    case "date":
      return call(...options({ days: only(mask.days, 30), unique: mask.unique || undefined }));
    case "number":
      return call(...options({ percent: only(mask.percent, 10) }));
    case "json": {
      const paths = Object.entries(mask.paths).map(
        ([path, inner]) => `${JSON.stringify(path)}: ${maskCode(inner)}`,
      );
      const others = options({ others: only(mask.others, "mask") });
      if (paths.length === 0 && others.length === 0) return call();
      return call(paths.length === 0 ? "{}" : `{ ${paths.join(", ")} }`, ...others);
    }
    case "constant":
      return call(JSON.stringify(mask.value));
    case "dictionary":
      return call(
        `[${mask.values.map((value) => JSON.stringify(value)).join(", ")}]`,
        ...options({ unique: mask.unique || undefined }),
      );
    case "sql":
      return call(JSON.stringify(mask.expression));
    default:
      return call();
  }
}

const only = <T>(value: T, usual: T): T | undefined => (value === usual ? undefined : value);

/** What is not as usual, as one object. */
function options(of: Record<string, unknown>): string[] {
  const said = Object.entries(of).filter(([, value]) => value !== undefined);
  const text = said.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  return said.length === 0 ? [] : [`{ ${text} }`];
}
