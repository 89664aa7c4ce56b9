#!/usr/bin/env bash
# A copy of an EfficientNet's weights by set_weights computes something else: its Normalization layer goes on with the old mean and variance.
#
# Seen with Keras 3.15.1 (JAX 0.10.2 underneath; TensorFlow 2.21.0 gives the same) in Python 3.11. Two EfficientNetB0, one adapted to its images; the other gets its weights by
# set_weights(get_weights()). All weights are equal then, features are not. Through a file, or once finalize_state() is called, they are.
# Why it matters: get_weights and set_weights are how weights are averaged, exchanged and restored in training. Accuracy falls, and comparing the weights shows nothing.
# Source: Normalization computes with copies of its variables, which finalize_state makes; load_own_variables and adapt call it, set_weights does not
# (keras/src/layers/preprocessing/normalization.py).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet keras==3.15.1 'jax==0.10.2' numpy==2.4.6 >pip.log 2>&1 || { cat pip.log; exit 1; }
cat >probe.py <<'E2'
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
import keras
import numpy as np

def network():
    return keras.applications.EfficientNetB0(weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3))

random = np.random.default_rng(1)
images = random.uniform(0, 255, (16, 32, 32, 3)).astype("float32")
keras.utils.set_random_seed(1)
trained, copied, loaded = network(), network(), network()
trained.layers[2].adapt(images / 255)

copied.set_weights(trained.get_weights())
trained.save_weights("trained.weights.h5")
loaded.load_weights("trained.weights.h5")

def distance(a, b):
    x, y = (np.asarray(net(images)) for net in (a, b))
    return float(np.abs(x - y).max() / np.abs(x).max())

equal = all(np.array_equal(a, b) for a, b in zip(trained.get_weights(), copied.get_weights()))
print("keras", keras.__version__, "- all weights equal after set_weights:", equal)
by_set, by_file = distance(trained, copied), distance(trained, loaded)
copied.layers[2].finalize_state()
finalised = distance(trained, copied)
print(f"largest difference of the features, relative: by set_weights {by_set:.3f}, through a file {by_file:.1e}, after finalize_state {finalised:.1e}")
assert equal and by_set > 0.01 and by_file < 1e-5 and finalised < 1e-5
E2
env/bin/python probe.py
