import fc from 'fast-check';

/** CI and a plain run replay one pinned seed; FC_SEED=random explores, FC_SEED=n replays a failure. */
const seed = process.env['FC_SEED'] === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(process.env['FC_SEED'] ?? 20171109);

fc.configureGlobal({ seed, verbose: 1 });
