/** Words by which a text shows that its program computes on data, puts a model in place, or came to its end. */

/** An installer or a server ends its lines as a training does; only of what computes is more made of it. */
export const COMPUTES: RegExp =
  /\b(?:epochs?|cuda|gpus?|torch|tensors?|tensorflow|keras|jax|checkpoints?|datasets?|weights|batch(?:_size)?|inference|onnx\w*|llama\w*|diffusion|tensorrt|trt|samples|embeddings?|tokenizer|train_\w+|training|shuffle buffer|\w+Model|in_channels|vram|opencl|dask|spark|fft|voxels?|solvers?|rendering|simulat\w*|reconstruct\w*|shards?)\b|\d+\/\d+ \[/i;

/** A model is put where it will compute. */
export const LOADING: RegExp =
  /\bload(?:s|ed|ing)?\b|\bweights?\b|\bcheckpoints?\b|\b(?:build|creat|initiali[sz])ing (?:\w+ ){0,3}model\b/i;

/** A program went on after what it told of, or to its end. */
export const WENT_WELL: RegExp =
  /\b(?:finished|completed?|saved|all done|succe(?:ss|eded)\w*|prompt executed|continuing|healthy|resumed)\b(?!.{0,20}\b(?:0|no|not)\b)/i;
