import type { Finding } from "../findings/finding.ts";
import type { Severity } from "../findings/model/severity.ts";

/** What `ds db check --format` prints. */
export const checkFormats = ["text", "github", "sarif"] as const;

const commands = { error: "error", warning: "warning", note: "notice" } as const;

/**
 * Workflow commands that GitHub shows beside the line. Source: GitHub's documentation, "Workflow commands": what would end a
 * property or a message is percent-encoded.
 */
export function annotations(findings: readonly Finding[]): string {
  return findings
    .filter(({ ignored }) => ignored === undefined)
    .map(({ file, line, rule, severity, ...rest }) => {
      const message = [
        rest.says,
        ...rest.evidence,
        ...(rest.instead === undefined ? [] : [`instead: ${rest.instead}`]),
      ];
      return `::${commands[severity]} file=${property(file)},line=${line},title=${property(rule)}::${data(message.join("\n"))}`;
    })
    .join("\n");
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

const levels: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  note: "note",
};

interface SarifRule {
  name: string;
  what: string;
}

/** SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it. */
export function sarif(
  findings: readonly Finding[],
  rules: readonly SarifRule[],
  version: string,
): string {
  const told = new Set(findings.map(({ rule }) => rule));
  const known = new Map(rules.map(({ name, what }) => [name, what]));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "ds",
            version,
            rules: [...told].map((id) => ({ id, shortDescription: { text: known.get(id) ?? id } })),
          },
        },
        results: findings.map(
          ({ evidence, file, ignored, instead, line, rule, says, severity }) => ({
            ruleId: rule,
            level: levels[severity],
            message: {
              text: [
                says,
                ...evidence,
                ...(instead === undefined ? [] : [`Instead: ${instead}`]),
              ].join("\n"),
            },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: {
                    uri: encodeURI(file.replaceAll("\\", "/")),
                    uriBaseId: "%SRCROOT%",
                  },
                  region: { startLine: line },
                },
              },
            ],
            ...(ignored === undefined
              ? {}
              : { suppressions: [{ kind: "inSource", justification: ignored }] }),
          }),
        ),
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}
