import { expect, it } from 'vitest';
import { networkNamed } from '../graph/networks.ts';
import { readWorkload } from './read-workload.ts';

const script = (model: string): string => `import torch, timm
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms
from torchvision.models import vit_b_16

tf = transforms.Compose([transforms.RandomResizedCrop(192), transforms.ToTensor()])
loader = DataLoader(datasets.ImageFolder("train", tf), batch_size=256)
model = ${model}
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for x, y in loader:
    opt.zero_grad()
    with torch.autocast("cuda", dtype=torch.float16):
        loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
`;

it.each([
  ['models.resnet50(weights=None).cuda()', 'resnet50'],
  ['vit_b_16()', 'vit_b_16'],
  ['models.get_model("swin_t", weights=None)', 'swin_t'],
  ['timm.create_model("convnext_tiny.fb_in1k", pretrained=True)', 'convnext_tiny.fb_in1k'],
])('%s is a network with a batch, a size of images and a format', (code, name) => {
  const { workload } = readWorkload([{ name: 'train.py', text: script(code) }]);
  expect(workload.model).toBe(name);
  expect(networkNamed(name)).toBeDefined();
  expect(workload.purpose).toBe('training');
  const settings = Object.fromEntries(
    [...workload.settings].map(([key, { value }]) => [key, value]),
  );
  expect(settings).toMatchObject({
    micro_batch: 256,
    resolution: 192,
    optimizer: 'sgd',
    compute_precision: 'fp16',
  });
});
