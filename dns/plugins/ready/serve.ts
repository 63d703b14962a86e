import type { Plugin } from "../../plugin.js";
import { type WebAddress, webPage } from "../web.js";

/** Says at /ready whether all plugins can answer, or which cannot yet. Source: CoreDNS plugin/ready. */
export const ready = (of: object, address: WebAddress, waiting: () => readonly string[]): Plugin => ({
  name: "ready",
  serve: (request, next) => next(request),
  ...webPage(of, address, {
    path: "/ready",
    respond() {
      const names = waiting();
      return { code: names.length > 0 ? 503 : 200, type: "text/plain; charset=utf-8", text: names.length > 0 ? names.join(",") : "OK" };
    },
  }),
});
