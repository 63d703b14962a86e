import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import Fastify from "fastify";
import { makeCertificates } from "../server/auth/ca.js";

/**
 * The ceiling, as a process of its own: bare Fastify over TLS and a bare better-sqlite3 insert, that is, what our two foundations cost before anything Kubernetes is
 * done. Every write inserts the bytes it was sent and answers with them; a get selects them; a list joins all of them.
 * Prints one line of JSON, { url, ca }, when it listens; ends on SIGTERM.
 */
const folder = mkdtempSync(path.join(os.tmpdir(), "mockube-ceiling-"));
const db = new Database(path.join(folder, "ceiling.db"));
db.pragma("locking_mode = EXCLUSIVE");
db.pragma("synchronous = NORMAL");
db.pragma("page_size = 8192");
db.pragma("journal_mode = WAL");
db.exec("CREATE TABLE log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL) STRICT; CREATE INDEX by_key ON log (key, revision)");
const insert = db.prepare("INSERT INTO log (key, value) VALUES (?, ?)");
const select = db.prepare("SELECT value FROM log WHERE key = ? ORDER BY revision DESC LIMIT 1").pluck();
const all = db.prepare("SELECT value FROM log WHERE key >= ? AND key < ?").pluck();

const { ca, server } = await makeCertificates(["localhost"], ["127.0.0.1"], Date.now());
const app = Fastify({ https: server, forceCloseConnections: true });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.route({
  method: ["PUT", "POST", "PATCH", "DELETE"],
  url: "/*",
  handler: (request, reply) => {
    insert.run(request.url, (request.body as Buffer | undefined) ?? Buffer.alloc(0));
    reply.header("content-type", "application/json").send(request.body ?? "{}");
  },
});
app.get("/*", (request, reply) => {
  const path = request.url;
  const body = path.endsWith("/") ? Buffer.concat(all.all(path, `${path}\xff`) as Buffer[]) : select.get(path);
  reply.header("content-type", "application/json").send(body);
});
await app.listen({ host: "127.0.0.1", port: 0 });
const { port } = app.server.address() as { port: number };
process.stdout.write(`${JSON.stringify({ url: `https://127.0.0.1:${port}`, ca: ca.cert })}\n`);
process.once("SIGTERM", async () => {
  await app.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});
