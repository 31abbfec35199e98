// A task from its start to its end with the packed library, in the directory of an IT. It prints one JSON object.
import { readFileSync } from 'node:fs';
import { Refused, Task } from 'errand-agent';

const READ = '/vault/v1/secret/data/docs/payments/a';
const read = (file) => readFileSync(file, 'utf8');
const start = {
  gateway: read('gateway'),
  template: 'explore',
  parameters: { project: 'payments' },
  svid: read('agent.svid'),
  wait: 30,
};
const said = {};
const passed = [];

/** One call: it passed, or what it was refused with. */
async function call(name, task, method = 'GET', path = READ) {
  try {
    const answer = await task.fetch(path, { method, body: method === 'PUT' ? '{}' : undefined });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    passed.push(name);
  } catch (refusal) {
    if (!(refusal instanceof Refused) || !refusal.decision || !refusal.detail) throw refusal;
    said[name] = refusal.code + (refusal.sent === 'no' ? '' : ` ${refusal.sent}`);
  }
}

await Task.start({ ...start, subjectToken: read('refused.jwt') }).catch((refusal) => {
  said.start = refusal.code;
});
const task = await Task.start({ ...start, subjectToken: read('human.jwt') });
said.task = task.id;
await call('own', task);
const child = await task.derive({ allow: ['vault:kv.read'], calls: 2, lifetime: 120 });
await call('delegated', child);
await call('remembered', child);
await call('spent', child);
await call('wider', child, 'PUT');
const other = await task.derive();
const grandchild = await other.derive();
await call('grandchild', grandchild);
await other.end();
await call('ended', grandchild);
await call('broken', task, 'PUT');
await call('outside', task, 'GET', '/vault/v1/secret/data/docs/billing/a');
await task.end();
await call('late', task);
console.log(JSON.stringify({ ...said, passed: passed.join(' ') }));
