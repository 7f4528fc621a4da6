import { Box, Text, type TextProps, useInput } from "ink";
import type { Line, Tone } from "../spans.ts";
import { keysOf } from "./ink-keys.ts";

const tones: Record<Tone, TextProps> = {
  plain: {},
  dim: { dimColor: true },
  bold: { bold: true },
  good: { color: "green" },
  warn: { color: "yellow" },
  bad: { color: "red" },
  accent: { color: "cyan" },
};

interface Props {
  lines: Line[];
  colour: boolean;
  onKey(key: string): void;
}

/** Draws lines that are ready to be shown, and hands on what is typed. */
export function View({ lines, colour, onKey }: Props) {
  useInput((input, key) => {
    for (const name of keysOf(input, key)) onKey(name);
  });
  return (
    <Box flexDirection="column">
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is known by its place
        <Row key={at} line={line} colour={colour} />
      ))}
    </Box>
  );
}

function Row({ line: { spans, selected = false }, colour }: { line: Line; colour: boolean }) {
  const text = spans.map((one) => one.text).join("");
  if (!colour || selected) {
    return (
      <Text wrap="truncate" inverse={colour}>
        {text || " "}
      </Text>
    );
  }
  return (
    <Text wrap="truncate">
      {text === "" ? " " : null}
      {spans.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a piece of a line is known by its place
        <Text key={at} {...tones[one.tone]}>
          {one.text}
        </Text>
      ))}
    </Text>
  );
}
