"""Writes src/core/workload/model/class-defaults.ts: what config classes of transformers have where a
config.json says nothing. Run it with transformers 4.57.1 installed, then format:

    HF_HUB_OFFLINE=1 python scripts/class-defaults.py && npx biome check --write src/core/workload/model
"""

import inspect
import json
import re
from pathlib import Path

import transformers
from transformers import CONFIG_MAPPING
from transformers.models.mllama.configuration_mllama import MllamaTextConfig, MllamaVisionConfig

MODEL = Path(__file__).parent.parent / "src/core/workload/model"
TARGET = MODEL / "class-defaults.ts"
SOURCES = [*MODEL.glob("families/*.ts"), MODEL / "parts.ts"]


def words() -> set[str]:
    """Every quoted word of the readers; those that a class has are fields."""
    found: set[str] = set()
    for path in SOURCES:
        found |= set(re.findall(r"'([A-Za-z_0-9]+)'", path.read_text()))
    # Computed names.
    for role in ("encoder", "decoder"):
        found |= {f"{role}_{field}" for field in ("layers", "attention_heads", "ffn_dim")}
    found |= {f"{name}_{end}" for name in ("attn_layer", "expert_layer") for end in ("period", "offset")}
    # Follow from other fields, or hold parts of their own.
    return found - {"layer_types", "moe_layers", "architectures", "dtype"}


def types() -> list[str]:
    text = "".join(path.read_text() for path in SOURCES)
    quoted = set(re.findall(r"\b([A-Za-z_0-9-]+)\b", text))
    return sorted(name for name in [*CONFIG_MAPPING, *PARTS] if name in quoted)


def plain(value) -> bool:
    if isinstance(value, list):
        return len(value) <= 16 and all(plain(one) for one in value)
    return isinstance(value, (bool, int, float, str)) and value == value


# Parts that have no place in the mapping.
PARTS = {
    "siglip_text_model": transformers.SiglipTextConfig,
    "llama4_vision_model": transformers.Llama4VisionConfig,
    "mllama_text_model": MllamaTextConfig,
    "mllama_vision_model": MllamaVisionConfig,
    "idefics3_vision": transformers.Idefics3VisionConfig,
    "smolvlm_vision": transformers.SmolVLMVisionConfig,
}


def given(name: str) -> dict:
    """Defaults as the class declares them: what a config derives from its other fields is none."""
    config = (PARTS.get(name) or CONFIG_MAPPING[name])()
    declared = inspect.signature(type(config).__init__).parameters
    # The one field of all configs that readers ask for and classes need not declare.
    values = {"tie_word_embeddings": config.tie_word_embeddings}
    for field, parameter in declared.items():
        default = parameter.default
        if default is not inspect.Parameter.empty:
            default = list(default) if isinstance(default, tuple) else default
            values[type(config).attribute_map.get(field, field)] = default
    return values


def main() -> None:
    fields = words()
    rows = []
    for name in types():
        try:
            config = given(name)
        except Exception:  # Some classes need their parts.
            continue
        kept = {key: config[key] for key in sorted(fields & config.keys()) if plain(config[key])}
        rows.append(f"[{json.dumps(name)}, {json.dumps(kept)}],")
    TARGET.write_text(
        "/**\n"
        " * What the config class of a model type has where a config.json says nothing, as far as readers ask.\n"
        f" * Written by scripts/class-defaults.py from transformers@{transformers.__version__},"
        " configuration_*.py of each; edits are lost.\n"
        " */\n"
        "export const CLASS_DEFAULTS: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map<\n"
        "  string,\n  Readonly<Record<string, unknown>>\n>([\n" + "\n".join(rows) + "\n]);\n"
    )
    print(f"wrote {TARGET.name}: {len(rows)} classes")


if __name__ == "__main__":
    main()
