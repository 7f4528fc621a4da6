import { expect, test } from "vitest";
import { asOwner } from "./agent-owners.ts";
import { schemaChanges } from "./diff.ts";

const table = (owner: string) => `--
-- Name: a; Type: TABLE; Schema: public; Owner: ${owner}
--

CREATE TABLE public.a (
    id integer
);


ALTER TABLE public.a OWNER TO ${owner};

`;
const schema = `--
-- Name: public; Type: SCHEMA; Schema: -; Owner: ds_agent
--

-- *not* creating schema, since initdb creates it


ALTER SCHEMA public OWNER TO ds_agent;

`;

test("whose an agent's tables are is no difference", () => {
  const [main, agent] = [table("neondb_owner"), `${schema}${table("ds_agent")}`];
  expect(schemaChanges(main, agent)).not.toEqual([]);
  expect(asOwner(agent, "neondb_owner")).toBe(main);
});

test("what else there is stays, and a dump without the role as it is", () => {
  const dump = `${table("ds_agent")}-- ds_agent\n`;
  expect(asOwner(dump, "me")).toBe(`${table("me")}-- ds_agent\n`);
  expect(asOwner(schema.replaceAll("ds_agent", "me"), "me")).toContain("SCHEMA public");
});
