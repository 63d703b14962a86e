import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PLUGINS } from "../../../dns/plugins/registry.js";

const PAGE = readFileSync(new URL("../../../dns/plugins/README.md", import.meta.url), "utf8");
const documented = [...PAGE.matchAll(/^\| `(\w+)`/gm)].map((m) => m[1]).sort();
const folders = readdirSync(new URL("../../../dns/plugins", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe("#6.4 DNS: the page about plugins", () => {
  it("has every plugin that is understood, and no other", () => {
    expect(documented).toEqual(Object.keys(PLUGINS).sort());
    expect(documented).toEqual(folders);
  });
});
