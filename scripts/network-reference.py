#!/usr/bin/env python3
"""Writes test/models/networks.txt: what torchvision's networks keep and need at their highest, counted by storage.

Run with CPU builds of torch and torchvision: python scripts/network-reference.py > test/models/networks.txt
Every tensor that an operation makes is counted once per storage, rounded up to 512 bytes, from its first use to its
end; weights, which are there before, are not. Dropout is CUDA's (a mask of bytes), everything else as the CPU does it.
"""

import weakref

import torch
import torchvision
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

BATCH = 2
NAMES = [
    "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "vgg11_bn", "vgg16", "densenet121", "densenet161",
    "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_b3",
    "efficientnet_v2_s", "convnext_tiny", "vit_b_16", "swin_t", "swin_s",
]
# Only their parameters.
COUNTED = [
    "resnet34", "resnet101", "resnet152", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2", "vgg13", "vgg19",
    "densenet169", "densenet201", "efficientnet_b1", "efficientnet_b2", "efficientnet_b4", "efficientnet_b5",
    "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_m", "efficientnet_v2_l", "convnext_small", "convnext_base",
    "convnext_large", "vit_b_32", "vit_l_16", "vit_h_14", "swin_b",
]


class Live(TorchDispatchMode):
    """Bytes of live storages, and their highest sum."""

    def __init__(self, known):
        super().__init__()
        self.sizes = {tensor.untyped_storage()._cdata: 0 for tensor in known}
        self.now = self.highest = 0

    def see(self, tensor):
        storage = tensor.untyped_storage()
        name = storage._cdata
        if name in self.sizes or storage.nbytes() == 0:
            return
        self.sizes[name] = -(-storage.nbytes() // 512) * 512
        self.now += self.sizes[name]
        self.highest = max(self.highest, self.now)
        weakref.finalize(storage, self.end, name)

    def end(self, name):
        self.now -= self.sizes.pop(name, 0)

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self.see(tensor)
        return out


class DoubleConv(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
        )


class UNet(nn.Module):
    """Padded U-Net with batch norms and transposed convolutions."""

    def __init__(self, classes):
        super().__init__()
        widths = [64, 128, 256, 512, 1024]
        self.start = DoubleConv(3, widths[0])
        self.down = nn.ModuleList(DoubleConv(a, b) for a, b in zip(widths, widths[1:]))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in zip(widths, widths[1:]))
        self.up = nn.ModuleList(DoubleConv(b, a) for a, b in zip(widths, widths[1:]))
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        kept = [self.start(x)]
        for down in self.down:
            kept.append(down(nn.functional.max_pool2d(kept[-1], 2)))
        x = kept[-1]
        for skip, grow, up in reversed(list(zip(kept, self.grow, self.up))):
            grown = grow(x)
            joined = torch.cat([skip, grown], 1)
            x = up(joined)
        return self.head(x)


def in_fp32(function):
    """CUDA's autocast runs these in fp32, that of the CPU does not."""
    def run(x, *args, **kwargs):
        if not torch.is_autocast_enabled("cpu"):
            return function(x, *args, **kwargs)
        with torch.autocast("cpu", enabled=False):
            return function(x.float(), *args, **kwargs)
    return run


def masked(module, x):
    return torch.native_dropout(x, module.p, True)[0] if module.training and module.p > 0 else x


def made(name):
    if name == "unet":
        return UNet(2)
    return getattr(torchvision.models, name)()


def row(name, size, is_mixed):
    mixed = lambda: torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_mixed)
    model, images = made(name).train(), torch.zeros(BATCH, 3, size, size)
    with Live([*model.parameters(), *model.buffers()]) as counted:
        counted.see(images)
        with mixed():
            out = model(images)
        kept, forward = counted.now, counted.highest
        counted.highest = counted.now
        out.sum().backward()
        backward = counted.highest
    model = model.eval()
    model.zero_grad()
    with Live([*model.parameters(), *model.buffers()]) as counted, torch.no_grad(), mixed():
        counted.see(images)
        model(images)
        inference = counted.highest
    parameters = sum(p.numel() for p in model.parameters())
    figures = [parameters, kept, forward, backward, inference]
    return "|".join(map(str, [name, BATCH, size, "bf16" if is_mixed else "fp32", *figures]))


if __name__ == "__main__":
    torch.manual_seed(0)
    nn.Dropout.forward = masked
    nn.functional.layer_norm = in_fp32(nn.functional.layer_norm)
    nn.functional.softmax = in_fp32(nn.functional.softmax)
    print(f"# Written by scripts/network-reference.py with torch {torch.__version__.split('+')[0]}, "
          f"torchvision {torchvision.__version__.split('+')[0]}; edits are lost.")
    print("# name|batch|pixels|format|parameters|kept after the forward pass|highest of forward|of backward|without gradients")
    for name in [*NAMES, "unet"]:
        for is_mixed in (False, True):
            print(row(name, 224, is_mixed), flush=True)
    for name in ("resnet50", "convnext_tiny", "swin_t"):
        print(row(name, 320, False), flush=True)
    for name in COUNTED:
        with torch.device("meta"):
            print("|".join([name, "", "224", "", str(sum(p.numel() for p in made(name).parameters())), "", "", "", ""]))
