package drivers;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.MetadataUtils;
import io.stargate.proto.QueryOuterClass.AlreadyExists;
import io.stargate.proto.QueryOuterClass.Batch;
import io.stargate.proto.QueryOuterClass.BatchQuery;
import io.stargate.proto.QueryOuterClass.Query;
import io.stargate.proto.QueryOuterClass.QueryParameters;
import io.stargate.proto.QueryOuterClass.Response;
import io.stargate.proto.QueryOuterClass.ResultSet;
import io.stargate.proto.QueryOuterClass.TypeSpec;
import io.stargate.proto.QueryOuterClass.Value;
import io.stargate.proto.QueryOuterClass.Values;
import io.stargate.proto.StargateGrpc;
import java.util.concurrent.TimeUnit;

/** Drives the server with the published stubs io.stargate.grpc:grpc-proto. */
public final class GrpcTest {
  private static StargateGrpc.StargateBlockingStub stub;

  private static Response run(String cql, Value... values) {
    return run(QueryParameters.getDefaultInstance(), cql, values);
  }

  private static Response run(QueryParameters parameters, String cql, Value... values) {
    Query.Builder query = Query.newBuilder().setCql(cql).setParameters(parameters);
    Values.Builder all = Values.newBuilder();
    for (Value value : values) {
      all.addValues(value);
    }
    return stub.executeQuery(query.setValues(all).build());
  }

  private static void check(boolean holds, Object shown) {
    if (!holds) {
      throw new AssertionError(String.valueOf(shown));
    }
  }

  private static Value text(String s) {
    return Value.newBuilder().setString(s).build();
  }

  private static Value number(long n) {
    return Value.newBuilder().setInt(n).build();
  }

  public static void main(String[] args) throws InterruptedException {
    String keyspace = System.getenv("CQL_KEYSPACE");
    ManagedChannel channel = ManagedChannelBuilder.forTarget(System.getenv("GRPC_ADDRESS")).usePlaintext().build();
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("x-cassandra-token", Metadata.ASCII_STRING_MARSHALLER), System.getenv("CQL_TOKEN"));
    stub = StargateGrpc.newBlockingStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token));

    run("CREATE KEYSPACE IF NOT EXISTS " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    run("DROP TABLE IF EXISTS " + keyspace + ".t");
    Response created = run("CREATE TABLE " + keyspace + ".t (k text PRIMARY KEY, v int, s set<text>)");
    check(created.getSchemaChange().getName().getValue().equals("t"), created);
    try {
      run("CREATE TABLE " + keyspace + ".t (k text PRIMARY KEY)");
      throw new AssertionError("a table was made twice");
    } catch (StatusRuntimeException e) {
      check(e.getStatus().getCode() == Status.Code.ALREADY_EXISTS, e);
      AlreadyExists detail = Status.trailersFromThrowable(e).get(ProtoUtils.keyForProto(AlreadyExists.getDefaultInstance()));
      check(detail.getKeyspace().equals(keyspace) && detail.getTable().equals("t"), detail);
    }

    run("INSERT INTO " + keyspace + ".t (k, v, s) VALUES (?, ?, {'b', 'a'})", text("x"), number(42));
    Response read = run(QueryParameters.newBuilder().setTracing(true).build(), "SELECT k, v, s FROM " + keyspace + ".t WHERE k = ?", text("x"));
    ResultSet rows = read.getResultSet();
    check(rows.getRows(0).getValues(1).getInt() == 42, rows);
    check(rows.getRows(0).getValues(2).getCollection().getElements(0).getString().equals("a"), rows);
    check(rows.getColumns(0).getType().getBasic() == TypeSpec.Basic.VARCHAR, rows);
    check(rows.getColumns(2).getType().getSet().getElement().getBasic() == TypeSpec.Basic.VARCHAR, rows);
    check(read.getTraces().getEventsCount() > 0, read);

    Batch.Builder batch = Batch.newBuilder();
    for (int i = 0; i < 3; i++) {
      batch.addQueries(BatchQuery.newBuilder().setCql("INSERT INTO " + keyspace + ".t (k, v) VALUES ('b" + i + "', " + i + ")"));
    }
    stub.executeBatch(batch.build());
    check(run("SELECT count(*) FROM " + keyspace + ".t").getResultSet().getRows(0).getValues(0).getInt() == 4, "count");
    try {
      run("INSERT INTO " + keyspace + ".t (k, v) VALUES (?, ?)", number(1), number(1));
      throw new AssertionError("a number was taken for a text");
    } catch (StatusRuntimeException e) {
      check(e.getStatus().getDescription().equals("Invalid argument at position 1: Expected string type"), e);
    }
    channel.shutdown().awaitTermination(10, TimeUnit.SECONDS);
    System.out.println("gRPC java stubs: all checks passed");
  }
}
