import type { Output } from "../../../runtime/output.ts";
import { eventText, type MigrationObserver } from "../event.ts";

/** Says what happens as it happens. */
export function printEvents(output: Output): MigrationObserver {
  return (event) => {
    const text = eventText(event);
    switch (event.kind) {
      case "applied":
        return output.done(text);
      case "warned":
        return output.warn(text);
      case "noticed":
        return output.detail(text);
      default:
        return output.note(text);
    }
  };
}
