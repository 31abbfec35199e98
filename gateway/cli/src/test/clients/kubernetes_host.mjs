// The client for Node as it is, by the kubeconfig in its environment: write, read, list, watch, delete, and what is not granted.
// The folder of the client is in CLIENTS_NODE.
import assert from 'node:assert';
import { pathToFileURL } from 'node:url';

const { KubeConfig, CoreV1Api, Watch } = await import(
  pathToFileURL(`${process.env.CLIENTS_NODE}/node_modules/@kubernetes/client-node/dist/index.js`).href
);
const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const namespace = 'staging';
await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'node' }, data: { a: 'b' } } });
assert.equal((await core.readNamespacedConfigMap({ name: 'node', namespace })).data.a, 'b');
assert.ok((await core.listNamespacedConfigMap({ namespace, limit: 1 })).items.length);
await new Promise((done, failed) => {
  const watching = new Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`,
    { fieldSelector: 'metadata.name=node' },
    async (kind, object) => {
      console.log('watched', object.metadata.name);
      (await watching).abort();
      done();
    },
    (error) => error && error.name !== 'AbortError' && failed(error),
  );
});
await core.deleteNamespacedConfigMap({ name: 'node', namespace });
try {
  await core.listNamespacedSecret({ namespace });
} catch (refused) {
  console.log('node:', refused.code, refused.body);
}
