import { expectTypeOf, test } from "vitest";
import type { DiskSizes as ServedSizes } from "../../../engine/src/control-plane/disk-sizes.ts";
import type { EngineStatus as ServedStatus } from "../../../engine/src/control-plane/engine-status.ts";
import type * as served from "../../../engine/src/control-plane/extension-types.ts";
import type { StartError } from "../../../engine/src/lib/start-error.ts";
import type { RepairPlan } from "../../../engine/src/lifecycle/io/repair.ts";
import type { EngineAddress } from "../../../engine/src/lifecycle/io/running-engine.ts";
import type { Destructions as ServedDestructions } from "../../../engine/src/pitr/destructions/destruction.ts";
import type { OperationProgress as ServedProgress } from "../../../engine/src/under-way/operation-progress.ts";
import type {
  Destructions,
  DiskSizes,
  EngineHealth,
  EngineState,
  EngineStatus,
  ExtensionAddition,
  ExtensionList,
  ExtensionRemoval,
  OperationProgress,
  RepairReport,
  StartFailure,
  StartReason,
} from "../../src/engine/contract.ts";
import type { ErrorCode } from "../../src/errors/ds-error.ts";
import type { ErrorReason } from "../../src/errors/error-reason.ts";

// The two definitions of what the engine tells the command are held against each other by the compiler.

test("the engine's status is what the command reads", () => {
  expectTypeOf<EngineStatus>().toEqualTypeOf<ServedStatus>();
});

test("what the engine tells of its branches' sizes is what the command reads", () => {
  expectTypeOf<DiskSizes>().toEqualTypeOf<ServedSizes>();
});

test("what the engine tells of how far its operations are is what the command reads", () => {
  expectTypeOf<OperationProgress>().toEqualTypeOf<ServedProgress>();
});

test("what the engine tells of destructions is what the command reads", () => {
  expectTypeOf<Destructions>().toEqualTypeOf<ServedDestructions>();
});

test("engine.json has what the command finds the engine by", () => {
  expectTypeOf<EngineAddress>().toExtend<EngineState>();
  expectTypeOf<EngineAddress>().toExtend<EngineHealth>();
});

test("an engine that cannot start says why in a code of the command's", () => {
  expectTypeOf<StartFailure>().toEqualTypeOf<StartError["code"]>();
  expectTypeOf<StartFailure>().toExtend<ErrorCode>();
  expectTypeOf<StartReason>().toEqualTypeOf<NonNullable<StartError["reason"]>>();
  expectTypeOf<StartReason>().toExtend<ErrorReason>();
});

test("what the engine tells of a damaged home is what the command reads", () => {
  expectTypeOf<Omit<RepairReport, "type">>().toEqualTypeOf<RepairPlan>();
});

test("what the engine tells of extensions is what the command reads", () => {
  expectTypeOf<ExtensionList>().toEqualTypeOf<served.ExtensionList>();
  expectTypeOf<ExtensionAddition>().toEqualTypeOf<served.ExtensionAddition>();
  expectTypeOf<ExtensionRemoval>().toEqualTypeOf<served.ExtensionRemoval>();
});
