/** The engine as a library: `startEngine({ home })` runs it inside this process. */
export { type EngineOptions, type RunningEngine, startEngine } from "./engine.ts";
