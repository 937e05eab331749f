// Drives the server with @stargate-oss/stargate-grpc-node-client, unmodified.
import assert from 'node:assert/strict';
import grpc from '@grpc/grpc-js';
import client from '@stargate-oss/stargate-grpc-node-client';

const { StargateClient, StargateTableBasedToken, Query, Batch, BatchQuery, QueryParameters, Values, Value, Collection, Uuid, promisifyStargateClient,
  toUUIDString } = client;
const { GRPC_ADDRESS: address, HTTP_URL: http, CQL_TOKEN: token, CQL_KEYSPACE: keyspace } = process.env;

// The token as metadata, and the client's own log-in with a name and a password.
const metadata = new grpc.Metadata();
metadata.set('x-cassandra-token', token);
const login = new StargateTableBasedToken({ authEndpoint: `${http}/v1/auth`, username: 'token', password: token });
const plain = new StargateClient(address, grpc.credentials.createInsecure());
const stargate = promisifyStargateClient(plain);

const query = (cql, values = [], parameters = {}) => {
  const q = new Query();
  q.setCql(cql);
  if (values.length > 0) {
    const v = new Values();
    v.setValuesList(values);
    q.setValues(v);
  }
  const p = new QueryParameters();
  p.setTracing(parameters.tracing ?? false);
  q.setParameters(p);
  return q;
};
const run = (...args) => stargate.executeQuery(query(...args), metadata);
const string = (s) => { const v = new Value(); v.setString(s); return v; };
const int = (n) => { const v = new Value(); v.setInt(n); return v; };

await run(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
await run(`DROP TABLE IF EXISTS ${keyspace}.t`);
const created = await run(`CREATE TABLE ${keyspace}.t (k text PRIMARY KEY, v int, l list<text>, u uuid)`);
assert.equal(created.getSchemaChange().getName().getValue(), 't');

const list = new Value();
const collection = new Collection();
collection.setElementsList([string('x'), string('y')]);
list.setCollection(collection);
const uuid = new Value();
const bytes = new Uuid();
bytes.setValue(Uint8Array.from({ length: 16 }, (_, i) => i));
uuid.setUuid(bytes);
await run(`INSERT INTO ${keyspace}.t (k, v, l, u) VALUES (?, ?, ?, ?)`, [string('a'), int(-7), list, uuid]);
const answer = await run(`SELECT k, v, l, u FROM ${keyspace}.t WHERE k = ?`, [string('a')], { tracing: true });
const result = answer.getResultSet();
assert.deepEqual(result.getColumnsList().map((c) => c.getName()), ['k', 'v', 'l', 'u']);
const [k, v, l, u] = result.getRowsList()[0].getValuesList();
assert.equal(k.getString(), 'a');
assert.equal(v.getInt(), -7);
assert.deepEqual(l.getCollection().getElementsList().map((e) => e.getString()), ['x', 'y']);
assert.equal(toUUIDString(u), '00010203-0405-0607-0809-0a0b0c0d0e0f');
assert.ok(answer.getTraces().getEventsList().length > 0);

const batch = new Batch();
batch.setQueriesList(['b', 'c'].map((key) => {
  const one = new BatchQuery();
  one.setCql(`INSERT INTO ${keyspace}.t (k, v) VALUES ('${key}', 1)`);
  return one;
}));
await stargate.executeBatch(batch, metadata);
const counted = await run(`SELECT count(*) FROM ${keyspace}.t`);
assert.equal(counted.getResultSet().getRowsList()[0].getValuesList()[0].getInt(), 3);

await assert.rejects(run('SELECT * FROM nowhere.nothing'), (e) => e.code === grpc.status.INVALID_ARGUMENT);
await assert.rejects(stargate.executeQuery(query('SELECT key FROM system.local'), new grpc.Metadata()),
  (e) => e.code === grpc.status.UNAUTHENTICATED && e.details === 'No token provided');

// The client's own log-in.
const given = await login.generateMetadata({ service_url: address });
const local = await stargate.executeQuery(query('SELECT key FROM system.local'), given);
assert.equal(local.getResultSet().getRowsList()[0].getValuesList()[0].getString(), 'local');

plain.close();
console.log('gRPC node client: all checks passed');
