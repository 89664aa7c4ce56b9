import { add, bn, build, compile, conv, count, globalAvgPool, linear, relu, squeezeExcite, syntheticTensor } from 'senet';
import { heWeights } from 'senet/train';

/** A network of one's own with SE blocks, and its gates: node ownNetwork.mjs. docs/library.md trains one and compares one with PyTorch. */
function block(x, name, out, stride) {
  const u = relu(bn(conv(x, `${name}.conv1`, { out, kernel: 3, stride }), `${name}.bn1`));
  const v = bn(conv(u, `${name}.conv2`, { out, kernel: 3 }), `${name}.bn2`);
  const shortcut = bn(conv(x, `${name}.downsample.0`, { out, kernel: 1, stride }), `${name}.downsample.1`);
  return relu(add(squeezeExcite(v, `${name}.se`, { squeezed: out / 4 }), shortcut));
}

function network(image) {
  const stem = relu(bn(conv(image, 'conv1', { out: 16, kernel: 3 }), 'bn1'));
  const x = block(block(stem, 'layer1', 32, 2), 'layer2', 64, 2);
  return linear(globalAvgPool(x), 'fc', 10);
}

const graph = build([1, 3, 32, 32], network, { gates: true });
console.log(count(graph));
const session = await compile(graph, heWeights(graph, 1));
for (const [name, { data }] of session.run(syntheticTensor('input', [1, 3, 32, 32], 1)))
  console.log(`${name}: ${data.length} values from ${Math.min(...data).toFixed(3)} to ${Math.max(...data).toFixed(3)}`);
session.dispose();
