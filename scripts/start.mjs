#!/usr/bin/env node
// npm start: installs and builds what is missing, then runs the three services until SIGINT or SIGTERM.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { fail } from './bootstrap/run.mjs';
import { startServices } from './start/start-services.mjs';

try {
  await ensureReady();
  await startServices();
} catch (error) {
  fail(error);
}
