package grpc

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// TestMetrics: what a dashboard of Stargate reads counts, too.
func TestMetrics(t *testing.T) {
	s := onEngine(t)
	q := &proto.Query{Cql: "SELECT key FROM system.local"}
	if _, err := s.client.ExecuteQuery(as(t.Context(), "admin"), q); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.ExecuteQuery(as(t.Context(), "nobody"), q); err == nil {
		t.Fatal("an unknown token does")
	}
	stream := openStream(as(t.Context(), "admin"), t, s)
	if err := stream.Send(q); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP astrolabe_grpc_requests_total Messages that the gRPC API answered, by method and status; those of streams singly.
# TYPE astrolabe_grpc_requests_total counter
astrolabe_grpc_requests_total{code="OK",method="ExecuteQuery"} 1
astrolabe_grpc_requests_total{code="OK",method="ExecuteQueryStream"} 1
astrolabe_grpc_requests_total{code="UNAUTHENTICATED",method="ExecuteQuery"} 1
# HELP grpc_server_requests_received_messages_total Messages received, as Stargate tells them.
# TYPE grpc_server_requests_received_messages_total counter
grpc_server_requests_received_messages_total{method="ExecuteBatch",methodType="UNARY",service="stargate.Stargate"} 0
grpc_server_requests_received_messages_total{method="ExecuteBatchStream",methodType="BIDI_STREAMING",service="stargate.Stargate"} 0
grpc_server_requests_received_messages_total{method="ExecuteQuery",methodType="UNARY",service="stargate.Stargate"} 2
grpc_server_requests_received_messages_total{method="ExecuteQueryStream",methodType="BIDI_STREAMING",service="stargate.Stargate"} 1
# HELP grpc_server_responses_sent_messages_total Messages sent, as Stargate tells them.
# TYPE grpc_server_responses_sent_messages_total counter
grpc_server_responses_sent_messages_total{method="ExecuteBatch",methodType="UNARY",service="stargate.Stargate"} 0
grpc_server_responses_sent_messages_total{method="ExecuteBatchStream",methodType="BIDI_STREAMING",service="stargate.Stargate"} 0
grpc_server_responses_sent_messages_total{method="ExecuteQuery",methodType="UNARY",service="stargate.Stargate"} 1
grpc_server_responses_sent_messages_total{method="ExecuteQueryStream",methodType="BIDI_STREAMING",service="stargate.Stargate"} 1
`
	if err := testutil.CollectAndCompare(s.server.metrics, strings.NewReader(want),
		"astrolabe_grpc_requests_total", "grpc_server_requests_received_messages_total", "grpc_server_responses_sent_messages_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(s.server.metrics, "grpc_server_processing_duration_seconds"); n != 3 {
		t.Errorf("%d series of times, want 3", n)
	}
}
