package drivers

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// protoFiles is where the .proto files of the gRPC API are.
func protoFiles() string {
	return filepath.Join(harness.Root(), "internal", "gateway", "grpc", "proto")
}

func grpcEnvironment(t *testing.T, s *harness.Server, keyspace string) []string {
	t.Helper()
	env := append(environment(t, s, keyspace), "GRPC_ADDRESS="+s.GRPC, "HTTP_URL="+s.Scheme()+"://"+s.HTTP)
	if s.Authority != "" {
		env = append(env, "GRPC_CA="+s.Authority)
	}
	return env
}

// TestGRPCPython: stubs generated from our .proto files.
func TestGRPCPython(t *testing.T) { onEach(t, runGRPCPython) }

func runGRPCPython(t *testing.T, s *harness.Server) {
	dir := venv(t)
	python, stubs := filepath.Join(dir, "bin", "python"), t.TempDir()
	packages := command(t, stubs, nil, python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')")
	command(t, protoFiles(), nil, python, "-m", "grpc_tools.protoc", "-I.", "-I"+packages,
		"--python_out="+stubs, "--grpc_python_out="+stubs, "query.proto", "stargate.proto")
	out := command(t, abs(t, "grpc/python"), append(grpcEnvironment(t, s, "grpc_python"), "PYTHONPATH="+stubs), python, "test_grpc.py")
	mustPrint(t, out, "gRPC python stubs: all checks passed")
}

// TestGRPCNode: the published client, @stargate-oss/stargate-grpc-node-client.
func TestGRPCNode(t *testing.T) { onEach(t, runGRPCNode) }

func runGRPCNode(t *testing.T, s *harness.Server) {
	out := command(t, npm(t, "grpc/node"), grpcEnvironment(t, s, "grpc_node"), "node", "driver.mjs")
	mustPrint(t, out, "gRPC node client: all checks passed")
}

// TestGRPCJava: the published stubs, io.stargate.grpc:grpc-proto.
func TestGRPCJava(t *testing.T) { onEach(t, runGRPCJava) }

func runGRPCJava(t *testing.T, s *harness.Server) {
	out := java(t, "grpc/java", abs(t, "grpc/java/src/main/java/drivers"), "drivers.GrpcTest", grpcEnvironment(t, s, "grpc_java"))
	mustPrint(t, out, "gRPC java stubs: all checks passed")
}

// TestGRPCGo: stubs generated from our .proto files, health and reflection.
func TestGRPCGo(t *testing.T) { onEach(t, runGRPCGo) }

func runGRPCGo(t *testing.T, s *harness.Server) {
	conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	checkServices(ctx, t, conn)
	ctx = metadata.AppendToOutgoingContext(ctx, "x-cassandra-token", s.Token)
	stargate := proto.NewStargateClient(conn)
	keyspace := &proto.QueryParameters{Keyspace: wrapperspb.String("grpc_go")}
	text := func(s string) *proto.Value { return &proto.Value{Inner: &proto.Value_String_{String_: s}} }
	run := func(q *proto.Query) *proto.Response {
		t.Helper()
		answer, err := stargate.ExecuteQuery(ctx, q)
		if err != nil {
			t.Fatalf("%s: %v", q.Cql, err)
		}
		return answer
	}
	run(&proto.Query{Cql: `CREATE KEYSPACE IF NOT EXISTS grpc_go WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`})
	run(&proto.Query{Cql: `CREATE TABLE t (k text PRIMARY KEY, v text)`, Parameters: keyspace})
	run(&proto.Query{Cql: `INSERT INTO t (k, v) VALUES (?, ?)`, Values: &proto.Values{Values: []*proto.Value{text("a"), text("b")}}, Parameters: keyspace})
	answer := run(&proto.Query{Cql: `SELECT v FROM t WHERE k = ?`, Values: &proto.Values{Values: []*proto.Value{text("a")}}, Parameters: keyspace})
	if got := answer.GetResultSet().Rows[0].Values[0].GetString_(); got != "b" {
		t.Errorf("read %q", got)
	}
}

// checkServices asks what needs no token.
func checkServices(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	t.Helper()
	health, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: "stargate.Stargate"})
	if err != nil || health.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	stream, err := grpc_reflection_v1.NewServerReflectionClient(conn).ServerReflectionInfo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	list := &grpc_reflection_v1.ServerReflectionRequest_ListServices{ListServices: ""}
	if err := stream.Send(&grpc_reflection_v1.ServerReflectionRequest{MessageRequest: list}); err != nil {
		t.Fatal(err)
	}
	services, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range services.GetListServicesResponse().Service {
		names[s.Name] = true
	}
	if !names["stargate.Stargate"] || !names["grpc.reflection.v1.ServerReflection"] {
		t.Errorf("reflection lists %v", names)
	}
	_ = stream.CloseSend() // nothing is awaited any more
}
