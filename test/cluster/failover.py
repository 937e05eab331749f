"""Writes through two gateways for 12 seconds. One of them is killed meanwhile:
the driver must go on with the other one within a few seconds."""
import os
import sys
import time

from cassandra import ConsistencyLevel
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster

hosts = os.environ["CQL_HOSTS"].split(",")
cluster = Cluster(hosts, port=int(os.environ["CQL_PORT"]), auth_provider=PlainTextAuthProvider("token", os.environ["CQL_TOKEN"]))
session = cluster.connect()
assert len(cluster.metadata.all_hosts()) == 2, cluster.metadata.all_hosts()
insert = session.prepare("INSERT INTO k.t (id, v) VALUES (?, ?)")
insert.consistency_level = ConsistencyLevel.QUORUM
insert.is_idempotent = True

session.execute(insert, (-1, ""))
print("python driver: ready", flush=True)
sys.stdin.readline()  # the word to begin
began = time.time()
good, bad, last_bad, seen = 0, {}, began, set()
while time.time() - began < 12:
    try:
        future = session.execute_async(insert, (-1000 - good, "python"))
        future.result()
        seen.add((future.coordinator_host.endpoint.address, int(time.time() - began)))
        good += 1
    except Exception as e:  # a connection that was lost, a host that is down
        bad[type(e).__name__] = bad.get(type(e).__name__, 0) + 1
        last_bad = time.time()
    time.sleep(0.01)

late = {address for address, second in seen if second >= 9}
early = {address for address, second in seen if second < 2}
assert len(early) == 2, f"only {early} were used before"
assert len(late) == 1, f"{late} were used at the end"
assert good > 30 and time.time() - last_bad > 3, (good, bad, time.time() - last_bad)
print(f"python driver: moved to the other gateway ({good} writes, errors {bad})")
