/** Where the bytes of provisioned volumes lie: one directory per volume, named after it. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

export interface Directories {
  /** The volume's directory, whether or not it exists. */
  path(volumeName: string): string;
  /** Makes it (again is fine) and resolves to its path. */
  create(volumeName: string): Promise<string>;
  /** Removes it with all that is in it; one that is not there is fine. */
  remove(volumeName: string): Promise<void>;
  /** Empties it. */
  scrub(volumeName: string): Promise<void>;
  /** Whether a path lies in here. */
  contains(path: string): boolean;
}

/** `root` is made on the first need. Names are DNS subdomains, so none can lead out of it; anything else is refused. */
export function createDirectories(root: string): Directories {
  const path = (name: string): string => {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) throw new Error(`"${name}" is no name of a volume`);
    return join(root, name);
  };
  const create = async (name: string): Promise<string> => {
    const directory = path(name);
    await mkdir(directory, { recursive: true });
    return directory;
  };
  const remove = (name: string): Promise<void> => rm(path(name), { recursive: true, force: true });
  return {
    path,
    create,
    remove,
    async scrub(name) {
      await remove(name);
      await create(name);
    },
    contains: (candidate) => candidate.startsWith(`${root}/`),
  };
}
