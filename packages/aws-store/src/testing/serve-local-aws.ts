import { LocalAws } from './local-aws.ts';

const port = Number(process.env['LOCAL_AWS_PORT'] || 4566);
const aws = await LocalAws.start({ port, host: process.env['HOST'] || '127.0.0.1' });
process.stdout.write(`S3 and SQS listen on ${aws.endpoint}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void aws[Symbol.asyncDispose]().then(() => process.exit(0)));
}
