#!/usr/bin/env node
// S3 and SQS on this machine, for trying STORE=aws: the emulator fauxqs behind a gateway that adds S3's conditional writes.
// Everything is in memory and gone when it ends. LOCAL_AWS_PORT (4566) and HOST (127.0.0.1) say where it listens.
import { ensureReady } from './bootstrap/ensure-ready.mjs';
import { pinnedNode, root } from './bootstrap/paths.mjs';
import { become, fail } from './bootstrap/run.mjs';

try {
  await ensureReady();
  become(pinnedNode(), [
    '--conditions=@pi-jobs/source',
    `${root}/packages/aws-store/src/testing/serve-local-aws.ts`,
  ]);
} catch (error) {
  fail(error);
}
