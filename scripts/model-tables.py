"""Reads what Python packages say about open models and writes one JSON for scripts/model-catalog.mjs.

    pip download --no-deps litgpt==0.5.13 genz-llm==0.0.16 llmfit==1.1.17 keras-hub==0.32.0 \\
        paddlenlp==2.8.1 torchvision==0.29.2 open-clip-torch==3.3.0 mteb==2.26.24 llm-analysis==0.2.2
    # unpack each wheel into PACKAGES/<name with _ for ->, install torch and transformers 4.57.1
    HF_HUB_OFFLINE=1 python scripts/model-tables.py PACKAGES > tables.json
    node scripts/model-catalog.mjs tables.json

Rows are `{id, config, source}`, in order of preference; counts are `{id: [[count, source], …]}`.
"""

import ast
import importlib.util
import json
import re
import sys
import types
from pathlib import Path

PACKAGES = Path(sys.argv[1])
ROWS: list[dict] = []
COUNTS: dict[str, list] = {}


def row(source: str, name: str, model_type: str, **fields) -> None:
    config = {"model_type": model_type, **{k: v for k, v in fields.items() if v is not None}}
    ROWS.append({"id": name, "config": config, "source": source, "unchecked": UNCHECKED.get(name)})


# Checkpoints that hold more than the model: their published count says nothing of the row.
MULTI_TOKEN = "a further layer predicts a second token"
UNCHECKED = {
    "Qwen/Qwen3-Next-80B-A3B-Instruct": MULTI_TOKEN,
    "zai-org/GLM-4.7-Flash": MULTI_TOKEN,
    "zai-org/GLM-4.5-Air": MULTI_TOKEN,
    "baidu/ERNIE-4.5-21B-A3B-PT": MULTI_TOKEN,
    "EleutherAI/gpt-neox-20b": "masks of attention are stored in each layer",
}


def count(name: str, value: int, source: str) -> None:
    COUNTS.setdefault(name, []).append([value, source])


# --- litgpt ---------------------------------------------------------------------------------------

LITGPT_TYPES = [
    (r"pythia", "gpt_neox"),
    (r"stablelm-3b|stablelm-zephyr|stable-code", "stablelm"),
    (r"falcon-", "falcon"),
    (r"phi-[12]", "phi"),
    (r"(?i)phi-[34]", "phi3"),
    (r"OLMo-2", "olmo2"),
    (r"OLMo-", "olmo"),
    (r"gemma-3-1b", "gemma3_text"),
    (r"gemma-2-", "gemma2"),
    (r"gemma-(2b|7b)|codegemma", "gemma"),
    (r"Mixtral", "mixtral"),
    (r"Mistral|mathstral", "mistral"),
    (r"Qwen3.*B-A", "qwen3_moe"),
    (r"Qwen3", "qwen3"),
    (r"Qwen2\.5|QwQ", "qwen2"),
    (r"Llama|LLaMA|open_llama|Falcon3|salamandra|SmolLM2|danube", "llama"),
]
LITGPT_SKIPPED = re.compile(
    r"alpha|Platypus|FreeWilly|function-calling|LLaMA-2-7B-32K|MicroLlama|deduped|intermediate-step|"
    r"gemma-3-(4|12|27)b|stablecode"
)


def litgpt() -> None:
    source = "litgpt@0.5.13:litgpt/config.py"
    package = types.ModuleType("litgpt")
    package.__path__ = [str(PACKAGES / "litgpt/litgpt")]
    sys.modules["litgpt"] = package
    spec = importlib.util.spec_from_file_location("litgpt.config", PACKAGES / "litgpt/litgpt/config.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["litgpt.config"] = module
    spec.loader.exec_module(module)
    for entry in module.configs:
        c = module.Config(**entry)
        # The hub has since dropped the first word of these names.
        name = f"{c.hf_config['org']}/{c.hf_config['name']}".replace("Meta-Llama-3.1", "Llama-3.1")
        kind = next((kind for pattern, kind in LITGPT_TYPES if re.search(pattern, name.split("/")[1])), None)
        if kind is None or LITGPT_SKIPPED.search(name):
            continue
        fields = dict(
            hidden_size=c.n_embd,
            intermediate_size=c.intermediate_size,
            num_hidden_layers=c.n_layer,
            num_attention_heads=c.n_head,
            vocab_size=c.padded_vocab_size,
            max_position_embeddings=c.block_size,
        )
        if kind not in ("gpt_neox", "falcon", "phi"):
            fields["num_key_value_heads"] = c.n_query_groups
        if c.head_size != c.n_embd // c.n_head:
            fields["head_dim"] = c.head_size
        if kind == "qwen3_moe":
            fields.update(
                num_experts=c.n_expert,
                num_experts_per_tok=c.n_expert_per_token,
                moe_intermediate_size=c.moe_intermediate_size,
            )
        if kind == "mixtral":
            fields.update(num_local_experts=c.n_expert, num_experts_per_tok=c.n_expert_per_token)
        if kind == "falcon":
            fields["new_decoder_architecture"] = not c.shared_attention_norm
            if not c.shared_attention_norm:
                fields["num_kv_heads"] = c.n_query_groups
        if kind in ("mistral", "gemma3_text", "gemma2"):
            fields["sliding_window"] = c.sliding_window_size
            if c.sliding_window_size is None:
                fields["sliding_window"] = "none"
        row(source, name, kind, **fields)


# --- GenZ: tables by vendor, each entry beside the address of the config it was taken from ----------

GENZ_TYPES = [
    (r"^Qwen/Qwen-", "qwen"),
    (r"^Qwen/Qwen1\.5-MoE", "qwen2_moe"),
    (r"^Qwen/", "qwen2"),
    (r"^microsoft/Phi-3-medium", "phi3"),
    (r"^microsoft/Phi-3\.5-MoE", "phimoe"),
    (r"^facebook/", "opt"),
    (r"mamba-\d|falcon-mamba", "mamba"),
    (r"Jamba", "jamba"),
    (r"^meta-llama/", "llama"),
    (r"^mistralai/Mi(ni)?stral-|zephyr|e5-mistral|Minitron", "mistral"),
    (r"multilingual-e5", "xlm-roberta"),
]
# Names that are none of the hub's; their models are in other tables.
GENZ_SKIPPED = {"meta-llama/Llama-2-7B", "meta-llama/Llama-2-13B", "meta-llama/Llama-33B", "mistralai/Mistral-7B",
                "mistralai/Mistral-Small", "mistralai/Mistral-Large"}
GENZ_IDS = {
    "microsoft/Phi-3-medium": "microsoft/Phi-3-medium-4k-instruct",
    "microsoft/Phi-3.5-MoE": "microsoft/Phi-3.5-MoE-instruct",
    "mistralai/Mistral-NeMo-12B-Instruct": "mistralai/Mistral-Nemo-Instruct-2407",
    "facebook/opt-125M": "facebook/opt-125m",
    "facebook/OPT-350M": "facebook/opt-350m",
    "facebook/OPT-1.3b": "facebook/opt-1.3b",
    "facebook/OPT-13B": "facebook/opt-13b",
    "facebook/opt-30B": "facebook/opt-30b",
    "facebook/opt-66B": "facebook/opt-66b",
    "intfloat/multilingual-e5-small-instruct": "intfloat/multilingual-e5-small",
    "intfloat/multilingual-e5-base-instruct": "intfloat/multilingual-e5-base",
    "meta-llama/Llama-2-70B": "meta-llama/Llama-2-70b-hf",
}


def genz() -> None:
    for path in sorted((PACKAGES / "genz/GenZ/Models/Model_sets").glob("*.py")):
        source = f"genz-llm@0.0.16:GenZ/Models/Model_sets/{path.name}"
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ModelConfig"):
                continue
            given = {}
            for keyword in node.keywords:
                try:
                    value = eval(compile(ast.Expression(keyword.value), "", "eval"), {"__builtins__": {}})
                except Exception:
                    continue
                given[keyword.arg] = int(value) if isinstance(value, float) and value.is_integer() else value
            name = given.get("model", "")
            kind = next((kind for pattern, kind in GENZ_TYPES if re.search(pattern, name)), None)
            if kind is not None and name not in GENZ_SKIPPED:
                genz_row(source, GENZ_IDS.get(name, name), kind, given)


def genz_row(source: str, name: str, kind: str, g: dict) -> None:
    common = dict(
        hidden_size=g.get("hidden_size"),
        num_hidden_layers=g.get("num_decoder_layers"),
        vocab_size=g.get("vocab_size"),
        max_position_embeddings=g.get("max_model_len"),
        num_attention_heads=g.get("num_attention_heads"),
    )
    if kind == "mamba":
        fields = {k: common[k] for k in ("hidden_size", "num_hidden_layers", "vocab_size")}
        fields.update(
            state_size=g["mamba_d_state"],
            conv_kernel=g["mamba_d_conv"],
            expand=g["mamba_expand"],
            time_step_rank=g["mamba_dt_rank"],
            intermediate_size=g["hidden_size"] * g["mamba_expand"],
        )
        row(source, name, "falcon_mamba" if "falcon" in name else "mamba", **fields)
        return
    if kind == "opt":
        row(source, name, kind, **common, ffn_dim=g["intermediate_size"], word_embed_proj_dim=512 if "350" in name else g["hidden_size"], do_layer_norm_before="350" not in name)
        return
    fields = dict(
        **common,
        intermediate_size=g.get("intermediate_size"),
        num_key_value_heads=g.get("num_key_value_heads", g.get("num_attention_heads")),
        head_dim=g.get("head_dim"),
        num_experts_per_tok=g.get("expert_top_k"),
        moe_intermediate_size=g.get("moe_intermediate_size"),
        shared_expert_intermediate_size=g.get("shared_expert_intermediate_size"),
    )
    if "num_experts" in g:
        fields["num_local_experts" if kind == "phimoe" else "num_experts"] = g["num_experts"]
    if kind == "phimoe":
        fields.update(lm_head_bias=True, attention_bias=True)
    if kind == "jamba":
        for key in ("attn_layer_offset", "attn_layer_period", "expert_layer_offset", "expert_layer_period",
                    "mamba_d_conv", "mamba_d_state", "mamba_dt_rank", "mamba_expand"):
            fields[key] = g.get(key)
    if kind in ("qwen", "xlm-roberta"):
        fields.pop("num_key_value_heads")
    if kind == "xlm-roberta":
        fields.update(architectures=["XLMRobertaModel"], type_vocab_size=1)
    if kind == "mistral":
        fields["sliding_window"] = "none"
    row(source, name, kind, **fields)


# --- Config classes of transformers whose defaults are those of a published model --------------------

CLASS_IDS = {
    "llama": "huggyllama/llama-7b",
    "gpt_neox": "EleutherAI/gpt-neox-20b",
    "gptj": "EleutherAI/gpt-j-6b",
    "gpt_neo": None,
    "codegen": None,
    "falcon": None,
    "cohere": "CohereForAI/c4ai-command-r-v01",
    "starcoder2": "bigcode/starcoder2-3b",
    "persimmon": None,
        "deepseek_v3": "deepseek-ai/DeepSeek-V3",
    "gpt_oss": "openai/gpt-oss-120b",
    "qwen3_next": "Qwen/Qwen3-Next-80B-A3B-Instruct",
    "smollm3": "HuggingFaceTB/SmolLM3-3B",
    "ernie4_5": "baidu/ERNIE-4.5-0.3B-PT",
    "ernie4_5_moe": "baidu/ERNIE-4.5-21B-A3B-PT",
    "bert": "google-bert/bert-base-uncased",
    "roberta": "FacebookAI/roberta-base",
    "distilbert": "distilbert/distilbert-base-uncased",
    "mpnet": "microsoft/mpnet-base",
    "albert": "albert/albert-xxlarge-v2",
    "electra": "google/electra-small-discriminator",
    "modernbert": "answerdotai/ModernBERT-base",
    "t5": "google-t5/t5-small",
    "mt5": "google/mt5-small",
    "bart": "facebook/bart-large",
    "pegasus": "google/pegasus-large",
    "m2m_100": "facebook/m2m100_418M",
    "mbart": "facebook/mbart-large-cc25",
    "whisper": "openai/whisper-tiny",
    "vit": "google/vit-base-patch16-224-in21k",
    "deit": "facebook/deit-base-distilled-patch16-224",
    "dinov2": "facebook/dinov2-base",
    "clip": "openai/clip-vit-base-patch32",
    "siglip": "google/siglip-base-patch16-224",
    "gpt2": "openai-community/gpt2",
    "gemma3n_text": None,
}
CLASS_FIXES = {
    # Defaults in which the class and the checkpoint differ, as the checkpoint's weights show.
    "roberta": {"max_position_embeddings": 514, "type_vocab_size": 1, "vocab_size": 50265,
                "architectures": ["RobertaModel"]},
    "bert": {"architectures": ["BertModel"]},
    "distilbert": {"architectures": ["DistilBertModel"]},
    "albert": {"architectures": ["AlbertModel"]},
    "electra": {"architectures": ["ElectraModel"]},
    "dinov2": {"architectures": ["Dinov2Model"], "image_size": 518},
    # Recalled: the class has the length before YaRN stretched it by 40.
    "deepseek_v3": {"max_position_embeddings": 163840},
}


def classes() -> None:
    for kind, name in CLASS_IDS.items():
        if name is None:
            continue
        module = kind.replace("-", "_")
        row(f"transformers@4.57.1:models/{module}/configuration_{module}.py", name, kind, **CLASS_FIXES.get(kind, {}))


# --- Encoders and T5 of PaddleNLP ---------------------------------------------------------------------

PADDLE = {
    "bert": {
        "bert-large-uncased": "google-bert/bert-large-uncased",
        "bert-base-cased": "google-bert/bert-base-cased",
        "bert-large-cased": "google-bert/bert-large-cased",
        "bert-base-chinese": "google-bert/bert-base-chinese",
        "bert-base-multilingual-cased": "google-bert/bert-base-multilingual-cased",
    },
    "albert": {f"albert-{size}-v2": f"albert/albert-{size}-v2" for size in ("base", "large", "xlarge")},
    "distilbert": {"distilbert-base-cased": "distilbert/distilbert-base-cased"},
    "electra": {
        "electra-large-discriminator": "google/electra-large-discriminator",
    },
    "deberta_v2": {
        "microsoft/deberta-v3-base": "microsoft/deberta-v3-base",
        "microsoft/deberta-v3-large": "microsoft/deberta-v3-large",
        "microsoft/deberta-v2-xlarge": "microsoft/deberta-v2-xlarge",
    },
    "t5": {
        "t5-base": "google-t5/t5-base",
        "t5-large": "google-t5/t5-large",
        "t5-3b": "google-t5/t5-3b",
        "t5-v1_1-base": "google/t5-v1_1-base",
        "t5-v1_1-large": "google/t5-v1_1-large",
    },
    "gptj": {"EleutherAI/gpt-j-6B": "EleutherAI/gpt-j-6b"},
}
PADDLE_ARCHITECTURE = {
    "bert": "BertModel", "albert": "AlbertModel", "distilbert": "DistilBertModel",
    "electra": "ElectraModel", "deberta_v2": "DebertaV2Model",
}
PADDLE_FIELDS = (
    "vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size max_position_embeddings "
    "type_vocab_size embedding_size relative_attention position_buckets norm_rel_ebd share_att_key pos_att_type "
    "max_relative_positions position_biased_input conv_kernel_size d_model d_kv d_ff num_layers num_decoder_layers "
    "num_heads relative_attention_num_buckets feed_forward_proj tie_word_embeddings encoder_layers decoder_layers "
    "encoder_attention_heads decoder_attention_heads encoder_ffn_dim decoder_ffn_dim dim hidden_dim n_layers n_heads"
).split()


def paddle() -> None:
    for folder, names in PADDLE.items():
        path = PACKAGES / f"pnlp/paddlenlp/transformers/{folder}/configuration.py"
        for node in ast.parse(path.read_text()).body:
            target = getattr(getattr(node, "targets", [None])[0], "id", "")
            if not target.endswith("PRETRAINED_INIT_CONFIGURATION"):
                continue
            table = ast.literal_eval(node.value)
            for own, name in names.items():
                if own in table:
                    given = {k: table[own][k] for k in PADDLE_FIELDS if k in table[own]}
                    if folder in PADDLE_ARCHITECTURE:
                        given["architectures"] = [PADDLE_ARCHITECTURE[folder]]
                    row(f"paddlenlp@2.8.1:paddlenlp/transformers/{folder}/configuration.py", name,
                        folder.replace("deberta_v2", "deberta-v2"), **given)


# --- Configs that were read in repositories, and rows recalled --------------------------------------

MLC = "mlc-ai/mlc-llm@01ced331a9e155c5ba4e7625b027a51bee611450:python/mlc_llm/model/model_preset.py"
AIC = "ai-dynamo/aiconfigurator@{}:src/aiconfigurator/model_configs/{}"
ASSUMED = "assumed"


def read() -> None:
    row(AIC.format("821eb9a651450cef303fb858289bca98959fe4c2", "moonshotai--Kimi-K2-Instruct_config.json"),
        "moonshotai/Kimi-K2-Instruct", "kimi_k2", num_hidden_layers=61, hidden_size=7168, num_attention_heads=64,
        intermediate_size=18432, vocab_size=163840, max_position_embeddings=131072, n_routed_experts=384,
        n_shared_experts=1, num_experts_per_tok=8, moe_intermediate_size=2048, first_k_dense_replace=1,
        kv_lora_rank=512, q_lora_rank=1536, qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128)
    row(AIC.format("19d098add98ab8ba2366c94795e9e886cdcc915c", "zai-org--GLM-4.7-Flash_config.json"),
        "zai-org/GLM-4.7-Flash", "glm4_moe_lite", num_hidden_layers=47, hidden_size=2048, num_attention_heads=20,
        intermediate_size=10240, vocab_size=154880, max_position_embeddings=202752, n_routed_experts=64,
        n_shared_experts=1, num_experts_per_tok=4, moe_intermediate_size=1536, first_k_dense_replace=1,
        kv_lora_rank=512, q_lora_rank=768, qk_nope_head_dim=192, qk_rope_head_dim=64, v_head_dim=256)
    row(MLC, "deepseek-ai/DeepSeek-V2-Lite", "deepseek_v2", first_k_dense_replace=1, hidden_size=2048,
        intermediate_size=10944, kv_lora_rank=512, q_lora_rank="none", max_position_embeddings=163840,
        moe_intermediate_size=1408, n_routed_experts=64, n_shared_experts=2, num_attention_heads=16,
        num_experts_per_tok=6, num_hidden_layers=27, qk_nope_head_dim=128, qk_rope_head_dim=64, v_head_dim=128,
        vocab_size=102400)
    row(MLC, "Qwen/Qwen1.5-MoE-A2.7B", "qwen2_moe", hidden_size=2048, intermediate_size=5632, num_attention_heads=16,
        num_hidden_layers=24, num_key_value_heads=16, vocab_size=151936, max_position_embeddings=32768,
        moe_intermediate_size=1408, shared_expert_intermediate_size=5632, num_experts_per_tok=4, num_experts=60)
    for name in ("Baichuan2-7B-Base", "Baichuan2-7B-Chat"):
        row(MLC, f"baichuan-inc/{name}", "baichuan", hidden_size=4096, intermediate_size=11008,
            num_attention_heads=32, num_hidden_layers=32, vocab_size=125696, max_position_embeddings=4096)
    row("transformers@4.57.1:models/deepseek_v3/configuration_deepseek_v3.py", "deepseek-ai/DeepSeek-R1", "deepseek_v3",
        **CLASS_FIXES["deepseek_v3"])
    for name in ("Baichuan2-13B-Base", "Baichuan2-13B-Chat"):
        row("inclusionAI/Ling@314dc6c50adf2a00e25d0f3d00659259974035d2:mindie_config/atb_models/build/lib/atb_llm/models/"
            "baichuan/v2_13b/config_baichuan.py", f"baichuan-inc/{name}", "baichuan", hidden_size=5120,
            intermediate_size=13696, num_attention_heads=40, num_hidden_layers=40, vocab_size=125696,
            max_position_embeddings=4096)
    row("litgpt@0.5.13:litgpt/config.py", "stabilityai/stablelm-base-alpha-3b", "gpt_neox", hidden_size=4096,
        intermediate_size=16384, num_hidden_layers=16, num_attention_heads=32, vocab_size=50688,
        max_position_embeddings=4096, tie_word_embeddings=False)
    for name in ("internlm-7b", "internlm-chat-7b"):
        row(MLC, f"internlm/{name}", "internlm", bias=True, hidden_size=4096, intermediate_size=11008,
            num_attention_heads=32, num_hidden_layers=32, vocab_size=103168, max_position_embeddings=2048)
    row(MLC, "OrionStarAI/Orion-14B-Chat", "orion", hidden_size=5120, intermediate_size=15360, num_attention_heads=40,
        num_hidden_layers=40, num_key_value_heads=40, vocab_size=84608, max_position_embeddings=4096)
    row(MLC, "llava-hf/llava-1.5-7b-hf", "llava",
        text_config=dict(model_type="llama", vocab_size=32064, max_position_embeddings=4096),
        vision_config=dict(model_type="clip_vision_model", hidden_size=1024, image_size=336, intermediate_size=4096,
                           num_attention_heads=16, num_hidden_layers=24, patch_size=14))
    for name in ("chatglm3-6b", "chatglm2-6b"):
        row(MLC, f"THUDM/{name}", "chatglm", add_qkv_bias=True, ffn_hidden_size=13696, hidden_size=4096,
            kv_channels=128, multi_query_attention=True, multi_query_group_num=2, num_attention_heads=32,
            num_layers=28, padded_vocab_size=65024, seq_length=8192)
    row(MLC, "mistralai/Ministral-3-3B-Reasoning-2512", "mistral3", multimodal_projector_bias=False,
        text_config=dict(model_type="ministral3", head_dim=128, hidden_size=3072, intermediate_size=9216,
                         max_position_embeddings=262144, num_attention_heads=32, num_hidden_layers=26,
                         num_key_value_heads=8, tie_word_embeddings=True, vocab_size=131072),
        vision_config=dict(model_type="pixtral", hidden_size=1024, image_size=1540, intermediate_size=4096,
                           num_attention_heads=16, num_hidden_layers=24, patch_size=14))


WHISPER = [("base", 512, 6, 8), ("small", 768, 12, 12), ("medium", 1024, 24, 16), ("large-v2", 1280, 32, 20)]
GPT2 = [("medium", 1024, 24, 16), ("large", 1280, 36, 20), ("xl", 1600, 48, 25)]
BLOOM = [("560m", 1024, 24, 16), ("1b1", 1536, 24, 16), ("1b7", 2048, 24, 16), ("3b", 2560, 30, 32), ("7b1", 4096, 30, 32)]
FLAN = [("small", 512, 1024, 8, 6), ("base", 768, 2048, 12, 12), ("large", 1024, 2816, 24, 16), ("xl", 2048, 5120, 24, 32), ("xxl", 4096, 10240, 24, 64)]
BERTS = [  # id, type, layers, width, heads, vocabulary
    ("sentence-transformers/all-MiniLM-L6-v2", "bert", 6, 384, 12, 30522),
    ("sentence-transformers/all-MiniLM-L12-v2", "bert", 12, 384, 12, 30522),
    ("BAAI/bge-small-en-v1.5", "bert", 12, 384, 12, 30522),
    ("BAAI/bge-base-en-v1.5", "bert", 12, 768, 12, 30522),
    ("BAAI/bge-large-en-v1.5", "bert", 24, 1024, 16, 30522),
    ("intfloat/e5-small-v2", "bert", 12, 384, 12, 30522),
    ("intfloat/e5-base-v2", "bert", 12, 768, 12, 30522),
    ("intfloat/e5-large-v2", "bert", 24, 1024, 16, 30522),
    ("thenlper/gte-base", "bert", 12, 768, 12, 30522),
    ("thenlper/gte-large", "bert", 24, 1024, 16, 30522),
]
LLAMA_LIKE = [  # id, type, width, MLP, layers, heads, heads of keys, vocabulary, positions, more
    ("Qwen/Qwen1.5-32B-Chat", "qwen2", 5120, 27392, 64, 40, 8, 152064, 32768, {}),
    ("Qwen/Qwen1.5-110B-Chat", "qwen2", 8192, 49152, 80, 64, 8, 152064, 32768, {}),
    ("mistralai/Mistral-Nemo-Instruct-2407", "mistral", 5120, 14336, 40, 32, 8, 131072, 131072, {"head_dim": 128}),
    ("01-ai/Yi-6B", "llama", 4096, 11008, 32, 32, 4, 64000, 4096, {}),
    ("01-ai/Yi-34B", "llama", 7168, 20480, 60, 56, 8, 64000, 4096, {}),
    ("01-ai/Yi-1.5-9B-Chat", "llama", 4096, 11008, 48, 32, 4, 64000, 4096, {}),
    ("mistralai/Mistral-Small-24B-Instruct-2501", "mistral", 5120, 32768, 40, 32, 8, 131072, 32768, {"head_dim": 128}),
    ("openai/gpt-oss-20b", "gpt_oss", 2880, 2880, 24, 64, 8, 201088, 131072, {"num_local_experts": 32, "num_experts_per_tok": 4}),
    ("bigcode/starcoder2-7b", "starcoder2", 4608, 18432, 32, 36, 4, 49152, 16384, {}),
    ("bigcode/starcoder2-15b", "starcoder2", 6144, 24576, 40, 48, 4, 49152, 16384, {}),
    ("Qwen/Qwen2-0.5B-Instruct", "qwen2", 896, 4864, 24, 14, 2, 151936, 32768, {}),
    ("Qwen/Qwen2-1.5B-Instruct", "qwen2", 1536, 8960, 28, 12, 2, 151936, 32768, {}),
    ("Qwen/Qwen2-7B-Instruct", "qwen2", 3584, 18944, 28, 28, 4, 152064, 32768, {}),
    ("Qwen/Qwen2-72B-Instruct", "qwen2", 8192, 29568, 80, 64, 8, 152064, 32768, {}),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "qwen2", 1536, 8960, 28, 12, 2, 151936, 131072, {}),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "qwen2", 3584, 18944, 28, 28, 4, 152064, 131072, {}),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-14B", "qwen2", 5120, 13824, 48, 40, 8, 152064, 131072, {}),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "qwen2", 5120, 27648, 64, 40, 8, 152064, 131072, {}),
    ("deepseek-ai/deepseek-llm-7b-base", "llama", 4096, 11008, 30, 32, 32, 102400, 4096, {}),
    ("deepseek-ai/deepseek-coder-6.7b-instruct", "llama", 4096, 11008, 32, 32, 32, 32256, 16384, {}),
    ("deepseek-ai/deepseek-coder-33b-base", "llama", 7168, 19200, 62, 56, 8, 32256, 16384, {}),
    ("deepseek-ai/deepseek-coder-33b-instruct", "llama", 7168, 19200, 62, 56, 8, 32256, 16384, {}),
    ("ibm-granite/granite-3.1-8b-instruct", "granite", 4096, 12800, 40, 32, 8, 49155, 131072, {}),
    ("ibm-granite/granite-3.1-2b-instruct", "granite", 2048, 8192, 40, 32, 8, 49155, 131072, {}),
    ("allenai/OLMo-2-0325-32B-Instruct", "olmo2", 5120, 27648, 64, 40, 8, 100352, 4096, {}),
    ("internlm/internlm2_5-7b-chat", "internlm2", 4096, 14336, 32, 32, 8, 92544, 32768, {}),
    ("internlm/internlm3-8b-instruct", "internlm3", 4096, 10240, 48, 32, 2, 128512, 32768, {"head_dim": 128}),
    ("zai-org/GLM-4.5-Air", "glm4_moe", 4096, 10944, 46, 96, 8, 151552, 131072, {"head_dim": 128, "attention_bias": True, "n_routed_experts": 128, "moe_intermediate_size": 1408, "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 1}),
    ("CohereForAI/aya-expanse-8b", "cohere", 4096, 14336, 32, 32, 8, 256000, 8192, {}),
    ("HuggingFaceTB/SmolLM-135M", "llama", 576, 1536, 30, 9, 3, 49152, 2048, {}),
    ("HuggingFaceTB/SmolLM-1.7B", "llama", 2048, 8192, 24, 32, 32, 49152, 2048, {}),
    ("lmsys/vicuna-7b-v1.5", "llama", 4096, 11008, 32, 32, 32, 32000, 4096, {}),
    ("lmsys/vicuna-13b-v1.5", "llama", 5120, 13824, 40, 40, 40, 32000, 4096, {}),
    ("upstage/SOLAR-10.7B-Instruct-v1.0", "llama", 4096, 14336, 48, 32, 8, 32000, 4096, {}),
    ("ByteDance-Seed/Seed-OSS-36B-Instruct", "seed_oss", 5120, 27648, 64, 80, 8, 155136, 524288, {"head_dim": 128}),
    ("tiiuae/Falcon-H1-7B-Instruct", "falcon_h1", 3072, 12288, 44, 12, 2, 130048, 262144, {"head_dim": 128, "mamba_d_ssm": 3072, "mamba_n_heads": 24, "mamba_d_head": 128, "mamba_n_groups": 1, "mamba_d_state": 256, "mamba_rms_norm": False}),
    ("ibm-granite/granite-3.1-3b-a800m-instruct", "granitemoe", 1536, 512, 32, 24, 8, 49155, 131072, {"num_local_experts": 40, "num_experts_per_tok": 8}),
    ("ibm-granite/granite-3.1-1b-a400m-instruct", "granitemoe", 1024, 512, 24, 16, 8, 49155, 131072, {"num_local_experts": 32, "num_experts_per_tok": 8}),
    ("Qwen/Qwen2-57B-A14B-Instruct", "qwen2_moe", 3584, 18944, 28, 28, 4, 151936, 32768, {"num_experts": 64, "num_experts_per_tok": 8, "moe_intermediate_size": 2560, "shared_expert_intermediate_size": 20480}),
    ("Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen3_moe", 2048, 6144, 48, 32, 4, 151936, 262144, {"head_dim": 128, "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768}),
    ("Qwen/Qwen3-Embedding-0.6B", "qwen3", 1024, 3072, 28, 16, 8, 151669, 32768, {"head_dim": 128, "architectures": ["Qwen3Model"]}),
    ("LiquidAI/LFM2-1.2B", "lfm2", 2048, 12288, 16, 32, 8, 65536, 128000, {"block_auto_adjust_ff_dim": True, "conv_L_cache": 3, "full_attn_idxs": [2, 5, 8, 10, 12, 14]}),
    ("MiniMaxAI/MiniMax-M2", "minimax_m2", 3072, 1536, 62, 48, 8, 200064, 196608, {"head_dim": 128, "num_local_experts": 256, "num_experts_per_tok": 8}),
]
GEMMA3 = [("4b", 2560, 10240, 34, 8, 4, 256), ("12b", 3840, 15360, 48, 16, 8, 256), ("27b", 5376, 21504, 62, 32, 16, 128)]
QWEN25_VL = [("3B", 2048, 11008, 36, 16, 2, 151936, True), ("7B", 3584, 18944, 28, 28, 4, 152064, False), ("72B", 8192, 29568, 80, 64, 8, 152064, False)]


def recalled() -> None:
    """Known by heart: the count is all that was checked."""
    for size, width, layers, heads in WHISPER:
        row(ASSUMED, f"openai/whisper-{size}", "whisper", d_model=width, encoder_layers=layers, decoder_layers=layers,
            encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=4 * width,
            decoder_ffn_dim=4 * width)
    for size, decoder in (("large-v3", 32), ("large-v3-turbo", 4)):
        row(ASSUMED, f"openai/whisper-{size}", "whisper", d_model=1280, encoder_layers=32, decoder_layers=decoder,
            encoder_attention_heads=20, decoder_attention_heads=20, encoder_ffn_dim=5120, decoder_ffn_dim=5120,
            num_mel_bins=128, vocab_size=51866)
    for size, width, layers, heads in GPT2:
        row(ASSUMED, f"openai-community/gpt2-{size}", "gpt2", n_embd=width, n_layer=layers, n_head=heads)
    for size, width, layers, heads in BLOOM:
        for name in ("bloom", "bloomz"):
            row(ASSUMED, f"bigscience/{name}-{size}", "bloom", hidden_size=width, n_layer=layers, n_head=heads)
    for size, width, inner, layers, heads in FLAN:
        row(ASSUMED, f"google/flan-t5-{size}", "t5", d_model=width, d_ff=inner, num_layers=layers if size != "small" else 8,
            num_heads=heads, d_kv=64, feed_forward_proj="gated-gelu", tie_word_embeddings=False, vocab_size=32128)
    for name, kind, layers, width, heads, vocab in BERTS:
        row(ASSUMED, name, kind, num_hidden_layers=layers, hidden_size=width, num_attention_heads=heads,
            intermediate_size=4 * width, vocab_size=vocab, architectures=["BertModel"])
    row(ASSUMED, "sentence-transformers/all-mpnet-base-v2", "mpnet", max_position_embeddings=514,
        vocab_size=30527, architectures=["MPNetForMaskedLM"])
    row(ASSUMED, "BAAI/bge-m3", "xlm-roberta", hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
        intermediate_size=4096, vocab_size=250002, max_position_embeddings=8194, type_vocab_size=1,
        architectures=["XLMRobertaModel"])
    for name, width, layers, heads in (("base", 768, 12, 12), ("large", 1024, 24, 16)):
        row(ASSUMED, f"FacebookAI/xlm-roberta-{name}", "xlm-roberta", hidden_size=width, num_hidden_layers=layers,
            num_attention_heads=heads, intermediate_size=4 * width, vocab_size=250002, max_position_embeddings=514,
            type_vocab_size=1)
    row(ASSUMED, "FacebookAI/roberta-large", "roberta", hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
        intermediate_size=4096, vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
    row(ASSUMED, "nomic-ai/nomic-embed-text-v1.5", "nomic_bert", n_embd=768, n_layer=12, n_head=12, n_inner=3072,
        vocab_size=30528, type_vocab_size=2, n_positions=8192, activation_function="swiglu", qkv_proj_bias=False,
        mlp_fc1_bias=False, architectures=["NomicBertModel"])
    for name, kind, width, inner, layers, heads, keys, vocab, positions, more in LLAMA_LIKE:
        fields = dict(hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads,
                      num_key_value_heads=keys, vocab_size=vocab, max_position_embeddings=positions, **more)
        if kind == "mistral":
            fields["sliding_window"] = "none"
        row(ASSUMED, name, kind, **fields)
    for name in ("starcoder", "octocoder"):
        row(ASSUMED, f"bigcode/{name}", "gpt_bigcode", n_embd=6144, n_layer=40, n_head=48, n_inner=24576,
            n_positions=8192, vocab_size=49152, multi_query=True)
    for name in ("mpt-7b", "mpt-7b-chat", "mpt-7b-instruct"):
        row(ASSUMED, f"mosaicml/{name}", "mpt", d_model=4096, n_layers=32, n_heads=32, vocab_size=50432, max_seq_len=2048)
    for name in ("3.1-24B-Instruct-2503", "3.2-24B-Instruct-2506"):
        row(ASSUMED, f"mistralai/Mistral-Small-{name}", "mistral3", multimodal_projector_bias=False,
            text_config=dict(model_type="mistral", head_dim=128, hidden_size=5120, intermediate_size=32768,
                             max_position_embeddings=131072, num_attention_heads=32, num_hidden_layers=40,
                             num_key_value_heads=8, tie_word_embeddings=False, vocab_size=131072),
            vision_config=dict(model_type="pixtral", hidden_size=1024, image_size=1540, intermediate_size=4096,
                               num_attention_heads=16, num_hidden_layers=24, patch_size=14))
    for size, width, inner, layers, heads, keys, dim in GEMMA3:
        row(ASSUMED, f"google/gemma-3-{size}-it", "gemma3", mm_tokens_per_image=256,
            text_config=dict(model_type="gemma3_text", hidden_size=width, intermediate_size=inner,
                             num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=keys,
                             head_dim=dim, sliding_window=1024, vocab_size=262208, max_position_embeddings=131072),
            vision_config=dict(model_type="siglip_vision_model", hidden_size=1152, intermediate_size=4304,
                               num_hidden_layers=27, num_attention_heads=16, image_size=896, patch_size=14,
                               vision_use_head=False))
    for size, width, inner, layers, heads, keys, vocab, tied in QWEN25_VL:
        row(ASSUMED, f"Qwen/Qwen2.5-VL-{size}-Instruct", "qwen2_5_vl", hidden_size=width, intermediate_size=inner,
            num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=keys, vocab_size=vocab,
            max_position_embeddings=128000, tie_word_embeddings=tied,
            vision_config=dict(depth=32, hidden_size=1280, intermediate_size=3420, num_heads=16,
                               out_hidden_size=width, patch_size=14, spatial_merge_size=2))
    for size, width, layers, heads in (("large", 1024, 24, 16), ("huge", 1280, 32, 16)):
        patch = 16 if size == "large" else 14
        row(ASSUMED, f"google/vit-{size}-patch{patch}-224-in21k", "vit", hidden_size=width, num_hidden_layers=layers,
            num_attention_heads=heads, intermediate_size=4 * width, patch_size=patch)
    for size, width, layers, heads in (("base", 768, 12, 12), ("large", 1024, 24, 16)):
        row(ASSUMED, f"google/vit-{size}-patch16-224", "vit", hidden_size=width, num_hidden_layers=layers,
            num_attention_heads=heads, intermediate_size=4 * width, num_labels=1000,
            architectures=["ViTForImageClassification"])
    row(ASSUMED, "facebook/bart-base", "bart", d_model=768, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=12, decoder_attention_heads=12, encoder_ffn_dim=3072, decoder_ffn_dim=3072)
    row(ASSUMED, "google/recurrentgemma-2b", "recurrent_gemma", num_key_value_heads=1, intermediate_size=15360)
    row(ASSUMED, "tiiuae/falcon-mamba-7b", "falcon_mamba", hidden_size=4096, num_hidden_layers=64, vocab_size=65024,
        state_size=16, conv_kernel=4, expand=2, time_step_rank=256, intermediate_size=8192,
        tie_word_embeddings=False)
    row(ASSUMED, "facebook/opt-13b", "opt", hidden_size=5120, ffn_dim=20480, num_hidden_layers=40,
        num_attention_heads=40, word_embed_proj_dim=5120)
    row(ASSUMED, "facebook/opt-2.7b", "opt", hidden_size=2560, ffn_dim=10240, num_hidden_layers=32,
        num_attention_heads=32, word_embed_proj_dim=2560)
    row(ASSUMED, "allenai/OLMoE-1B-7B-0924-Instruct", "olmoe", intermediate_size=1024)
    for size, width, layers, heads in (("small", 384, 12, 6), ("large", 1024, 24, 16), ("giant", 1536, 40, 24)):
        row(ASSUMED, f"facebook/dinov2-{size}", "dinov2", hidden_size=width, num_hidden_layers=layers,
            num_attention_heads=heads, patch_size=14, image_size=518, use_swiglu_ffn=True if size == "giant" else None,
            architectures=["Dinov2Model"])
    row(ASSUMED, "openai/clip-vit-large-patch14", "clip", projection_dim=768,
        text_config=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=12),
        vision_config=dict(hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=24,
                           patch_size=14))
    for size, width, depths, heads in (("tiny", 96, [2, 2, 6, 2], [3, 6, 12, 24]), ("small", 96, [2, 2, 18, 2], [3, 6, 12, 24]),
                                       ("base", 128, [2, 2, 18, 2], [4, 8, 16, 32]), ("large", 192, [2, 2, 18, 2], [6, 12, 24, 48])):
        row(ASSUMED, f"microsoft/swin-{size}-patch4-window7-224", "swin", embed_dim=width, depths=depths,
            num_heads=heads, window_size=7, architectures=["SwinModel"])


# --- Published counts ------------------------------------------------------------------------------------

KERAS = {
    "google-bert/bert-base-uncased": "bert_base_en_uncased", "google-bert/bert-large-uncased": "bert_large_en_uncased",
    "google-bert/bert-base-cased": "bert_base_en", "google-bert/bert-large-cased": "bert_large_en",
    "google-bert/bert-base-chinese": "bert_base_zh", "google-bert/bert-base-multilingual-cased": "bert_base_multi",
    "FacebookAI/roberta-base": "roberta_base_en", "FacebookAI/roberta-large": "roberta_large_en",
    "FacebookAI/xlm-roberta-base": "xlm_roberta_base_multi", "FacebookAI/xlm-roberta-large": "xlm_roberta_large_multi",
    "distilbert/distilbert-base-uncased": "distil_bert_base_en_uncased", "distilbert/distilbert-base-cased": "distil_bert_base_en",
    "albert/albert-base-v2": "albert_base_en_uncased", "albert/albert-large-v2": "albert_large_en_uncased",
    "albert/albert-xlarge-v2": "albert_extra_large_en_uncased", "albert/albert-xxlarge-v2": "albert_extra_extra_large_en_uncased",
    "google/electra-small-discriminator": "electra_small_discriminator_uncased_en",
    "google/electra-base-discriminator": "electra_base_discriminator_uncased_en",
    "google/electra-large-discriminator": "electra_large_discriminator_uncased_en",
    "microsoft/deberta-v3-base": "deberta_v3_base_en", "microsoft/deberta-v3-large": "deberta_v3_large_en",
    "google-t5/t5-small": "t5_small_multi", "google-t5/t5-base": "t5_base_multi", "google-t5/t5-large": "t5_large_multi",
    "google/flan-t5-small": "flan_small_multi", "google/flan-t5-base": "flan_base_multi", "google/flan-t5-large": "flan_large_multi",
    "google/flan-t5-xl": "t5_1.1_xl", "google/flan-t5-xxl": "t5_1.1_xxl",
    "google/t5-v1_1-base": "t5_1.1_base", "google/t5-v1_1-large": "t5_1.1_large",
    "facebook/bart-base": "bart_base_en", "facebook/bart-large": "bart_large_en",
    "openai/whisper-tiny": "whisper_tiny_multi", "openai/whisper-base": "whisper_base_multi", "openai/whisper-small": "whisper_small_multi",
    "openai/whisper-medium": "whisper_medium_multi", "openai/whisper-large-v2": "whisper_large_multi_v2",
    "openai-community/gpt2": "gpt2_base_en", "openai-community/gpt2-medium": "gpt2_medium_en",
    "openai-community/gpt2-large": "gpt2_large_en", "openai-community/gpt2-xl": "gpt2_extra_large_en",
    "facebook/opt-125m": "opt_125m_en", "facebook/opt-1.3b": "opt_1.3b_en",
    "bigscience/bloom-560m": "bloom_560m_multi", "bigscience/bloom-1b1": "bloom_1.1b_multi",
    "bigscience/bloom-1b7": "bloom_1.7b_multi", "bigscience/bloom-3b": "bloom_3b_multi",
    "bigscience/bloomz-560m": "bloomz_560m_multi", "bigscience/bloomz-1b1": "bloomz_1.1b_multi",
    "bigscience/bloomz-1b7": "bloomz_1.7b_multi", "bigscience/bloomz-3b": "bloomz_3b_multi",
    "google/vit-base-patch16-224-in21k": "vit_base_patch16_224_imagenet21k",
    "google/vit-large-patch16-224-in21k": "vit_large_patch16_224_imagenet21k",
    "google/vit-huge-patch14-224-in21k": "vit_huge_patch14_224_imagenet21k",
    "facebook/deit-base-distilled-patch16-224": "deit_base_distilled_patch16_224_imagenet",
    "facebook/dinov2-small": "dinov2_small", "facebook/dinov2-base": "dinov2_base",
    "facebook/dinov2-large": "dinov2_large", "facebook/dinov2-giant": "dinov2_giant",
    "openai/clip-vit-base-patch32": "clip_vit_base_patch32", "openai/clip-vit-large-patch14": "clip_vit_large_patch14",
    "google/siglip-base-patch16-224": "siglip_base_patch16_224",
    "microsoft/swin-tiny-patch4-window7-224": "swin_tiny_patch4_window7_224",
    "microsoft/swin-small-patch4-window7-224": "swin_small_patch4_window7_224",
    "microsoft/swin-base-patch4-window7-224": "swin_base_patch4_window7_224",
    "microsoft/swin-large-patch4-window7-224": "swin_large_patch4_window7_224",
    "openai/gpt-oss-120b": "gpt_oss_120b_en", "openai/gpt-oss-20b": "gpt_oss_20b_en",
}


# "Total params" of the model cards, in the table that all of them have.
PYTHIA = {"14m": 14067712, "31m": 30494720, "70m": 70426624, "160m": 162322944, "410m": 405334016, "1b": 1011781632,
          "1.4b": 1414647808, "2.8b": 2775208960, "6.9b": 6857302016, "12b": 11846072320}
TORCHVISION = {
    "google/vit-base-patch16-224": ("vision_transformer", "ViT_B_16"),
    "google/vit-large-patch16-224": ("vision_transformer", "ViT_L_16"),
}
PAPERS = {
    name: (671_000_000_000, "arXiv 2412.19437: 671B in total")
    for name in ("deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-R1")
}


def torchvision_count(module: str, name: str) -> int:
    text = (PACKAGES / f"torchvision/torchvision/models/{module}.py").read_text()
    return int(re.search(rf"class {name}_Weights.*?\"num_params\": (\d+)", text, re.S)[1])


def counts() -> None:
    for size, value in PYTHIA.items():
        count(f"EleutherAI/pythia-{size}", value, "model card of EleutherAI/pythia-12b: total params")
    for name, (module, weights) in TORCHVISION.items():
        count(name, torchvision_count(module, weights), f"torchvision@0.29.2:torchvision/models/{module}.py")
    for name, (value, source) in PAPERS.items():
        count(name, value, source)
    binary = (PACKAGES / "llmfit/llmfit-1.1.17.data/scripts/llmfit").read_bytes()
    start = binary.rfind(b"[\n", 0, binary.find(b'"parameters_raw"'))
    table, _ = json.JSONDecoder().raw_decode(binary[start : start + 60_000_000].decode("utf8", "replace"))
    for entry in table:
        if entry["parameters_raw"]:
            count(entry["name"], entry["parameters_raw"], "llmfit@1.1.17:hf_models.json")
    presets = {}
    for path in (PACKAGES / "keras_hub/keras_hub/src/models").rglob("*_presets.py"):
        for node in ast.parse(path.read_text()).body:
            try:
                value = ast.literal_eval(node.value)
            except (AttributeError, ValueError):
                continue
            for name, preset in value.items() if isinstance(value, dict) else ():
                if isinstance(preset, dict) and "params" in preset.get("metadata", {}):
                    presets[name] = (preset["metadata"]["params"], path.relative_to(PACKAGES / "keras_hub"))
    for name, preset in KERAS.items():
        if preset in presets:
            value, path = presets[preset]
            count(name, value, f"keras-hub@0.32.0:{path}")
    for path in sorted((PACKAGES / "mteb/mteb/models").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ModelMeta"):
                continue
            given = {k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)}
            if isinstance(given.get("name"), str) and isinstance(given.get("n_parameters"), (int, float)):
                count(given["name"], int(given["n_parameters"]), f"mteb@2.26.24:{path.relative_to(PACKAGES / 'mteb')}")


def main() -> None:
    litgpt()
    genz()
    classes()
    paddle()
    read()
    recalled()
    counts()
    wanted = {entry["id"] for entry in ROWS}
    for entry in ROWS:
        if entry["unchecked"] is None:
            del entry["unchecked"]
    json.dump({"rows": ROWS, "counts": {k: v for k, v in COUNTS.items() if k in wanted}}, sys.stdout)


if __name__ == "__main__":
    main()
