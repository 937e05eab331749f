package guardrails

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/guardrail/guardrailtest"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// mostValue is the limit of values in these tests.
const mostValue = 20_000

// largeTables are what the large values are for.
var largeTables = []string{
	"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
	"CREATE TYPE ks.u (a text, b text)",
	"CREATE TABLE ks.t (k text PRIMARY KEY, v text, b blob, l list<text>, m map<text, blob>, f frozen<list<text>>, u ks.u, p tuple<text, int>, n int)",
}

// largeRequest is a request with a value, or many, of n bytes.
type largeRequest struct {
	text string
	// bind makes the values of the bind variables, nil where there are none; the
	// text then has one %s for n characters.
	bind func(n int) [][]byte
	// column and size are in the refusal; no column: none is expected.
	column string
	size   func(n int) int
}

func exactly(n int) int { return n }

func xs(n int) []byte { return bytes.Repeat([]byte("x"), n) }

// one binds a key and a value that f makes.
func one(f func(n int) []byte) func(int) [][]byte {
	return func(n int) [][]byte { return [][]byte{[]byte("0"), f(n)} }
}

func list(elements ...[]byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(elements))), fields(elements...)...)
}

func fields(all ...[]byte) (b []byte) {
	for _, f := range all {
		b = wire.AppendBytes(b, f)
	}
	return b
}

// many are n bytes in values of a thousand.
func many(n int) (values [][]byte) {
	for range n / 1000 {
		values = append(values, xs(1000))
	}
	return values
}

var largeRequests = []largeRequest{
	{"INSERT INTO ks.t (k, v) VALUES (?, ?)", one(xs), "v", exactly},
	{"INSERT INTO ks.t (k, b) VALUES (?, ?)", one(xs), "b", exactly},
	{"INSERT INTO ks.t (k, l) VALUES (?, ?)", one(func(n int) []byte { return list([]byte("a"), xs(n), xs(5)) }), "l", exactly},
	{"INSERT INTO ks.t (k, m) VALUES (?, ?)", one(func(n int) []byte { return append(list(nil)[:4:4], fields([]byte("a"), xs(n))...) }), "m", exactly},
	{"INSERT INTO ks.t (k, f) VALUES (?, ?)", one(func(n int) []byte { return list([]byte("a"), xs(n)) }), "f", func(n int) int { return n + 13 }},
	{"INSERT INTO ks.t (k, u) VALUES (?, ?)", one(func(n int) []byte { return fields([]byte("a"), xs(n)) }), "u", exactly},
	{"INSERT INTO ks.t (k, p) VALUES (?, ?)", one(func(n int) []byte { return fields(xs(n), nil) }), "p", func(n int) int { return n + 8 }},
	{"UPDATE ks.t SET m['a'] = :value WHERE k = :key", func(n int) [][]byte { return [][]byte{xs(n), []byte("0")} }, "m", exactly},
	{"INSERT INTO ks.t JSON ?", func(n int) [][]byte { return [][]byte{fmt.Appendf(nil, `{"k": "0", "v": "-%s"}`, xs(n))} }, "v", func(n int) int { return n + 1 }},
	{"INSERT INTO ks.t (k, v) VALUES ('0', '%s')", nil, "v", exactly},
	{"INSERT INTO ks.t (k, v) VALUES ('0', 'it''s %s')", nil, "v", func(n int) int { return n + 5 }},
	{"INSERT INTO ks.t (k, v) VALUES ('0', $$%s$$)", nil, "v", exactly},
	{"INSERT INTO ks.t (k, l) VALUES ('0', ['a', '%s'])", nil, "l", exactly},
	{"BEGIN BATCH INSERT INTO ks.t (k, n) VALUES ('0', 1); UPDATE ks.t SET v = '%s' WHERE k = '0'; APPLY BATCH", nil, "v", exactly},
	{`INSERT INTO ks.t JSON '{"k": "0", "v": "-%s"}'`, nil, "v", func(n int) int { return n + 1 }},
	// A key may be larger than a value.
	{"INSERT INTO ks.t (k, n) VALUES ('%.60000s', 1)", nil, "", nil},
	{"SELECT n FROM ks.t WHERE k IN ('%[1].60000s', 'a%[1].60000s')", nil, "", nil},
	// Many small values are larger together than one may be.
	{"INSERT INTO ks.t (k, l) VALUES (?, ?)", one(func(n int) []byte { return list(many(n)...) }), "", nil},
	{"INSERT INTO ks.t JSON ?", func(n int) [][]byte {
		return [][]byte{fmt.Appendf(nil, `{"k": "0", "l": ["%s"]}`, bytes.Join(many(n), []byte(`", "`)))}
	}, "", nil},
	{`INSERT INTO ks.t JSON '{"k": "0", "l": ["` + string(bytes.Join(many(200_000), []byte(`", "`))) + `", "%.1s"]}'`, nil, "", nil},
}

// TestLargeValues: a value that is over the limit is refused as Cassandra refuses
// it – that is asked, too –, with its size, however large it is: most of it is
// never in memory. Nothing of the request is stored, and the connection goes on.
func TestLargeValues(t *testing.T) {
	t.Run("server", func(t *testing.T) {
		server, err := harness.Launch("serve", filepath.Join(t.TempDir(), "data"), "--guardrail", fmt.Sprintf("column_value_size_fail_threshold=%dB", mostValue))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop() })
		playLarge(t, server.CQL, "token", server.Token, 9<<20)
	})
	t.Run("Cassandra", func(t *testing.T) {
		node, err := cassandra.Start(t.Context(), cassandra.Options{Auth: true, FastSchema: true, Light: true, Settings: fmt.Sprintf("column_value_size_fail_threshold: %dB\n", mostValue)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = node.Stop() })
		super := firstLogin(t, node.Addr)
		c := &clients{super: super}
		c.mustRun(t, super, "CREATE ROLE limited WITH PASSWORD = 'limited' AND LOGIN = true")
		c.mustRun(t, super, "GRANT ALL PERMISSIONS ON ALL KEYSPACES TO limited")
		playLarge(t, node.Addr, "limited", "limited", 900_000)
	})
}

// playLarge plays the requests on all protocols, with values up to most bytes.
func playLarge(t *testing.T, address, user, password string, most int) {
	setUp := login(t, address, user, password)
	c := &clients{ordinary: setUp}
	for _, text := range largeTables {
		c.mustRun(t, setUp, text)
	}
	for _, protocol := range []struct {
		version     wire.Version
		compression string
	}{{wire.V4, ""}, {wire.V4, "lz4"}, {wire.V5, ""}, {wire.V5, "lz4"}} {
		on := loginAs(t, address, user, password, protocol.version, protocol.compression)
		for _, n := range []int{mostValue - 20, mostValue + 1, 200_000, most} {
			for _, r := range largeRequests {
				if n == most && protocol.compression != "" && protocol.version == wire.V4 {
					continue // Cassandra's own bound of what it decompresses is lower
				}
				if n > mostValue && r.column == "" {
					n = 200_000
				}
				name := fmt.Sprintf("v%d %s, %d bytes, %s", protocol.version, protocol.compression, n, r.text[:min(len(r.text), 80)])
				for way, err := range r.run(t, on, n) {
					r.check(t, name+", "+way, n, err)
				}
			}
		}
		if a := c.run(t, on, guardrailtest.Request{Text: "SELECT n FROM ks.t WHERE k = '0'", Consistency: backend.LocalQuorum}); a.Err != nil || a.Rows != 1 {
			t.Errorf("v%d: %d rows, %v", protocol.version, a.Rows, a.Err)
		}
	}
}

// check compares the answer to r with what is to be expected.
func (r *largeRequest) check(t *testing.T, name string, n int, err error) {
	t.Helper()
	want := ""
	if r.column != "" && r.size(n) > mostValue {
		want = fmt.Sprintf("Guardrail column_value_size violated: Value of column '%s' has size %d, this exceeds the failure threshold of %d.", r.column, r.size(n), mostValue)
	}
	var e *cqlerr.Error
	switch {
	case err == nil && want == "":
	case !errors.As(err, &e) || want == "" || e.Code != cqlerr.Invalid || e.Message != want:
		t.Errorf("%s: %.300v, want %q", name, err, want)
	}
}

// run sends r as QUERY, as EXECUTE and in a BATCH, as far as it can be.
func (r *largeRequest) run(t *testing.T, on *wiretest.Client, n int) map[string]error {
	t.Helper()
	params := wire.QueryParams{Consistency: uint16(backend.LocalQuorum), SerialConsistency: uint16(backend.Serial), PageSize: -1}
	if r.bind == nil {
		text := fmt.Sprintf(r.text, xs(n))
		answers := map[string]error{"QUERY": do(t, on, wire.OpQuery, &wire.Query{Text: text, Params: params})}
		if strings.HasPrefix(text, "INSERT") {
			batch := &wire.Batch{Params: params}
			batch.Add(wire.BatchEntry{Text: text})
			answers["BATCH"] = do(t, on, wire.OpBatch, batch)
		}
		return answers
	}
	for _, value := range r.bind(n) {
		params.Values = append(params.Values, wire.Value{Bytes: value})
	}
	answers := map[string]error{"QUERY": do(t, on, wire.OpQuery, &wire.Query{Text: r.text, Params: params})}
	response, err := on.Do(wire.OpPrepare, &wire.Prepare{Text: r.text})
	if err != nil {
		t.Fatal(err)
	}
	result, err := response.Result()
	if err != nil {
		t.Fatal(err)
	}
	answers["EXECUTE"] = do(t, on, wire.OpExecute, &wire.Execute{ID: result.Prepared.ID[:], ResultMetadataID: result.Prepared.ResultMetadataID[:], Params: params})
	batch := &wire.Batch{Params: wire.QueryParams{Consistency: params.Consistency, SerialConsistency: params.SerialConsistency, PageSize: -1}}
	batch.Add(wire.BatchEntry{Text: "INSERT INTO ks.t (k) VALUES ('0')"})
	batch.Add(wire.BatchEntry{ID: result.Prepared.ID[:]}, params.Values...)
	answers["BATCH"] = do(t, on, wire.OpBatch, batch)
	if strings.Contains(r.text, ":value") {
		params.Names = [][]byte{[]byte("value"), []byte("key")}
		answers["QUERY with names"] = do(t, on, wire.OpQuery, &wire.Query{Text: r.text, Params: params})
	}
	return answers
}

// do is the error that a request is answered with.
func do(t *testing.T, on *wiretest.Client, op wire.Opcode, m wire.Body) error {
	t.Helper()
	_ = on.Conn.SetDeadline(time.Now().Add(time.Minute))
	response, err := on.Do(op, m)
	if err != nil {
		t.Fatalf("%s of %.100s: %v", op, fmt.Sprint(m), err)
	}
	_, err = response.Result()
	return err
}

func loginAs(t *testing.T, address, user, password string, v wire.Version, compression string) *wiretest.Client {
	t.Helper()
	c, err := wiretest.Dial(address, v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.Conn.SetDeadline(time.Now().Add(patience))
	options := map[string]string{}
	if compression != "" {
		options["COMPRESSION"] = compression
	}
	if err := c.Login(user, password, options); err != nil {
		t.Fatal(err)
	}
	return c
}
