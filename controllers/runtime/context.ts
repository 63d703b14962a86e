import type { Client, Informers } from "../../client/client.js";
import { createActivity } from "./activity.js";
import { createJournal, type Journal } from "./journal.js";
import { createRecorders } from "./recorder.js";
import type { Activity, Clock, ControllerContext, Log } from "./types.js";

/** Everything controllers are started with; recorders share one numbering of Events. */
export function createContext(deps: {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly activity?: Activity;
  readonly journal?: Journal;
}): ControllerContext {
  const { client, informers, clock, log, random } = deps;
  const activity = deps.activity ?? createActivity();
  const recorder = createRecorders({ client, clock, log, activity });
  return { client, informers, clock, log, random, activity, recorder, journal: deps.journal ?? createJournal(clock) };
}

/** The client as a controller of kube-controller-manager: `name` is the service account's, such as `statefulset-controller`. */
export const controllerClient = (client: Client, name: string): Client => client.as(`system:serviceaccount:kube-system:${name}`, "kube-controller-manager");

/** Swallows everything; for embedding and tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
