// Writes through two gateways for 12 seconds. One of them is killed meanwhile: the
// driver must go on with the other one within a few seconds.
import assert from "node:assert/strict";
import cassandra from "cassandra-driver";

const { CQL_HOSTS, CQL_PORT, CQL_TOKEN } = process.env;
const client = new cassandra.Client({
  contactPoints: CQL_HOSTS.split(",").map((host) => `${host}:${CQL_PORT}`),
  protocolOptions: { port: Number(CQL_PORT) }, // of the others too: this driver asks for addresses alone
  localDataCenter: "datacenter1",
  authProvider: new cassandra.auth.PlainTextAuthProvider("token", CQL_TOKEN),
});
await client.connect();
assert.equal(client.hosts.length, 2, `${client.hosts.keys()}`);
const options = { prepare: true, consistency: cassandra.types.consistencies.quorum, isIdempotent: true };
const insert = "INSERT INTO k.t (id, v) VALUES (?, ?)";
await client.execute(insert, [-1, ""], options);
console.log("node driver: ready");
await new Promise((resolve) => process.stdin.once("data", resolve)); // the word to begin
process.stdin.destroy();

const began = Date.now();
const seconds = () => (Date.now() - began) / 1000;
let good = 0, lastBad = 0;
const bad = {}, early = new Set(), late = new Set();
while (seconds() < 12) {
  try {
    const result = await client.execute(insert, [-100000 - good, "node"], options);
    if (seconds() < 2) early.add(result.info.queriedHost);
    if (seconds() >= 9) late.add(result.info.queriedHost);
    good++;
  } catch (e) { // a connection that was lost, a host that is down
    bad[e.constructor.name] = (bad[e.constructor.name] ?? 0) + 1;
    lastBad = seconds();
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
}
assert.equal(early.size, 2, `only ${[...early]} were used before`);
assert.equal(late.size, 1, `${[...late]} were used at the end`);
assert.ok(good > 30 && seconds() - lastBad > 3, JSON.stringify({ good, bad, lastBad }));
console.log(`node driver: moved to the other gateway (${good} writes, errors ${JSON.stringify(bad)})`);
await client.shutdown();
