export * from './engine/digit-engine.ts';
