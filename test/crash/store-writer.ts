import { writeSync } from "node:fs";
import { openStore, StorageError } from "../../storage/index.js";

// Writes to the store named on the command line until it is killed, and says on stdout what has been answered, one line each.
const [file, name] = process.argv.slice(2);
// All answers of a commit in one system call: most of the time goes into commits, and there the kill shall fall.
let unsaid = "";
const say = (line: string) => {
  if (unsaid === "") {
    process.nextTick(() => {
      writeSync(1, unsaid);
      unsaid = "";
    });
  }
  unsaid += `${line}\n`;
};

writeSync(1, "opening\n");
try {
  await stream(openStore({ file }));
} catch (error) {
  if (!(error instanceof StorageError)) throw error;
  say(`refused ${error.code}`);
}

async function stream(store: ReturnType<typeof openStore>): Promise<void> {
  say("open");
  let serial = 0;
  const write = async (key: string, content: string, remove = false) => {
    const encode = (revision: number) => ({ bytes: Buffer.from(`${revision}|${content}|${"x".repeat(serial % 3000)}|${revision}`) });
    const { changed, revision } = await store.write(key, () => (remove ? { action: "delete", encode } : { action: "put", encode }));
    if (changed) say(`${remove ? "delete" : "put"} ${key} ${revision} ${content}`);
  };
  const single = async (lane: number): Promise<never> => {
    for (let i = 0; ; i++) await write(`/k/${(i * 7 + lane * 13) % 40}`, `${name}-${++serial}`, i % 9 === 8);
  };
  // Keys written in one turn: never one without the others.
  const group = async (): Promise<never> => {
    for (;;) {
      const content = `${name}-${++serial}`;
      await Promise.all(Array.from({ length: 24 }, (_, i) => write(`/group/${i}`, content)));
    }
  };
  const compactions = async (): Promise<never> => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (store.revision - store.compacted > 700) await store.compact(store.revision - 300);
    }
  };
  await Promise.all([...Array.from({ length: 8 }, (_, lane) => single(lane)), group(), compactions()]);
}
