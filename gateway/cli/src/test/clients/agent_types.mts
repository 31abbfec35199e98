// What a user of the packed library sees of its types.
import { Key, Refused, Task } from 'errand-agent';

const key: Key = await Key.generate();
const task: Task = await Task.start({ template: 'a', subjectToken: 'b', parameters: { c: ['d'] }, key, wait: 30 });
const child: Task = await task.derive({ allow: ['e:f'], calls: 3, lifetime: 60, maxDepth: 2, actor: 'spiffe://g/h' });
const fetch: typeof globalThis.fetch = child.mcpFetch;
const response: Response = await child.fetch('/i', { method: 'POST' });
const refusal: Refused | undefined = await Refused.of(response);
const told: [string | undefined, string | undefined, number | undefined] = [refusal?.code, refusal?.decision, refusal?.retry_after];
const headers: Record<string, string> = await child.headers('GET', '/j');
// @ts-expect-error a template is needed
await Task.start({ subjectToken: 'b' });
// @ts-expect-error calls is a number
await task.derive({ calls: '3' });
// @ts-expect-error a key is made by Key.generate or Key.of
new Key();
await task.end();
console.log(fetch, told, headers);
