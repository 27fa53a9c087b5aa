"""
The training step of a Sluice model in PyTorch: the same graph in the same words, the same weights, tables, batch and
optimisers (AdamW fused on the dense weights, Adagrad on sparse rows, gradients clipped by their common length), written by
bench/throughput/peer.ts.

    python bench/peers/torch_step.py THREADS FOLDER

Computes in single precision, as Sluice does, or with PRECISION=double in double: to tell rounding from another step.
Reads numbers of steps, answers with the time and the loss of each. What is fed lies ready: nothing of making a batch is timed.
"""
import json
import os
import sys
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import torch
import torch.nn.functional as F

number = torch.float64 if os.environ.get("PRECISION") == "double" else torch.float32
threads, folder = int(sys.argv[1]), Path(sys.argv[2])
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
task = json.loads((folder / "task.json").read_text())


def load(entry, dtype=torch.float32):
    raw = bytearray((folder / entry["file"]).read_bytes())
    x = torch.frombuffer(raw, dtype=dtype).reshape(entry["shape"]).clone()
    return x.to(number) if dtype == torch.float32 else x


def leaf(entry):
    return load(entry, torch.int32 if entry["dtype"] == "int32" else torch.float32)


values = {entry["id"]: leaf(entry) for entry in task["constants"]}
parameters = [(entry, torch.nn.Parameter(load(entry))) for entry in task["parameters"]]
for entry, parameter in parameters:
    values[entry["id"]] = parameter
tables = {entry["name"]: (entry, torch.nn.Parameter(load(entry))) for entry in task["tables"]}
gathered = []
for entry in task["inputs"]:
    if "parts" not in entry:
        values[entry["id"]] = leaf(entry)
        continue
    parts = []
    for part in entry["parts"]:
        rows = None
        if part["rows"] != "whole":
            raw = bytearray((folder / part["rows"]).read_bytes())
            rows = torch.frombuffer(raw, dtype=torch.int32).clone().reshape(-1, part["bag"]).squeeze(1)
        parts.append((*tables[part["table"]], rows))
    gathered.append((entry["id"], entry["shape"], parts))


def embed(entry, table, rows):
    if rows is None:
        return table
    x = F.embedding(rows, table, sparse=not entry["dense"])
    return x if rows.dim() == 1 else x.mean(1)


def gather(shape, parts):
    total = embed(*parts[0])
    for part in parts[1:]:
        total = total + embed(*part)
    return total.reshape(shape)


def matmul(a, b, transposeA, transposeB):
    return torch.matmul(a.transpose(-1, -2) if transposeA else a, b.transpose(-1, -2) if transposeB else b)


def attention(q, k, v, bias=None, scale=1.0):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)


def cut(x, starts, ends):
    return x[tuple(slice(a, b) for a, b in zip(starts, ends))]


operations = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "maximum": torch.maximum,
    "equal": lambda a, b: (a == b).to(number),
    "neg": torch.neg,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "abs": torch.abs,
    "power": lambda x, exponent: x**exponent,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "step": lambda x: (x > 0).to(number),
    "gelu": F.gelu,
    "erf": torch.erf,
    "softplus": F.softplus,
    "sum": lambda x, axes, keep: x.sum(axes, keepdim=keep),
    "max": lambda x, axes, keep: x.amax(axes, keepdim=keep),
    "softmax": lambda x: x.softmax(-1),
    "logSoftmax": lambda x: x.log_softmax(-1),
    "matmul": matmul,
    "attention": attention,
    "layerNorm": lambda x, gain, shift, epsilon: F.layer_norm(x, x.shape[-1:], gain, shift, epsilon),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, permutation: x.permute(permutation),
    "broadcastTo": lambda x, shape: x.expand(shape),
    "concat": lambda *parts, axis: torch.cat(parts, axis),
    "split": lambda x, axis, sizes: x.split(sizes, axis),
    "slice": cut,
    "gatherRows": lambda table, index: F.embedding(index, table),
    "gatherColumns": lambda x, columns: x[..., columns],
    "toFloat": lambda x: x.to(number),
    "stopGradient": torch.detach,
    "linear": lambda x, weight, bias: torch.addmm(bias, x, weight),
}


def fused(nodes):
    """A product of two matrices plus a vector is one call, as anyone would write it."""
    uses = {}
    for node in nodes:
        for i in node["inputs"]:
            uses[i] = uses.get(i, 0) + 1
    shapes = {entry["id"]: entry["shape"] for entry in task["parameters"]}
    products = {
        node["outputs"][0]: node
        for node in nodes
        if node["op"] == "matmul"
        and not any(node["attributes"].values())
        and uses.get(node["outputs"][0]) == 1
        and len(shapes.get(node["inputs"][1], [])) == 2
    }
    kept, gone = [], set()
    for node in nodes:
        if node["op"] == "add":
            for product, bias in (node["inputs"], node["inputs"][::-1]):
                if product in products and len(shapes.get(bias, [])) == 1:
                    source = products[product]
                    node = {**node, "op": "linear", "inputs": [*source["inputs"], bias]}
                    gone.add(product)
                    break
        kept.append(node)
    return [node for node in kept if node["outputs"][0] not in gone]


program = [(operations[n["op"]], n["op"], n["inputs"], n["outputs"], n["attributes"]) for n in fused(task["nodes"])]


def forward():
    held = dict(values)
    for at, shape, parts in gathered:
        held[at] = gather(shape, parts)
    for run, op, inputs, outputs, attributes in program:
        result = run(*[held[i] for i in inputs], **attributes)
        if op == "split":
            for at, part in zip(outputs, result):
                held[at] = part
        else:
            held[outputs[0]] = result
    return held[task["loss"]].sum()


rates = task["rates"]
dense = [(parameter, entry["decayed"]) for entry, parameter in parameters]
dense += [(table, True) for entry, table in tables.values() if entry["dense"]]
sparse = [table for entry, table in tables.values() if not entry["dense"]]
groups = [
    {"params": [p for p, decayed in dense if decayed == part], "weight_decay": rates["weightDecay"] if part else 0.0}
    for part in (True, False)
]
adam = torch.optim.AdamW([g for g in groups if g["params"]], lr=rates["dense"], betas=(0.9, rates["beta2"]), fused=True)
adagrad = torch.optim.Adagrad(sparse, lr=rates["table"]) if sparse else None


def clip():
    """By the length of all gradients together, sparse ones counted once per row."""
    grads = [p.grad for p, _ in dense if p.grad is not None]
    for table in sparse:
        if table.grad is not None:
            table.grad = table.grad.coalesce()
            grads.append(table.grad.values())
    norm = torch.stack(torch._foreach_norm(grads)).norm()
    scale = rates["normMax"] / (norm.item() + 1e-6)
    if scale < 1:
        torch._foreach_mul_(grads, scale)


def step():
    loss = forward()
    loss.backward()
    if rates["normMax"] > 0:
        clip()
    adam.step()
    adam.zero_grad(set_to_none=True)
    if adagrad:
        adagrad.step()
        adagrad.zero_grad(set_to_none=True)
    return loss.item()


print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    wall, losses = [], []
    for _ in range(int(line)):
        began = time.perf_counter()
        losses.append(step())
        wall.append((time.perf_counter() - began) * 1000)
    print(json.dumps({"wall": wall, "losses": losses}), flush=True)
