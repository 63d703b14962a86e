/** Controllers over the real pipeline: what a story writes passes admission, strategy and validation, as in a cluster. */
import { createClient, createInformers } from "../../../client/index.js";
import { createContext, silentLog } from "../../../controllers/runtime/context.js";
import type { Controller } from "../../../controllers/runtime/types.js";
import { type World, world } from "../../pipeline/world.js";

export interface Live extends World {
  /** Until nothing is queued or running. */
  settle(): Promise<void>;
  stop(): void;
}

/** A world in which these controllers run. */
export async function live(...controllers: readonly Controller[]): Promise<Live> {
  const made = await world();
  const { services, clock } = made;
  const informers = createInformers(services);
  const context = createContext({ client: createClient(services), informers, clock, log: silentLog, random: () => services.random() });
  const running = controllers.map((controller) => controller.start(context));
  return {
    ...made,
    settle: () => context.activity.idle(),
    stop() {
      for (const one of running) one.stop();
      informers.stop();
    },
  };
}
