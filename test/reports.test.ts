// A failure that is told in several messages, with a dump of any length between them.
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../src/core/index.ts';

const POOL =
  '2021-03-02 10:11:40.410001: W tensorflow/core/common_runtime/bfc_allocator.cc:431] Allocator (GPU_0_bfc) ran out of memory trying to allocate 392.00MiB (rounded to 411041792).  Current allocation summary follows.';
const DUMP = (n: number): string =>
  `2021-03-02 10:11:40.411001: I tensorflow/core/common_runtime/bfc_allocator.cc:1010] InUse at 7f0a${n} of size 256 next ${n}`;
const OPERATION = (shape: string): string =>
  `2021-03-02 10:11:40.412411: W tensorflow/core/framework/op_kernel.cc:1763] OP_REQUIRES failed at conv_ops.cc:1106 : Resource exhausted: OOM when allocating tensor with shape[${shape}] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc`;
const WARNING =
  '2021-03-02 10:11:39.000001: W tensorflow/core/common_runtime/bfc_allocator.cc:246] Allocator (GPU_0_bfc) ran out of memory trying to allocate 1.25GiB with freed_by_count=0. The caller indicates that this is not a failure, but may mean that there could be performance gains if more memory were available.';

const dumped = (lines: number): string[] => Array.from({ length: lines }, (_, n) => DUMP(n));

describe('a report in several messages', () => {
  it('is one incident across a dump of thousands of lines', async () => {
    const text = [POOL, ...dumped(3000), OPERATION('32,256,112,112')].join('\n');
    const { incidents } = await diagnoseText(text);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.figures).toMatchObject({
      requested_bytes: 392 * 2 ** 20,
      tensor: { shape: [32, 256, 112, 112], dtype: 'float32' },
    });
  });

  it('does not join a far tensor of another size', async () => {
    const text = [POOL, ...dumped(300), OPERATION('8,8')].join('\n');
    expect((await diagnoseText(text)).incidents).toHaveLength(2);
  });

  it('keeps the first tensor when several operations fail together', async () => {
    const text = [OPERATION('32,256'), OPERATION('64,512')].join('\n');
    const { incidents } = await diagnoseText(text);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.figures).toMatchObject({ tensor: { shape: [32, 256] } });
  });

  it('comes before what was only warned of', async () => {
    const text = [WARNING, WARNING, OPERATION('32,256')].join('\n');
    const { incidents } = await diagnoseText(text);
    expect(incidents.map(({ wording }) => wording)).toEqual(['tensor', 'pool-warning']);
  });
});
