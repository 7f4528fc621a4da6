/** With `standard_conforming_strings`, which every session here sets, a backslash is a backslash. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
