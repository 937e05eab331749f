package server

import (
	"net/http"
	"strings"
	"testing"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// hiding is a server with keyspaces kitchen and cellar, a token that has to do
// with kitchen alone, and statements about cellar that somebody else has prepared.
type hiding struct {
	*running
	token *access.Secret
	cook  *wiretest.Client // of the token
	// ids of what is prepared and what nobody has.
	prepared, unknown map[string][]byte
}

func newHiding(t *testing.T) *hiding {
	h := &hiding{running: startServer(t), prepared: map[string][]byte{}, unknown: map[string][]byte{}}
	for _, text := range kitchenTables {
		h.run(t, text)
	}
	h.run(t, `CREATE ROLE butler WITH PASSWORD = 'secret' AND LOGIN = true`)
	err := h.access.CreateRole(t.Context(), access.KeyspaceRole("cook", "kitchen"))
	if err != nil {
		t.Fatal(err)
	}
	if h.token, err = h.access.CreateToken(t.Context(), "cook", ""); err != nil {
		t.Fatal(err)
	}
	h.cook = h.as(t, "token", h.token.Token)
	admin := h.as(t, "token", h.login.Token)
	for name, text := range map[string]string{
		"select": "SELECT * FROM cellar.wines", "insert": "INSERT INTO cellar.wines (k) VALUES (?)", "ddl": "DROP TABLE IF EXISTS cellar.wines",
	} {
		h.prepared[name] = prepare(t, admin, text)
		id := wire.NewStatementID("", text+" ")
		h.unknown[name] = id[:]
	}
	return h
}

func (h *hiding) as(t *testing.T, user, password string) *wiretest.Client {
	t.Helper()
	c := h.dial(t)
	if err := c.Login(user, password, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// prepare returns the id of a text that c prepares.
func prepare(t *testing.T, c *wiretest.Client, text string) []byte {
	t.Helper()
	r, err := c.Do(wire.OpPrepare, &wire.Prepare{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.Result()
	if err != nil {
		t.Fatal(err)
	}
	return result.Prepared.ID
}

// refusal is how a request fails, with the id in it left out.
func refusal(t *testing.T, c *wiretest.Client, op wire.Opcode, m wire.Body) (int, string) {
	t.Helper()
	r, err := c.Do(op, m)
	if err != nil {
		t.Fatal(err)
	}
	code, text := codeOf(r.Err())
	if before, _, found := strings.Cut(text, " with ID "); found {
		text = before
	}
	return code, text
}

// TestPreparedByOthers: a token learns nothing from the ids of statements that
// others have prepared about tables it does not see, whatever else is wrong with
// its request. A role of CQL is told what Cassandra tells it.
func TestPreparedByOthers(t *testing.T) {
	h := newHiding(t)
	butler := h.as(t, "butler", "secret")
	good := wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 100}
	values := good
	values.Values = []wire.Value{{Bytes: []byte{0, 0, 0, 1}}, {Bytes: []byte{0, 0, 0, 1}}}
	noPage := good
	noPage.PageSize = 0
	for name, id := range h.prepared {
		for what, params := range map[string]wire.QueryParams{"right": good, "values": values, "page size": noPage} {
			code, text := refusal(t, h.cook, wire.OpExecute, &wire.Execute{ID: id, Params: params})
			wantCode, want := refusal(t, h.cook, wire.OpExecute, &wire.Execute{ID: h.unknown[name], Params: params})
			if code != 0x2500 || code != wantCode || text != want {
				t.Errorf("EXECUTE of %s, %s: 0x%04x %s, want 0x%04x %s", name, what, code, text, wantCode, want)
			}
		}
		b := &wire.Batch{Params: good}
		b.Add(wire.BatchEntry{ID: id})
		if code, text := refusal(t, h.cook, wire.OpBatch, b); code != 0x2500 {
			t.Errorf("BATCH of %s: 0x%04x %s", name, code, text)
		}
	}
	if code, text := refusal(t, butler, wire.OpExecute, &wire.Execute{ID: h.prepared["select"], Params: good}); code != 0x2100 {
		t.Errorf("a role of CQL: 0x%04x %s", code, text)
	}
	spoons := prepare(t, h.as(t, "token", h.login.Token), "SELECT * FROM kitchen.spoons")
	if code, text := refusal(t, h.cook, wire.OpExecute, &wire.Execute{ID: spoons, Params: good}); code != -1 {
		t.Errorf("what the token sees: 0x%04x %s", code, text)
	}
}

// TestKeyspacesThatAreHidden: where a request names a keyspace beside its
// statement, a token is told the same of one that it does not see as of one that
// is not there.
func TestKeyspacesThatAreHidden(t *testing.T) {
	h := newHiding(t)
	butler := h.as(t, "butler", "secret")
	const text = "SELECT key FROM system.local"
	with := func(keyspace string) wire.QueryParams {
		return wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 100, HasKeyspace: true, Keyspace: keyspace}
	}
	requests := map[string]func(c *wiretest.Client, keyspace string) (int, string){
		"USE": func(c *wiretest.Client, keyspace string) (int, string) {
			return refusal(t, c, wire.OpQuery, &wire.Query{Text: "USE " + keyspace, Params: wire.QueryParams{Consistency: uint16(backend.LocalQuorum), PageSize: 100}})
		},
		"QUERY": func(c *wiretest.Client, keyspace string) (int, string) {
			return refusal(t, c, wire.OpQuery, &wire.Query{Text: text, Params: with(keyspace)})
		},
		"PREPARE": func(c *wiretest.Client, keyspace string) (int, string) {
			return refusal(t, c, wire.OpPrepare, &wire.Prepare{Text: text, HasKeyspace: true, Keyspace: keyspace})
		},
		"BATCH": func(c *wiretest.Client, keyspace string) (int, string) {
			return refusal(t, c, wire.OpBatch, &wire.Batch{Params: with(keyspace)})
		},
	}
	for name, request := range requests {
		for keyspace, hidden := range map[string]bool{"cellar": true, "nowhere": true, "kitchen": false, "system": false} {
			code, answer := request(h.cook, keyspace)
			if want := "Keyspace '" + keyspace + "' does not exist"; hidden && (code != 0x2200 || answer != want) || !hidden && code != -1 {
				t.Errorf("%s with %s: 0x%04x %s", name, keyspace, code, answer)
			}
		}
		if code, answer := request(butler, "cellar"); code != -1 {
			t.Errorf("%s by a role of CQL: 0x%04x %s", name, code, answer)
		}
	}
}

// TestKeyspacesThatAreHiddenOverHTTP does so with the doors that take CQL in
// other ways.
func TestKeyspacesThatAreHiddenOverHTTP(t *testing.T) {
	h := newHiding(t)
	conn, err := rpc.NewClient(h.grpc, rpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client := proto.NewStargateClient(conn)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", h.token.Token)
	for _, keyspace := range []string{"cellar", "nowhere", "kitchen"} {
		hidden, want := keyspace != "kitchen", "Keyspace '"+keyspace+"' does not exist"
		w := h.ask(0, "POST", "/v2/cql?keyspace="+keyspace, "SELECT key FROM system.local", "X-Cassandra-Token", h.token.Token, "Content-Type", "text/plain")
		if hidden != (w.Code == http.StatusBadRequest) || hidden != strings.Contains(w.Body.String(), want) {
			t.Errorf("/v2/cql with %s: %d %s", keyspace, w.Code, w.Body)
		}
		_, err := client.ExecuteQuery(ctx, &proto.Query{Cql: "SELECT key FROM system.local", Parameters: &proto.QueryParameters{Keyspace: wrapperspb.String(keyspace)}})
		if hidden != (status.Code(err) == codes.InvalidArgument) || hidden && !strings.Contains(err.Error(), want) {
			t.Errorf("gRPC with %s: %v", keyspace, err)
		}
	}
}
