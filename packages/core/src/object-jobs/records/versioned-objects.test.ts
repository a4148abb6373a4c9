import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FileObjectStore } from '../../file-store/objects/file-object-store.ts';
import { temporaryFolder } from '../../testing/temporary-volume.ts';
import { VersionedObjects } from './versioned-objects.ts';

it.each(['read', 'written'])(
  'an object that was %s again stays known while a thousand others are read',
  async (use) => {
    const folder = await temporaryFolder();
    await mkdir(`${folder}/numbers`);
    for (let id = 0; id <= 1_000; id += 1) await writeFile(`${folder}/numbers/${id}`, String(id));
    const store = await FileObjectStore.open(folder);
    onTestFinished(() => store.close());
    const numbers = new VersionedObjects(store, 'numbers/', Number);
    const first = await numbers.read('0');
    for (let id = 1; id < 1_000; id += 1) await numbers.read(String(id));
    if (use === 'read') await numbers.read('0');
    else await numbers.write('0', 0, first?.version ?? null);
    await numbers.read('1000');
    const get = vi.spyOn(store, 'get');
    expect(await numbers.read('0')).toMatchObject({ record: 0 });
    expect(get).not.toHaveBeenCalled();
    await numbers.read('1');
    expect(get).toHaveBeenCalledOnce();
  },
);
