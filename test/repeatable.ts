import fc from 'fast-check'

/**
 * Property tests look at the same random worlds in each run, so that a red run means a change and not bad luck. Others are looked at with
 * `FAST_CHECK_SEED=$RANDOM npm test`.
 */
fc.configureGlobal({ seed: Number(process.env['FAST_CHECK_SEED'] ?? 20_261_121) })
