import { z } from "zod";
import { endpointSettings, inOrder, notInOrder, sizing } from "./compute-fields.ts";
import { flag, id, ignored, label, optional } from "./fields.ts";

/** Requests about endpoints, and about how they are connected to. */

const endpointType = z.enum(["read_write", "read_only"], "must be read_write or read_only");

export const newBranchEndpoint = z
  .object({
    ...sizing,
    type: endpointType,
    settings: optional(endpointSettings),
    provisioner: ignored.text,
  })
  .refine(inOrder, notInOrder);

const changeableOfEndpoint = {
  ...sizing,
  settings: optional(endpointSettings),
  disabled: optional(z.boolean()),
  name: optional(label(64)),
  provisioner: ignored.text,
  pooler_enabled: ignored.flag,
  pooler_mode: optional(z.enum(["transaction"], "must be transaction")),
  passwordless_access: ignored.flag,
};

export const endpointCreate = z.object({
  endpoint: z
    .object({
      ...changeableOfEndpoint,
      branch_id: id,
      type: endpointType,
      region_id: ignored.text,
    })
    .refine(inOrder, notInOrder),
});

export const endpointUpdate = z.object({
  endpoint: z
    .object({ ...changeableOfEndpoint, branch_id: optional(id) })
    .refine(inOrder, notInOrder),
});

export const connectionUriQuery = z.object({
  branch_id: id.optional(),
  endpoint_id: id.optional(),
  database_name: z.string("is required"),
  role_name: z.string("is required"),
  // One address serves both: the engine has no pooler to go through.
  pooled: flag.optional(),
});
