"""The Python driver (cassandra-driver), unmodified and at its defaults but for its timeouts.
CQL_HOST, CQL_PORT, CQL_TOKEN ("" = no login) and CQL_KEYSPACE say where."""

import datetime
import decimal
import os
import time
import uuid

from cassandra import AlreadyExists, ConsistencyLevel, InvalidRequest, ReadFailure
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable
from cassandra.protocol import SyntaxException
from cassandra.query import BatchStatement, SimpleStatement, dict_factory
from cassandra.util import Date, Duration, Time

HOST, PORT = os.environ["CQL_HOST"], int(os.environ["CQL_PORT"])
TOKEN, KEYSPACE = os.environ["CQL_TOKEN"], os.environ["CQL_KEYSPACE"]


def connect(password=TOKEN, **kw):
    auth = PlainTextAuthProvider("token", password) if password else None
    cluster = Cluster([HOST], port=PORT, auth_provider=auth, connect_timeout=60, control_connection_timeout=60, max_schema_agreement_wait=60, **kw)
    session = cluster.connect()
    session.default_timeout = 120  # a real node on a busy machine
    return cluster, session


def expect(error, session, text, part):
    try:
        session.execute(text)
    except error as e:
        assert part in str(e), f"{text}: {e}"
        return
    raise AssertionError(f"{text}: no error")


cluster, session = connect()
assert cluster.protocol_version == 5, cluster.protocol_version
assert cluster.metadata.partitioner.endswith("Murmur3Partitioner")

session.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
session.set_keyspace(KEYSPACE)
session.execute("CREATE TYPE address (street text, zip int)")
session.execute("""CREATE TABLE everything (
    id uuid, n int, t text, bi bigint, bl blob, bo boolean, de decimal, dbl double, fl float, ine inet, si smallint,
    ti tinyint, ts timestamp, tu timeuuid, vi varint, da date, tm time, du duration, s static, li list<int>,
    se set<text>, ma map<text, int>, fli frozen<list<int>>, tup tuple<int, text>, ad frozen<address>, vec vector<float, 3>,
    PRIMARY KEY (id, n))""".replace("s static", "s text static"))

# every type, prepared
row = dict(id=uuid.uuid4(), n=1, t="Zoë 🚀", bi=2**62, bl=b"\x00\xff", bo=True, de=decimal.Decimal("1.10"), dbl=1.5, fl=0.25,
           ine="127.0.0.1", si=-3, ti=7, ts=datetime.datetime(2021, 10, 5, 12, 34, 56, 789000), tu=uuid.uuid1(), vi=10**30,
           da=Date("2021-10-05"), tm=Time("12:34:56.789"), du=Duration(1, 2, 3), s="static", li=[1, 2], se={"a", "b"},
           ma={"k": 1}, fli=[3, 4], tup=(5, "x"), ad=None, vec=[1.0, 2.0, 3.0])
names = list(row)
insert = session.prepare(f"INSERT INTO everything ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})")
session.execute(insert, [row[n] for n in names])
session.execute("UPDATE everything SET ad = {street: 'Main', zip: 1} WHERE id = %s AND n = 1", [row["id"]])
session.row_factory = dict_factory
got = session.execute("SELECT * FROM everything WHERE id = %s", [row["id"]]).one()
for name, want in row.items():
    have = got[name]
    if name == "ad":
        assert (have.street, have.zip) == ("Main", 1), have
    elif name in ("se",):
        assert set(have) == want, (name, have)
    elif name in ("ma",):
        assert dict(have) == want, (name, have)
    elif name in ("li", "fli", "vec"):
        assert list(have) == want, (name, have)
    else:
        assert have == want, (name, have, want)

# paging
session.execute("CREATE TABLE pages (p int, c int, v text, PRIMARY KEY (p, c))")
put = session.prepare("INSERT INTO pages (p, c, v) VALUES (?, ?, ?)")
for p in range(3):
    batch = BatchStatement()
    for c in range(40):
        batch.add(put, (p, c, "v" * c))
    session.execute(batch)
for text, want in (("SELECT * FROM pages", 120), ("SELECT * FROM pages WHERE p = 1", 40), ("SELECT * FROM pages WHERE p = 1 AND c > 9", 30)):
    rows = list(session.execute(SimpleStatement(text, fetch_size=7)))
    assert len(rows) == want, (text, len(rows))
assert [r["c"] for r in session.execute("SELECT c FROM pages WHERE p = 0 ORDER BY c DESC LIMIT 3")] == [39, 38, 37]
assert session.execute("SELECT count(*) AS n FROM pages").one()["n"] == 120

# a large value crosses segments both ways
big = os.urandom(3_000_000)
session.execute("CREATE TABLE big (id int PRIMARY KEY, v blob)")
session.execute(session.prepare("INSERT INTO big (id, v) VALUES (?, ?)"), (1, big))
assert session.execute("SELECT v FROM big WHERE id = 1").one()["v"] == big

# lightweight transactions, TTL, write time, warnings off
applied = session.execute("INSERT INTO pages (p, c, v) VALUES (9, 9, 'x') IF NOT EXISTS").one()
assert applied["[applied]"] is True
again = session.execute("INSERT INTO pages (p, c, v) VALUES (9, 9, 'y') IF NOT EXISTS").one()
assert again["[applied]"] is False and again["v"] == "x"
session.execute("INSERT INTO pages (p, c, v) VALUES (9, 10, 'x') USING TTL 1000 AND TIMESTAMP 123456789")
r = session.execute("SELECT ttl(v) AS t, writetime(v) AS w FROM pages WHERE p = 9 AND c = 10").one()
assert 700 < r["t"] <= 1000 and r["w"] == 123456789, r

# errors
expect(InvalidRequest, session, "SELECT nope FROM pages", "Undefined column name nope")
expect(SyntaxException, session, "SELEC 1", "line 1:0 no viable alternative at input 'SELEC'")
expect(AlreadyExists, session, "CREATE TABLE pages (p int PRIMARY KEY)", "already exists")
expect(InvalidRequest, session, "SELECT * FROM pages WHERE c = 1", "ALLOW FILTERING")
statement = SimpleStatement("SELECT * FROM pages LIMIT 1", consistency_level=ConsistencyLevel.LOCAL_QUORUM)
assert session.execute(statement).one() is not None

# metadata and schema events
session.execute("ALTER TABLE pages ADD extra int")
assert "extra" in cluster.metadata.keyspaces[KEYSPACE].tables["pages"].columns
assert "CREATE TABLE" in cluster.metadata.keyspaces[KEYSPACE].tables["everything"].export_as_string()
session.execute("CREATE INDEX ON pages (v)")
for _ in range(600):  # a Cassandra builds its index in the background
    try:
        session.execute("SELECT c FROM pages WHERE v = 'vvv'")
        break
    except ReadFailure:
        time.sleep(0.1)
assert session.execute("SELECT c FROM pages WHERE v = 'vvv'").one()["c"] == 3
session.execute("TRUNCATE pages")
assert session.execute("SELECT count(*) AS n FROM pages").one()["n"] == 0

# traces
for statement, request, parameters in (
    (SimpleStatement(f"SELECT * FROM {KEYSPACE}.pages WHERE p = 1", consistency_level=ConsistencyLevel.QUORUM), "Execute CQL3 query",
     {"consistency_level": "QUORUM", "page_size": "5000", "query": f"SELECT * FROM {KEYSPACE}.pages WHERE p = 1", "serial_consistency_level": "SERIAL"}),
    (session.prepare(f"SELECT * FROM {KEYSPACE}.pages WHERE p = ?").bind([1]), "Execute CQL3 prepared query",
     {"bound_var_0_p": "1", "consistency_level": "LOCAL_ONE", "page_size": "5000", "query": f"SELECT * FROM {KEYSPACE}.pages WHERE p = ?",
      "serial_consistency_level": "SERIAL"}),
):
    trace = session.execute(statement, trace=True).get_query_trace(max_wait_sec=120)
    assert trace.request_type == request and dict(trace.parameters) == parameters, (trace.request_type, trace.parameters)
    assert trace.coordinator == HOST and trace.client == "127.0.0.1" and trace.duration > datetime.timedelta(0), trace
    activities = [e.description for e in trace.events]
    assert "Executing single-partition query on pages" in activities, activities
    assert all(e.source == HOST and e.source_elapsed <= trace.duration for e in trace.events), trace.events
assert session.execute(f"SELECT * FROM {KEYSPACE}.pages WHERE p = 1").get_query_trace() is None

# who is connected; behind a gateway the table is a node's, which sees the gateway
clients = [c for c in session.execute("SELECT * FROM system_views.clients") if c["driver_name"] == "Apache Cassandra Python Driver"]
assert os.environ["CQL_BACKEND"] == "gateway" or clients and all(c["connection_stage"] == "ready" and c["protocol_version"] == 5 and c["request_count"] > 0 and c["username"] and
                       c["client_options"]["CQL_VERSION"] and not c["ssl_enabled"] for c in clients), clients

# compression and older protocols
for kw in (dict(compression=False), dict(protocol_version=4), dict(protocol_version=3), dict(protocol_version=4, compression=False)):
    c2, s2 = connect(**kw)
    assert s2.execute(f"SELECT count(*) FROM {KEYSPACE}.everything").one()[0] == 1, kw
    c2.shutdown()

if TOKEN:
    try:
        connect(password="AstraCS:wrong")
        raise AssertionError("a wrong token got in")
    except NoHostAvailable as e:
        assert "incorrect" in str(e), e

session.execute(f"DROP KEYSPACE {KEYSPACE}")
assert KEYSPACE not in cluster.metadata.keyspaces
cluster.shutdown()
print("python driver: all checks passed")
