"""cqlsh 6.2.2, unmodified: statements, DESCRIBE, COPY, errors, as a user types them."""

import os
import subprocess
import tempfile

HOST, PORT, TOKEN, KS = (os.environ[k] for k in ("CQL_HOST", "CQL_PORT", "CQL_TOKEN", "CQL_KEYSPACE"))


def cqlsh(text, fails=False):
    login = ["-u", "token", "-p", TOKEN] if TOKEN else []
    run = subprocess.run([os.environ["CQLSH"], HOST, PORT, *login, "--no-color", "--request-timeout=30"], input=text,
                         capture_output=True, text=True, timeout=120)
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

check(f"DROP KEYSPACE {KS};\n")
print("cqlsh: all checks passed")
