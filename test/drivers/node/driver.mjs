// The Node driver (cassandra-driver), unmodified and at its defaults but for its
// timeouts. With CQL_CA it connects over TLS, with the client certificate CQL_CERT and
// its key CQL_KEY.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import cassandra from "cassandra-driver";

const { CQL_HOST, CQL_PORT, CQL_TOKEN, CQL_KEYSPACE: ks, CQL_CA, CQL_CERT, CQL_KEY } = process.env;
const options = (password) => ({
  contactPoints: [`${CQL_HOST}:${CQL_PORT}`],
  localDataCenter: "datacenter1",
  socketOptions: { connectTimeout: 60000, readTimeout: 120000 }, // a real node on a busy machine
  protocolOptions: { maxSchemaAgreementWaitSeconds: 60 },
  ...(CQL_CA ? { sslOptions: { ca: readFileSync(CQL_CA), cert: readFileSync(CQL_CERT), key: readFileSync(CQL_KEY), rejectUnauthorized: true } } : {}),
  ...(password ? { authProvider: new cassandra.auth.PlainTextAuthProvider("token", password) } : {}),
});
const client = new cassandra.Client(options(CQL_TOKEN));
await client.connect();
assert.equal(client.metadata.keyspaces.system !== undefined, true);

await client.execute(`CREATE KEYSPACE ${ks} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
await client.execute(`USE ${ks}`);
await client.execute("CREATE TABLE t (p text, c int, v text, m map<text, int>, ts timestamp, u uuid, b bigint, d decimal, PRIMARY KEY (p, c))");

const insert = "INSERT INTO t (p, c, v, m, ts, u, b, d) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const now = new Date(1633437296789);
const id = cassandra.types.Uuid.random();
for (let c = 0; c < 25; c++) {
  await client.execute(insert, ["a", c, `v${c}`, { x: c }, now, id, cassandra.types.Long.fromString("9007199254740993"),
    cassandra.types.BigDecimal.fromString("1.10")], { prepare: true });
}
const one = (await client.execute("SELECT * FROM t WHERE p = ? AND c = ?", ["a", 3], { prepare: true })).first();
assert.equal(one.v, "v3");
assert.deepEqual({ ...one.m }, { x: 3 });
assert.equal(one.ts.getTime(), now.getTime());
assert.equal(one.u.toString(), id.toString());
assert.equal(one.b.toString(), "9007199254740993");
assert.equal(one.d.toString(), "1.10");

let rows = 0, pages = 0, state;
do {
  const page = await client.execute("SELECT c FROM t WHERE p = 'a'", [], { fetchSize: 10, pageState: state, prepare: true });
  rows += page.rows.length;
  pages++;
  state = page.pageState;
} while (state);
assert.equal(rows, 25);
assert.equal(pages, 3);

await client.batch([
  { query: "INSERT INTO t (p, c, v) VALUES (?, ?, ?)", params: ["b", 1, "x"] },
  { query: "UPDATE t SET v = ? WHERE p = ? AND c = ?", params: ["y", "b", 2] },
], { prepare: true });
assert.equal((await client.execute("SELECT * FROM t WHERE p = 'b'")).rowLength, 2);

const lwt = await client.execute("INSERT INTO t (p, c, v) VALUES ('b', 1, 'z') IF NOT EXISTS");
assert.equal(lwt.wasApplied(), false);

await assert.rejects(client.execute("SELECT nope FROM t"), (e) => e.code === cassandra.types.responseErrorCodes.invalid && /Undefined column name nope/.test(e.message));
await assert.rejects(client.execute("SELEC 1"), (e) => e.code === cassandra.types.responseErrorCodes.syntaxError);

const table = await client.metadata.getTable(ks, "t");
assert.deepEqual(table.partitionKeys.map((c) => c.name), ["p"]);
await client.execute(`DROP KEYSPACE ${ks}`);
await client.shutdown();

if (CQL_TOKEN) {
  const wrong = new cassandra.Client(options("AstraCS:wrong"));
  await assert.rejects(wrong.connect(), (e) => /incorrect/.test(JSON.stringify(Object.values(e.innerErrors).map(String))));
  await wrong.shutdown();
}
console.log("node driver: all checks passed");
