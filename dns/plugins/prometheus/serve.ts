import type { Plugin } from "../../plugin.js";
import { type WebAddress, webPage } from "../web.js";

/** Shows at /metrics what was counted, as the API does for the whole cluster. Source: CoreDNS plugin/metrics. */
export const prometheus = (of: object, address: WebAddress, text: () => string): Plugin => ({
  name: "prometheus",
  serve: (request, next) => next(request),
  ...webPage(of, address, { path: "/metrics", respond: () => ({ code: 200, type: "text/plain; version=0.0.4; charset=utf-8", text: text() }) }),
});
