package server

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// listenGRPC starts the gRPC API on a port, with a client.
func (k *kitchen) listenGRPC(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := grpc.New(grpc.Options{
		Backend: k.access.Backend(), Auth: grpcAuth{k.access.Door("grpc", access.REST)}, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	conn, err := rpc.NewClient(l.Addr().String(), rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = server.Close(context.WithoutCancel(t.Context()))
	})
	k.grpc = proto.NewStargateClient(conn)
}

// grpcWay is how a principal calls the gRPC API.
func (k *kitchen) grpcWay(t *testing.T, p *accessPrincipal) way {
	return func(e *accessEntry) (int, string) {
		ctx := t.Context()
		if p.token != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "x-cassandra-token", p.token)
		}
		answer, err := k.grpcCall(ctx, t, e)
		if err != nil {
			st := status.Convert(err)
			return int(st.Code()), st.Message()
		}
		text, err := pb.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		return 0, string(text)
	}
}

func (k *kitchen) grpcCall(ctx context.Context, t *testing.T, e *accessEntry) (pb.Message, error) {
	batch := &proto.Batch{Queries: []*proto.BatchQuery{{Cql: e.cql}}}
	switch e.operation {
	case "ExecuteQuery":
		return k.grpc.ExecuteQuery(ctx, &proto.Query{Cql: e.cql})
	case "ExecuteBatch":
		return k.grpc.ExecuteBatch(ctx, batch)
	case "ExecuteQueryStream":
		stream, err := k.grpc.ExecuteQueryStream(ctx)
		if err == nil {
			_ = stream.Send(&proto.Query{Cql: e.cql}) // what is wrong, Recv tells
		}
		return firstOf(stream, err)
	case "ExecuteBatchStream":
		stream, err := k.grpc.ExecuteBatchStream(ctx)
		if err == nil {
			_ = stream.Send(batch)
		}
		return firstOf(stream, err)
	}
	t.Fatalf("access_grpc_test.go does not know how to make a %s", e.operation)
	return nil, nil
}

// firstOf is the answer to the one message of a stream.
func firstOf(stream interface {
	Recv() (*proto.StreamingResponse, error)
	CloseSend() error
}, err error) (pb.Message, error) {
	if err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	_ = stream.CloseSend()
	if err != nil {
		return nil, err
	}
	if st := answer.GetStatus(); st != nil {
		return nil, status.ErrorProto(st)
	}
	return answer.GetResponse(), nil
}
