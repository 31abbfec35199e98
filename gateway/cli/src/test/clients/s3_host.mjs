// The official client for Node as it is, by what it finds in its environment: put, get, head, list, and what is not granted.
//
//   node s3_host.mjs BUCKET PREFIX OUTSIDE
//
// The folder of the client is in CLIENTS_NODE.
import { createRequire } from 'node:module';

const { S3Client, PutObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } = createRequire(
  `${process.env.CLIENTS_NODE}/package.json`,
)('@aws-sdk/client-s3');
const [Bucket, prefix, outside] = process.argv.slice(2);
const s3 = new S3Client({ forcePathStyle: true });
await s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}/node.txt`, Body: 'by node' }));
const got = await s3.send(new GetObjectCommand({ Bucket, Key: `${prefix}/node.txt` }));
console.log(await got.Body.transformToString());
console.log((await s3.send(new HeadObjectCommand({ Bucket, Key: `${prefix}/node.txt` }))).ContentLength);
console.log((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/node` }))).KeyCount);
try {
  await s3.send(new PutObjectCommand({ Bucket, Key: `${outside}/x`, Body: 'x' }));
} catch (refused) {
  console.log(`${refused.name}: ${refused.message}`);
}
