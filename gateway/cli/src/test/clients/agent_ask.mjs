// A task that a human allows, with the packed library. It prints the answer of one call.
import { readFileSync } from 'node:fs';
import { Task } from 'errand-agent';

const [gateway, svid] = process.argv.slice(2);
const task = await Task.ask({
  tell: (address) => console.log(address),
  gateway,
  template: 'triage',
  parameters: { ticket: '17' },
  svid: () => readFileSync(svid, 'utf8').trim(),
  purpose: 'for a test',
});
const answer = await task.fetch('/tickets/v1/tickets/17');
console.log(await answer.text());
await task.end();
