package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// The statements that gRPC and the native protocol are compared by.
const (
	grpcSelect = `SELECT firstname, lastname, email FROM bench.users WHERE id = ?`
	grpcInsert = `INSERT INTO bench.users (id, firstname, lastname, email, created) VALUES (?, 'John', 'Smith', ?, 1)`
)

// grpcLoad is one Go client of the gRPC API, with the generated stubs.
type grpcLoad struct {
	conn   *grpc.ClientConn
	client proto.StargateClient
	ctx    context.Context
}

func newGRPCLoad(addr, token string) (*grpcLoad, error) {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-cassandra-token", token)
	return &grpcLoad{conn, proto.NewStargateClient(conn), ctx}, nil
}

func (l *grpcLoad) close() { _ = l.conn.Close() } // the measurement is over

// execute runs a statement and, as gocql does, spares the columns' description.
func (l *grpcLoad) execute(cql string, values ...*proto.Value) (*proto.Response, error) {
	return l.client.ExecuteQuery(l.ctx, &proto.Query{
		Cql: cql, Values: &proto.Values{Values: values}, Parameters: &proto.QueryParameters{SkipMetadata: true},
	})
}

func (l *grpcLoad) read(_ int, rng *rand.Rand) error {
	answer, err := l.execute(grpcSelect, protoInt(rng.Uint32N(keys)))
	if err == nil && len(answer.GetResultSet().GetRows()) != 1 {
		err = fmt.Errorf("the row is missing: %v", answer)
	}
	return err
}

func (l *grpcLoad) write(_ int, rng *rand.Rand) error {
	key := rng.Uint32N(keys)
	_, err := l.execute(grpcInsert, protoInt(key), &proto.Value{Inner: &proto.Value_String_{String_: mailOf(key)}})
	return err
}

func protoInt(n uint32) *proto.Value { return &proto.Value{Inner: &proto.Value_Int{Int: int64(n)}} }

func mailOf(key uint32) string { return "john.smith." + strconv.Itoa(int(key)) + "@example.com" }

// gocqlLoad is one Go client of the native protocol, gocql.
type gocqlLoad struct{ session *gocql.Session }

func newGocqlLoad(addr, token string) (*gocqlLoad, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	cluster := gocql.NewCluster(host)
	if cluster.Port, err = strconv.Atoi(port); err != nil {
		return nil, err
	}
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: token}
	cluster.Consistency = gocql.LocalQuorum
	session, err := cluster.CreateSession()
	return &gocqlLoad{session}, err
}

func (l *gocqlLoad) read(_ int, rng *rand.Rand) error {
	var first, last, mail string
	return l.session.Query(grpcSelect, int(rng.Uint32N(keys))).Scan(&first, &last, &mail)
}

func (l *gocqlLoad) write(_ int, rng *rand.Rand) error {
	key := rng.Uint32N(keys)
	return l.session.Query(grpcInsert, int(key), mailOf(key)).Exec()
}

// measureGRPC compares unary calls of the gRPC API with the native protocol of
// the same server, each with its Go client at its defaults.
func measureGRPC(grpcAddr, cqlAddr, token string, pid int, length time.Duration) ([]pair, error) {
	ours, err := newGRPCLoad(grpcAddr, token)
	if err != nil {
		return nil, err
	}
	defer ours.close()
	theirs, err := newGocqlLoad(cqlAddr, token)
	if err != nil {
		return nil, err
	}
	defer theirs.session.Close()
	var pairs []pair
	for _, inFlight := range []int{1, 16, 64} {
		pairs = append(pairs,
			measure("gRPC SELECT by key", inFlight, func() figures { return run(pid, inFlight, length, ours.read) },
				func() figures { return run(pid, inFlight, length, theirs.read) }),
			measure("gRPC INSERT", inFlight, func() figures { return run(pid, inFlight, length, ours.write) },
				func() figures { return run(pid, inFlight, length, theirs.write) }))
	}
	return pairs, nil
}
