package drivers;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.ProtocolVersion;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.servererrors.AlreadyExistsException;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.SyntaxError;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The Java driver 4.x, unmodified and at its defaults. With CQL_CA it connects over TLS (see Tls). */
public final class DriverTest {
  private static final String KS = System.getenv("CQL_KEYSPACE");

  private static CqlSessionBuilder builder(String token) {
    CqlSessionBuilder b = CqlSession.builder()
        .addContactPoint(new InetSocketAddress(System.getenv("CQL_HOST"), Integer.parseInt(System.getenv("CQL_PORT"))))
        .withLocalDatacenter("datacenter1");
    if (System.getenv("CQL_CA") != null) {
      b = b.withSslEngineFactory(new ProgrammaticSslEngineFactory(Tls.context(), null, true)); // true: checks the host
    }
    return token.isEmpty() ? b : b.withAuthCredentials("token", token);
  }

  private static void check(boolean ok, String what) {
    if (!ok) {
      throw new AssertionError(what);
    }
  }

  private static <E extends Exception> void expect(Class<E> kind, String part, Runnable run) {
    try {
      run.run();
    } catch (Exception e) {
      check(kind.isInstance(e) && e.getMessage().contains(part), "expected " + kind + " with " + part + ", got " + e);
      return;
    }
    throw new AssertionError("no " + kind);
  }

  private static void types(CqlSession s) {
    s.execute("CREATE TABLE types (id uuid PRIMARY KEY, t text, b bigint, d decimal, ts timestamp, l list<int>, s set<text>, m map<text, int>, f double, bo boolean)");
    PreparedStatement insert = s.prepare("INSERT INTO types (id, t, b, d, ts, l, s, m, f, bo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    UUID id = UUID.randomUUID();
    Instant now = Instant.ofEpochMilli(1633437296789L);
    s.execute(insert.bind(id, "Zoë", 1L << 62, new BigDecimal("1.10"), now, List.of(1, 2), Set.of("a"), Map.of("k", 1), 0.5, true));
    Row r = s.execute(s.prepare("SELECT * FROM types WHERE id = ?").bind(id)).one();
    check(r.getString("t").equals("Zoë") && r.getLong("b") == 1L << 62 && r.getBigDecimal("d").toString().equals("1.10")
        && r.getInstant("ts").equals(now) && r.getList("l", Integer.class).equals(List.of(1, 2))
        && r.getSet("s", String.class).equals(Set.of("a")) && r.getMap("m", String.class, Integer.class).equals(Map.of("k", 1))
        && r.getDouble("f") == 0.5 && r.getBoolean("bo"), "types: " + r.getFormattedContents());
  }

  private static void paging(CqlSession s) {
    s.execute("CREATE TABLE pages (p int, c int, v text, PRIMARY KEY (p, c))");
    PreparedStatement put = s.prepare("INSERT INTO pages (p, c, v) VALUES (?, ?, ?)");
    var batch = BatchStatement.builder(BatchType.LOGGED);
    for (int c = 0; c < 100; c++) {
      batch.addStatement(put.bind(c % 4, c, "v" + c));
    }
    s.execute(batch.build());
    int n = 0;
    ResultSet rows = s.execute(SimpleStatement.newInstance("SELECT * FROM pages").setPageSize(7));
    for (Row ignored : rows) {
      n++;
    }
    check(n == 100, "paged rows: " + n);
    check(s.execute("SELECT count(*) FROM pages WHERE p = 1").one().getLong(0) == 25, "count");
    check(!s.execute("INSERT INTO pages (p, c, v) VALUES (0, 0, 'x') IF NOT EXISTS").wasApplied(), "LWT");
  }

  public static void main(String[] args) {
    String token = System.getenv("CQL_TOKEN");
    try (CqlSession s = builder(token).build()) {
      check(s.getContext().getProtocolVersion().equals(ProtocolVersion.V5), "protocol " + s.getContext().getProtocolVersion());
      s.execute("CREATE KEYSPACE " + KS + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    }
    try (CqlSession s = builder(token).withKeyspace(KS).build()) {
      types(s);
      paging(s);
      expect(InvalidQueryException.class, "Undefined column name nope", () -> s.execute("SELECT nope FROM pages"));
      expect(SyntaxError.class, "no viable alternative at input 'SELEC'", () -> s.execute("SELEC 1"));
      expect(AlreadyExistsException.class, "pages", () -> s.execute("CREATE TABLE pages (p int PRIMARY KEY)"));
      s.execute("ALTER TABLE pages ADD extra int");
      check(s.refreshSchema().getKeyspace(KS).orElseThrow().getTable("pages").orElseThrow().getColumn("extra").isPresent(), "metadata");
      check(s.execute("SELECT extra FROM pages WHERE p = 0 AND c = 0").one().isNull(0), "added column");
      s.execute("DROP KEYSPACE " + KS);
    }
    if (!token.isEmpty()) {
      expect(AllNodesFailedException.class, "", () -> builder("AstraCS:wrong").build().close());
    }
    System.out.println("java driver: all checks passed");
  }
}
