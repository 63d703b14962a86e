#!/usr/bin/env node
/** What `mockube` is on the path. The command itself is main.ts, built as one script. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type CommandScript, commandScript } from "./script.js";

const script = commandScript(fileURLToPath(new URL("./mockube.cjs", import.meta.url)));
(script.runInThisContext() as CommandScript)(createRequire(import.meta.url), import.meta.url);
// scripts/codecache.mjs keeps what it has compiled by then
(globalThis as { mockubeScript?: unknown }).mockubeScript = script;
