import { slug } from "../lib/text/slug.ts";

/** What AWS Secrets Manager allows in a name; the file store takes the same. */
const allowed = /^[A-Za-z0-9/_+=.@-]{1,512}$/;

/** What is wrong with a name pattern of the configuration; undefined when nothing is. */
export function secretPatternProblem(pattern: string): string | undefined {
  const example = fill(pattern, "project", "stage");
  if (pattern.split("{stage}").length !== 2) return "must have {stage} in it, once";
  if (!allowed.test(example)) return "may have letters, digits and /_+=.@- in it, and {project}";
  if (pattern.endsWith("}") || /-[A-Za-z0-9]{6}$/.test(pattern)) {
    // AWS appends just that to a name to make the ARN, and then takes one for the other.
    return "must not end in a placeholder, nor in a hyphen and six characters: add /database";
  }
  return undefined;
}

/** `/ds/devstride/ci-pr-142/database` */
export function secretNameOf(pattern: string, project: string, stage: string): string {
  return fill(pattern, slug(project), stage);
}

/** The stage of a secret of this project; undefined for any other name. */
export function stageOfSecret(pattern: string, project: string, name: string): string | undefined {
  const [before = "", after = ""] = fill(pattern, slug(project), "{stage}").split("{stage}");
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  const stage = name.slice(before.length, name.length - after.length);
  return /^[a-z0-9-]+$/.test(stage) ? stage : undefined;
}

/** What the names of all of the project's secrets begin with. */
export function secretPrefix(pattern: string, project: string): string {
  return fill(pattern, slug(project), "{stage}").split("{stage}")[0] ?? "";
}

function fill(pattern: string, project: string, stage: string): string {
  return pattern.replaceAll("{project}", () => project).replace("{stage}", () => stage);
}
