import { describe, expect, test } from "vitest";
import { isTooLong } from "./overflow.ts";

describe("a context that overflows", () => {
  test.each([
    // OpenAI and Azure
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    '{"code":"context_length_exceeded"}',
    "Invalid 'messages': array too long. Expected an array with maximum length 2048, but got an array with length 3000 instead.",
    "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 45000.",
    // llama.cpp
    "the request exceeds the available context size. try increasing the context size or enable context shift",
    "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    '{"type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}',
    "Context size has been exceeded.",
    "input (5000 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
    "input is too large to process. increase the physical batch size",
    // vLLM, SGLang, TGI
    "This model's maximum context length is 2048 tokens. However, you requested 2100 tokens (1900 in the messages, 200 in the completion).",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.",
    "max_tokens must be at least 1, got -7.",
    "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens and 512 `max_new_tokens`",
    "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
    // Ollama, LM Studio, TabbyAPI
    "input length exceeds the context length",
    "prompt too long; exceeded max context length by 5 tokens",
    "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
    "Reached context length of 4096 tokens with model (arch: qwen2) that does not currently support mid-generation context overflow.",
    "Prompt length 5000 is greater than max_seq_len 4096",
    // Anthropic, Bedrock, Gemini, Mistral, Cohere, xAI, Fireworks, Moonshot, MiniMax, Zhipu, Qwen, Cerebras, GitHub
    "prompt is too long: 205000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again",
    "Input is too long for requested model.",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "too many tokens: size limit exceeded by 5326 tokens. Try using shorter or fewer inputs",
    "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
    "The prompt is too long: 140000, model maximum context length: 131071",
    "Invalid request: Your request exceeded model token limit: 8192",
    "invalid params, context window exceeds limit (2013)",
    "Prompt exceeds max length",
    "Range of input length should be [1, 30720]",
    "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
    "Request body too large for gpt-4o model. Max size: 8000 tokens.",
    "prompt token count of 70000 exceeds the limit of 64000",
    "输入长度超过模型上下文限制",
    // OpenRouter
    'This endpoint\'s maximum context length is 32768 tokens. However, you requested about 40000 tokens (40000 of text input). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
    '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"prompt is too long: 9 tokens > 8 maximum\\"}}"}}}',
  ])("%s", (words) => {
    for (const status of [200, 400, 413, 422, 500]) expect(isTooLong(status, words)).toBe(true);
  });
});

describe("another limit", () => {
  test.each([
    "Rate limit reached for gpt-4 in organization org-x on tokens per min (TPM): Limit 10000, Used 9000, Requested 2000. Please try again in 6s.",
    "Number of request tokens has exceeded your per-minute rate limit",
    "You exceeded your current quota, please check your plan and billing details.",
    "You requested up to 65536 tokens, but can only afford 1200. Add more credits",
    "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes",
    "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
    "Authentication token is too long",
    "temperature must be less than 2",
    "Invalid request: temperature must be less than 2",
    "model crab not found",
    "The server is overloaded, please try again later",
    "out of memory",
    "",
  ])("%s", (words) => {
    for (const status of [200, 400, 422, 429, 500]) expect(isTooLong(status, words)).toBe(false);
  });
});
