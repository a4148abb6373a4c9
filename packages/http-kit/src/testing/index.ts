export { collectLog, type LogLine } from './collect-log.ts';
export { documentedProblems, problemTable } from './documented-problems.ts';
export { openRaw, type RawConnection, sendRaw } from './raw-connection.ts';
export { runFile, runToEnd, type ServiceProcess, startProcess } from './service-process.ts';
