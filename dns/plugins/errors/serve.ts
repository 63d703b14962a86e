import type { Log } from "../../../controllers/runtime/types.js";
import { after, type Plugin } from "../../plugin.js";

/** Logs why a question got no answer. Source: CoreDNS plugin/errors. */
export const errors = (log: Log): Plugin => ({
  name: "errors",
  serve: (request, next) =>
    after(next(request), (answer) => {
      if (answer.error !== undefined) log.error({ rcode: answer.rcode, name: `${request.name}.`, type: request.question.type }, answer.error);
      return answer;
    }),
});
