import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a red run tells of the change under test and not of luck.
 * `PROPERTY_SEED=N` draws others: do that now and then, the more often the better.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PROPERTY_SEED'] || 1) });
