import type { SlotCount, WorkerSlots } from '@pi-jobs/core';
import { defineRoute, type Route, requireSameSite } from '@pi-jobs/http-kit';
import { z } from 'zod';
import { workerProblems } from '../workers/worker-problems.ts';

const replySchema = z.object({
  worker_id: z.uuid(),
  expires_at: z.iso.datetime(),
  expires_in: z.int().positive().meta({ description: 'Seconds within which the id must be used.' }),
});

/** `GET /new_job`: a worker id, and with it a slot that is held until the id is used or expires. */
export function reserveSlot({ slots }: { readonly slots: WorkerSlots }): Route {
  return defineRoute({
    method: 'GET',
    path: '/new_job',
    summary: 'Reserve a slot for long work',
    responses: {
      200: {
        description: 'A slot is held.',
        schema: replySchema,
        headers: { RateLimit: 'Slots that are left.', 'RateLimit-Policy': 'Slots that there are.' },
      },
      403: { description: 'A page of another site made the browser ask.' },
      503: { description: 'Every slot is taken.' },
    },
    async handler({ req, res }) {
      if (req.method === 'HEAD') {
        // Who reads no answer learns no worker id: a slot held for him would be lost until it expires.
        res.writeHead(200, limits(await slots.count())).end();
        return undefined;
      }
      // A picture or a script of another site would take slots too.
      requireSameSite(req);
      const reservation = await slots.reserve();
      // Who was given a slot must learn of it, also when nobody can say how many are left.
      const headers = await slots.count().then(limits, () => ({}));
      if (reservation === undefined) {
        throw workerProblems.no_free_slot('every slot is taken', {
          headers: { ...headers, 'Retry-After': 5 },
        });
      }
      const { workerId, expiresAt } = reservation;
      const seconds = Math.round((Date.parse(expiresAt) - Date.now()) / 1000);
      return {
        status: 200,
        body: { worker_id: workerId, expires_at: expiresAt, expires_in: Math.max(1, seconds) },
        headers: { ...headers, 'Cache-Control': 'no-store' },
      };
    },
  });
}

function limits({ limit, free }: SlotCount): Record<'RateLimit' | 'RateLimit-Policy', string> {
  return { 'RateLimit-Policy': `"slots";q=${limit}`, RateLimit: `"slots";r=${free}` };
}
