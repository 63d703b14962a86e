/** Regenerates docs/API_COVERAGE.md in place. Run by `npm run coverage`, which bundles this file first. */
import { readFileSync, writeFileSync } from "node:fs";
import { KINDS } from "../../kinds/registry.js";
import { regenerate } from "./tables.js";

const FILE = "docs/API_COVERAGE.md";
writeFileSync(FILE, regenerate(readFileSync(FILE, "utf8"), KINDS));
