import fc from 'fast-check'

/**
 * Property tests use the same seed in each run, so that a failure shows a change of the code. `FAST_CHECK_SEED=$RANDOM npm test` uses another seed.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_261_121) })
