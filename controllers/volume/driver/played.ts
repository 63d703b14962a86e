/** The drivers that are played: the models, with a directory behind each volume. */
import type { Directories } from "../provisioner/directory.js";
import type { Driver, Drivers } from "./driver.js";
import { type Model, modelOf } from "./models.js";

/** `localPathRoot`: the directory of the nodes that local-path is set up with. */
export function playedDrivers(directories: Directories, localPathRoot?: string): Drivers {
  const playing = new Map<string, Driver>();
  return (name) => {
    const known = playing.get(name ?? "");
    if (known) return known;
    const model = modelOf(name);
    if (!model) return undefined;
    const driver = play(model, directories, localPathRoot);
    playing.set(model.name, driver);
    return driver;
  };
}

function play(model: Model, directories: Directories, localPathRoot?: string): Driver {
  const { name, pod, finalizer, attaches, expand, modify } = model;
  return {
    name,
    pod,
    finalizer,
    async provision(request) {
      const made = model.provision(request, localPathRoot);
      await directories.create(request.name);
      return made;
    },
    delete: (volume) => directories.remove(volume.metadata.name ?? ""),
    // Nobody mounts what is behind it, so there is nothing to tell the node.
    ...(attaches && { attach: async () => ({}), detach: async () => {} }),
    ...(expand && { expand: async (request) => expand(request) }),
    ...(modify && { modify: async (_, parameters) => modify(parameters) }),
  };
}
