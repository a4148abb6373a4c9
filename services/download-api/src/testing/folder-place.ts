import { readdir, writeFile } from 'node:fs/promises';
import { FileSystemExchange } from '@pi-jobs/file-exchange';
import { FileResumableStore } from '@pi-jobs/resumable-uploads';
import type { FilePlace } from './file-place.ts';

/** Files in a data folder, as `STORE=file` has them. */
export function folderPlace(dataFolder: string): FilePlace {
  const folder = `${dataFolder}/files.partial/resumable`;
  return {
    isRemote: false,
    async open(rules, { reserveBytes, expirationMs, resumableReserveBytes }) {
      const exchange = await FileSystemExchange.open({
        rules,
        dataFolder,
        ...(reserveBytes === undefined ? {} : { reserveBytes }),
      });
      const resumable = await FileResumableStore.open({
        exchange,
        folder,
        ...(expirationMs === undefined ? {} : { expirationMs }),
        ...(resumableReserveBytes === undefined ? {} : { reserveBytes: resumableReserveBytes }),
      });
      return { exchange, resumable };
    },
    async everything() {
      const folders = ['files', 'files.partial'];
      const lists = await Promise.all(
        folders.map((name) => readdir(`${dataFolder}/${name}`, { recursive: true })),
      );
      return lists.flatMap((names, index) => names.map((name) => `${folders[index]}/${name}`)).sort();
    },
    resumable: () => readdir(folder),
    completeUnnoticed: (id, content) => writeFile(`${folder}/${id}`, content),
    async litter() {
      await writeFile(`${folder}/stray`, 'x');
      await writeFile(`${folder}/${'0'.repeat(32)}.json`, '{"id":');
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}
