export * from './job.ts';
export * from './job-state.ts';
export * from './job-view.ts';
