import type { Plugin } from "../../plugin.js";
import { type WebAddress, webPage } from "../web.js";

/** Says at /health that the process is there. Source: CoreDNS plugin/health. */
export const health = (of: object, address: WebAddress): Plugin => ({
  name: "health",
  serve: (request, next) => next(request),
  ...webPage(of, address, { path: "/health", respond: () => ({ code: 200, type: "text/plain; charset=utf-8", text: "OK" }) }),
});
