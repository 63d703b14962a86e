// Reads the prose about types, fields and query parameters out of the type declarations of @kubernetes/client-node and writes it as one JSON file for OpenAPI and `kubectl explain`.
// Usage: node scripts/descriptions.mjs <file>. The shape of the file is in kinds/schema/descriptions.ts.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = `${root}node_modules/@kubernetes/client-node/dist/gen`;

const texts = new Map();
const indexOf = (text) => {
  if (!texts.has(text)) texts.set(text, texts.size);
  return texts.get(text);
};

/** A doc comment's text as it was before it became one. */
const plain = (comment) =>
  comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, ""))
    .join("\n")
    .trim()
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x60;", "`")
    .replaceAll("&#x3D;", "=")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/\\(['"\\])/g, "$1");

/** Class comment and property comments of one model's declaration. */
function readModel(file) {
  const source = readFileSync(file, "utf8");
  const own = /\/\*\*\n((?:(?!\*\/)[\s\S])*?)\*\/\nexport declare class/.exec(source);
  const fields = new Map();
  for (const m of source.matchAll(/(?:\/\*\*\n((?:(?!\*\/)[\s\S])*?)\*\/\n\s*)?'([^']+)'\??: /g)) fields.set(m[2], m[1] ? plain(m[1]) : undefined);
  return { description: own ? plain(own[1]) : undefined, fields };
}

const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);
/** File names a definition may have: with its group in front where the bare name is taken by several. */
function candidates(name) {
  const [kind, version, group] = name.split(".").reverse();
  return [`${capital(group)}${capital(version)}${kind}`, `${capital(version)}${kind}`];
}

const mangled = (name) => name.replace(/[^A-Za-z0-9$]/g, "_");

function definitions(structs) {
  const out = {};
  for (const [name, struct] of Object.entries(structs)) {
    for (const candidate of candidates(name)) {
      const file = `${generated}/models/${candidate}.d.ts`;
      if (!existsSync(file)) continue;
      const model = readModel(file);
      const names = struct.fields.map((f) => f.name);
      const find = (field) => [field, `_${field}`, mangled(field), `_${mangled(field)}`].find((n) => model.fields.has(n));
      // a class of the same name from another group has other fields
      if (names.length > 0 && names.filter((n) => find(n)).length * 2 < model.fields.size) continue;
      const fields = {};
      for (const field of names) {
        const text = model.fields.get(find(field));
        if (text) fields[field] = indexOf(text);
      }
      out[name] = [model.description ? indexOf(model.description) : -1, fields];
      break;
    }
  }
  return out;
}

/** Options, and a method of the generated client whose parameters are theirs. */
const OPTIONS = {
  ListOptions: "listNamespacedPod",
  CreateOptions: "createNamespacedPod",
  UpdateOptions: "replaceNamespacedPod",
  PatchOptions: "patchNamespacedPod",
  DeleteOptions: "deleteNamespacedPod",
  PodLogOptions: "readNamespacedPodLog",
  PodExecOptions: "connectPostNamespacedPodExec",
  PodAttachOptions: "connectPostNamespacedPodAttach",
  PodPortForwardOptions: "connectPostNamespacedPodPortforward",
  PodProxyOptions: "connectGetNamespacedPodProxy",
  ServiceProxyOptions: "connectGetNamespacedServiceProxy",
  NodeProxyOptions: "connectGetNodeProxy",
};

function parameters() {
  const source = readFileSync(`${generated}/apis/CoreV1Api.d.ts`, "utf8");
  const read = (method) => {
    const end = source.indexOf(`\n    ${method}(`);
    const comment = source.slice(source.lastIndexOf("/**", end), end);
    return new Map([...comment.matchAll(/@param (\S+) (.*)/g)].map((m) => [m[1].replace(/^_/, ""), plain(m[2])]));
  };
  const out = {};
  for (const [options, method] of Object.entries(OPTIONS)) {
    const found = [...read(method)].filter(([name]) => !["name", "namespace", "body", "pretty"].includes(name));
    // paragraphs of ListOptions have come to stand two blanks apart
    const restored = (text) => (options === "ListOptions" ? text.replace(/([.:]) {2}(?=[A-Z])/g, "$1\n\n") : text);
    out[options] = Object.fromEntries(found.map(([name, text]) => [name, indexOf(restored(text))]));
  }
  const listed = read("listNamespacedPod");
  const request = { namespace: listed.get("namespace"), pretty: listed.get("pretty"), path: read("connectGetNodeProxyWithPath").get("path") };
  out.request = Object.fromEntries(
    Object.entries(request)
      .filter(([, text]) => text)
      .map(([name, text]) => [name, indexOf(text)]),
  );
  return out;
}

/** Writes the file. */
export function writeDescriptions(file) {
  const { structs } = JSON.parse(readFileSync(`${root}kinds/schema/facts.json`, "utf8"));
  const names = { ...structs };
  for (const special of ["Time", "MicroTime"]) names[`io.k8s.apimachinery.pkg.apis.meta.v1.${special}`] ??= { fields: [] };
  const content = { definitions: definitions(names), parameters: parameters() };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ texts: [...texts.keys()], ...content }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeDescriptions(process.argv[2] ?? `${root}dist/descriptions.json`);
