import { createDictionary, type DictionaryOptions, shippedDictionaries } from '@pi-jobs/dictionary';
import { createLogger, createServiceApp, type ServiceApp } from '@pi-jobs/http-kit';
import { createProgramRunner, type ProgramRunner, type ProgramRunnerOptions } from '@pi-jobs/process-runner';
import { describeQueryError, queryProblems } from '../dictionary/query-problems.ts';
import { dictionaryInstructions } from '../routes/dictionary-instructions.ts';
import { dictionaryQuery } from '../routes/dictionary-query.ts';
import { wait } from '../routes/wait.ts';

export interface QueryApp {
  readonly app: ServiceApp;
  /** Runs the searches. */
  readonly runner: ProgramRunner;
  readonly waitRunner: ProgramRunner;
}

/** An app of the query routes alone, over the shipped dictionaries and the real programs. */
export function createQueryApp(
  options: Partial<DictionaryOptions> & {
    readonly running?: Partial<ProgramRunnerOptions>;
    readonly waitSeconds?: number;
  } = {},
): QueryApp {
  const { running, waitSeconds, ...dictionaryOptions } = options;
  const runner = createProgramRunner({ maxRunning: 4, maxWaiting: 2000, ...running });
  const waitRunner = createProgramRunner({ maxRunning: 200, maxWaiting: 0, ...running });
  const dir = shippedDictionaries;
  const dictionary = createDictionary({ dir, listRoots: [dir], runner, ...dictionaryOptions });
  const app = createServiceApp({
    name: 'queries',
    title: 'Queries',
    description: 'The query routes alone.',
    version: '0.0.0',
    logger: createLogger({ name: 'queries', level: 'silent' }),
    problems: queryProblems,
    extendProblem: describeQueryError,
    checkReplies: true,
    routes: [
      dictionaryQuery({ dictionary }),
      dictionaryInstructions(),
      wait({ runner: waitRunner, ...(waitSeconds === undefined ? {} : { seconds: waitSeconds }) }),
    ],
  });
  return { app, runner, waitRunner };
}
