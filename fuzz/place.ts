/** The repository, from where this is compiled to. */
export const root = new URL('../../', import.meta.url);
