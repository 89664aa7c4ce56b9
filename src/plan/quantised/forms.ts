/**
 * Forms of products of bytes and weights, each known to conv8 by its place: by 16-bit numbers, for all bytes; and for bytes up to 127 by 8-bit ones with sums of pairs, or in
 * one step.
 */
export const productForms = ['wide', 'pairs', 'dots'] as const;
export type ProductForm = (typeof productForms)[number];
