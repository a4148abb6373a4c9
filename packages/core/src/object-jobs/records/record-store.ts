import type { z } from 'zod';
import { isStorageCondition } from '../../files/errno.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { JOBS_PREFIX } from './list-ids.ts';
import { type Versioned, VersionedObjects } from './versioned-objects.ts';

/** Records of one kind of job, or of several, an object each at `jobs/<id>`. */
export class RecordStore<
  R extends { readonly id: string; readonly kind: string },
> extends VersionedObjects<R> {
  constructor(store: ObjectStore, kinds: R['kind'] | readonly R['kind'][], schema: z.ZodType<R>) {
    const wanted: readonly string[] = [kinds].flat();
    super(store, JOBS_PREFIX, (value) => (wanted.includes(kindOf(value)) ? schema.parse(value) : undefined));
  }

  /** For whoever passes many: one that cannot be read must not stop him. */
  async readIfReadable(id: string): Promise<Versioned<R> | undefined> {
    try {
      return await this.read(id);
    } catch (error) {
      if (isStorageCondition(error)) throw error;
      return undefined;
    }
  }

  async create(record: R): Promise<Versioned<R>> {
    return this.write(record.id, record, null);
  }

  /** Rejects with a `VersionConflictError` when somebody else has changed it since it was read. */
  async replace(current: Versioned<R>, record: R): Promise<Versioned<R>> {
    return this.write(record.id, record, current.version);
  }
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'kind' in value ? String(value.kind) : '';
}
