/**
 * A module that writes the process' largest resident memory, in KB, when it ends.
 *
 * @param {string} file
 */
export function writesMemory(file) {
  const code = `import { writeFileSync } from "node:fs"; process.on("exit", () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
