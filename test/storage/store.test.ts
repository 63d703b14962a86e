import { afterAll, describe } from "vitest";
import { openStore } from "../../storage/index.js";
import { storeContract } from "./contract.js";
import { scratch } from "./helpers.js";

const folder = scratch();
afterAll(() => folder.remove());
let files = 0;

describe("#3.2 storage: contract", () => {
  storeContract("in a file", () => openStore({ file: folder.path(`${++files}.db`) }));
  storeContract("in memory", () => openStore({ file: ":memory:" }));
  // With next to no ring, watches of the past read the log: the answers must not differ.
  storeContract("in memory, without recent history", () => openStore({ file: ":memory:", recent: { events: 1, bytes: 0 } }));
});
