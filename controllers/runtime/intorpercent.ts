/** intstr.GetScaledValueFromIntOrPercent: a number as it is, a percentage of `total` rounded up or down. */
export function scaled(value: number | string | undefined, total: number, up: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const percent = Number(/^(-?\d+)%$/.exec(value)?.[1] ?? 0);
  return up ? Math.ceil((percent * total) / 100) : Math.floor((percent * total) / 100);
}
