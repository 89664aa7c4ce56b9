/**
 * `npm run test:long` runs every case of every property and every network; `npm test` fewer of those that take long, the same ones each time, so that
 * nobody waits for a quarter of an hour to see whether what they changed still works.
 */
export const long = process.env.SENET_TEST_LENGTH === 'long';

/** How many cases of a property: all, or a quarter. */
export const cases = (all: number): number => (long ? all : Math.ceil(all / 4));

/** Every row of a table, or each `step`-th of them, from the first. */
export const some = <T>(rows: readonly T[], step: number): readonly T[] => (long ? rows : rows.filter((_, i) => i % step === 0));
