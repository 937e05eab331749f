package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// call is one request to an HTTP API; another status than one of want is a fault.
func (l *load) call(ctx context.Context, client *http.Client, method, path, body string, want ...int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+l.server.HTTP+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Cassandra-Token", l.server.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && !slices.Contains(want, answer.StatusCode) {
		err = fmt.Errorf("%s: %s %.200s", method, answer.Status, text)
	}
	return text, err
}

// rest is one call of the REST API; only what the API documents may come back.
func (l *load) rest(ctx context.Context, client *http.Client) error {
	k := rand.IntN(keys)
	method, path, body, want := http.MethodGet, fmt.Sprintf("/%d", k), "", 200
	switch rand.IntN(6) {
	case 0, 1:
		method, path, body, want = http.MethodPost, "", fmt.Sprintf(`{"k": %d, "c": 1, "v": "rest", "m": {"b": 1}}`, k), 201
	case 2:
		path = fmt.Sprintf(`?where={%%22k%%22:{%%22$eq%%22:%d}}`, k)
	case 3:
		path, want = "/not-a-number", 400
	case 4:
		method, path, want = http.MethodDelete, fmt.Sprintf("/%d/1", k), 204
	}
	_, err := l.call(ctx, client, method, "/v2/keyspaces/soak/t"+path, body, want)
	return err
}

// graphQL is one request to the API of the keyspace; one in seven is wrong and has
// to be answered with errors.
func (l *load) graphQL(ctx context.Context, client *http.Client) error {
	k := rand.IntN(keys)
	query, wrong := fmt.Sprintf(`{ t(value: {k: %d}) { values { k c v m { key value } } pageState } }`, k), false
	switch rand.IntN(7) {
	case 0, 1:
		query = fmt.Sprintf(`mutation { insertt(value: {k: %d, c: 2, v: "graph", m: [{key: "g", value: 1}]}) { applied } }`, k)
	case 2:
		query = fmt.Sprintf(`mutation { deletet(value: {k: %d, c: 2}) { applied } }`, k)
	case 3:
		query, wrong = `{ nothing { values { k } } }`, true
	}
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return err
	}
	text, err := l.call(ctx, client, http.MethodPost, "/graphql/soak", string(body), 200)
	if err != nil {
		return err
	}
	var answer struct{ Errors []struct{ Message string } }
	if err := json.Unmarshal(text, &answer); err != nil {
		return err
	}
	if wrong != (len(answer.Errors) > 0) {
		return fmt.Errorf("%s: %.200s", query, text)
	}
	return nil
}

// documents is one call of the Document API.
func (l *load) documents(ctx context.Context, client *http.Client) error {
	const collection = "/v2/namespaces/soak/collections/docs"
	id := fmt.Sprintf("/d%d", rand.IntN(keys))
	switch rand.IntN(7) {
	case 0, 1:
		_, err := l.call(ctx, client, http.MethodPut, collection+id, fmt.Sprintf(`{"a": {"b": [%d, 2, {"c": "text"}]}, "n": %d}`, rand.IntN(keys), rand.IntN(100)), 200)
		return err
	case 2:
		_, err := l.call(ctx, client, http.MethodPatch, collection+id+"/a", `{"patched": true}`, 200)
		return err
	case 3:
		_, err := l.call(ctx, client, http.MethodGet, collection+fmt.Sprintf(`?page-size=5&where={%%22n%%22:{%%22$eq%%22:%d}}`, rand.IntN(100)), "", 200)
		return err
	case 4:
		_, err := l.call(ctx, client, http.MethodDelete, collection+id, "", 204)
		return err
	case 5:
		_, err := l.call(ctx, client, http.MethodPut, collection+id, `{"not closed`, 400)
		return err
	}
	_, err := l.call(ctx, client, http.MethodGet, collection+id, "", 200, 404)
	return err
}

// dialGRPC is a client of the gRPC API with a connection of its own.
func (l *load) dialGRPC() (proto.StargateClient, *grpc.ClientConn, error) {
	conn, err := grpc.NewClient(l.server.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, err
	}
	return proto.NewStargateClient(conn), conn, nil
}

// grpc is one call of the gRPC API, unary or a stream of three.
func (l *load) grpc(ctx context.Context, client proto.StargateClient) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "x-cassandra-token", l.server.Token)
	key := &proto.Value{Inner: &proto.Value_Int{Int: rand.Int64N(keys)}}
	query := &proto.Query{Cql: `SELECT * FROM soak.t WHERE k = ?`, Values: &proto.Values{Values: []*proto.Value{key}}}
	switch rand.IntN(7) {
	case 0, 1:
		query.Cql = `INSERT INTO soak.t (k, c, v) VALUES (?, 0, 'grpc')`
	case 2:
		_, err := client.ExecuteQuery(ctx, &proto.Query{Cql: "SELECT nothing FROM soak.t"})
		if status.Code(err) != codes.InvalidArgument && ctx.Err() == nil {
			return fmt.Errorf("a wrong query: %v", err)
		}
		return nil
	case 3:
		return l.stream(ctx, client, query)
	}
	_, err := client.ExecuteQuery(ctx, query)
	return err
}

func (l *load) stream(ctx context.Context, client proto.StargateClient, query *proto.Query) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := client.ExecuteQueryStream(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if err := s.Send(query); err != nil {
			return err
		}
		if _, err := s.Recv(); err != nil {
			return err
		}
	}
	if rand.IntN(2) == 0 {
		return nil // and leaves it open: cancel ends it
	}
	if err := s.CloseSend(); err != nil {
		return err
	}
	if _, err := s.Recv(); err != io.EOF {
		return fmt.Errorf("the stream ends with %v", err)
	}
	return nil
}
