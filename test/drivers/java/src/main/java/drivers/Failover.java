package drivers;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes through two gateways for 12 seconds. One of them is killed meanwhile: the driver must go
 * on with the other one within a few seconds.
 */
public final class Failover {
  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new AssertionError(what);
    }
  }

  public static void main(String[] args) throws Exception {
    var builder = CqlSession.builder().withLocalDatacenter("datacenter1").withAuthCredentials("token", System.getenv("CQL_TOKEN"));
    for (String host : System.getenv("CQL_HOSTS").split(",")) {
      builder.addContactPoint(new InetSocketAddress(host, Integer.parseInt(System.getenv("CQL_PORT"))));
    }
    try (CqlSession session = builder.build()) {
      check(session.getMetadata().getNodes().size() == 2, session.getMetadata().getNodes().toString());
      PreparedStatement insert = session.prepare("INSERT INTO k.t (id, v) VALUES (?, ?)");
      session.execute(statement(insert, -1));
      System.out.println("java driver: ready");
      System.in.read(); // the word to begin
      write(session, insert);
    }
  }

  private static BoundStatement statement(PreparedStatement insert, int id) {
    return insert.bind(id, "java").setConsistencyLevel(DefaultConsistencyLevel.QUORUM).setIdempotent(true);
  }

  private static void write(CqlSession session, PreparedStatement insert) throws InterruptedException {
    long began = System.nanoTime();
    int good = 0;
    double lastBad = 0;
    Map<String, Integer> bad = new TreeMap<>();
    Set<SocketAddress> early = new HashSet<>();
    Set<SocketAddress> late = new HashSet<>();
    for (double second = 0; second < 12; second = (System.nanoTime() - began) / 1e9) {
      try {
        SocketAddress by = session.execute(statement(insert, -1_000_000 - good)).getExecutionInfo().getCoordinator().getEndPoint().resolve();
        if (second < 2) {
          early.add(by);
        }
        if (second >= 9) {
          late.add(by);
        }
        good++;
      } catch (DriverException e) { // a connection that was lost, a host that is down
        bad.merge(e.getClass().getSimpleName(), 1, Integer::sum);
        lastBad = second;
      }
      Thread.sleep(10);
    }
    check(early.size() == 2, "only " + early + " were used before");
    check(late.size() == 1, late + " were used at the end");
    check(good > 30 && 12 - lastBad > 3, good + " writes, errors " + bad + ", the last after " + lastBad + " s");
    System.out.println("java driver: moved to the other gateway (" + good + " writes, errors " + bad + ")");
  }
}
