import { expect, test } from "vitest";
import { isWarning } from "./server-message.ts";

test.each([
  [{ severity: "WARNING", code: "25P01" }, true],
  [{ severity: "WARNUNG", code: "01000" }, true],
  [{ severity: "NOTICE", code: "00000" }, false],
  [{ severity: "INFO" }, false],
])("%j", (message, expected) => expect(isWarning(message)).toBe(expected));
