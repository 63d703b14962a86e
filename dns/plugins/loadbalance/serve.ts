import { after, type Plugin } from "../../plugin.js";
import { RCODE, type ResourceRecord, TYPE } from "../../wire/records.js";

const isAddress = ({ data }: ResourceRecord): boolean => data.type === TYPE.A || data.type === TYPE.AAAA;

const isMail = ({ data }: ResourceRecord): boolean => data.type === TYPE.MX;

/** In any order, each as likely. `random`: from 0 up to 1. */
function mixed<T>(list: readonly T[], random: () => number): T[] {
  const all = [...list];
  for (let i = 0; i < all.length - 1; i++) {
    const j = i + Math.floor(random() * (all.length - i));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** The records of a section as `loadbalance` sends them: aliases, the rest, then addresses and mail servers in any order. Source: CoreDNS plugin/loadbalance. */
export function shuffled(records: readonly ResourceRecord[], random: () => number): readonly ResourceRecord[] {
  if (records.length < 2) return records;
  const addresses = records.filter(isAddress);
  if (addresses.length === records.length) return mixed(addresses, random);
  const aliases = records.filter((r) => r.data.type === TYPE.CNAME);
  const mail = records.filter(isMail);
  const rest = records.filter((r) => !isAddress(r) && r.data.type !== TYPE.CNAME && !isMail(r));
  return [...aliases, ...rest, ...mixed(addresses, random), ...mixed(mail, random)];
}

/** Marks answers to be shuffled as they are sent, so that one that is kept has another order each time. Refusals keep theirs. */
export const loadbalance = (): Plugin => ({
  name: "loadbalance",
  serve: (request, next) =>
    after(next(request), (answer) =>
      answer.rcode !== RCODE.NOERROR || request.question.type === TYPE.AXFR || request.question.type === TYPE.IXFR ? answer : { ...answer, shuffle: true },
    ),
});
