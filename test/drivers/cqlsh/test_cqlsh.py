"""cqlsh 6.2.2, unmodified: statements, DESCRIBE, COPY, errors, as a user types them."""

import os
import subprocess
import tempfile

# Only more patient than cqlsh is by itself: the machine may be busy.
RC = tempfile.NamedTemporaryFile("w", suffix=".cqlshrc")
RC.write("[tracing]\nmax_trace_wait = 120\n")
RC.flush()
PATIENCE = ["--cqlshrc", RC.name, "--connect-timeout=60", "--request-timeout=120"]

HOST, PORT, TOKEN, KS = (os.environ[k] for k in ("CQL_HOST", "CQL_PORT", "CQL_TOKEN", "CQL_KEYSPACE"))


def cqlsh(text, fails=False):
    login = ["-u", "token", "-p", TOKEN] if TOKEN else []
    run = subprocess.run([os.environ["CQLSH"], HOST, PORT, *login, "--no-color", *PATIENCE], input=text,
                         capture_output=True, text=True, timeout=300)
    out = run.stdout + run.stderr
    assert fails or run.returncode == 0, f"{text}\n{out}"
    return out


def check(text, *parts, fails=False):
    out = cqlsh(text, fails)
    for part in parts:
        assert part in out, f"{text}\nlacks {part!r}:\n{out}"
    return out


check(f"CREATE KEYSPACE {KS} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}};\n"
      f"USE {KS};\n"
      "CREATE TABLE users (userid uuid PRIMARY KEY, firstname text, lastname text, email text, created_date timestamp);\n"
      "CREATE TABLE user_credentials (email text PRIMARY KEY, password text, userid uuid);\n"
      "INSERT INTO users (userid, firstname, lastname) VALUES (11111111-1111-4111-8111-111111111111, 'John', 'Smith');\n"
      "SELECT firstname, lastname FROM users;\n", "firstname | lastname", "John |    Smith", "(1 rows)")
check("DESCRIBE KEYSPACES;\n", KS, "system_schema")
check(f"DESCRIBE KEYSPACE {KS};\n", f"CREATE KEYSPACE {KS} WITH replication", f"CREATE TABLE {KS}.users (", "userid uuid PRIMARY KEY",
      "AND gc_grace_seconds = 864000")
check(f"USE {KS}; DESCRIBE TABLES;\n", "user_credentials", "users")
check("DESCRIBE CLUSTER;\n", "Partitioner: Murmur3Partitioner")
check("SHOW VERSION;\n", "CQL spec 3.4.7", "Native protocol v5")
check("SELECT release_version FROM system.local;\n", "5.0.9")
check("CONSISTENCY QUORUM;\nEXPAND ON;\n" + f"SELECT * FROM {KS}.users;\n", "@ Row 1", "firstname    | John")
check(f"PAGING 2;\nSELECT * FROM {KS}.users;\n", "(1 rows)")
check(f"SELECT nope FROM {KS}.users;\n", "Undefined column name nope", fails=True)
check("SELEC 1;\n", "no viable alternative at input 'SELEC'", fails=True)

with tempfile.TemporaryDirectory() as tmp:
    out = os.path.join(tmp, "users.csv")
    check(f"COPY {KS}.users TO '{out}';\n", "1 rows exported")
    check(f"TRUNCATE {KS}.users;\nCOPY {KS}.users FROM '{out}';\nSELECT count(*) FROM {KS}.users;\n", "1 rows imported", "     1")

# through a file and back: every kind of value that cqlsh can import (not durations, vectors and user types)
types = ("k int PRIMARY KEY, a ascii, b bigint, bl blob, bo boolean, d date, de decimal, do double, f float, i inet, s smallint, "
         "t text, ti time, ts timestamp, tu timeuuid, tn tinyint, u uuid, v varint, l list<int>, st set<text>, m map<text, int>, "
         "tp tuple<int, text>")
row = ("1, 'a', 2, 0x00ff, true, '2024-02-29', 1.50, 2.5, 3.5, '::1', 4, 'x, \"y\" é', '10:11:12.000000001', '2024-02-29 10:11:12.345Z', "
       "50554d6e-29bb-11e5-b345-feff819cdc9f, 5, 11111111-1111-4111-8111-111111111111, 12345678901234567890, [1, 2], {'a', 'b'}, {'k': 1}, "
       "(1, 'z')")
check(f"USE {KS};\nCREATE TABLE every ({types});\nINSERT INTO every (k, a, b, bl, bo, d, de, do, f, i, s, t, ti, ts, "
      f"tu, tn, u, v, l, st, m, tp) VALUES ({row});\n")
with tempfile.TemporaryDirectory() as tmp:
    out, again = os.path.join(tmp, "a.csv"), os.path.join(tmp, "b.csv")
    check(f"USE {KS};\nCOPY every TO '{out}' WITH HEADER = true;\n", "1 rows exported")
    check(f"USE {KS};\nTRUNCATE every;\nCOPY every FROM '{out}' WITH HEADER = true;\nCOPY every TO '{again}' WITH HEADER = true;\n", "1 rows imported")
    assert open(out).read() == open(again).read(), open(out).read() + open(again).read()

# TRACING ON prints what happened; a gateway's statements reach the node with qualified names
every, scan = (f"{KS}.every", "Executing seq scan across") if os.environ["CQL_BACKEND"] == "gateway" else ("every", "Executing seq scan on every")
out = check(f"USE {KS};\nTRACING ON;\nINSERT INTO every (k) VALUES (2);\nSELECT k FROM every WHERE k = 2;\nSELECT k FROM every;\n",
            "Tracing session:", "Execute CQL3 query", f"Parsing SELECT k FROM {every} WHERE k = 2", "Preparing statement", "Appending to commitlog",
            "Adding to every memtable", "Executing single-partition query on every", "Read 1 live rows and 0 tombstone cells",
            scan, "Read 2 live rows and 0 tombstone cells", "Request complete")
assert out.count("Tracing session:") == 3, out

# roles
check(f"CREATE ROLE {KS}_r WITH PASSWORD = 'secret' AND LOGIN = true;\nGRANT SELECT ON {KS}.every TO {KS}_r;\n"
      f"LIST ALL PERMISSIONS OF {KS}_r;\n", f"<table {KS}.every>", "SELECT")
if TOKEN:
    run = subprocess.run([os.environ["CQLSH"], HOST, PORT, "-u", f"{KS}_r", "-p", "secret", "--no-color", *PATIENCE], capture_output=True, text=True, timeout=300,
                         input=f"SELECT k FROM {KS}.every;\nINSERT INTO {KS}.every (k) VALUES (3);\nLIST ROLES;\n")
    out = run.stdout + run.stderr
    for part in ("(2 rows)", f"User {KS}_r has no MODIFY permission on <table {KS}.every> or any of its parents", f"{KS}_r | False |  True"):
        assert part in out, f"lacks {part!r}:\n{out}"
check(f"DROP ROLE {KS}_r;\n")

check(f"DROP KEYSPACE {KS};\n")
print("cqlsh: all checks passed")
