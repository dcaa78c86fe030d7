"""Runs peers that are Python packages on questions, one JSON object a line on standard input; see installed-peers.mjs.

Each question has: id, config (as config.json), parameters, training, batch, sequence, new_tokens, checkpointing, optimizer,
width, packing, adapter, view. Each answer: id, peer, and estimate_bytes or reason.
"""

import json
import sys

MIB = 2**20


def torch_preflight(q):
    """torch-preflight's cost model with the shape that it reads from a config itself."""
    from torch_preflight.vram.costmodel import estimate
    from torch_preflight.vram.providers.hub import shape_from_config
    from torch_preflight.vram.providers.static import from_shape
    from torch_preflight.vram.types import OptimizerKind, PrecisionMode, RunConfig

    if q["packing"]:
        return "knows no packed weights"
    if q["adapter"]:
        return "knows no adapters"
    shape = shape_from_config(q["config"])
    if shape is None:
        return "reads no shape from this config"
    kinds = {"adamw": OptimizerKind.ADAMW, "adamw-fused": OptimizerKind.ADAMW, "adamw-8bit": OptimizerKind.ADAM_8BIT,
             "sgd": OptimizerKind.SGD, "adafactor": OptimizerKind.ADAFACTOR, "lion": OptimizerKind.LION}
    if q["training"] and q["optimizer"] not in kinds:
        return "does not know the optimizer " + q["optimizer"]
    precision = PrecisionMode.PURE_BF16 if q["width"] == 2 else PrecisionMode.AMP if q["autocast"] else PrecisionMode.FP32
    run = RunConfig(batch_size=q["batch"], seq_len=q["sequence"], precision=precision,
                    optimizer=kinds.get(q["optimizer"], OptimizerKind.ADAMW), gradient_checkpointing=q["checkpointing"],
                    flash_attention=True, inference_only=not q["training"], generation=not q["training"],
                    max_context=None if q["training"] else q["sequence"] + q["new_tokens"])
    parts = estimate(from_shape(shape, "model"), run).breakdown
    total = parts.total
    if q["view"] != "device":
        total -= parts.cuda_context
    return total - parts.fragmentation if q["view"] == "allocated" else total


def fitcheck(q):
    """fitcheck-llm's estimator, with the fields that it takes from a config."""
    from fitcheck.config_parser import ModelConfig
    from fitcheck.estimator import ServingConfig, TrainingConfig, estimate, estimate_inference
    from fitcheck.gpu_db import GPU_DB

    c = q["config"]
    if any(key in c for key in ("num_experts", "num_local_experts", "n_routed_experts")):
        return "refuses mixtures of experts"
    heads = c["num_attention_heads"]
    model = ModelConfig(name="model", num_params=q["parameters"], hidden_size=c["hidden_size"],
                        num_layers=c["num_hidden_layers"], num_attention_heads=heads,
                        num_kv_heads=c.get("num_key_value_heads") or heads, intermediate_size=c["intermediate_size"],
                        vocab_size=c["vocab_size"], head_dim=c.get("head_dim") or c["hidden_size"] // heads,
                        tie_word_embeddings=q["tied"])
    quantization = {None: "none", "nf4": "nf4", "int8": "int8"}.get(q["packing"])
    if quantization is None:
        return "does not know this format of weights"
    card = GPU_DB["t4" if q["card"] == "T4" else "a100-80"]
    precision = "fp32" if q["width"] == 4 and not q["autocast"] else "bf16"
    if not q["training"]:
        report = estimate_inference(model, ServingConfig(precision=precision, quantization=quantization,
                                    seq_len=q["sequence"] + q["new_tokens"], num_concurrent=q["batch"]), card)
        return (report.total_mib - (report.overhead_mib if q["view"] == "allocated" else 0)) * MIB
    optimizer = {"adamw": "adamw", "adamw-fused": "adamw", "adamw-8bit": "adam8bit", "sgd": "sgd"}.get(q["optimizer"])
    if optimizer is None:
        return "does not know the optimizer " + q["optimizer"]
    adapter = q["adapter"]
    lora = {} if adapter is None else {"lora_rank": adapter["rank"], "lora_targets": adapter["targets"]}
    run = TrainingConfig(precision=precision, quantization=quantization, optimizer=optimizer, batch_size=q["batch"],
                         seq_len=q["sequence"], grad_checkpoint=q["checkpointing"], flash_attn=True,
                         optimizer_dtype="bf16" if q["width"] == 2 and adapter is None else "fp32",
                         **({"lora_rank": None} if adapter is None else lora))
    parts = estimate(model, run, card)
    return (parts.total_mib - (parts.overhead_mib if q["view"] == "allocated" else 0)) * MIB


PEERS = {"torch-preflight": torch_preflight, "fitcheck-llm": fitcheck}


def main():
    for line in sys.stdin:
        question = json.loads(line)
        for name, peer in PEERS.items():
            try:
                answer = peer(question)
            except ImportError as error:
                answer = "is not installed: " + str(error)
            except Exception as error:  # A peer that refuses says why.
                answer = f"{type(error).__name__}: {error}"[:160]
            result = {"reason": answer} if isinstance(answer, str) else {"estimate_bytes": float(answer)}
            print(json.dumps({"id": question["id"], "peer": name, **result}))


if __name__ == "__main__":
    main()
