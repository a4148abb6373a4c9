#!/usr/bin/env node
// npm run build: installs what is missing and builds what runs.
import { build, ensureInstalled } from './bootstrap/ensure-ready.mjs';
import { fail } from './bootstrap/run.mjs';

try {
  await ensureInstalled();
  await build();
} catch (error) {
  fail(error);
}
