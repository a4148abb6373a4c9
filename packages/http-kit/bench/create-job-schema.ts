import { z } from 'zod';
import { integer } from '../src/index.ts';

export const createJob = z.strictObject({ num: integer({ min: 1, max: 1_000_000_000 }) });
