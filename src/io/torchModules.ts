import { type Budget, heap } from './budget.js';
import { type Inert, isInert, type PickleValue } from './pickleValue.js';
import { functionOf } from './torchFunctions.js';
import { factsOf } from './torchLayers.js';
import { isTorch } from './torchObjects.js';

/**
 * Networks that were saved whole: PyTorch's modules (`torch.save(model)`), and TorchScript's (`torch.jit.save`). Their tensors lie in attributes, under the
 * names that the state dict would give them. Nothing of their classes is needed, and nothing of them is run.
 */

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** What a module holds: tensors of its own, and modules. */
interface Parts {
  readonly own: readonly Dict[];
  /** Those of its tensors that its state dict leaves out. */
  readonly temporary?: ReadonlySet<PickleValue>;
  readonly modules: Dict;
}

/** TorchScript's classes are called so. Their attributes are parameters, buffers, modules and constants, side by side. */
const scripted = '__torch__.';

function partsOf(value: PickleValue | undefined): Parts | undefined {
  if (!isInert(value) || value.attributes === undefined) return undefined;
  const { what, attributes } = value;
  const [parameters, buffers, modules] = ['_parameters', '_buffers', '_modules'].map((key) => attributes.get(key));
  if (parameters instanceof Map && buffers instanceof Map && modules instanceof Map) {
    const left = attributes.get('_non_persistent_buffers_set');
    return { own: [parameters, buffers], modules, ...(isInert(left) && left.texts && { temporary: left.texts }) };
  }
  return what.startsWith(scripted) ? { own: [tensorsOf(attributes)], modules: attributes } : undefined;
}

const tensorsOf = (attributes: Dict): Dict => new Map([...attributes].filter(([, value]) => isTorch(value, 'tensor')));

/** Whether a value is a module. */
export const isModule = (value: PickleValue | undefined): value is Inert => partsOf(value) !== undefined;

/**
 * A module's state dict, in its order: parameters, buffers, then those of each module in it, and the functions and layers that tell it from others. What stands in a tensor's
 * place is kept, so that it is named where the tensor is missed.
 *
 * @returns undefined for what is no module
 */
export function stateDictOf(root: PickleValue | undefined, budget: Budget): Dict | undefined {
  if (!isModule(root)) return undefined;
  budget.spend(heap.dict, 'torch');
  const dict = new Map<PickleValue, PickleValue>();
  // modules may hold each other: each visit is counted, and longer paths cost more
  const left: { readonly path: string; readonly module: PickleValue }[] = [{ path: '', module: root }];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const { path, module } = at;
    const parts = partsOf(module);
    if (parts === undefined) continue;
    if (path !== '' && isInert(module) && (functionOf(module.what) ?? factsOf(module)) !== undefined) {
      budget.spend(heap.entry + heap.text(path.length), 'torch');
      dict.set(path.slice(0, -1), module);
    }
    for (const own of parts.own)
      for (const [key, value] of own) {
        if (typeof key !== 'string' || value === null || parts.temporary?.has(key)) continue;
        budget.spend(heap.entry + heap.text(path.length + key.length), 'torch');
        dict.set(path + key, value);
      }
    const inside = [...parts.modules].filter(([key, value]) => typeof key === 'string' && isInert(value));
    for (const [key, value] of inside.reverse()) {
      budget.spend(heap.object + heap.text(path.length + String(key).length), 'torch');
      left.push({ path: `${path}${String(key)}.`, module: value });
    }
  }
  return dict;
}
