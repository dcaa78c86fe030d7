"""Writes test/models/diffusion.txt: what diffusers builds from configs and what its networks hold while they run.

    pip install torch diffusers==0.42.1 transformers      # all on the meta device: no memory, no network
    HF_HUB_OFFLINE=1 python scripts/diffusion-reference.py

A line is `key|class|parameters|digest|forward|kept|recomputed|size|config`: parameters and names as in reference.txt;
bytes at the highest instant without gradients, kept for the backward pass, and kept where blocks are recomputed. Bytes
are counted by storage, rounded up to 512, over everything but weights and buffers. Attention and RMS norms are put in
the form that their CUDA kernels have: what they keep is their inputs, their result and a number a row. Of autoencoders
the numbers are those of decoding, none, and encoding.
"""

import json
import math
import re
import sys
import warnings
import weakref
from pathlib import Path

import diffusers
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

TARGET = Path(__file__).parent.parent / "test/models/diffusion.txt"
BF16 = torch.bfloat16
warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()


class Tracker(TorchDispatchMode):
    """Live bytes of storages on the meta device."""

    def __init__(self, ignored):
        super().__init__()
        self.live = self.peak = 0
        self.seen = {}
        self.kept = [tensor.untyped_storage() for tensor in ignored]
        self.ignored = {storage._cdata for storage in self.kept}

    def add(self, tensor):
        if not isinstance(tensor, torch.Tensor) or tensor.device.type != "meta":
            return
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.ignored or key in self.seen:
            return
        size = -(-max(storage.nbytes(), 1) // 512) * 512

        def gone(_):
            self.live -= size
            self.seen.pop(key, None)

        self.seen[key] = weakref.ref(storage, gone)
        self.live += size
        self.peak = max(self.peak, self.live)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in tree_flatten(out)[0]:
            self.add(tensor)
        return out


class Flash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v):
        b, h, s, _ = q.shape
        out = torch.empty(b, s, h, v.shape[3], dtype=q.dtype, device=q.device).transpose(1, 2)
        sums = torch.empty(b, h, s, dtype=torch.float32, device=q.device)
        ctx.save_for_backward(q, k, v, out, sums)
        return out

    @staticmethod
    def backward(ctx, grad):
        q, k, v, _, _ = ctx.saved_tensors
        return torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)


class Rms(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        out = torch.empty_like(x, memory_format=torch.contiguous_format)
        root = torch.empty(*x.shape[:-1], 1, dtype=torch.float32, device=x.device)
        ctx.save_for_backward(x, weight, root)
        return out

    @staticmethod
    def backward(ctx, grad):
        x, weight, _ = ctx.saved_tensors
        return torch.empty_like(x), None if weight is None else torch.empty_like(weight)


def attention(query, key, value, *_, **__):
    return Flash.apply(query, key, value)


F.scaled_dot_product_attention = attention
torch.nn.RMSNorm.forward = lambda self, x: Rms.apply(x, self.weight)


def empty(*shape, dtype=BF16):
    return torch.empty(*shape, dtype=dtype, device="meta")


def ids(count, axes):
    return empty(count, axes, dtype=torch.float32)


def size(batch, height, width, text, frames=1):
    return {"batch": batch, "frames": frames, "height": height, "width": width, "textTokens": text}


def flux(m, s):
    b, n, t = s["batch"], s["height"] * s["width"], s["textTokens"]
    c = m.config
    return m(hidden_states=empty(b, n, c.in_channels), encoder_hidden_states=empty(b, t, c.joint_attention_dim),
             pooled_projections=empty(b, c.pooled_projection_dim), timestep=empty(b), img_ids=ids(n, 3),
             txt_ids=ids(t, 3), guidance=empty(b) if c.guidance_embeds else None, return_dict=False)


def flux2(m, s):
    b, n, t = s["batch"], s["height"] * s["width"], s["textTokens"]
    c = m.config
    return m(hidden_states=empty(b, n, c.in_channels), encoder_hidden_states=empty(b, t, c.joint_attention_dim),
             timestep=empty(b), img_ids=ids(n, 4), txt_ids=ids(t, 4), guidance=None, return_dict=False)


def sd3(m, s):
    b = s["batch"]
    return m(hidden_states=empty(b, 16, s["height"], s["width"]), encoder_hidden_states=empty(b, s["textTokens"], 4096),
             pooled_projections=empty(b, 2048), timestep=empty(b), return_dict=False)


def pixart(m, s):
    b = s["batch"]
    return m(empty(b, 4, s["height"], s["width"]), encoder_hidden_states=empty(b, s["textTokens"], 4096),
             timestep=empty(b), added_cond_kwargs={"resolution": None, "aspect_ratio": None}, return_dict=False)


def ltx(m, s):
    b, f, h, w, t = (s[k] for k in ("batch", "frames", "height", "width", "textTokens"))
    return m(empty(b, f * h * w, 128), empty(b, t, 4096), empty(b), empty(b, t), f, h, w,
             rope_interpolation_scale=(1.0, 32.0, 32.0), return_dict=False)


def cog(m, s):
    b, f, h, w, t = (s[k] for k in ("batch", "frames", "height", "width", "textTokens"))
    n = f * (h // 2) * (w // 2)
    return m(empty(b, f, 16, h, w), empty(b, t, 4096), empty(b, dtype=torch.int64),
             image_rotary_emb=(ids(n, 64), ids(n, 64)), return_dict=False)


def hunyuan(m, s):
    b, t = s["batch"], s["textTokens"]
    return m(empty(b, 16, s["frames"], s["height"], s["width"]), empty(b), empty(b, t, 4096),
             empty(b, t, dtype=torch.int64), empty(b, 768), guidance=empty(b), return_dict=False)


def wan(m, s):
    b, c = s["batch"], m.config
    image = empty(b, 257, c.image_dim) if c.image_dim else None
    return m(empty(b, c.in_channels, s["frames"], s["height"], s["width"]), empty(b, dtype=torch.int64),
             empty(b, s["textTokens"], 4096), image, return_dict=False)


def qwen(m, s):
    b, h, w = s["batch"], s["height"], s["width"]
    return m(empty(b, h * w, m.config.in_channels), empty(b, s["textTokens"], m.config.joint_attention_dim), None,
             empty(b), [[(1, h, w)]] * b, return_dict=False)


def unet(m, s):
    b, c = s["batch"], m.config
    more = {}
    if c.addition_embed_type == "text_time":
        more = {"added_cond_kwargs": {"text_embeds": empty(b, 1280), "time_ids": empty(b, 6)}}
    return m(empty(b, 4, s["height"], s["width"]), empty(b, dtype=torch.int64),
             empty(b, s["textTokens"], c.cross_attention_dim), return_dict=False, **more)


def decode(m, s):
    frames = [s["frames"]] if type(m).__name__ in SCALES else []
    channels = getattr(m.config, "latent_channels", None) or m.config.z_dim
    latents = empty(s["batch"], channels, *frames, s["height"], s["width"])
    times = [empty(s["batch"])] if getattr(m.config, "timestep_conditioning", False) else []
    return m.decode(latents, *times, return_dict=False)


def encode(m, s):
    video = isinstance(s["scale"], list)
    space, time = s["scale"] if video else (s["scale"], 1)
    frames = [(s["frames"] - 1) * time + 1] if video else []
    return m.encode(empty(s["batch"], 3, *frames, s["height"] * space, s["width"] * space), return_dict=False)


ATTENDING = ["CrossAttnDownBlock2D"] * 3
SD = dict(in_channels=4, out_channels=4, block_out_channels=[320, 640, 1280, 1280], layers_per_block=2,
          down_block_types=[*ATTENDING, "DownBlock2D"],
          up_block_types=["UpBlock2D", *["CrossAttnUpBlock2D"] * 3])
SDXL = dict(in_channels=4, out_channels=4, addition_embed_type="text_time", addition_time_embed_dim=256,
            attention_head_dim=[5, 10, 20], block_out_channels=[320, 640, 1280], cross_attention_dim=2048,
            layers_per_block=2, down_block_types=["DownBlock2D", *ATTENDING[:2]],
            up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
            projection_class_embeddings_input_dim=2816, transformer_layers_per_block=[1, 2, 10],
            use_linear_projection=True)
SD3 = dict(sample_size=128, patch_size=2, in_channels=16, out_channels=16, num_layers=2, attention_head_dim=64,
           num_attention_heads=24, joint_attention_dim=4096, caption_projection_dim=1536, pooled_projection_dim=2048)
KL = dict(in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4,
          up_block_types=["UpDecoderBlock2D"] * 4, block_out_channels=[128, 256, 512, 512], layers_per_block=2,
          sample_size=1024)
FLUX = dict(in_channels=64, num_layers=1, num_single_layers=2, attention_head_dim=128, num_attention_heads=24,
            joint_attention_dim=4096, pooled_projection_dim=768)

LTX_095 = dict(block_out_channels=[128, 256, 512, 1024, 2048], down_block_types=["LTXVideo095DownBlock3D"] * 4,
               decoder_block_out_channels=[256, 512, 1024], layers_per_block=[4, 6, 6, 2, 2],
               decoder_layers_per_block=[5, 5, 5, 5], spatio_temporal_scaling=[True] * 4,
               decoder_spatio_temporal_scaling=[True] * 3, decoder_inject_noise=[False] * 4,
               downsample_type=["spatial", "temporal", "spatiotemporal", "spatiotemporal"],
               upsample_residual=[True] * 3, upsample_factor=[2, 2, 2], timestep_conditioning=True,
               spatial_compression_ratio=32, temporal_compression_ratio=8)

WAN = dict(attention_head_dim=128, num_layers=2)

CASES = {
    "stable-diffusion-1": ("UNet2DConditionModel", {**SD, "attention_head_dim": 8, "cross_attention_dim": 768}, unet,
                           size(2, 64, 64, 77)),
    "stable-diffusion-2": ("UNet2DConditionModel", {**SD, "attention_head_dim": [5, 10, 20, 20],
                           "cross_attention_dim": 1024, "use_linear_projection": True}, unet, size(2, 64, 64, 77)),
    "sdxl": ("UNet2DConditionModel", SDXL, unet, size(2, 128, 128, 77)),
    "flux-dev": ("FluxTransformer2DModel", {**FLUX, "guidance_embeds": True}, flux, size(2, 32, 32, 512)),
    "flux-schnell": ("FluxTransformer2DModel", {**FLUX, "guidance_embeds": False}, flux, size(1, 64, 64, 256)),
    "flux-2-klein": ("Flux2Transformer2DModel", dict(in_channels=128, num_layers=1, num_single_layers=2,
                     attention_head_dim=128, num_attention_heads=24, joint_attention_dim=7680, guidance_embeds=False),
                     flux2, size(2, 32, 32, 512)),
    "sd-3": ("SD3Transformer2DModel", {**SD3, "pos_embed_max_size": 192}, sd3, size(2, 64, 64, 333)),
    "sd-3.5-medium": ("SD3Transformer2DModel", {**SD3, "pos_embed_max_size": 384, "qk_norm": "rms_norm",
                      "dual_attention_layers": [0]}, sd3, size(2, 64, 64, 333)),
    "pixart-sigma": ("PixArtTransformer2DModel", dict(in_channels=4, out_channels=8, num_layers=2, sample_size=128,
                     patch_size=2, attention_head_dim=72, num_attention_heads=16, cross_attention_dim=1152,
                     caption_channels=4096, use_additional_conditions=False), pixart, size(2, 64, 64, 300)),
    "ltx-video": ("LTXVideoTransformer3DModel", dict(in_channels=128, out_channels=128, num_layers=2,
                  attention_head_dim=64, num_attention_heads=32, cross_attention_dim=2048, caption_channels=4096), ltx,
                  size(2, 16, 24, 128, 7)),
    "cogvideox-5b": ("CogVideoXTransformer3DModel", dict(in_channels=16, out_channels=16, num_layers=2, patch_size=2,
                     attention_head_dim=64, num_attention_heads=48, text_embed_dim=4096, time_embed_dim=512,
                     sample_width=90, sample_height=60, sample_frames=49, use_rotary_positional_embeddings=True), cog,
                     size(2, 30, 46, 226, 3)),
    "hunyuan-video": ("HunyuanVideoTransformer3DModel", dict(in_channels=16, out_channels=16, num_attention_heads=24,
                      attention_head_dim=128, num_layers=1, num_single_layers=2, num_refiner_layers=2, mlp_ratio=4.0,
                      patch_size=2, patch_size_t=1, text_embed_dim=4096, pooled_projection_dim=768,
                      guidance_embeds=True), hunyuan, size(2, 32, 48, 256, 3)),
    "wan-1.3b": ("WanTransformer3DModel", {**WAN, "num_attention_heads": 12, "ffn_dim": 8960}, wan,
                 size(2, 30, 52, 512, 5)),
    "wan-14b-image": ("WanTransformer3DModel", {**WAN, "num_attention_heads": 40, "ffn_dim": 13824, "in_channels": 36,
                      "image_dim": 1280, "added_kv_proj_dim": 5120}, wan, size(1, 30, 52, 512, 5)),
    "qwen-image": ("QwenImageTransformer2DModel", dict(num_layers=4), qwen, size(2, 32, 48, 200)),
    "kl-wan": ("AutoencoderKLWan", {}, decode, size(1, 30, 52, 0, 4)),
    "kl-qwen-image": ("AutoencoderKLQwenImage", {}, decode, size(1, 64, 64, 0, 1)),
    "kl-ltx": ("AutoencoderKLLTXVideo", {}, decode, size(1, 8, 12, 0, 4)),
    "kl-ltx-0.9.5": ("AutoencoderKLLTXVideo", LTX_095, decode, size(1, 8, 12, 0, 4)),
    "kl-cogvideox": ("AutoencoderKLCogVideoX", {}, decode, size(1, 30, 46, 0, 7)),
    "kl-4": ("AutoencoderKL", {**KL, "latent_channels": 4}, decode, size(1, 64, 96, 0)),
    "kl-16": ("AutoencoderKL", {**KL, "latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False},
              decode, size(2, 32, 32, 0)),
    "kl-flux-2": ("AutoencoderKLFlux2", {**KL, "latent_channels": 32, "patch_size": [2, 2]}, decode, size(1, 64, 64, 0)),
}

# Pixels of an edge and frames for one latent.
SCALES = {"AutoencoderKLLTXVideo": [32, 8], "AutoencoderKLCogVideoX": [8, 4], "AutoencoderKLWan": [8, 4],
          "AutoencoderKLQwenImage": [8, 4]}


def weights(model) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, tensor in model.named_parameters():
        key = re.sub(r"\.\d+(?=\.|$)", ".#", name)
        found[key] = found.get(key, 0) + math.prod(tensor.shape)
    return found


def digest(found: dict[str, int]) -> str:
    value = 0x811C9DC5
    for line in sorted(f"{name} {elements}" for name, elements in found.items()):
        for byte in f"{line}\n".encode():
            value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def widen(model) -> None:
    """Modules that stay in fp32 when the rest is loaded in bf16."""
    names = getattr(model, "_keep_in_fp32_modules", None) or []
    for name, module in model.named_modules():
        if any(part in names for part in name.split(".")):
            module.float()
    for name, parameter in model.named_parameters():
        if any(part in names for part in name.split(".")):
            parameter.data = parameter.data.float()


def held(model, run, s, trains: bool) -> tuple[int, int]:
    """Bytes at the highest instant of a forward pass, and after it."""
    model.requires_grad_(trains)
    with Tracker([*model.parameters(), *model.buffers()]) as tracker, torch.set_grad_enabled(trains):
        out = run(model, s)
        return tracker.peak, tracker.live if out is not None else 0


def main() -> None:
    if sys.argv[1:2] == ["--show"]:
        name, config, _, _ = CASES[sys.argv[2]]
        with torch.device("meta"):
            model = getattr(diffusers, name)(**config)
        print("\n".join(sorted(f"{name} {count}" for name, count in weights(model).items())))
        return
    lines = [f"# Written by scripts/diffusion-reference.py with diffusers {diffusers.__version__}; edits are lost."]
    for key, (name, config, run, s) in CASES.items():
        with torch.device("meta"):
            model = getattr(diffusers, name)(**config).to(BF16)
        widen(model)
        found = weights(model)
        forward, _ = held(model.eval(), run, s, False)
        kept = recomputed = 0
        if run is decode:
            recomputed, _ = held(model, encode, {**s, "scale": SCALES.get(name, 8)}, False)
        else:
            _, kept = held(model.train(), run, s, True)
            model.enable_gradient_checkpointing()
            _, recomputed = held(model, run, s, True)
        compact = {"separators": (",", ":")}
        row = [key, name, sum(found.values()), digest(found), forward, kept, recomputed, json.dumps(s, **compact),
               json.dumps({"_class_name": name, **config}, **compact)]
        lines.append("|".join(map(str, row)))
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 1} cases")


if __name__ == "__main__":
    main()
