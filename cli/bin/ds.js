#!/usr/bin/env node
"use strict";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `error: ds needs Node 20.19 or later, and this is ${process.versions.node}\nInstall a newer one: https://nodejs.org`,
  );
  process.exitCode = 3;
} else {
  require("../dist/start.cjs");
}
