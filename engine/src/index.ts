/** The engine as a library: `startEngine({ home })` runs it inside this process. */
export { type EngineOptions, startEngine } from "./engine.ts";
export type { RunningEngine } from "./lifecycle/io/running-engine.ts";
