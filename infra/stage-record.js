import { dynamic } from "@pulumi/pulumi";

// Stands where a service, a DNS record or a queue of a real stage would: something outside of Pulumi that is made,
// changed and taken away with the stack. It is a small file, so that it runs without any cloud.

/** Pulumi keeps the provider's functions in the state, so each loads what it needs itself. */
const provider = {
  async create(inputs) {
    const { mkdir, writeFile } = await import("node:fs/promises");
    const { join, resolve } = await import("node:path");
    const file = join(resolve(inputs.folder), `${inputs.stage}.json`);
    const { stage, branchId, secretName } = inputs;
    await mkdir(resolve(inputs.folder), { recursive: true });
    await writeFile(file, `${JSON.stringify({ stage, branchId, secretName }, null, 2)}\n`);
    return { id: stage, outs: { ...inputs, file } };
  },

  async diff(_id, before, after) {
    const moved = before.folder !== after.folder || before.stage !== after.stage;
    const told = before.branchId !== after.branchId || before.secretName !== after.secretName;
    return {
      changes: moved || told,
      replaces: moved ? ["folder", "stage"] : [],
      deleteBeforeReplace: true,
    };
  },

  async update(_id, before, after) {
    const { writeFile } = await import("node:fs/promises");
    const { stage, branchId, secretName } = after;
    await writeFile(before.file, `${JSON.stringify({ stage, branchId, secretName }, null, 2)}\n`);
    return { outs: { ...after, file: before.file } };
  },

  async delete(_id, outs) {
    const { rm } = await import("node:fs/promises");
    await rm(outs.file, { force: true });
  },
};

export class StageRecord extends dynamic.Resource {
  constructor(name, inputs, options) {
    super(provider, name, { ...inputs, file: undefined }, options);
  }
}
