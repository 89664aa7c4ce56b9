import { InputError } from '../errors.js';
import { withInputs } from '../graph/given.js';
import type { Graph } from '../graph/graph.js';
import { insteadOf } from '../meant.js';
import type { Node, NodeId } from '../ops/op.js';
import { kindOf, shown, sizeOf, type Tensor, tensor } from '../tensor.js';
import type { Session } from '../wasm/session.js';

/** Gates by name, a number per channel each. */
export type Gates = ReadonlyMap<string, ArrayLike<number>>;

/** Runs a network whose gates are chosen. */
export interface ChosenGates {
  /** @throws InputError for gates that the network does not have, or that are not a number per channel */
  run(image: Tensor, gates: Gates): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): void;
}

/**
 * A second graph of the network, in which the gates of some blocks are inputs. It is compiled when gates are first chosen, and anew when those of other
 * blocks are; the values are free.
 *
 * @param whole the network, with its gates as outputs
 */
export function chosenGates(whole: () => Graph, compiled: (graph: Graph) => Promise<Session>): ChosenGates {
  let graph: Graph | undefined;
  let ready: { readonly names: string; readonly session: Session } | undefined;
  let disposed = false;

  async function sessionFor(graph: Graph, names: readonly string[]): Promise<Session> {
    const key = names.toSorted().join('\n');
    if (ready?.names === key) return ready.session;
    ready?.session.dispose();
    ready = undefined;
    const session = await compiled(withInputs(graph, names));
    if (disposed)
      session.dispose(); // it throws when it is run
    else ready = { names: key, session };
    return session;
  }

  return {
    async run(image, gates) {
      if (kindOf(gates) !== 'Map') throw new InputError(`gates are a Map by name, not ${insteadOf('gates', gates)}`);
      graph ??= whole();
      const given = Object.fromEntries([...gates].map(([name, values]) => [name, gateOf(graph as Graph, name, values)]));
      const session = await sessionFor(graph, Object.keys(given));
      const outputs = await session.runAsync({ input: image, ...given });
      return new Map([...outputs, ...Object.entries(given)]);
    },
    dispose() {
      disposed = true;
      ready?.session.dispose();
    },
  };
}

function gateOf({ nodes, outputs }: Graph, name: string, values: ArrayLike<number>): Tensor {
  const names = [...outputs.keys()].filter((output) => output !== 'logits');
  if (!names.includes(name)) throw new InputError(`gates: expected the name of a gate (${names.join(', ')}), found ${shown(name)}`);
  const { shape } = nodes[outputs.get(name) as NodeId] as Node;
  const channels = sizeOf(shape);
  if (values?.length !== channels) throw new InputError(`gates: ${name} has ${channels} channels, found ${shown(values?.length)} numbers`);
  const data = Float32Array.from(values);
  if (!data.every(Number.isFinite)) throw new InputError(`gates: ${name} holds numbers that are not finite`);
  return tensor(shape, data);
}
