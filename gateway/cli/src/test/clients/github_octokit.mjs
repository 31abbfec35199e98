// Calls every method of @octokit/rest once, each with values for the variables of its path. One line of JSON a call.
import { Octokit } from "@octokit/rest";

const baseUrl = process.argv[2];
const { rest } = new Octokit({ baseUrl, log: { debug() {}, info() {}, warn() {}, error() {} } });
const values = {
  owner: "acme", repo: "app", path: "docs/a b.txt", ref: "heads/main", basehead: "main...fix/17", branch: "main",
  issue_number: 17, pull_number: 3, username: "alice", org: "acme", name: "bug", tag: "v1", dir: "docs",
};
const bodies = {
  createTree: { tree: [{ path: "docs/a.txt", mode: "100644", type: "blob", content: "x" }], base_tree: "t" },
  createOrUpdateFileContents: { message: "m", content: "eA==", branch: "fix" },
  deleteFile: { message: "m", sha: "s", branch: "fix" },
  createCommit: { message: "m", tree: "t", parents: ["a"] },
  updateRef: { sha: "s" },
  createReview: { event: "COMMENT" },
  addLabels: { labels: ["bug"] },
  uploadReleaseAsset: { data: "x", name: "a.txt" },
};
const calls = [];
for (const area of Object.keys(rest)) {
  for (const [name, method] of Object.entries(rest[area])) {
    if (typeof method === "function" && method.endpoint) {
      const { url } = method.endpoint.DEFAULTS;
      const parameters = { baseUrl, ...bodies[name] };
      for (const [, variable] of url.matchAll(/\{\??([a-z_-]+)/g)) {
        parameters[variable] ??= values[variable] ?? "1";
      }
      if (name === "createRef") Object.assign(parameters, { ref: "refs/heads/fix", sha: "a1" });
      calls.push([`${area}.${name}`, () => method(parameters)]);
    }
  }
}
for (const [call, run] of calls) {
  let answer;
  try {
    answer = await run();
  } catch (refused) {
    answer = refused.response ?? { status: 0, headers: {}, refused: String(refused) };
  }
  const { status, headers } = answer;
  console.log(JSON.stringify({ call, status, operation: headers["errand-operation"] ?? "", code: headers["errand-code"] ?? "" }));
}
