#!/usr/bin/env bash
# An annotation whose id is 0 is never found: pycocotools counts the detection on it as a false alarm.
#
# Seen with pycocotools 2.0.11 and NumPy 2.4.6 in Python 3.11. One image, two objects, and a detection of the very same box on each: AP and AR are 1 with the ids
# 1 and 2, but 0.252 and 0.5 with the ids 0 and 1.
# Why it matters: annotation files that are written by a script number their objects from 0. Each class then loses one object, and small test sets lose most:
# a perfect detector has no perfect score. Nothing warns.
# Source: COCOeval.evaluateImg keeps the id of the matched annotation in dtMatches, and COCOeval.accumulate takes 0 there for no match (cocoeval.py).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install --quiet pycocotools==2.0.11 numpy==2.4.6 >pip.log 2>&1 || { cat pip.log; exit 1; }
cat >probe.py <<'E2'
import contextlib, io
from importlib.metadata import version
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

def precision(first_id):
    boxes = [[10, 10, 40, 30], [60, 20, 50, 50]]
    truth = COCO()
    truth.dataset = {
        "images": [{"id": 1}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": first_id + i, "image_id": 1, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
            for i, box in enumerate(boxes)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([{"image_id": 1, "category_id": 1, "bbox": box, "score": 0.9 - 0.1 * i} for i, box in enumerate(boxes)])
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats[0], evaluation.stats[8]

print("pycocotools", version("pycocotools"), "numpy", version("numpy"))
from_one, from_zero = precision(1), precision(0)
print("two objects, both found exactly: AP and AR")
print("  ids 1 and 2:", *(f"{value:.3f}" for value in from_one))
print("  ids 0 and 1:", *(f"{value:.3f}" for value in from_zero))
assert from_one == (1.0, 1.0), from_one
assert abs(from_zero[0] - 0.2525) < 1e-3 and from_zero[1] == 0.5, from_zero
E2
env/bin/python probe.py
