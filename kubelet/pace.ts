/**
 * How fast simulated nodes live. `instant` waits for nothing (tests), `brisk` takes about a second per pod, so that order can be seen, `real` comes near
 * what a small cluster with warm image caches does. All waiting goes through the cluster's clock.
 */
export type Pace = "instant" | "brisk" | "real";

/** Milliseconds a step takes at each pace. */
export interface Duration {
  /** 0 where it is not given. */
  readonly instant?: number;
  readonly brisk: number;
  readonly real: number;
}

/** Milliseconds at `pace`. */
export const atPace = (duration: Duration, pace: Pace): number => duration[pace] ?? 0;

/** No waiting at any pace. */
export const AT_ONCE: Duration = { brisk: 0, real: 0 };
