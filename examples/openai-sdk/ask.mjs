// The SDK as it comes: base URL, key and CA are all it needs (see run).
import OpenAI from 'openai';

const stream = await new OpenAI().chat.completions.create({
  model: 'atlas-demo',
  messages: [{ role: 'user', content: 'What is zero trust?' }],
  stream: true,
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
process.stdout.write('\n');
