import { parentPort, workerData } from 'node:worker_threads';
import { bellardSum } from './bellard-sum.ts';

const { position, from, to } = workerData as { position: number; from: number; to: number };
parentPort?.postMessage(bellardSum(position, from, to));
