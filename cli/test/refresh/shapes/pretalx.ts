import { join } from "node:path";
import { answerOf } from "./registry.ts";
import { from, type Shape } from "./shape.ts";

/**
 * The conference system pretalx as its own Django migrations leave it: organisers with events with everything
 * else, many-to-many tables without a tenant, generic relations by content type.
 */
export async function pretalx(folder: string): Promise<Shape | undefined> {
  const python = join(folder, "bin/python");
  const installed =
    (await answerOf("python3", ["-m", "venv", folder], { cwd: folder })) !== undefined &&
    (await answerOf(
      python,
      ["-m", "pip", "install", "--quiet", "pretalx==2025.2.2", "psycopg[binary]"],
      {
        cwd: folder,
      },
    )) !== undefined;
  if (!installed) return undefined;
  return {
    ...rest,
    schema: "",
    apply: async (url) => {
      const { hostname, port, username, password, pathname } = new URL(url);
      await answerOf(python, ["-m", "pretalx", "migrate"], {
        cwd: folder,
        env: {
          PRETALX_DB_TYPE: "postgresql",
          PRETALX_DB_HOST: hostname,
          PRETALX_DB_PORT: port,
          PRETALX_DB_USER: username,
          PRETALX_DB_PASS: password,
          PRETALX_DB_NAME: pathname.slice(1),
          PRETALX_FILESYSTEM_DATA: folder,
        },
      });
    },
  };
}

const rest: Omit<Shape, "schema"> = {
  fill: {
    root: "event_organiser",
    tenantColumns: ["organiser_id"],
    tenants: 3,
    values: {
      "auth_group.name": (n) => `group ${n}`,
      "auth_permission.name": (n) => `Can add ${n}`,
      "auth_permission.codename": (n) => `add_${n}`,
    },
    rows: 5,
    always: ["event_event.organiser_id", "common_activitylog.event_id", "mail_queuedmail.event_id"],
  },
  rules: `{
  ${from},
  tenant: { table: "event_organiser", column: "organiser_id", demo: "" },
  tables: {
    event_event: { nullTenant: "skip" },
    common_activitylog: { via: "event_id", nullTenant: "skip" },
    mail_queuedmail: { via: "event_id", nullTenant: "skip" },
    mail_queuedmail_to_users: { via: "queuedmail_id" },
    person_user: "shared", person_userapitoken: "shared",
    django_content_type: "reference", auth_permission: "reference", auth_group: "reference", auth_group_permissions: "reference",
    authtoken_token: "skip", common_cachedfile: "skip", common_globalsettings_settingsstore: "skip", django_migrations: "skip",
    django_session: "skip", person_user_groups: "skip", person_user_user_permissions: "skip",
  },
  columns: {},
}`,
  whole: {
    reference: ["django_content_type", "auth_permission", "auth_group", "auth_group_permissions"],
    skip: [
      "authtoken_token",
      "common_cachedfile",
      "common_globalsettings_settingsstore",
      "django_migrations",
      "django_session",
      "person_user_groups",
      "person_user_user_permissions",
    ],
  },
};
