// Written by scripts/model-catalog.mjs; edits are lost. What the columns are is said in models.ts.
export const MODEL_SOURCES: readonly string[] = [
  'litgpt@0.5.13:litgpt/config.py',
  'llmfit@1.1.17:hf_models.json',
  'model card of EleutherAI/pythia-12b: total params',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/alibaba.py',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/meta.py',
  'keras-hub@0.32.0:keras_hub/src/models/opt/opt_presets.py',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/microsoft.py',
  'mteb@2.26.24:mteb/models/model_implementations/e5_models.py',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/misc.py',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/mistral.py',
  'genz-llm@0.0.16:GenZ/Models/Model_sets/nvidia.py',
  'transformers@4.57.1:models/llama/configuration_llama.py',
  'transformers@4.57.1:models/gpt_neox/configuration_gpt_neox.py',
  'transformers@4.57.1:models/gptj/configuration_gptj.py',
  'transformers@4.57.1:models/cohere/configuration_cohere.py',
  'transformers@4.57.1:models/starcoder2/configuration_starcoder2.py',
  'transformers@4.57.1:models/deepseek_v3/configuration_deepseek_v3.py',
  'arXiv 2412.19437: 671B in total',
  'transformers@4.57.1:models/gpt_oss/configuration_gpt_oss.py',
  'transformers@4.57.1:models/qwen3_next/configuration_qwen3_next.py',
  'transformers@4.57.1:models/smollm3/configuration_smollm3.py',
  'transformers@4.57.1:models/ernie4_5/configuration_ernie4_5.py',
  'transformers@4.57.1:models/ernie4_5_moe/configuration_ernie4_5_moe.py',
  'transformers@4.57.1:models/bert/configuration_bert.py',
  'keras-hub@0.32.0:keras_hub/src/models/bert/bert_presets.py',
  'transformers@4.57.1:models/roberta/configuration_roberta.py',
  'keras-hub@0.32.0:keras_hub/src/models/roberta/roberta_presets.py',
  'transformers@4.57.1:models/distilbert/configuration_distilbert.py',
  'keras-hub@0.32.0:keras_hub/src/models/distil_bert/distil_bert_presets.py',
  'transformers@4.57.1:models/mpnet/configuration_mpnet.py',
  'transformers@4.57.1:models/albert/configuration_albert.py',
  'keras-hub@0.32.0:keras_hub/src/models/albert/albert_presets.py',
  'transformers@4.57.1:models/electra/configuration_electra.py',
  'keras-hub@0.32.0:keras_hub/src/models/electra/electra_presets.py',
  'transformers@4.57.1:models/modernbert/configuration_modernbert.py',
  'transformers@4.57.1:models/t5/configuration_t5.py',
  'keras-hub@0.32.0:keras_hub/src/models/t5/t5_presets.py',
  'transformers@4.57.1:models/mt5/configuration_mt5.py',
  'transformers@4.57.1:models/bart/configuration_bart.py',
  'keras-hub@0.32.0:keras_hub/src/models/bart/bart_presets.py',
  'transformers@4.57.1:models/pegasus/configuration_pegasus.py',
  'transformers@4.57.1:models/m2m_100/configuration_m2m_100.py',
  'transformers@4.57.1:models/mbart/configuration_mbart.py',
  'transformers@4.57.1:models/whisper/configuration_whisper.py',
  'keras-hub@0.32.0:keras_hub/src/models/whisper/whisper_presets.py',
  'transformers@4.57.1:models/vit/configuration_vit.py',
  'keras-hub@0.32.0:keras_hub/src/models/vit/vit_presets.py',
  'transformers@4.57.1:models/deit/configuration_deit.py',
  'keras-hub@0.32.0:keras_hub/src/models/deit/deit_presets.py',
  'transformers@4.57.1:models/dinov2/configuration_dinov2.py',
  'mteb@2.26.24:mteb/models/model_implementations/dino_models.py',
  'transformers@4.57.1:models/clip/configuration_clip.py',
  'mteb@2.26.24:mteb/models/model_implementations/clip_models.py',
  'transformers@4.57.1:models/siglip/configuration_siglip.py',
  'mteb@2.26.24:mteb/models/model_implementations/siglip_models.py',
  'transformers@4.57.1:models/gpt2/configuration_gpt2.py',
  'keras-hub@0.32.0:keras_hub/src/models/gpt2/gpt2_presets.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/bert/configuration.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/albert/configuration.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/distilbert/configuration.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/electra/configuration.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/deberta_v2/configuration.py',
  'keras-hub@0.32.0:keras_hub/src/models/deberta_v3/deberta_v3_presets.py',
  'paddlenlp@2.8.1:paddlenlp/transformers/t5/configuration.py',
  'ai-dynamo/aiconfigurator@821eb9a651450cef303fb858289bca98959fe4c2:src/aiconfigurator/model_configs/moonshotai--Kimi-K2-Instruct_config.json',
  'ai-dynamo/aiconfigurator@19d098add98ab8ba2366c94795e9e886cdcc915c:src/aiconfigurator/model_configs/zai-org--GLM-4.7-Flash_config.json',
  'mlc-ai/mlc-llm@01ced331a9e155c5ba4e7625b027a51bee611450:python/mlc_llm/model/model_preset.py',
  'mteb@2.26.24:mteb/models/model_implementations/sentence_transformers_models.py',
  'mteb@2.26.24:mteb/models/model_implementations/misc_models.py',
  'mteb@2.26.24:mteb/models/model_implementations/bge_models.py',
  'mteb@2.26.24:mteb/models/model_implementations/facebookai.py',
  'torchvision@0.29.2:torchvision/models/vision_transformer.py',
  'keras-hub@0.32.0:keras_hub/src/models/swin_transformer/swin_transformer_presets.py',
  'inclusionAI/Ling@314dc6c50adf2a00e25d0f3d00659259974035d2:mindie_config/atb_models/build/lib/atb_llm/models/baichuan/v2_13b/config_baichuan.py',
];
export const MODEL_TABLE: string = `
albert|albert/albert-base-v2|58|11683584|31||vocab_size=30000 hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=2 embedding_size=128 architectures=["AlbertModel"]
albert|albert/albert-large-v2|58|17683968|31||vocab_size=30000 hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 max_position_embeddings=512 type_vocab_size=2 embedding_size=128 architectures=["AlbertModel"]
albert|albert/albert-xlarge-v2|58|58724864|31||vocab_size=30000 hidden_size=2048 num_hidden_layers=24 num_attention_heads=16 intermediate_size=8192 max_position_embeddings=512 type_vocab_size=2 embedding_size=128 architectures=["AlbertModel"]
albert|albert/albert-xxlarge-v2|30|222595584|31||architectures=["AlbertModel"]
baichuan|baichuan-inc/Baichuan2-13B-Base baichuan-inc/Baichuan2-13B-Chat|73||||hidden_size=5120 intermediate_size=13696 num_attention_heads=40 num_hidden_layers=40 vocab_size=125696 max_position_embeddings=4096
baichuan|baichuan-inc/Baichuan2-7B-Base|66||||hidden_size=4096 intermediate_size=11008 num_attention_heads=32 num_hidden_layers=32 vocab_size=125696 max_position_embeddings=4096
bart|facebook/bart-base||139420416|1||d_model=768 encoder_layers=6 decoder_layers=6 encoder_attention_heads=12 decoder_attention_heads=12 encoder_ffn_dim=3072 decoder_ffn_dim=3072
bart|facebook/bart-large|38|406287360|39||
bert|BAAI/bge-base-en-v1.5||109482752|1||num_hidden_layers=12 hidden_size=768 num_attention_heads=12 intermediate_size=3072 vocab_size=30522 architectures=["BertModel"]
bert|BAAI/bge-large-en-v1.5||335142400|1||num_hidden_layers=24 hidden_size=1024 num_attention_heads=16 intermediate_size=4096 vocab_size=30522 architectures=["BertModel"]
bert|BAAI/bge-small-en-v1.5||33360512|1||num_hidden_layers=12 hidden_size=384 num_attention_heads=12 intermediate_size=1536 vocab_size=30522 architectures=["BertModel"]
bert|google-bert/bert-base-cased|57|108310272|24||vocab_size=28996 hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=2 architectures=["BertModel"]
bert|google-bert/bert-base-chinese|57|102267648|24||vocab_size=21128 hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=2 architectures=["BertModel"]
bert|google-bert/bert-base-multilingual-cased|57|177853440|24||vocab_size=119547 hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=2 architectures=["BertModel"]
bert|google-bert/bert-base-uncased|23|109482240|24||architectures=["BertModel"]
bert|google-bert/bert-large-cased|57|333579264|24||vocab_size=28996 hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 max_position_embeddings=512 type_vocab_size=2 architectures=["BertModel"]
bert|google-bert/bert-large-uncased|57|335141888|24||vocab_size=30522 hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 max_position_embeddings=512 type_vocab_size=2 architectures=["BertModel"]
bert|intfloat/e5-base-v2||109000000|7||num_hidden_layers=12 hidden_size=768 num_attention_heads=12 intermediate_size=3072 vocab_size=30522 architectures=["BertModel"]
bert|intfloat/e5-large-v2||335000000|7||num_hidden_layers=24 hidden_size=1024 num_attention_heads=16 intermediate_size=4096 vocab_size=30522 architectures=["BertModel"]
bert|sentence-transformers/all-MiniLM-L12-v2||33360000|67||num_hidden_layers=12 hidden_size=384 num_attention_heads=12 intermediate_size=1536 vocab_size=30522 architectures=["BertModel"]
bert|sentence-transformers/all-MiniLM-L6-v2||22713216|67||num_hidden_layers=6 hidden_size=384 num_attention_heads=12 intermediate_size=1536 vocab_size=30522 architectures=["BertModel"]
bert|thenlper/gte-base||109482752|68||num_hidden_layers=12 hidden_size=768 num_attention_heads=12 intermediate_size=3072 vocab_size=30522 architectures=["BertModel"]
bert|thenlper/gte-large||335142400|68||num_hidden_layers=24 hidden_size=1024 num_attention_heads=16 intermediate_size=4096 vocab_size=30522 architectures=["BertModel"]
bloom|bigscience/bloom-1b1 bigscience/bloomz-1b1||1065314304|1||hidden_size=1536 n_layer=24 n_head=16
bloom|bigscience/bloom-1b7 bigscience/bloomz-1b7||1722408960|1||hidden_size=2048 n_layer=24 n_head=16
bloom|bigscience/bloom-3b bigscience/bloomz-3b||3002557440|1||hidden_size=2560 n_layer=30 n_head=32
bloom|bigscience/bloom-560m bigscience/bloomz-560m||559214592|1||hidden_size=1024 n_layer=24 n_head=16
bloom|bigscience/bloom-7b1 bigscience/bloomz-7b1||7069016064|1||hidden_size=4096 n_layer=30 n_head=32
chatglm|THUDM/chatglm3-6b THUDM/chatglm2-6b|66||||add_qkv_bias=true ffn_hidden_size=13696 hidden_size=4096 kv_channels=128 multi_query_attention=true multi_query_group_num=2 num_attention_heads=32 num_layers=28 padded_vocab_size=65024 seq_length=8192
clip|openai/clip-vit-base-patch32|51|151277313|52||
clip|openai/clip-vit-large-patch14||427616513|52||projection_dim=768 text_config={"hidden_size":768,"intermediate_size":3072,"num_attention_heads":12,"num_hidden_layers":12} vision_config={"hidden_size":1024,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24,"patch_size":14}
cohere|CohereForAI/aya-expanse-8b|||||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=8 vocab_size=256000 max_position_embeddings=8192
cohere|CohereForAI/c4ai-command-r-v01|14|34980831232|1||
deberta-v2|microsoft/deberta-v2-xlarge|61||||vocab_size=128100 hidden_size=1536 num_hidden_layers=24 num_attention_heads=24 intermediate_size=6144 max_position_embeddings=512 type_vocab_size=0 relative_attention=true position_buckets=256 norm_rel_ebd="layer_norm" share_att_key=true pos_att_type=["p2c","c2p"] max_relative_positions=-1 position_biased_input=false conv_kernel_size=3 architectures=["DebertaV2Model"]
deberta-v2|microsoft/deberta-v3-base|61|183831552|62||vocab_size=128100 hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=0 relative_attention=true position_buckets=256 norm_rel_ebd="layer_norm" share_att_key=true pos_att_type=["p2c","c2p"] max_relative_positions=-1 position_biased_input=false architectures=["DebertaV2Model"]
deberta-v2|microsoft/deberta-v3-large|61|434012160|62||vocab_size=128100 hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 max_position_embeddings=512 type_vocab_size=0 relative_attention=true position_buckets=256 norm_rel_ebd="layer_norm" share_att_key=true pos_att_type=["p2c","c2p"] max_relative_positions=-1 position_biased_input=false architectures=["DebertaV2Model"]
deepseek_v2|deepseek-ai/DeepSeek-V2-Lite|66|15706484224|1||first_k_dense_replace=1 hidden_size=2048 intermediate_size=10944 kv_lora_rank=512 q_lora_rank=null max_position_embeddings=163840 moe_intermediate_size=1408 n_routed_experts=64 n_shared_experts=2 num_attention_heads=16 num_experts_per_tok=6 num_hidden_layers=27 qk_nope_head_dim=128 qk_rope_head_dim=64 v_head_dim=128 vocab_size=102400
deepseek_v3|deepseek-ai/DeepSeek-V3 deepseek-ai/DeepSeek-R1|16|671000000000|17||max_position_embeddings=163840
deit|facebook/deit-base-distilled-patch16-224|47|85800192|48||
dinov2|facebook/dinov2-base|49|86580480|50||architectures=["Dinov2Model"] image_size=518
dinov2|facebook/dinov2-giant||1136480768|50||hidden_size=1536 num_hidden_layers=40 num_attention_heads=24 patch_size=14 image_size=518 use_swiglu_ffn=true architectures=["Dinov2Model"]
dinov2|facebook/dinov2-large||304368640|50||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 patch_size=14 image_size=518 architectures=["Dinov2Model"]
dinov2|facebook/dinov2-small||22056576|50||hidden_size=384 num_hidden_layers=12 num_attention_heads=6 patch_size=14 image_size=518 architectures=["Dinov2Model"]
distilbert|distilbert/distilbert-base-cased|59|65190912|28||vocab_size=28996 hidden_size=768 num_hidden_layers=6 num_attention_heads=12 intermediate_size=3072 max_position_embeddings=512 type_vocab_size=2 architectures=["DistilBertModel"]
distilbert|distilbert/distilbert-base-uncased|27|66362880|28||architectures=["DistilBertModel"]
electra|google/electra-large-discriminator|60|335141888|33||vocab_size=30522 hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 max_position_embeddings=512 type_vocab_size=2 embedding_size=1024 architectures=["ElectraModel"]
electra|google/electra-small-discriminator|32|13548800|33||architectures=["ElectraModel"]
ernie4_5_moe|baidu/ERNIE-4.5-21B-A3B-PT|22||||
ernie4_5|baidu/ERNIE-4.5-0.3B-PT|21|360748032|1||
falcon_h1|tiiuae/Falcon-H1-7B-Instruct||7585654880|1||hidden_size=3072 intermediate_size=12288 num_hidden_layers=44 num_attention_heads=12 num_key_value_heads=2 vocab_size=130048 max_position_embeddings=262144 head_dim=128 mamba_d_ssm=3072 mamba_n_heads=24 mamba_d_head=128 mamba_n_groups=1 mamba_d_state=256 mamba_rms_norm=false
falcon_mamba|tiiuae/falcon-mamba-7b||7272665088|1||hidden_size=4096 num_hidden_layers=64 vocab_size=65024 state_size=16 conv_kernel=4 expand=2 time_step_rank=256 intermediate_size=8192 tie_word_embeddings=false
falcon|tiiuae/falcon-180B tiiuae/falcon-180B-chat|0|179522565120|1|h|hidden_size=14848 intermediate_size=59392 num_hidden_layers=80 num_attention_heads=232 vocab_size=65024 max_position_embeddings=2048 new_decoder_architecture=true num_kv_heads=8
falcon|tiiuae/falcon-40b|0|41835970560|1|h|hidden_size=8192 intermediate_size=32768 num_hidden_layers=60 num_attention_heads=128 vocab_size=65024 max_position_embeddings=2048 new_decoder_architecture=true num_kv_heads=8
falcon|tiiuae/falcon-7b tiiuae/falcon-7b-instruct|0|7217189760|1|h|hidden_size=4544 intermediate_size=18176 num_hidden_layers=32 num_attention_heads=71 vocab_size=65024 max_position_embeddings=2048 new_decoder_architecture=false
gemma2|google/gemma-2-27b google/gemma-2-27b-it|0|27227128320|1||hidden_size=4608 intermediate_size=36864 num_hidden_layers=46 num_attention_heads=32 vocab_size=256000 max_position_embeddings=8192 num_key_value_heads=16 head_dim=128 sliding_window=4096
gemma2|google/gemma-2-2b google/gemma-2-2b-it|0|2614341888|1||hidden_size=2304 intermediate_size=9216 num_hidden_layers=26 num_attention_heads=8 vocab_size=256000 max_position_embeddings=8192 num_key_value_heads=4 head_dim=256 sliding_window=4096
gemma2|google/gemma-2-9b google/gemma-2-9b-it|0|9241705984|1||hidden_size=3584 intermediate_size=14336 num_hidden_layers=42 num_attention_heads=16 vocab_size=256000 max_position_embeddings=8192 num_key_value_heads=8 head_dim=256 sliding_window=4096
gemma3_text|google/gemma-3-1b-it|0|999885952|1||hidden_size=1152 intermediate_size=6912 num_hidden_layers=26 num_attention_heads=4 vocab_size=262144 max_position_embeddings=131072 num_key_value_heads=1 head_dim=256 sliding_window=512
gemma3|google/gemma-3-12b-it||12187325040|1||mm_tokens_per_image=256 text_config={"model_type":"gemma3_text","hidden_size":3840,"intermediate_size":15360,"num_hidden_layers":48,"num_attention_heads":16,"num_key_value_heads":8,"head_dim":256,"sliding_window":1024,"vocab_size":262208,"max_position_embeddings":131072} vision_config={"model_type":"siglip_vision_model","hidden_size":1152,"intermediate_size":4304,"num_hidden_layers":27,"num_attention_heads":16,"image_size":896,"patch_size":14,"vision_use_head":false}
gemma3|google/gemma-3-27b-it||27432406640|1||mm_tokens_per_image=256 text_config={"model_type":"gemma3_text","hidden_size":5376,"intermediate_size":21504,"num_hidden_layers":62,"num_attention_heads":32,"num_key_value_heads":16,"head_dim":128,"sliding_window":1024,"vocab_size":262208,"max_position_embeddings":131072} vision_config={"model_type":"siglip_vision_model","hidden_size":1152,"intermediate_size":4304,"num_hidden_layers":27,"num_attention_heads":16,"image_size":896,"patch_size":14,"vision_use_head":false}
gemma3|google/gemma-3-4b-it||4300079472|1||mm_tokens_per_image=256 text_config={"model_type":"gemma3_text","hidden_size":2560,"intermediate_size":10240,"num_hidden_layers":34,"num_attention_heads":8,"num_key_value_heads":4,"head_dim":256,"sliding_window":1024,"vocab_size":262208,"max_position_embeddings":131072} vision_config={"model_type":"siglip_vision_model","hidden_size":1152,"intermediate_size":4304,"num_hidden_layers":27,"num_attention_heads":16,"image_size":896,"patch_size":14,"vision_use_head":false}
gemma|google/gemma-2b google/gemma-2b-it|0|2506172416|1||hidden_size=2048 intermediate_size=16384 num_hidden_layers=18 num_attention_heads=8 vocab_size=256000 max_position_embeddings=4096 num_key_value_heads=1
gemma|google/gemma-7b google/gemma-7b-it google/codegemma-7b-it|0|8537680896|1||hidden_size=3072 intermediate_size=24576 num_hidden_layers=28 num_attention_heads=16 vocab_size=256000 max_position_embeddings=4096 num_key_value_heads=16 head_dim=256
glm4_moe_lite|zai-org/GLM-4.7-Flash|65||||num_hidden_layers=47 hidden_size=2048 num_attention_heads=20 intermediate_size=10240 vocab_size=154880 max_position_embeddings=202752 n_routed_experts=64 n_shared_experts=1 num_experts_per_tok=4 moe_intermediate_size=1536 first_k_dense_replace=1 kv_lora_rank=512 q_lora_rank=768 qk_nope_head_dim=192 qk_rope_head_dim=64 v_head_dim=256
glm4_moe|zai-org/GLM-4.5-Air|||||hidden_size=4096 intermediate_size=10944 num_hidden_layers=46 num_attention_heads=96 num_key_value_heads=8 vocab_size=151552 max_position_embeddings=131072 head_dim=128 attention_bias=true n_routed_experts=128 moe_intermediate_size=1408 n_shared_experts=1 num_experts_per_tok=8 first_k_dense_replace=1
gpt2|openai-community/gpt2-large||774030080|56||n_embd=1280 n_layer=36 n_head=20
gpt2|openai-community/gpt2-medium||354823168|56||n_embd=1024 n_layer=24 n_head=16
gpt2|openai-community/gpt2-xl||1557611200|56||n_embd=1600 n_layer=48 n_head=25
gpt2|openai-community/gpt2|55|124439808|56||
gpt_bigcode|bigcode/octocoder||15517456384|1||n_embd=6144 n_layer=40 n_head=48 n_inner=24576 n_positions=8192 vocab_size=49152 multi_query=true
gpt_bigcode|bigcode/starcoder||15819446272|1|h|n_embd=6144 n_layer=40 n_head=48 n_inner=24576 n_positions=8192 vocab_size=49152 multi_query=true
gpt_neox|EleutherAI/gpt-neox-20b|12||||
gpt_neox|EleutherAI/pythia-1.4b|0|1414647808|2||hidden_size=2048 intermediate_size=8192 num_hidden_layers=24 num_attention_heads=16 vocab_size=50304 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-12b|0|11846072320|2||hidden_size=5120 intermediate_size=20480 num_hidden_layers=36 num_attention_heads=40 vocab_size=50688 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-14m|0|14067712|2||hidden_size=128 intermediate_size=512 num_hidden_layers=6 num_attention_heads=4 vocab_size=50304 max_position_embeddings=512
gpt_neox|EleutherAI/pythia-160m|0|162322944|2||hidden_size=768 intermediate_size=3072 num_hidden_layers=12 num_attention_heads=12 vocab_size=50304 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-1b|0|1011781632|2||hidden_size=2048 intermediate_size=8192 num_hidden_layers=16 num_attention_heads=8 vocab_size=50304 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-2.8b|0|2775208960|2||hidden_size=2560 intermediate_size=10240 num_hidden_layers=32 num_attention_heads=32 vocab_size=50304 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-31m|0|30494720|2||hidden_size=256 intermediate_size=1024 num_hidden_layers=6 num_attention_heads=8 vocab_size=50304 max_position_embeddings=1024
gpt_neox|EleutherAI/pythia-410m|0|405334016|2||hidden_size=1024 intermediate_size=4096 num_hidden_layers=24 num_attention_heads=16 vocab_size=50304 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-6.9b|0|6857302016|2||hidden_size=4096 intermediate_size=16384 num_hidden_layers=32 num_attention_heads=32 vocab_size=50432 max_position_embeddings=2048
gpt_neox|EleutherAI/pythia-70m|0|70426624|2||hidden_size=512 intermediate_size=2048 num_hidden_layers=6 num_attention_heads=8 vocab_size=50304 max_position_embeddings=2048
gpt_neox|stabilityai/stablelm-base-alpha-3b|0||||hidden_size=4096 intermediate_size=16384 num_hidden_layers=16 num_attention_heads=32 vocab_size=50688 max_position_embeddings=4096 tie_word_embeddings=false
gpt_oss|openai/gpt-oss-120b|18|116829156672|1||
gpt_oss|openai/gpt-oss-20b||20914757184|1||hidden_size=2880 intermediate_size=2880 num_hidden_layers=24 num_attention_heads=64 num_key_value_heads=8 vocab_size=201088 max_position_embeddings=131072 num_local_experts=32 num_experts_per_tok=4
gptj|EleutherAI/gpt-j-6b|13||||
granitemoe|ibm-granite/granite-3.1-1b-a400m-instruct||1334628352|1||hidden_size=1024 intermediate_size=512 num_hidden_layers=24 num_attention_heads=16 num_key_value_heads=8 vocab_size=49155 max_position_embeddings=131072 num_local_experts=32 num_experts_per_tok=8 tie_word_embeddings=true
granitemoe|ibm-granite/granite-3.1-3b-a800m-instruct||3298793472|1||hidden_size=1536 intermediate_size=512 num_hidden_layers=32 num_attention_heads=24 num_key_value_heads=8 vocab_size=49155 max_position_embeddings=131072 num_local_experts=40 num_experts_per_tok=8 tie_word_embeddings=true
granite|ibm-granite/granite-3.1-2b-instruct||2533531648|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=40 num_attention_heads=32 num_key_value_heads=8 vocab_size=49155 max_position_embeddings=131072 tie_word_embeddings=true
granite|ibm-granite/granite-3.1-8b-instruct||8170848256|1||hidden_size=4096 intermediate_size=12800 num_hidden_layers=40 num_attention_heads=32 num_key_value_heads=8 vocab_size=49155 max_position_embeddings=131072 tie_word_embeddings=true
internlm2|internlm/internlm2_5-7b-chat||7737708544|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=8 vocab_size=92544 max_position_embeddings=32768
internlm3|internlm/internlm3-8b-instruct||8804241408|1||hidden_size=4096 intermediate_size=10240 num_hidden_layers=48 num_attention_heads=32 num_key_value_heads=2 vocab_size=128512 max_position_embeddings=32768 head_dim=128
internlm|internlm/internlm-7b|66||||bias=true hidden_size=4096 intermediate_size=11008 num_attention_heads=32 num_hidden_layers=32 vocab_size=103168 max_position_embeddings=2048
jamba|ai21labs/AI21-Jamba-1.5-Large|8||||hidden_size=8192 num_hidden_layers=72 vocab_size=65536 max_position_embeddings=262144 num_attention_heads=64 intermediate_size=24576 num_key_value_heads=8 num_experts_per_tok=2 num_experts=16 attn_layer_offset=4 attn_layer_period=8 expert_layer_offset=1 expert_layer_period=2 mamba_d_conv=4 mamba_d_state=16 mamba_dt_rank=512 mamba_expand=2
jamba|ai21labs/AI21-Jamba-1.5-Mini|8||||hidden_size=4096 num_hidden_layers=32 vocab_size=65536 max_position_embeddings=262144 num_attention_heads=32 intermediate_size=14336 num_key_value_heads=8 num_experts_per_tok=2 num_experts=16 attn_layer_offset=4 attn_layer_period=8 expert_layer_offset=1 expert_layer_period=2 mamba_d_conv=4 mamba_d_state=16 mamba_dt_rank=256 mamba_expand=2
jamba|ai21labs/Jamba-v0.1|8|51570323328|1||hidden_size=4096 num_hidden_layers=32 vocab_size=65536 max_position_embeddings=262144 num_attention_heads=32 intermediate_size=14336 num_key_value_heads=8 num_experts_per_tok=2 num_experts=16 attn_layer_offset=4 attn_layer_period=8 expert_layer_offset=1 expert_layer_period=2 mamba_d_conv=4 mamba_d_state=16 mamba_dt_rank=256 mamba_expand=2
kimi_k2|moonshotai/Kimi-K2-Instruct|64|1026408235864|1||num_hidden_layers=61 hidden_size=7168 num_attention_heads=64 intermediate_size=18432 vocab_size=163840 max_position_embeddings=131072 n_routed_experts=384 n_shared_experts=1 num_experts_per_tok=8 moe_intermediate_size=2048 first_k_dense_replace=1 kv_lora_rank=512 q_lora_rank=1536 qk_nope_head_dim=128 qk_rope_head_dim=64 v_head_dim=128
lfm2|LiquidAI/LFM2-1.2B||1170340608|1||hidden_size=2048 intermediate_size=12288 num_hidden_layers=16 num_attention_heads=32 num_key_value_heads=8 vocab_size=65536 max_position_embeddings=128000 block_auto_adjust_ff_dim=true conv_L_cache=3 full_attn_idxs=[2,5,8,10,12,14]
llama|01-ai/Yi-1.5-9B-Chat||8829407232|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=48 num_attention_heads=32 num_key_value_heads=4 vocab_size=64000 max_position_embeddings=4096
llama|01-ai/Yi-34B||34388917248|1||hidden_size=7168 intermediate_size=20480 num_hidden_layers=60 num_attention_heads=56 num_key_value_heads=8 vocab_size=64000 max_position_embeddings=4096
llama|01-ai/Yi-6B||6061035520|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=4 vocab_size=64000 max_position_embeddings=4096
llama|BSC-LT/salamandra-2b BSC-LT/salamandra-2b-instruct|0|2253490176|1||hidden_size=2048 intermediate_size=5440 num_hidden_layers=24 num_attention_heads=16 vocab_size=256000 max_position_embeddings=8192 num_key_value_heads=16
llama|BSC-LT/salamandra-7b BSC-LT/salamandra-7b-instruct|0|7768117248|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=256000 max_position_embeddings=8192 num_key_value_heads=8
llama|HuggingFaceTB/SmolLM-1.7B||1711376384|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=24 num_attention_heads=32 num_key_value_heads=32 vocab_size=49152 max_position_embeddings=2048 tie_word_embeddings=true
llama|HuggingFaceTB/SmolLM-135M||134515008|1||hidden_size=576 intermediate_size=1536 num_hidden_layers=30 num_attention_heads=9 num_key_value_heads=3 vocab_size=49152 max_position_embeddings=2048 tie_word_embeddings=true
llama|HuggingFaceTB/SmolLM2-1.7B HuggingFaceTB/SmolLM2-1.7B-Instruct|0|1711376384|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=24 num_attention_heads=32 vocab_size=49152 max_position_embeddings=8192 num_key_value_heads=32 tie_word_embeddings=true
llama|HuggingFaceTB/SmolLM2-135M HuggingFaceTB/SmolLM2-135M-Instruct|0|134515008|1||hidden_size=576 intermediate_size=1536 num_hidden_layers=30 num_attention_heads=9 vocab_size=49152 max_position_embeddings=8192 num_key_value_heads=3 tie_word_embeddings=true
llama|HuggingFaceTB/SmolLM2-360M HuggingFaceTB/SmolLM2-360M-Instruct|0|361821120|1||hidden_size=960 intermediate_size=2560 num_hidden_layers=32 num_attention_heads=15 vocab_size=49152 max_position_embeddings=8192 num_key_value_heads=5 tie_word_embeddings=true
llama|TinyLlama/TinyLlama-1.1B-Chat-v1.0|0|1100048384|1||hidden_size=2048 intermediate_size=5632 num_hidden_layers=22 num_attention_heads=32 vocab_size=32000 max_position_embeddings=2048 num_key_value_heads=4
llama|codellama/CodeLlama-13b-Instruct-hf|0|13016028160|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=32016 max_position_embeddings=2048 num_key_value_heads=40
llama|codellama/CodeLlama-13b-Python-hf|0||||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=32000 max_position_embeddings=16384 num_key_value_heads=40
llama|codellama/CodeLlama-13b-hf|0|13016028160|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=32016 max_position_embeddings=16384 num_key_value_heads=40
llama|codellama/CodeLlama-34b-hf codellama/CodeLlama-34b-Python-hf codellama/CodeLlama-34b-Instruct-hf|0|33743970304|1||hidden_size=8192 intermediate_size=22016 num_hidden_layers=48 num_attention_heads=64 vocab_size=32000 max_position_embeddings=16384 num_key_value_heads=8
llama|codellama/CodeLlama-70b-hf codellama/CodeLlama-70b-Python-hf codellama/CodeLlama-70b-Instruct-hf|0|68976910336|1||hidden_size=8192 intermediate_size=28672 num_hidden_layers=80 num_attention_heads=64 vocab_size=32016 max_position_embeddings=16384 num_key_value_heads=8
llama|codellama/CodeLlama-7b-Python-hf|0|6738415616|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=16384 num_key_value_heads=32
llama|codellama/CodeLlama-7b-hf codellama/CodeLlama-7b-Instruct-hf|0|6738546688|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=32016 max_position_embeddings=16384 num_key_value_heads=32
llama|deepseek-ai/deepseek-coder-33b-base deepseek-ai/deepseek-coder-33b-instruct||33342991360|1||hidden_size=7168 intermediate_size=19200 num_hidden_layers=62 num_attention_heads=56 num_key_value_heads=8 vocab_size=32256 max_position_embeddings=16384
llama|deepseek-ai/deepseek-coder-6.7b-instruct||6740512768|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=32 vocab_size=32256 max_position_embeddings=16384
llama|huggyllama/llama-7b|11|6738417664|1||
llama|lmsys/vicuna-13b-v1.5||13015864320|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 num_key_value_heads=40 vocab_size=32000 max_position_embeddings=4096
llama|lmsys/vicuna-7b-v1.5||6738415616|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 num_key_value_heads=32 vocab_size=32000 max_position_embeddings=4096
llama|meta-llama/Llama-2-13b-hf meta-llama/Llama-2-13b-chat-hf|0|13015866880|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=32000 max_position_embeddings=4096 num_key_value_heads=40
llama|meta-llama/Llama-2-70b-chat-hf|0|68976653312|1||hidden_size=8192 intermediate_size=28672 num_hidden_layers=80 num_attention_heads=64 vocab_size=32000 max_position_embeddings=4096 num_key_value_heads=8
llama|meta-llama/Llama-2-70b-hf|0||||hidden_size=8192 intermediate_size=28672 num_hidden_layers=80 num_attention_heads=64 vocab_size=32000 max_position_embeddings=4096 num_key_value_heads=8
llama|meta-llama/Llama-2-7b-hf meta-llama/Llama-2-7b-chat-hf|0|6738417664|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=4096 num_key_value_heads=32
llama|meta-llama/Llama-3.1-405B meta-llama/Llama-3.1-405B-Instruct|0|405853388800|1||hidden_size=16384 intermediate_size=53248 num_hidden_layers=126 num_attention_heads=128 vocab_size=128256 max_position_embeddings=131072 num_key_value_heads=8
llama|meta-llama/Llama-3.1-70B meta-llama/Llama-3.1-70B-Instruct meta-llama/Llama-3.3-70B-Instruct nvidia/Llama-3.1-Nemotron-70B-Instruct-HF deepseek-ai/DeepSeek-R1-Distill-Llama-70B|0|70553706496|1||hidden_size=8192 intermediate_size=28672 num_hidden_layers=80 num_attention_heads=64 vocab_size=128256 max_position_embeddings=131072 num_key_value_heads=8
llama|meta-llama/Llama-3.1-8B meta-llama/Llama-3.1-8B-Instruct deepseek-ai/DeepSeek-R1-Distill-Llama-8B|0|8030261248|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=128256 max_position_embeddings=131072 num_key_value_heads=8
llama|meta-llama/Llama-3.2-1B meta-llama/Llama-3.2-1B-Instruct|0|1235814400|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=16 num_attention_heads=32 vocab_size=128256 max_position_embeddings=131072 num_key_value_heads=8 tie_word_embeddings=true
llama|meta-llama/Llama-3.2-3B meta-llama/Llama-3.2-3B-Instruct|0|3212749824|1||hidden_size=3072 intermediate_size=8192 num_hidden_layers=28 num_attention_heads=24 vocab_size=128256 max_position_embeddings=131072 num_key_value_heads=8 tie_word_embeddings=true
llama|meta-llama/Meta-Llama-3-70B meta-llama/Meta-Llama-3-70B-Instruct|0|70553706496|1||hidden_size=8192 intermediate_size=28672 num_hidden_layers=80 num_attention_heads=64 vocab_size=128256 max_position_embeddings=8192 num_key_value_heads=8
llama|meta-llama/Meta-Llama-3-8B meta-llama/Meta-Llama-3-8B-Instruct|0|8030261248|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=128256 max_position_embeddings=8192 num_key_value_heads=8
llama|openlm-research/open_llama_13b|0||||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=32000 max_position_embeddings=2048 num_key_value_heads=40
llama|openlm-research/open_llama_3b|0||||hidden_size=3200 intermediate_size=8640 num_hidden_layers=26 num_attention_heads=32 vocab_size=32000 max_position_embeddings=2048 num_key_value_heads=32
llama|tiiuae/Falcon3-10B-Base tiiuae/Falcon3-10B-Instruct|0|10305653760|1||hidden_size=3072 intermediate_size=23040 num_hidden_layers=40 num_attention_heads=12 vocab_size=131072 max_position_embeddings=32768 num_key_value_heads=4
llama|tiiuae/Falcon3-1B-Base tiiuae/Falcon3-1B-Instruct|0|1669408768|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=18 num_attention_heads=8 vocab_size=131072 max_position_embeddings=4096 num_key_value_heads=4
llama|tiiuae/Falcon3-3B-Base tiiuae/Falcon3-3B-Instruct|0|3227655168|1||hidden_size=3072 intermediate_size=9216 num_hidden_layers=22 num_attention_heads=12 vocab_size=131072 max_position_embeddings=32768 num_key_value_heads=4
llama|tiiuae/Falcon3-7B-Base tiiuae/Falcon3-7B-Instruct|0|7455550464|1||hidden_size=3072 intermediate_size=23040 num_hidden_layers=28 num_attention_heads=12 vocab_size=131072 max_position_embeddings=32768 num_key_value_heads=4
llama|upstage/SOLAR-10.7B-Instruct-v1.0||10731524096|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=48 num_attention_heads=32 num_key_value_heads=8 vocab_size=32000 max_position_embeddings=4096
llava|llava-hf/llava-1.5-7b-hf|66|7063427072|1||text_config={"model_type":"llama","vocab_size":32064,"max_position_embeddings":4096} vision_config={"model_type":"clip_vision_model","hidden_size":1024,"image_size":336,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24,"patch_size":14}
m2m_100|facebook/m2m100_418M|41||||
mamba|state-spaces/mamba-130m-hf|8|129135360|1||hidden_size=768 num_hidden_layers=24 vocab_size=50280 state_size=16 conv_kernel=4 expand=2 time_step_rank=48 intermediate_size=1536
mamba|state-spaces/mamba-2.8b-hf|8|2768345600|1||hidden_size=2560 num_hidden_layers=64 vocab_size=50280 state_size=16 conv_kernel=4 expand=2 time_step_rank=160 intermediate_size=5120
mbart|facebook/mbart-large-cc25|42||||
minimax_m2|MiniMaxAI/MiniMax-M2||228689764864|1||hidden_size=3072 intermediate_size=1536 num_hidden_layers=62 num_attention_heads=48 num_key_value_heads=8 vocab_size=200064 max_position_embeddings=196608 head_dim=128 num_local_experts=256 num_experts_per_tok=8
mistral3|mistralai/Ministral-3-3B-Reasoning-2512|66||||multimodal_projector_bias=false text_config={"model_type":"ministral3","head_dim":128,"hidden_size":3072,"intermediate_size":9216,"max_position_embeddings":262144,"num_attention_heads":32,"num_hidden_layers":26,"num_key_value_heads":8,"tie_word_embeddings":true,"vocab_size":131072} vision_config={"model_type":"pixtral","hidden_size":1024,"image_size":1540,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24,"patch_size":14}
mistral3|mistralai/Mistral-Small-3.1-24B-Instruct-2503 mistralai/Mistral-Small-3.2-24B-Instruct-2506||24011361280|1||multimodal_projector_bias=false text_config={"model_type":"mistral","head_dim":128,"hidden_size":5120,"intermediate_size":32768,"max_position_embeddings":131072,"num_attention_heads":32,"num_hidden_layers":40,"num_key_value_heads":8,"tie_word_embeddings":false,"vocab_size":131072} vision_config={"model_type":"pixtral","hidden_size":1024,"image_size":1540,"intermediate_size":4096,"num_attention_heads":16,"num_hidden_layers":24,"patch_size":14}
mistral|HuggingFaceH4/zephyr-7b-beta|8|7241732096|1|h|hidden_size=4096 num_hidden_layers=32 vocab_size=32000 max_position_embeddings=32768 num_attention_heads=32 intermediate_size=14336 num_key_value_heads=8 sliding_window=null tie_word_embeddings=true
mistral|intfloat/e5-mistral-7b-instruct|9|7110660096|1||hidden_size=4096 num_hidden_layers=32 vocab_size=32000 max_position_embeddings=32768 num_attention_heads=32 intermediate_size=14336 num_key_value_heads=8 sliding_window=null tie_word_embeddings=true
mistral|mistralai/Ministral-8B-Instruct-2410|9|8019808256|1||hidden_size=4096 num_hidden_layers=36 vocab_size=131072 max_position_embeddings=32768 num_attention_heads=32 intermediate_size=12288 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-7B-Instruct-v0.2|0|7241732096|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-7B-Instruct-v0.3|0|7248023552|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32768 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-7B-v0.1 mistralai/Mistral-7B-Instruct-v0.1|0|7241732096|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=4096 num_key_value_heads=8 sliding_window=4096
mistral|mistralai/Mistral-7B-v0.3|0||||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32768 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-Large-Instruct-2407|0|122610069504|1||hidden_size=12288 intermediate_size=28672 num_hidden_layers=88 num_attention_heads=96 vocab_size=32768 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-Large-Instruct-2411|0||||hidden_size=12288 intermediate_size=28672 num_hidden_layers=88 num_attention_heads=96 vocab_size=32768 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mistral|mistralai/Mistral-Nemo-Instruct-2407||12247782400|1||hidden_size=5120 intermediate_size=14336 num_hidden_layers=40 num_attention_heads=32 num_key_value_heads=8 vocab_size=131072 max_position_embeddings=131072 head_dim=128 sliding_window=null
mistral|mistralai/Mistral-Small-24B-Instruct-2501||23572403200|1||hidden_size=5120 intermediate_size=32768 num_hidden_layers=40 num_attention_heads=32 num_key_value_heads=8 vocab_size=131072 max_position_embeddings=32768 head_dim=128 sliding_window=null
mistral|mistralai/mathstral-7B-v0.1|0||||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32768 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=4096
mistral|nvidia/Mistral-NeMo-Minitron-8B-Base|10|8414105600|1||hidden_size=4096 num_hidden_layers=40 vocab_size=131072 max_position_embeddings=8192 num_attention_heads=32 intermediate_size=11520 num_key_value_heads=8 sliding_window=null
mistral|unsloth/Mistral-7B-v0.2|0||||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=32768 num_key_value_heads=8 sliding_window=null
mixtral|mistralai/Mixtral-8x22B-Instruct-v0.1|0|140630071296|1||hidden_size=6144 intermediate_size=16384 num_hidden_layers=56 num_attention_heads=48 vocab_size=32768 max_position_embeddings=65536 num_key_value_heads=8 num_local_experts=8 num_experts_per_tok=2
mixtral|mistralai/Mixtral-8x22B-v0.1|0||||hidden_size=6144 intermediate_size=16384 num_hidden_layers=56 num_attention_heads=48 vocab_size=32768 max_position_embeddings=65536 num_key_value_heads=8 num_local_experts=8 num_experts_per_tok=2
mixtral|mistralai/Mixtral-8x7B-Instruct-v0.1|0|46702792704|1||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=32768 num_key_value_heads=8 num_local_experts=8 num_experts_per_tok=2
mixtral|mistralai/Mixtral-8x7B-v0.1|0||||hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 num_attention_heads=32 vocab_size=32000 max_position_embeddings=32768 num_key_value_heads=8 num_local_experts=8 num_experts_per_tok=2
modernbert|answerdotai/ModernBERT-base|34||||
mpnet|microsoft/mpnet-base|29||||
mpnet|sentence-transformers/all-mpnet-base-v2||109486464|67||max_position_embeddings=514 vocab_size=30527 architectures=["MPNetForMaskedLM"]
mpt|mosaicml/mpt-7b mosaicml/mpt-7b-chat mosaicml/mpt-7b-instruct||6649286656|1||d_model=4096 n_layers=32 n_heads=32 vocab_size=50432 max_seq_len=2048
mt5|google/mt5-small|37||||
nomic_bert|nomic-ai/nomic-embed-text-v1.5||136731648|1||n_embd=768 n_layer=12 n_head=12 n_inner=3072 vocab_size=30528 type_vocab_size=2 n_positions=8192 activation_function="swiglu" qkv_proj_bias=false mlp_fc1_bias=false architectures=["NomicBertModel"]
olmo2|allenai/OLMo-2-0325-32B-Instruct||32234279936|1||hidden_size=5120 intermediate_size=27648 num_hidden_layers=64 num_attention_heads=40 num_key_value_heads=8 vocab_size=100352 max_position_embeddings=4096
olmo2|allenai/OLMo-2-1124-13B allenai/OLMo-2-1124-13B-SFT|0||||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=100352 max_position_embeddings=4096 num_key_value_heads=40
olmo2|allenai/OLMo-2-1124-13B-DPO allenai/OLMo-2-1124-13B-Instruct|0|13716198400|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=40 num_attention_heads=40 vocab_size=100352 max_position_embeddings=4096 num_key_value_heads=40
olmo2|allenai/OLMo-2-1124-7B allenai/OLMo-2-1124-7B-DPO|0||||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=100352 max_position_embeddings=4096 num_key_value_heads=32
olmo2|allenai/OLMo-2-1124-7B-Instruct|0|7298617344|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=100352 max_position_embeddings=4096 num_key_value_heads=32
olmoe|allenai/OLMoE-1B-7B-0924-Instruct||6919161856|1||intermediate_size=1024
olmo|allenai/OLMo-1B-hf|0|1176764416|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=16 num_attention_heads=16 vocab_size=50304 max_position_embeddings=2048 num_key_value_heads=16 tie_word_embeddings=true
olmo|allenai/OLMo-7B-hf allenai/OLMo-7B-Instruct-hf|0|6888095744|1||hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 num_attention_heads=32 vocab_size=50304 max_position_embeddings=2048 num_key_value_heads=32
opt|facebook/opt-1.3b|4|1315753984|5||hidden_size=2048 num_hidden_layers=24 vocab_size=50272 max_position_embeddings=2048 num_attention_heads=32 ffn_dim=8192 word_embed_proj_dim=2048 do_layer_norm_before=true
opt|facebook/opt-125m|4|125237760|5||hidden_size=768 num_hidden_layers=12 vocab_size=50272 max_position_embeddings=2048 num_attention_heads=12 ffn_dim=3072 word_embed_proj_dim=768 do_layer_norm_before=true
opt|facebook/opt-13b||12840304640|1||hidden_size=5120 ffn_dim=20480 num_hidden_layers=40 num_attention_heads=40 word_embed_proj_dim=5120
opt|facebook/opt-2.7b||2645278720|1||hidden_size=2560 ffn_dim=10240 num_hidden_layers=32 num_attention_heads=32 word_embed_proj_dim=2560
opt|facebook/opt-30b|4|29955358720|1||hidden_size=7168 num_hidden_layers=48 vocab_size=50272 max_position_embeddings=2048 num_attention_heads=56 ffn_dim=28672 word_embed_proj_dim=7168 do_layer_norm_before=true
opt|facebook/opt-6.7b|4|6648365056|1||hidden_size=4096 num_hidden_layers=32 vocab_size=50272 max_position_embeddings=2048 num_attention_heads=32 ffn_dim=16384 word_embed_proj_dim=4096 do_layer_norm_before=true
opt|facebook/opt-66b|4||||hidden_size=9216 num_hidden_layers=64 vocab_size=50272 max_position_embeddings=2048 num_attention_heads=72 ffn_dim=36864 word_embed_proj_dim=9216 do_layer_norm_before=true
pegasus|google/pegasus-large|40||||
phi3|microsoft/Phi-3-medium-4k-instruct|6|13960238080|1||hidden_size=5120 num_hidden_layers=40 vocab_size=32064 max_position_embeddings=4096 num_attention_heads=40 intermediate_size=17920 num_key_value_heads=10 head_dim=128
phi3|microsoft/Phi-3-mini-128k-instruct|0|3821079552|1||hidden_size=3072 intermediate_size=8192 num_hidden_layers=32 num_attention_heads=32 vocab_size=32064 max_position_embeddings=131072 num_key_value_heads=32
phi3|microsoft/Phi-3-mini-4k-instruct microsoft/Phi-3.5-mini-instruct|0|3821079552|1||hidden_size=3072 intermediate_size=8192 num_hidden_layers=32 num_attention_heads=32 vocab_size=32064 max_position_embeddings=4096 num_key_value_heads=32
phi3|microsoft/Phi-4-mini-instruct microsoft/Phi-4-mini-reasoning|0|3836021760|1||hidden_size=3072 intermediate_size=8192 num_hidden_layers=32 num_attention_heads=24 vocab_size=200064 max_position_embeddings=131072 num_key_value_heads=8 tie_word_embeddings=true
phi3|microsoft/Phi-4-reasoning microsoft/Phi-4-reasoning-plus|0|14659507200|1||hidden_size=5120 intermediate_size=17920 num_hidden_layers=40 num_attention_heads=40 vocab_size=100352 max_position_embeddings=32768 num_key_value_heads=10
phi3|microsoft/phi-4|0|14659507200|1||hidden_size=5120 intermediate_size=17920 num_hidden_layers=40 num_attention_heads=40 vocab_size=100352 max_position_embeddings=16384 num_key_value_heads=10
phimoe|microsoft/Phi-3.5-MoE-instruct|6|41873153344|1||hidden_size=4096 num_hidden_layers=32 vocab_size=32064 max_position_embeddings=131072 num_attention_heads=32 intermediate_size=6400 num_key_value_heads=8 num_experts_per_tok=2 num_local_experts=16 lm_head_bias=true attention_bias=true
phi|microsoft/phi-1_5|0|1418270720|1||hidden_size=2048 intermediate_size=8192 num_hidden_layers=24 num_attention_heads=32 vocab_size=51200 max_position_embeddings=2048
phi|microsoft/phi-2|0|2779683840|1||hidden_size=2560 intermediate_size=10240 num_hidden_layers=32 num_attention_heads=32 vocab_size=51200 max_position_embeddings=2048
qwen2_5_vl|Qwen/Qwen2.5-VL-3B-Instruct||3754622976|1||hidden_size=2048 intermediate_size=11008 num_hidden_layers=36 num_attention_heads=16 num_key_value_heads=2 vocab_size=151936 max_position_embeddings=128000 tie_word_embeddings=true vision_config={"depth":32,"hidden_size":1280,"intermediate_size":3420,"num_heads":16,"out_hidden_size":2048,"patch_size":14,"spatial_merge_size":2}
qwen2_5_vl|Qwen/Qwen2.5-VL-72B-Instruct||73410777344|1||hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=128000 tie_word_embeddings=false vision_config={"depth":32,"hidden_size":1280,"intermediate_size":3420,"num_heads":16,"out_hidden_size":8192,"patch_size":14,"spatial_merge_size":2}
qwen2_5_vl|Qwen/Qwen2.5-VL-7B-Instruct||8292166656|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 num_key_value_heads=4 vocab_size=152064 max_position_embeddings=128000 tie_word_embeddings=false vision_config={"depth":32,"hidden_size":1280,"intermediate_size":3420,"num_heads":16,"out_hidden_size":3584,"patch_size":14,"spatial_merge_size":2}
qwen2_moe|Qwen/Qwen1.5-MoE-A2.7B|66|14315784192|1||hidden_size=2048 intermediate_size=5632 num_attention_heads=16 num_hidden_layers=24 num_key_value_heads=16 vocab_size=151936 max_position_embeddings=32768 moe_intermediate_size=1408 shared_expert_intermediate_size=5632 num_experts_per_tok=4 num_experts=60
qwen2_moe|Qwen/Qwen2-57B-A14B-Instruct||57408658944|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 num_key_value_heads=4 vocab_size=151936 max_position_embeddings=32768 num_experts=64 num_experts_per_tok=8 moe_intermediate_size=2560 shared_expert_intermediate_size=20480
qwen2|Qwen/Qwen1.5-0.5B|3|619570176|1||hidden_size=1024 num_hidden_layers=24 vocab_size=151936 max_position_embeddings=32768 num_attention_heads=16 intermediate_size=2816 num_key_value_heads=16
qwen2|Qwen/Qwen1.5-1.8B|3|1836828672|1||hidden_size=2048 num_hidden_layers=24 vocab_size=151936 max_position_embeddings=32768 num_attention_heads=16 intermediate_size=5504 num_key_value_heads=16
qwen2|Qwen/Qwen1.5-110B-Chat||111209914368|1||hidden_size=8192 intermediate_size=49152 num_hidden_layers=80 num_attention_heads=64 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=32768
qwen2|Qwen/Qwen1.5-14B|3|14167290880|1||hidden_size=5120 num_hidden_layers=40 vocab_size=152064 max_position_embeddings=32768 num_attention_heads=40 intermediate_size=13696 num_key_value_heads=40
qwen2|Qwen/Qwen1.5-32B-Chat||32512218112|1||hidden_size=5120 intermediate_size=27392 num_hidden_layers=64 num_attention_heads=40 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=32768
qwen2|Qwen/Qwen1.5-4B|3|3950369280|1||hidden_size=2560 num_hidden_layers=40 vocab_size=151936 max_position_embeddings=32768 num_attention_heads=20 intermediate_size=6912 num_key_value_heads=20
qwen2|Qwen/Qwen1.5-72B|3|72287920128|1||hidden_size=8192 num_hidden_layers=80 vocab_size=152064 max_position_embeddings=32768 num_attention_heads=64 intermediate_size=24576 num_key_value_heads=64
qwen2|Qwen/Qwen1.5-7B|3|7721324544|1||hidden_size=4096 num_hidden_layers=32 vocab_size=151936 max_position_embeddings=32768 num_attention_heads=32 intermediate_size=11008 num_key_value_heads=32
qwen2|Qwen/Qwen2-0.5B-Instruct||494032768|1||hidden_size=896 intermediate_size=4864 num_hidden_layers=24 num_attention_heads=14 num_key_value_heads=2 vocab_size=151936 max_position_embeddings=32768 tie_word_embeddings=true
qwen2|Qwen/Qwen2-0.5B|3|494032768|1||hidden_size=896 num_hidden_layers=24 vocab_size=151936 max_position_embeddings=131072 num_attention_heads=14 intermediate_size=4864 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2-1.5B-Instruct||1543714304|1||hidden_size=1536 intermediate_size=8960 num_hidden_layers=28 num_attention_heads=12 num_key_value_heads=2 vocab_size=151936 max_position_embeddings=32768 tie_word_embeddings=true
qwen2|Qwen/Qwen2-72B-Instruct||72706203648|1||hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=32768
qwen2|Qwen/Qwen2-7B-Instruct||7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 num_key_value_heads=4 vocab_size=152064 max_position_embeddings=32768
qwen2|Qwen/Qwen2.5-0.5B Qwen/Qwen2.5-0.5B-Instruct Qwen/Qwen2.5-Coder-0.5B Qwen/Qwen2.5-Coder-0.5B-Instruct|0|494032768|1||hidden_size=896 intermediate_size=4864 num_hidden_layers=24 num_attention_heads=14 vocab_size=151936 max_position_embeddings=32768 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2.5-1.5B Qwen/Qwen2.5-1.5B-Instruct|0|1543714304|1||hidden_size=1536 intermediate_size=8960 num_hidden_layers=28 num_attention_heads=12 vocab_size=151936 max_position_embeddings=131072 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2.5-14B Qwen/Qwen2.5-14B-Instruct|0|14770033664|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=48 num_attention_heads=40 vocab_size=152064 max_position_embeddings=131072 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-14B-Instruct-1M|0|14770033664|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=48 num_attention_heads=40 vocab_size=152064 max_position_embeddings=1010000 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-32B Qwen/Qwen2.5-32B-Instruct Qwen/QwQ-32B|0|32763876352|1||hidden_size=5120 intermediate_size=27648 num_hidden_layers=64 num_attention_heads=40 vocab_size=152064 max_position_embeddings=131072 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-3B Qwen/Qwen2.5-3B-Instruct Qwen/Qwen2.5-Coder-3B Qwen/Qwen2.5-Coder-3B-Instruct|0|3085938688|1||hidden_size=2048 intermediate_size=11008 num_hidden_layers=36 num_attention_heads=16 vocab_size=151936 max_position_embeddings=32768 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2.5-72B Qwen/Qwen2.5-72B-Instruct|0|72706203648|1||hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 vocab_size=152064 max_position_embeddings=131072 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-7B Qwen/Qwen2.5-7B-Instruct|0|7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 vocab_size=152064 max_position_embeddings=131072 num_key_value_heads=4
qwen2|Qwen/Qwen2.5-7B-Instruct-1M|0|7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 vocab_size=152064 max_position_embeddings=1010000 num_key_value_heads=4
qwen2|Qwen/Qwen2.5-Coder-1.5B Qwen/Qwen2.5-Coder-1.5B-Instruct|0|1543714304|1||hidden_size=1536 intermediate_size=8960 num_hidden_layers=28 num_attention_heads=12 vocab_size=151936 max_position_embeddings=32768 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2.5-Coder-14B Qwen/Qwen2.5-Coder-14B-Instruct|0|14770033664|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=48 num_attention_heads=40 vocab_size=152064 max_position_embeddings=32768 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-Coder-32B Qwen/Qwen2.5-Coder-32B-Instruct Qwen/QwQ-32B-Preview|0|32763876352|1||hidden_size=5120 intermediate_size=27648 num_hidden_layers=64 num_attention_heads=40 vocab_size=152064 max_position_embeddings=32768 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-Coder-7B Qwen/Qwen2.5-Coder-7B-Instruct|0|7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 vocab_size=152064 max_position_embeddings=32768 num_key_value_heads=4
qwen2|Qwen/Qwen2.5-Math-1.5B Qwen/Qwen2.5-Math-1.5B-Instruct|0|1543714304|1||hidden_size=1536 intermediate_size=8960 num_hidden_layers=28 num_attention_heads=12 vocab_size=151936 max_position_embeddings=4096 num_key_value_heads=2 tie_word_embeddings=true
qwen2|Qwen/Qwen2.5-Math-72B Qwen/Qwen2.5-Math-72B-Instruct|0||||hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 num_attention_heads=64 vocab_size=152064 max_position_embeddings=4096 num_key_value_heads=8
qwen2|Qwen/Qwen2.5-Math-7B Qwen/Qwen2.5-Math-7B-Instruct|0|7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 vocab_size=152064 max_position_embeddings=4096 num_key_value_heads=4
qwen2|deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B||1777088000|1|h|hidden_size=1536 intermediate_size=8960 num_hidden_layers=28 num_attention_heads=12 num_key_value_heads=2 vocab_size=151936 max_position_embeddings=131072 tie_word_embeddings=true
qwen2|deepseek-ai/DeepSeek-R1-Distill-Qwen-14B||14770033664|1||hidden_size=5120 intermediate_size=13824 num_hidden_layers=48 num_attention_heads=40 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=131072
qwen2|deepseek-ai/DeepSeek-R1-Distill-Qwen-32B||32763876352|1||hidden_size=5120 intermediate_size=27648 num_hidden_layers=64 num_attention_heads=40 num_key_value_heads=8 vocab_size=152064 max_position_embeddings=131072
qwen2|deepseek-ai/DeepSeek-R1-Distill-Qwen-7B||7615616512|1||hidden_size=3584 intermediate_size=18944 num_hidden_layers=28 num_attention_heads=28 num_key_value_heads=4 vocab_size=152064 max_position_embeddings=131072
qwen3_moe|Qwen/Qwen3-235B-A22B-Thinking-2507 Qwen/Qwen3-235B-A22B-Instruct-2507|0|235093634560|1||hidden_size=4096 intermediate_size=12288 num_hidden_layers=94 num_attention_heads=64 vocab_size=151936 max_position_embeddings=262144 num_key_value_heads=4 head_dim=128 num_experts=128 num_experts_per_tok=8 moe_intermediate_size=1536
qwen3_moe|Qwen/Qwen3-235B-A22B|0|235093634560|1||hidden_size=4096 intermediate_size=12288 num_hidden_layers=94 num_attention_heads=64 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=4 head_dim=128 num_experts=128 num_experts_per_tok=8 moe_intermediate_size=1536
qwen3_moe|Qwen/Qwen3-30B-A3B Qwen/Qwen3-30B-A3B-Base|0|30532122624|1||hidden_size=2048 intermediate_size=6144 num_hidden_layers=48 num_attention_heads=32 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=4 head_dim=128 num_experts=128 num_experts_per_tok=8 moe_intermediate_size=768
qwen3_moe|Qwen/Qwen3-30B-A3B-Thinking-2507 Qwen/Qwen3-30B-A3B-Instruct-2507|0|30532122624|1||hidden_size=2048 intermediate_size=6144 num_hidden_layers=48 num_attention_heads=32 vocab_size=151936 max_position_embeddings=262144 num_key_value_heads=4 head_dim=128 num_experts=128 num_experts_per_tok=8 moe_intermediate_size=768
qwen3_moe|Qwen/Qwen3-Coder-30B-A3B-Instruct||30532122624|1||hidden_size=2048 intermediate_size=6144 num_hidden_layers=48 num_attention_heads=32 num_key_value_heads=4 vocab_size=151936 max_position_embeddings=262144 head_dim=128 num_experts=128 num_experts_per_tok=8 moe_intermediate_size=768
qwen3_next|Qwen/Qwen3-Next-80B-A3B-Instruct|19||||
qwen3|Qwen/Qwen3-0.6B-Base|0|596049920|1||hidden_size=1024 intermediate_size=3072 num_hidden_layers=28 num_attention_heads=16 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 head_dim=128 tie_word_embeddings=true
qwen3|Qwen/Qwen3-0.6B|0|751632384|1|h|hidden_size=1024 intermediate_size=3072 num_hidden_layers=28 num_attention_heads=16 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 head_dim=128 tie_word_embeddings=true
qwen3|Qwen/Qwen3-1.7B-Base|0|1720574976|1||hidden_size=2048 intermediate_size=6144 num_hidden_layers=28 num_attention_heads=16 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 tie_word_embeddings=true
qwen3|Qwen/Qwen3-1.7B|0|2031739904|1|h|hidden_size=2048 intermediate_size=6144 num_hidden_layers=28 num_attention_heads=16 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 tie_word_embeddings=true
qwen3|Qwen/Qwen3-14B Qwen/Qwen3-14B-Base|0|14768307200|1||hidden_size=5120 intermediate_size=17408 num_hidden_layers=40 num_attention_heads=40 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8
qwen3|Qwen/Qwen3-32B|0|32762123264|1||hidden_size=5120 intermediate_size=25600 num_hidden_layers=64 num_attention_heads=64 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 head_dim=128
qwen3|Qwen/Qwen3-4B Qwen/Qwen3-4B-Base|0|4022468096|1||hidden_size=2560 intermediate_size=9728 num_hidden_layers=36 num_attention_heads=32 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8 head_dim=128 tie_word_embeddings=true
qwen3|Qwen/Qwen3-4B-Thinking-2507 Qwen/Qwen3-4B-Instruct-2507|0|4022468096|1||hidden_size=2560 intermediate_size=9728 num_hidden_layers=36 num_attention_heads=32 vocab_size=151936 max_position_embeddings=262144 num_key_value_heads=8 head_dim=128 tie_word_embeddings=true
qwen3|Qwen/Qwen3-8B Qwen/Qwen3-8B-Base|0|8190735360|1||hidden_size=4096 intermediate_size=12288 num_hidden_layers=36 num_attention_heads=32 vocab_size=151936 max_position_embeddings=40960 num_key_value_heads=8
qwen3|Qwen/Qwen3-Embedding-0.6B||595776512|1||hidden_size=1024 intermediate_size=3072 num_hidden_layers=28 num_attention_heads=16 num_key_value_heads=8 vocab_size=151669 max_position_embeddings=32768 head_dim=128 architectures=["Qwen3Model"]
qwen|Qwen/Qwen-14B|3|14167290880|1||hidden_size=5120 num_hidden_layers=40 vocab_size=152064 max_position_embeddings=2048 num_attention_heads=40 intermediate_size=27392
qwen|Qwen/Qwen-1_8B|3|1836828672|1||hidden_size=2048 num_hidden_layers=24 vocab_size=151936 max_position_embeddings=8192 num_attention_heads=16 intermediate_size=11008
qwen|Qwen/Qwen-72B|3|72287920128|1||hidden_size=8192 num_hidden_layers=80 vocab_size=152064 max_position_embeddings=32768 num_attention_heads=64 intermediate_size=49152
qwen|Qwen/Qwen-7B|3|7721324544|1||hidden_size=4096 num_hidden_layers=32 vocab_size=151936 max_position_embeddings=8192 num_attention_heads=32 intermediate_size=22016
recurrent_gemma|google/recurrentgemma-2b||2682862080|1||num_key_value_heads=1 intermediate_size=15360
roberta|FacebookAI/roberta-base|25|124052736|26||max_position_embeddings=514 type_vocab_size=1 vocab_size=50265 architectures=["RobertaModel"]
roberta|FacebookAI/roberta-large||354307072|26||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 vocab_size=50265 max_position_embeddings=514 type_vocab_size=1
seed_oss|ByteDance-Seed/Seed-OSS-36B-Instruct||36151104512|1||hidden_size=5120 intermediate_size=27648 num_hidden_layers=64 num_attention_heads=80 num_key_value_heads=8 vocab_size=155136 max_position_embeddings=524288 head_dim=128
siglip|google/siglip-base-patch16-224|53|203155970|54||
smollm3|HuggingFaceTB/SmolLM3-3B|20|3075098624|1||
stablelm|stabilityai/stable-code-3b|0|2795443200|1||hidden_size=2560 intermediate_size=6912 num_hidden_layers=32 num_attention_heads=32 vocab_size=50304 max_position_embeddings=16384 num_key_value_heads=32
stablelm|stabilityai/stablelm-3b-4e1t stabilityai/stablelm-zephyr-3b|0|2795443200|1||hidden_size=2560 intermediate_size=6912 num_hidden_layers=32 num_attention_heads=32 vocab_size=50304 max_position_embeddings=4096 num_key_value_heads=32
starcoder2|bigcode/starcoder2-15b||15957889024|1|h|hidden_size=6144 intermediate_size=24576 num_hidden_layers=40 num_attention_heads=48 num_key_value_heads=4 vocab_size=49152 max_position_embeddings=16384
starcoder2|bigcode/starcoder2-3b|15|3030371328|1||
starcoder2|bigcode/starcoder2-7b||7173923840|1||hidden_size=4608 intermediate_size=18432 num_hidden_layers=32 num_attention_heads=36 num_key_value_heads=4 vocab_size=49152 max_position_embeddings=16384
swin|microsoft/swin-base-patch4-window7-224||86743224|72||embed_dim=128 depths=[2,2,18,2] num_heads=[4,8,16,32] window_size=7 architectures=["SwinModel"]
swin|microsoft/swin-large-patch4-window7-224||194995476|72||embed_dim=192 depths=[2,2,18,2] num_heads=[6,12,24,48] window_size=7 architectures=["SwinModel"]
swin|microsoft/swin-small-patch4-window7-224||48837258|72||embed_dim=96 depths=[2,2,18,2] num_heads=[3,6,12,24] window_size=7 architectures=["SwinModel"]
swin|microsoft/swin-tiny-patch4-window7-224||27519354|72||embed_dim=96 depths=[2,2,6,2] num_heads=[3,6,12,24] window_size=7 architectures=["SwinModel"]
t5|google-t5/t5-3b|63||||vocab_size=32128 d_model=1024 d_kv=128 d_ff=16384 num_layers=24 num_decoder_layers=24 num_heads=32 relative_attention_num_buckets=32 feed_forward_proj="relu" tie_word_embeddings=true
t5|google-t5/t5-base|63|222903552|36||vocab_size=32128 d_model=768 d_kv=64 d_ff=3072 num_layers=12 num_decoder_layers=12 num_heads=12 relative_attention_num_buckets=32 feed_forward_proj="relu" tie_word_embeddings=true
t5|google-t5/t5-large|63|737668096|36||vocab_size=32128 d_model=1024 d_kv=64 d_ff=4096 num_layers=24 num_decoder_layers=24 num_heads=16 relative_attention_num_buckets=32 feed_forward_proj="relu" tie_word_embeddings=true
t5|google-t5/t5-small|35|60506624|36||
t5|google/flan-t5-base||247577856|36||d_model=768 d_ff=2048 num_layers=12 num_heads=12 d_kv=64 feed_forward_proj="gated-gelu" tie_word_embeddings=false vocab_size=32128
t5|google/flan-t5-large||783150080|36||d_model=1024 d_ff=2816 num_layers=24 num_heads=16 d_kv=64 feed_forward_proj="gated-gelu" tie_word_embeddings=false vocab_size=32128
t5|google/flan-t5-small||76961152|36||d_model=512 d_ff=1024 num_layers=8 num_heads=6 d_kv=64 feed_forward_proj="gated-gelu" tie_word_embeddings=false vocab_size=32128
t5|google/flan-t5-xl||2849757184|36||d_model=2048 d_ff=5120 num_layers=24 num_heads=32 d_kv=64 feed_forward_proj="gated-gelu" tie_word_embeddings=false vocab_size=32128
t5|google/flan-t5-xxl||11135332352|36||d_model=4096 d_ff=10240 num_layers=24 num_heads=64 d_kv=64 feed_forward_proj="gated-gelu" tie_word_embeddings=false vocab_size=32128
t5|google/t5-v1_1-base|63|247577856|36||vocab_size=32128 d_model=768 d_kv=64 d_ff=2048 num_layers=12 num_decoder_layers=12 num_heads=12 relative_attention_num_buckets=32 feed_forward_proj="gated-gelu" tie_word_embeddings=false
vit|google/vit-base-patch16-224-in21k|45|85798656|46||
vit|google/vit-base-patch16-224||86567656|71||hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 num_labels=1000 architectures=["ViTForImageClassification"]
vit|google/vit-huge-patch14-224-in21k||630764800|46||hidden_size=1280 num_hidden_layers=32 num_attention_heads=16 intermediate_size=5120 patch_size=14
vit|google/vit-large-patch16-224-in21k||303301632|46||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 patch_size=16
vit|google/vit-large-patch16-224||304326632|71||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 num_labels=1000 architectures=["ViTForImageClassification"]
whisper|openai/whisper-base||72593920|44||d_model=512 encoder_layers=6 decoder_layers=6 encoder_attention_heads=8 decoder_attention_heads=8 encoder_ffn_dim=2048 decoder_ffn_dim=2048
whisper|openai/whisper-large-v2||1543304960|44||d_model=1280 encoder_layers=32 decoder_layers=32 encoder_attention_heads=20 decoder_attention_heads=20 encoder_ffn_dim=5120 decoder_ffn_dim=5120
whisper|openai/whisper-large-v3-turbo||809000000|1||d_model=1280 encoder_layers=32 decoder_layers=4 encoder_attention_heads=20 decoder_attention_heads=20 encoder_ffn_dim=5120 decoder_ffn_dim=5120 num_mel_bins=128 vocab_size=51866
whisper|openai/whisper-large-v3||1550000000|1||d_model=1280 encoder_layers=32 decoder_layers=32 encoder_attention_heads=20 decoder_attention_heads=20 encoder_ffn_dim=5120 decoder_ffn_dim=5120 num_mel_bins=128 vocab_size=51866
whisper|openai/whisper-medium||763857920|44||d_model=1024 encoder_layers=24 decoder_layers=24 encoder_attention_heads=16 decoder_attention_heads=16 encoder_ffn_dim=4096 decoder_ffn_dim=4096
whisper|openai/whisper-small||241734912|44||d_model=768 encoder_layers=12 decoder_layers=12 encoder_attention_heads=12 decoder_attention_heads=12 encoder_ffn_dim=3072 decoder_ffn_dim=3072
whisper|openai/whisper-tiny|43|37760640|44||
xlm-roberta|BAAI/bge-m3||568000000|69||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 vocab_size=250002 max_position_embeddings=8194 type_vocab_size=1 architectures=["XLMRobertaModel"]
xlm-roberta|FacebookAI/xlm-roberta-base||278043648|70||hidden_size=768 num_hidden_layers=12 num_attention_heads=12 intermediate_size=3072 vocab_size=250002 max_position_embeddings=514 type_vocab_size=1
xlm-roberta|FacebookAI/xlm-roberta-large||559890432|70||hidden_size=1024 num_hidden_layers=24 num_attention_heads=16 intermediate_size=4096 vocab_size=250002 max_position_embeddings=514 type_vocab_size=1
xlm-roberta|intfloat/multilingual-e5-base|6|278000000|7||hidden_size=768 num_hidden_layers=12 vocab_size=250002 max_position_embeddings=514 num_attention_heads=12 intermediate_size=3072 architectures=["XLMRobertaModel"] type_vocab_size=1
xlm-roberta|intfloat/multilingual-e5-large-instruct|6|559890432|1||hidden_size=1024 num_hidden_layers=24 vocab_size=250002 max_position_embeddings=514 num_attention_heads=16 intermediate_size=4096 architectures=["XLMRobertaModel"] type_vocab_size=1
xlm-roberta|intfloat/multilingual-e5-small|6|118000000|7||hidden_size=384 num_hidden_layers=12 vocab_size=250037 max_position_embeddings=512 num_attention_heads=12 intermediate_size=1536 architectures=["XLMRobertaModel"] type_vocab_size=1
`;
