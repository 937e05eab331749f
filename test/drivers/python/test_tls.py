"""The Python driver and cqlsh over TLS, checking the server's certificate.
CQL_CA is the authority to trust; the rest is as in test_driver.py."""

import os
import ssl
import subprocess

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable

HOST, PORT, TOKEN, CA = os.environ["CQL_HOST"], int(os.environ["CQL_PORT"]), os.environ["CQL_TOKEN"], os.environ["CQL_CA"]
KEYSPACE = os.environ["CQL_KEYSPACE"]


def context():
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks the chain and the host
    c.load_verify_locations(CA)
    return c


for version in (3, 4, 5):
    cluster = Cluster([HOST], port=PORT, auth_provider=PlainTextAuthProvider("token", TOKEN), protocol_version=version,
                      connect_timeout=60, control_connection_timeout=60, ssl_context=context(), ssl_options={"server_hostname": HOST})
    session = cluster.connect()
    session.default_timeout = 120
    session.execute(f"CREATE KEYSPACE IF NOT EXISTS {KEYSPACE} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")
    session.execute(f"CREATE TABLE IF NOT EXISTS {KEYSPACE}.t (k int PRIMARY KEY, v blob)")
    large = os.urandom(300_000)
    session.execute(session.prepare(f"INSERT INTO {KEYSPACE}.t (k, v) VALUES (?, ?)"), (version, large))
    assert session.execute(f"SELECT v FROM {KEYSPACE}.t WHERE k = {version}").one().v == large
    cluster.shutdown()

try:
    Cluster([HOST], port=PORT, auth_provider=PlainTextAuthProvider("token", TOKEN), connect_timeout=5).connect()
    raise AssertionError("connected in plain text")
except NoHostAvailable:
    pass

env = dict(os.environ, SSL_CERTFILE=CA, SSL_VALIDATE="true")
run = subprocess.run([os.environ["CQLSH"], HOST, str(PORT), "--ssl", "-u", "token", "-p", TOKEN, "--no-color", "--connect-timeout=60", "--request-timeout=120",
                      "-e", f"SELECT k FROM {KEYSPACE}.t"], capture_output=True, text=True, timeout=300, env=env)
assert run.returncode == 0 and "(3 rows)" in run.stdout, run.stdout + run.stderr
print("TLS: all checks passed")
