import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WatchEvent } from "../support/http.js";
import { appOf, type World, world } from "./world.js";

let made: World;
let app: ReturnType<typeof appOf>["app"];
beforeAll(async () => {
  made = await world();
  ({ app } = appOf(made));
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  app.closeStreams();
  await app.close();
});

/** Reads a watch to its end; `heard` hears how many events there are after each. */
function watch(path: string, heard: (count: number) => void): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  return new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port: (app.server.address() as AddressInfo).port, path, headers: { authorization: "Bearer t" } }, (response) => {
        let rest = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          const lines = (rest + chunk).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            events.push(JSON.parse(line) as WatchEvent);
            heard(events.length);
          }
        });
        response.on("end", () => resolve(events));
      })
      .on("error", reject);
  });
}

it("#3.1 bookmarks come after what was there, once a minute and shortly before the end, which comes when it was asked for", async () => {
  await made.create("default:configmaps/once", { data: { v: "1" } });
  const steps: Readonly<Record<number, number>> = { 2: 60_000, 3: 38_000, 4: 2000 };
  const events = await watch("/api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=true&timeoutSeconds=100", (count) => {
    const step = steps[count];
    // not within the turn in which an event is written
    if (step) setImmediate(() => made.clock.advance(step));
  });
  expect(events.map((e) => [e.type, e.object.metadata?.name])).toEqual([
    ["ADDED", "once"],
    ["BOOKMARK", undefined],
    ["BOOKMARK", undefined],
    ["BOOKMARK", undefined],
  ]);
  expect(events.map((e) => e.object.metadata?.annotations?.["k8s.io/initial-events-end"])).toEqual([undefined, "true", undefined, undefined]);
  expect(events[3].object.metadata?.resourceVersion).toBe(String(made.services.store.revision));
});
