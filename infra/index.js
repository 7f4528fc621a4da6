import { Config, getStack } from "@pulumi/pulumi";
import { StageRecord } from "./stage-record.js";

// One stack a cloud stage. `ds deploy up` sets the configuration. There is no password in it and none
// in the state: a service reads the secret by its name, when it starts.
const config = new Config();
const stage = config.require("stage");

const record = new StageRecord("record", {
  folder: config.get("recordsFolder") ?? ".stages",
  stage,
  branchId: config.require("branchId"),
  secretName: config.require("secretName"),
});

export const stack = getStack();
export const url = `https://${stage}.preview.example.com`;
export const secretName = config.require("secretName");
export const recordFile = record.file;
