"""Writes test/models/reference.txt: what transformers builds from configs, to hold the readers of configs against.

    pip install torch transformers==4.57.1      # weights stay on the meta device: no memory, no network
    HF_HUB_OFFLINE=1 python scripts/model-reference.py

A line is `key|parameters|digest|config`. The digest is FNV-1a over the sorted lines `name elements`, where numbers in
names are `#`; buffers that checkpoints hold (`e_score_correction_bias`) count. With `--show KEY` it prints those lines.
"""

import json
import math
import re
import sys
from pathlib import Path

import torch
import transformers
from transformers import CONFIG_MAPPING
from transformers.models.auto import modeling_auto as auto

TARGET = Path(__file__).parent.parent / "test/models/reference.txt"
LM = dict(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
CASES: dict[str, dict] = {}


def case(kind: str, architecture: str, key: str | None = None, **fields) -> None:
    CASES[key or f"{kind}:{architecture}"] = {"model_type": kind, "architectures": [architecture], **fields}


def small(kind: str, **fields) -> dict:
    """Two layers of the class's own shape, with what a few classes need."""
    return {"num_hidden_layers": 2, **fields}


def decoders() -> None:
    for kind in (
        "llama mistral qwen2 qwen3 smollm3 granite ernie4_5 seed_oss exaone4 olmo olmo2 olmo3 helium arcee stablelm "
        "starcoder2 phi phi3 cohere cohere2 glm glm4 gemma gemma2 vaultgemma gemma3_text mixtral qwen2_moe qwen3_moe "
        "flex_olmo granitemoe phimoe gpt_oss glm4_moe deepseek_v2 deepseek_v3 gpt_neox opt falcon "
        "persimmon mamba falcon_mamba mamba2 jamba falcon_h1 bamba qwen3_next recurrent_gemma"
    ).split():
        case(kind, LM[kind], **small(kind))
    for kind in "gpt2 gpt_bigcode gptj codegen bloom".split():
        case(kind, LM[kind], n_layer=2)
    case("olmoe", LM["olmoe"], num_hidden_layers=2, intermediate_size=1024)
    case("mpt", LM["mpt"], n_layers=2)
    case("gpt_neo", LM["gpt_neo"], num_layers=2, attention_types=[[["global", "local"], 1]])
    case("lfm2", LM["lfm2"], num_hidden_layers=2, layer_types=["conv", "full_attention"])
    case("llama4_text", LM["llama4_text"], num_hidden_layers=4, num_local_experts=2, interleave_moe_layer_step=2,
         intermediate_size_mlp=16384)
    case("ernie4_5_moe", LM["ernie4_5_moe"], num_hidden_layers=3, moe_layer_end_index=2)
    case("hunyuan_v1_dense", LM["hunyuan_v1_dense"], num_hidden_layers=2, head_dim=128)
    case("hunyuan_v1_moe", LM["hunyuan_v1_moe"], num_hidden_layers=2, head_dim=128, num_experts=4, moe_topk=[2, 2],
         num_shared_expert=[1, 1])
    case("dots1", LM["dots1"], num_hidden_layers=2, n_routed_experts=4, n_shared_experts=2, num_experts_per_tok=2,
         first_k_dense_replace=1)
    case("granitemoeshared", LM["granitemoeshared"], num_hidden_layers=2, shared_intermediate_size=512)
    for key, experts in (("granite-hybrid", 4), ("granite-hybrid-dense", 0)):
        case("granitemoehybrid", LM["granitemoehybrid"], key, num_hidden_layers=2, shared_intermediate_size=1024,
             layer_types=["mamba", "attention"], num_local_experts=experts)
    case("bamba", LM["bamba"], "bamba-attention", num_hidden_layers=2, attn_layer_indices=[1])
    case("falcon", LM["falcon"], "falcon-40b", num_hidden_layers=2, new_decoder_architecture=True, num_kv_heads=8,
         hidden_size=8192, num_attention_heads=128, ffn_hidden_size=32768)
    case("falcon", LM["falcon"], "falcon-11b", num_hidden_layers=2, new_decoder_architecture=True, num_kv_heads=8,
         hidden_size=4096, num_attention_heads=32, ffn_hidden_size=16384, num_ln_in_parallel_attn=1)
    case("falcon", LM["falcon"], "falcon-rw", num_hidden_layers=2, multi_query=False, parallel_attn=False, bias=True,
         hidden_size=2048, num_attention_heads=32, ffn_hidden_size=8192)
    case("opt", LM["opt"], "opt-350m", num_hidden_layers=2, word_embed_proj_dim=512, do_layer_norm_before=False,
         hidden_size=1024, ffn_dim=4096, num_attention_heads=16)
    case("stablelm", LM["stablelm"], "stablelm-2", num_hidden_layers=2, use_qkv_bias=True)
    case("cohere", LM["cohere"], "cohere-qk-norm", num_hidden_layers=2, use_qk_norm=True)
    case("deepseek_v2", LM["deepseek_v2"], "deepseek-v2-lite", num_hidden_layers=2, q_lora_rank=None,
         first_k_dense_replace=1)
    case("gemma3n_text", "Gemma3nForCausalLM", num_hidden_layers=2, intermediate_size=[16384, 8192],
         num_kv_shared_layers=0, activation_sparsity_pattern=None)
    case("qwen2", "Qwen2ForSequenceClassification", num_hidden_layers=2, id2label={"0": "a", "1": "b", "2": "c"})
    case("mistral", "MistralModel", num_hidden_layers=2)


def encoders() -> None:
    prefixes = {"bert": "Bert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta", "camembert": "Camembert",
                "distilbert": "DistilBert", "albert": "Albert", "electra": "Electra", "deberta-v2": "DebertaV2",
                "mpnet": "MPNet", "modernbert": "ModernBert", "ernie": "Ernie"}
    for kind, prefix in prefixes.items():
        for head in ("ForMaskedLM", "Model", "ForSequenceClassification", "ForTokenClassification"):
            case(kind, prefix + head)
    case("bert", "BertForPreTraining")
    case("bert", "BertForQuestionAnswering")
    relative = dict(relative_attention=True, position_buckets=256, norm_rel_ebd="layer_norm", max_relative_positions=-1)
    case("deberta-v2", "DebertaV2ForMaskedLM", "deberta-v3", **relative, share_att_key=True, pos_att_type="p2c|c2p",
         position_biased_input=False, type_vocab_size=0, num_hidden_layers=2)
    case("deberta-v2", "DebertaV2ForMaskedLM", "deberta-v2-conv", **relative, share_att_key=False,
         pos_att_type=["p2c", "c2p"], conv_kernel_size=3, conv_act="gelu", num_hidden_layers=2)
    for kind, prefix in {"t5": "T5", "mt5": "MT5", "umt5": "UMT5"}.items():
        case(kind, f"{prefix}ForConditionalGeneration")
        case(kind, f"{prefix}EncoderModel")
    case("t5", "T5ForConditionalGeneration", "flan-t5", feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    for kind, prefix in {"bart": "Bart", "mbart": "MBart", "pegasus": "Pegasus", "m2m_100": "M2M100",
                         "whisper": "Whisper"}.items():
        case(kind, f"{prefix}ForConditionalGeneration")
        case(kind, f"{prefix}Model")
    case("marian", "MarianMTModel")


def images() -> None:
    for kind, prefix in {"vit": "ViT", "deit": "DeiT", "beit": "Beit", "dinov2": "Dinov2", "swin": "Swin",
                         "dinov2_with_registers": "Dinov2WithRegisters", "swinv2": "Swinv2"}.items():
        case(kind, f"{prefix}ForImageClassification")
        case(kind, f"{prefix}Model")
    case("dinov2", "Dinov2Model", "dinov2-giant", hidden_size=1536, num_hidden_layers=2, num_attention_heads=24,
         use_swiglu_ffn=True)
    case("beit", "BeitForImageClassification", "beit-relative", use_relative_position_bias=True)
    for kind, name in {"clip": "CLIPModel", "siglip": "SiglipModel", "clip_vision_model": "CLIPVisionModel",
                       "siglip_vision_model": "SiglipVisionModel", "clip_text_model": "CLIPTextModel"}.items():
        case(kind, name)
    clip = dict(hidden_size=1024, intermediate_size=4096, num_attention_heads=16, num_hidden_layers=2, patch_size=14)
    case("clip", "CLIPModel", "clip-large", projection_dim=768, vision_config=clip,
         text_config=dict(hidden_size=768, intermediate_size=3072, num_attention_heads=12, num_hidden_layers=2))
    llama = dict(model_type="llama", num_hidden_layers=2)
    tower = dict(clip, model_type="clip_vision_model", image_size=336)
    siglip = dict(model_type="siglip_vision_model", num_hidden_layers=2)
    for kind, prefix, text, vision in (
        ("llava", "Llava", dict(llama, vocab_size=32064), tower),
        ("llava_next", "LlavaNext", llama, tower),
        ("llava_onevision", "LlavaOnevision", dict(model_type="qwen2", num_hidden_layers=2), dict(siglip, vision_use_head=False)),
        ("paligemma", "PaliGemma", dict(model_type="gemma", num_hidden_layers=2), dict(siglip, vision_use_head=False)),
        ("gemma3", "Gemma3", dict(model_type="gemma3_text", num_hidden_layers=2), siglip),
        ("internvl", "InternVL", dict(model_type="qwen2", num_hidden_layers=2), dict(model_type="internvl_vision", num_hidden_layers=2)),
        ("mistral3", "Mistral3", dict(model_type="mistral", num_hidden_layers=2), dict(model_type="pixtral", num_hidden_layers=2)),
        ("llama4", "Llama4", dict(model_type="llama4_text", num_hidden_layers=2), dict(num_hidden_layers=2)),
    ):
        case(kind, f"{prefix}ForConditionalGeneration", text_config=text, vision_config=vision)
    small_llama = dict(model_type="llama", hidden_size=960, intermediate_size=2560, num_hidden_layers=2,
                       num_attention_heads=15, num_key_value_heads=5, vocab_size=49280, pad_token_id=2)
    for kind, prefix in {"idefics3": "Idefics3", "smolvlm": "SmolVLM"}.items():
        case(kind, f"{prefix}ForConditionalGeneration", text_config=small_llama, scale_factor=4, pad_token_id=2,
             image_token_id=49190, tie_word_embeddings=False,
             vision_config=dict(model_type=f"{kind}_vision", hidden_size=768, num_hidden_layers=2,
                                num_attention_heads=12, patch_size=16, image_size=512))
    scaling = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192,
                   rope_type="llama3")
    case("mllama", "MllamaForConditionalGeneration",
         text_config=dict(model_type="mllama_text_model", num_hidden_layers=4, cross_attention_layers=[1, 3],
                          rope_scaling=scaling, pad_token_id=0),
         vision_config=dict(model_type="mllama_vision_model", num_hidden_layers=3, num_global_layers=2,
                            intermediate_layers_indices=[1]))
    case("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", "qwen2.5-vl", hidden_size=2048, num_hidden_layers=2,
         num_attention_heads=16, num_key_value_heads=2, intermediate_size=11008, vocab_size=151936,
         tie_word_embeddings=True, vision_config=dict(depth=2, hidden_size=1280, out_hidden_size=2048, num_heads=16))
    case("qwen2_vl", "Qwen2VLForConditionalGeneration", "qwen2-vl", hidden_size=3584, num_hidden_layers=2,
         num_attention_heads=28, num_key_value_heads=4, intermediate_size=18944, vocab_size=152064,
         tie_word_embeddings=False, vision_config=dict(depth=2, embed_dim=1280, hidden_size=3584))
    text = dict(model_type="qwen3_vl_text", hidden_size=2560, intermediate_size=9728, num_hidden_layers=2,
                num_attention_heads=32, num_key_value_heads=8, head_dim=128, vocab_size=151936,
                rope_scaling=dict(mrope_section=[24, 20, 20], rope_type="default"), tie_word_embeddings=True)
    case("qwen3_vl", "Qwen3VLForConditionalGeneration", text_config=text, tie_word_embeddings=True,
         vision_config=dict(depth=2, hidden_size=1024, intermediate_size=4096, out_hidden_size=2560,
                            deepstack_visual_indexes=[0, 1]))
    experts = dict(text, model_type="qwen3_vl_moe_text", num_experts=4, num_experts_per_tok=2,
                   moe_intermediate_size=768, tie_word_embeddings=False)
    case("qwen3_vl_moe", "Qwen3VLMoeForConditionalGeneration", text_config=experts,
         vision_config=dict(depth=2, out_hidden_size=2560))


def weights(config: dict) -> dict[str, int]:
    parsed = CONFIG_MAPPING[config["model_type"]].from_dict(config)
    with torch.device("meta"):
        model = getattr(transformers, config["architectures"][0])(parsed)
    named = [*model.named_parameters()]
    named += [pair for pair in model.named_buffers() if pair[0].endswith("e_score_correction_bias")]
    found: dict[str, int] = {}
    for name, tensor in dict(named).items():
        key = re.sub(r"\.\d+(?=\.|$)", ".#", name)
        found[key] = found.get(key, 0) + math.prod(tensor.shape)
    return found


def digest(found: dict[str, int]) -> str:
    value = 0x811C9DC5
    for line in sorted(f"{name} {elements}" for name, elements in found.items()):
        for byte in f"{line}\n".encode():
            value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def main() -> None:
    decoders()
    encoders()
    images()
    if sys.argv[1:2] == ["--show"]:
        print("\n".join(sorted(f"{name} {size}" for name, size in weights(CASES[sys.argv[2]]).items())))
        return
    lines = [f"# Written by scripts/model-reference.py with transformers {transformers.__version__}; edits are lost."]
    for key, config in CASES.items():
        try:
            found = weights(config)
        except Exception as error:
            print(f"{key}: {error!r}"[:160], file=sys.stderr)
            continue
        row = [key, sum(found.values()), digest(found), json.dumps(config, separators=(",", ":"))]
        lines.append("|".join(map(str, row)))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 1} of {len(CASES)} cases")


if __name__ == "__main__":
    main()
