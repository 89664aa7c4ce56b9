import { PlanError, UnsupportedError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { checkTensors, parameterOf, type RunInput } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import type { Norm } from '../../src/plan/fold.js';
import type { Tensor } from '../../src/tensor.js';
import { type Contender, portsOf, tensorsOf, threadsOf } from './contender.js';
import { compileConv } from './fusedConv.js';
import { download, isDepthwise, rank4, rules, type Tfjs, type TfTensor, upload } from './tfjs.js';
import { isFused, type TfjsCall, tfjsCalls } from './tfjsCalls.js';
import { loadTfjs, type TfjsOptions } from './tfjsRuntime.js';

/**
 * The graph on tfjs-wasm as one would deploy it: batch norm folded into the weights, bias and activation fused into the convolutions,
 * weights uploaded once, every value disposed of after its last reader.
 *
 * @throws UnsupportedError if a package is missing, there are not as many threads, or for an op that is none of a float network's inference; WeightsError for a
 * missing or misshapen weight.
 */
export async function compileTfjs(graph: Graph, weights: ReadonlyMap<string, Tensor>, options: TfjsOptions = {}): Promise<Contender> {
  const ports = portsOf(graph);
  checkTensors(weights);
  const tf = await loadTfjs(options);
  for (const { name, shape } of parameters(graph)) parameterOf(weights, name, shape); // before any is uploaded
  const { steps, constants, uploaded } = program(tf, graph, weights);
  const dying = lastReads(graph, steps);

  const run = (input: RunInput): ReadonlyMap<string, Tensor> => {
    const given = tensorsOf(ports, input);
    const outputs = new Map<string, Tensor>();
    tf.tidy(() => {
      const uploads = ports.map(({ id, attrs }): [NodeId, Held] => [id, [upload(tf, given[attrs.name] as Tensor)]]);
      const values = new Map<NodeId, Held>([...constants, ...uploads]);
      steps.forEach((step, at) => {
        const inputs = step.reads.map((id) => values.get(id) as Held);
        values.set(
          step.id,
          tf.tidy(() => step.run(inputs)),
        );
        for (const id of dying[at] as readonly NodeId[]) {
          tf.dispose(values.get(id) as Held);
          values.delete(id);
        }
      });
      for (const [name, id] of graph.outputs) outputs.set(name, download(tf, whole(values.get(id))));
    });
    return outputs;
  };

  return {
    engine: 'tfjs',
    version: tf.version_core,
    threads: threadsOf(options),
    composed: graph.nodes.some((node) => isComposed(graph, node)),
    run: async (input) => run(input),
    dispose: async () => tf.dispose(uploaded),
  };
}

/** A value on the back end: one tensor, or the slices of its channels that the grouped convolution behind it reads. */
type Held = TfTensor[];

interface Step {
  readonly id: NodeId;
  readonly reads: readonly NodeId[];
  run(inputs: readonly Held[]): Held;
}

interface Program {
  readonly steps: readonly Step[];
  /** Parameters that a step or the caller reads as they are. */
  readonly constants: ReadonlyMap<NodeId, Held>;
  readonly uploaded: TfTensor[];
}

function program(tf: Tfjs, graph: Graph, weights: ReadonlyMap<string, Tensor>): Program {
  const nodeAt = (id: NodeId): Node => graph.nodes[id] as Node;
  const parameter = (id: NodeId): Tensor => {
    const node = nodeAt(id);
    if (node.op !== 'param') throw new UnsupportedError(`tfjs: weights that ${node.op} computes`);
    return parameterOf(weights, node.attrs.name, node.attrs.shape);
  };
  const uploaded: TfTensor[] = [];

  /** A convolution, or a fully connected layer as one over a plane, of mostly a single cell, which XNNPACK does in half the time of tf.fused.matMul. */
  const convolution = (anchor: Node<'conv2d' | 'linear'>, { nodes, branches, sliced }: TfjsCall): Step => {
    const [x, w, bias] = anchor.inputs as readonly [NodeId, NodeId, NodeId?];
    const last = nodes.at(-1) as Node;
    const weight = parameter(w);
    const [O] = weight.shape as readonly [number];
    const [, C, H = 1, W = 1] = nodeAt(x).shape as readonly number[] as readonly [number, number, number?, number?];
    const isLinear = anchor.op === 'linear';
    const conv = compileConv(
      tf,
      {
        x: [...nodeAt(x).shape.slice(0, 2), H, W],
        w: isLinear ? { shape: [O, C, H, W], data: weight.data } : weight,
        bias: bias === undefined ? undefined : parameter(bias),
        norm: normOf(nodes, parameter),
        attrs: isLinear ? { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } : anchor.attrs,
        activation: last.op === 'relu' || last.op === 'relu6' || last.op === 'sigmoid' ? last.op : 'linear',
      },
      branches,
    );
    uploaded.push(...conv.weights);
    return {
      id: last.id,
      reads: [x],
      run([held]) {
        if (isLinear) return conv.run([tf.reshape(whole(held), [-1, H, W, C])]).map((y) => tf.reshape(y, [-1, O]));
        const slices = conv.run(held as Held);
        return sliced || slices.length === 1 ? slices : [tf.concat(slices, 3)];
      },
    };
  };

  const interpreter: Partial<Readonly<Record<string, Rule>>> = {
    ...(rules(tf) as Readonly<Record<string, Rule>>),
    globalAvgPool: squeeze(tf),
  };
  const stranger = graph.nodes.find(({ op }) => op !== 'input' && op !== 'param' && !(op in interpreter));
  if (stranger !== undefined)
    throw new UnsupportedError(`tfjs has no ${stranger.op}, node ${stranger.id}: it runs float networks in inference`);
  const interpreted = (node: Node): Step => {
    const rule = interpreter[node.op] as Rule;
    return { id: node.id, reads: node.inputs, run: (inputs) => [rule(inputs.map(whole), node)] };
  };

  const steps = tfjsCalls(graph).map((call) => {
    const [anchor] = call.nodes;
    return isFused(anchor) ? convolution(anchor, call) : interpreted(anchor);
  });

  const constants = new Map<NodeId, Held>();
  for (const id of [...steps.flatMap(({ reads }) => reads), ...graph.outputs.values()])
    if (nodeAt(id).op === 'param' && !constants.has(id)) constants.set(id, [upload(tf, parameter(id))]);
  return { steps, constants, uploaded: [...uploaded, ...[...constants.values()].flat()] };
}

type Rule = (inputs: readonly TfTensor[], node: Node) => TfTensor;

/** An average pool over the whole plane: tf.mean would transpose the image first, which takes 13 to 25 times as long. */
const squeeze =
  (tf: Tfjs): Rule =>
  ([u]) => {
    const [, H, W, C] = rank4(u).shape;
    // XNNPACK refuses a pool over one cell.
    return tf.reshape(H * W === 1 ? rank4(u) : tf.avgPool(rank4(u), [H, W], 1, 'valid'), [-1, C]);
  };

function normOf(nodes: readonly Node[], parameter: (id: NodeId) => Tensor): Norm | undefined {
  const node = nodes.find((node) => node.op === 'batchNorm');
  if (node === undefined) return undefined;
  const [, gamma, beta, mean, variance] = node.inputs as readonly [NodeId, NodeId, NodeId, NodeId, NodeId];
  return {
    gamma: parameter(gamma),
    beta: parameter(beta),
    mean: parameter(mean),
    variance: parameter(variance),
    eps: node.attrs.eps,
  };
}

/** For each step, the computed values that nothing reads after it. */
function lastReads(graph: Graph, steps: readonly Step[]): readonly (readonly NodeId[])[] {
  const kept = new Set(graph.outputs.values());
  const seen = new Set<NodeId>();
  const dying = steps.map(() => [] as NodeId[]);
  for (let at = steps.length - 1; at >= 0; at--)
    for (const id of (steps[at] as Step).reads) {
      if (!seen.has(id) && !kept.has(id) && graph.nodes[id]?.op !== 'param') dying[at]?.push(id);
      seen.add(id);
    }
  return dying;
}

function isComposed(graph: Graph, node: Node): boolean {
  return node.op === 'conv2d' && node.attrs.groups > 1 && !isDepthwise((graph.nodes[node.inputs[1] as NodeId] as Node).shape, node.attrs);
}

function whole(held: Held | undefined): TfTensor {
  const [value, ...others] = held ?? [];
  if (value === undefined || others.length > 0) throw new PlanError('a value in slices has a second reader');
  return value;
}
