/** Keys that are no part of what memory depends on: a reader should not have to look through them. */

const NAMES: ReadonlySet<string> = new Set(
  `learning_rate lr lr_scheduler lr_scheduler_type lr_scheduler_kwargs warmup_steps warmup_ratio warmup_num_steps
  warmup_min_lr warmup_max_lr min_lr weight_decay adam_beta1 adam_beta2 adam_epsilon betas eps beta
  max_grad_norm gradient_clipping seed data_seed epochs num_epochs num_train_epochs max_epochs max_steps
  save_steps save_strategy save_total_limit save_only_model logging_steps logging_dir logging_strategy
  logging_first_step log_level report_to run_name wandb_project wandb_entity wandb_name wandb_run_id
  wandb_watch wandb_log_model output_dir overwrite_output_dir overwrite_cache hub_model_id push_to_hub
  hub_token eval_steps evals_per_epoch saves_per_epoch val_set_size
  load_best_model_at_end metric_for_best_model greater_is_better do_train do_predict
  resume_from_checkpoint auto_resume_from_checkpoints ddp_timeout host port api_key served_model_name
  trust_remote_code revision tokenizer_revision temperature top_p top_k repetition_penalty machine_rank
  main_process_ip main_process_port main_training_function rdzv_backend same_network tpu_env tpu_name
  tpu_zone tpu_use_cluster tpu_use_sudo use_cpu debug node_rank master_addr master_port rdzv_id
  rdzv_endpoint standalone dataset dataset_dir dataset_name dataset_config dataset_prepared_path datasets
  type path split template chat_template special_tokens pad_token eos_token bos_token strict
  preprocessing_num_workers plot_loss lora_alpha alpha tokenizer_type model_type remove_unused_columns
  steps_per_print wall_clock_breakdown train_on_inputs early_stopping_patience name hf_use_auth_token
  disable_log_requests disable_log_stats uvicorn_log_level inference_mode base_model_class parent_library
  auto_mapping layers_pattern init_lora_weights bias message_property_mappings checkpoint_dir checkpoint_files
  recipe_checkpoint device nproc_per_node nnodes bnb_4bit_quant_type bnb_4bit_quant_storage use_rslora lora_task_type model_revision
  dataset_num_proc dataset_text_field dataset_train_split dataset_test_split dataset_streaming streaming
  completion_only_loss assistant_only_loss label_smoothing loss_weights truncation_mode chat_template_path
  reward_weights scale_rewards epsilon epsilon_high log_completions num_completions_to_print min_p
  mask_truncated_completions vllm_server_host vllm_server_port vllm_server_timeout vllm_server_base_url
  mg main_gpu vllm_group_port gradient_checkpointing_kwargs ignore_bias_buffers`
    .split(/\s+/)
    .filter((name) => name !== ''),
);

export const hasNoBearing = (key: string): boolean => NAMES.has(key);
