import { parameterOf } from '../graph/evaluate.js';
import type { Tensor } from '../tensor.js';
import { foldNorm, type Norm } from './fold.js';
import { isBordered } from './layout.js';
import { blockRows, blocksOf, type NormNames, type PanelRecipe, type Recipe, type TableRecipe } from './plan.js';

type Weights = ReadonlyMap<string, Tensor>;

/** Size of a recipe's block, in units of 4 bytes. */
export function recipeSize(recipe: Recipe): number {
  switch (recipe.kind) {
    case 'panels':
      return recipe.runs.starts.length * panelSize(recipe);
    case 'table':
      return blocksOf(recipe.output[0] * recipe.output[1]) * recipe.taps[0] * recipe.taps[1] * blockRows;
    case 'int32':
      return recipe.values.length;
    default:
      return recipe.size;
  }
}

/** Fills `block`, recipeSize units at the given address, with what the recipe says. Weights are rounded once, after folding in float64. */
export function pack(recipe: Recipe, weights: Weights, block: { readonly f32: Float32Array; readonly i32: Int32Array }): void {
  if (recipe.kind === 'panels') packPanels(recipe, weights, block.f32);
  else if (recipe.kind === 'table') packTable(recipe, block.i32);
  else if (recipe.kind === 'int32') block.i32.set(recipe.values);
  else if (recipe.kind === 'zeros') block.f32.fill(0);
  else block.f32.set(foldNorm(recipe.channels, normOf(recipe.norm, recipe.channels, weights), undefined)[recipe.kind]);
}

const panelSize = ({ filter: [, P, Q], runs }: PanelRecipe): number => 8 + P * Q * runs.length * 8;

function packPanels(recipe: PanelRecipe, weights: Weights, block: Float32Array): void {
  const {
    outputs,
    filter: [Cg, P, Q],
    groups,
    runs: { starts, length, paired },
  } = recipe;
  const vector = (name: string): Tensor => parameterOf(weights, name, [outputs]);
  const w = (weights.get(recipe.weight) as Tensor).data;
  const { factor, shift } = foldNorm(
    outputs,
    recipe.norm && normOf(recipe.norm, outputs, weights),
    recipe.bias === undefined ? undefined : vector(recipe.bias),
  );
  const Og = outputs / groups;
  const size = panelSize(recipe);
  block.fill(0);
  starts.forEach((start, panel) => {
    for (let column = 0; column < Math.min(8, outputs - panel * 8); column++) {
      const o = panel * 8 + column;
      const at = panel * size + column;
      block[at] = shift[o] as number;
      const first = start + (paired && column >= 4 ? 4 : 0) - Math.floor(o / Og) * Cg; // the run's first channel within o's group
      for (let l = Math.max(0, -first); l < Math.min(length, Cg - first); l++)
        for (let pq = 0; pq < P * Q; pq++)
          block[at + 8 + (pq * length + l) * 8] = (w[(o * Cg + first + l) * P * Q + pq] as number) * (factor[o] as number);
    }
  });
}

function normOf({ gamma, beta, mean, variance, eps }: NormNames, channels: number, weights: Weights): Norm {
  const vector = (name: string): Tensor => parameterOf(weights, name, [channels]);
  return { gamma: vector(gamma), beta: vector(beta), mean: vector(mean), variance: vector(variance), eps };
}

/** See TableRecipe. A tap outside the image is −1, unless the layout has a border there, where the offset points into it. */
function packTable({ layout, output: [I, J], taps: [P, Q], stride, dilation, before }: TableRecipe, block: Int32Array): void {
  const { height, width, origin, line, pixel } = layout;
  const bordered = isBordered(layout);
  const rows = I * J;
  let at = 0;
  for (let b = 0; b < blocksOf(rows); b++)
    for (let p = 0; p < P; p++)
      for (let q = 0; q < Q; q++)
        for (let r = 0; r < blockRows; r++) {
          const row = Math.min(b * blockRows + r, rows - 1);
          const h = Math.floor(row / J) * stride[0] + p * dilation[0] - before[0];
          const w = (row % J) * stride[1] + q * dilation[1] - before[1];
          const inside = h >= 0 && h < height && w >= 0 && w < width;
          block[at++] = inside || bordered ? origin + h * line + w * pixel : -1;
        }
}
