import { z } from "zod";
import { parseDuration } from "../../lib/format/duration.ts";
import { secretPatternProblem } from "../../secrets/name.ts";

const isExpiry = (value: string) => /^\d{1,3}[hdw]$/.test(value) && isAllowedFor(value);
const isAllowedFor = (value: string) => {
  const ms = parseDuration(value);
  return ms >= parseDuration("1h") && ms <= parseDuration("30d");
};

export const secretsSchema = z
  .strictObject({
    store: z.enum(["file", "aws"]).optional(),
    name: z
      .string()
      .refine((pattern) => secretPatternProblem(pattern) === undefined, {
        error: (issue) => secretPatternProblem(String(issue.input)) ?? "is not valid",
      })
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be an AWS region such as eu-central-1")
      .optional(),
  })
  .refine(({ region, store }) => region === undefined || store === "aws", {
    path: ["region"],
    message: 'has no effect without store: "aws"',
  });

export const infraSchema = z.strictObject({
  folder: z.string().min(1, "must not be empty"),
  organization: z
    .string()
    .regex(/^[\w-]{1,40}$/, "must be the name of a Pulumi organization")
    .optional(),
  secretsProvider: z
    .string()
    .regex(
      /^(default|passphrase|(awskms|azurekeyvault|gcpkms|hashivault):\/\/\S+)$/,
      "must be a secrets provider of Pulumi's, such as awskms://alias/stages",
    )
    .optional(),
});

export const deploySchema = z.strictObject({
  expires: z.string().refine(isExpiry, "must be from 1h to 30d, such as 14d").optional(),
});
