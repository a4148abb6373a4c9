export { type Faults, LocalAws } from './local-aws.ts';
