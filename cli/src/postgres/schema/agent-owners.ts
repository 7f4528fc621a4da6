/** The role that owns what is in the branch of an agent's run (`ds agent exec`). */
export const agentRole = "ds_agent";

const publicSchema =
  /^--\n-- Name: public; Type: SCHEMA;[^\n]*\n--\n\n-- \*not\* creating schema[^\n]*\n\n\nALTER SCHEMA public OWNER TO [^\n]*\n\n/m;

/** The dump of an agent's branch as if its owner had made everything: who owns it is no difference to main. */
export function asOwner(dump: string, owner: string): string {
  if (!dump.includes(agentRole)) return dump;
  return dump
    .replace(publicSchema, "")
    .replaceAll(`; Owner: ${agentRole}\n`, `; Owner: ${owner}\n`)
    .replaceAll(` OWNER TO ${agentRole};\n`, ` OWNER TO ${owner};\n`);
}
