import { Hono } from "hono";
import { z } from "zod";
import { organizationId, readBody, readPath, text } from "../../../../shared/http.ts";
import type { OrganizationService } from "../../application/organization.service.ts";

const invitation = z.strictObject({
  fullName: text(200),
  email: text(320),
  phone: text(40).nullable().default(null),
  role: z.enum(["owner", "member", "guest"]).default("member"),
});

export function organizationRoutes(organizations: OrganizationService): Hono {
  return new Hono()
    .get("/organizations/:organizationId", async (c) => {
      const path = readPath(c, { organizationId });
      return c.json(await organizations.get(path.organizationId));
    })
    .get("/organizations/:organizationId/members", async (c) => {
      const path = readPath(c, { organizationId });
      return c.json({ members: await organizations.members(path.organizationId) });
    })
    .post("/organizations/:organizationId/members", async (c) => {
      const path = readPath(c, { organizationId });
      const { role, ...person } = await readBody(c, invitation);
      return c.json(await organizations.invite(path.organizationId, person, role), 201);
    });
}
