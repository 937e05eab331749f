"""Drives the server with stubs that were generated from its .proto files. With
GRPC_CA, an authority to trust, it does so over TLS."""

import os

import grpc
import query_pb2 as q
import stargate_pb2_grpc

address, token, keyspace = os.environ["GRPC_ADDRESS"], os.environ["CQL_TOKEN"], os.environ["CQL_KEYSPACE"]
authority = os.environ.get("GRPC_CA")
if authority:
    with open(authority, "rb") as f:
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(f.read()))
else:
    channel = grpc.insecure_channel(address)
stargate = stargate_pb2_grpc.StargateStub(channel)
metadata = [("x-cassandra-token", token)]
V = q.Value


def run(cql, *values, names=(), **parameters):
    return stargate.ExecuteQuery(
        q.Query(cql=cql, values=q.Values(values=values, value_names=names), parameters=q.QueryParameters(**parameters)),
        metadata=metadata, timeout=180)


def fails(code, text, f):
    try:
        f()
    except grpc.RpcError as e:
        assert e.code() == code and text in e.details(), (e.code(), e.details())
        return e
    raise AssertionError(f"no {code}")


run(f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
run(f"DROP TABLE IF EXISTS {keyspace}.t")
run("CREATE TABLE t (k text, c int, v text, d duration, m map<text, int>, PRIMARY KEY (k, c))", keyspace={"value": keyspace})
e = fails(grpc.StatusCode.ALREADY_EXISTS, "already", lambda: run(f"CREATE TABLE {keyspace}.t (k text PRIMARY KEY)"))
exists = q.AlreadyExists.FromString(dict(e.trailing_metadata())["stargate.alreadyexists-bin"])
assert (exists.keyspace, exists.table) == (keyspace, "t"), exists

insert = f"INSERT INTO {keyspace}.t (k, c, v, d, m) VALUES (?, ?, ?, ?, ?)"
entries = V(collection=q.Collection(elements=[V(string="x"), V(int=1), V(string="y"), V(int=-2)]))
span = V(duration=q.Duration(months=1, days=2, nanos=3))
for i in range(5):
    assert run(insert, V(string="a"), V(int=i), V(null=V.Null()), span, entries).WhichOneof("result") is None
run(f"INSERT INTO {keyspace}.t (k, c) VALUES (:k, :c)", V(int=9), V(string="b"), names=["c", "k"])

# Pages.
seen, state = [], None
while True:
    page = run(f"SELECT c, v, d, m FROM {keyspace}.t WHERE k = 'a'", page_size={"value": 2},
               **({"paging_state": {"value": state}} if state else {})).result_set
    seen += [row.values[0].int for row in page.rows]
    assert all(row.values[1].WhichOneof("inner") == "null" and row.values[2] == span and row.values[3] == entries for row in page.rows)
    if not page.HasField("paging_state"):
        break
    state = page.paging_state.value
assert seen == [0, 1, 2, 3, 4], seen

# A conditional insert, a batch, a trace.
r = run(f"INSERT INTO {keyspace}.t (k, c) VALUES ('a', 0) IF NOT EXISTS").result_set
assert r.columns[0].name == "[applied]" and r.rows[0].values[0].boolean is False
stargate.ExecuteBatch(q.Batch(queries=[q.BatchQuery(cql=f"INSERT INTO {keyspace}.t (k, c) VALUES ('z', {i})") for i in (1, 2)]), metadata=metadata)
assert run(f"SELECT count(*) FROM {keyspace}.t WHERE k = 'z'").result_set.rows[0].values[0].int == 2
traces = run(f"SELECT c FROM {keyspace}.t WHERE k = 'z'", tracing=True).traces
assert traces.id and traces.duration > 0 and traces.started_at > 0 and traces.events, traces

# Mistakes.
fails(grpc.StatusCode.INVALID_ARGUMENT, "Invalid argument at position 2: Expected integer type", lambda: run(insert, V(string="a"), V(string="b"), V(), V(), V()))
fails(grpc.StatusCode.FAILED_PRECONDITION, "Expected 5, but received 1", lambda: run(insert, V(string="a")))
fails(grpc.StatusCode.UNAUTHENTICATED, "Invalid token", lambda: stargate.ExecuteQuery(q.Query(cql="SELECT key FROM system.local"), metadata=[("x-cassandra-token", "no")]))

# A stream of a thousand.
answers = list(stargate.ExecuteQueryStream((q.Query(cql=f"SELECT c FROM {keyspace}.t WHERE k = 'z'") for _ in range(1000)), metadata=metadata))
assert len(answers) == 1000 and all(len(a.response.result_set.rows) == 2 for a in answers)
print("gRPC python stubs: all checks passed")
