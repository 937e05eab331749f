package gateway

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
)

// said is one answer.
type said struct {
	to   string
	op   wire.Opcode
	flag wire.Flags
	body []byte
}

func (s said) String() string {
	text := s.body
	if e, err := wire.DecodeError(s.body, wire.V5); s.op == wire.OpError && err == nil {
		text = []byte(e.Message)
	}
	return fmt.Sprintf("%s flags %02x %q", s.op, s.flag, text[:min(len(text), 300)])
}

// say is r as an answer to what.
func say(what string, r *wiretest.Response) said {
	var x wire.Extras
	x.Warnings, x.CustomPayload = r.Warnings, r.CustomPayload
	front, _ := x.Append(nil, r.Version)
	return said{what, r.Opcode, r.Flags &^ wire.FlagCompressed, append(front, r.Body...)}
}

// TestBodies plays testdata/bodies.cql on the node and through the gateway, each
// time from an empty keyspace on, and compares all answers.
func TestBodies(t *testing.T) {
	statements := readStatements(t, "testdata/bodies.cql")
	s := gateway(t)
	for _, v := range []wire.Version{wire.V3, wire.V4, wire.V5} {
		t.Run(v.String(), func(t *testing.T) {
			direct := play(t, connectNode(t, v), statements)
			through := play(t, connectGateway(t, s, v), statements)
			for i := range direct {
				d, g := direct[i], through[i]
				if d.op != g.op || d.flag != g.flag || !bytes.Equal(d.body, g.body) {
					t.Errorf("%s\n   node: %s\ngateway: %s", d.to, d, g)
				}
			}
		})
	}
}

func readStatements(t *testing.T, path string) (list []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "--") {
			list = append(list, line)
		}
	}
	return list
}

// play runs all statements, in a keyspace of their own, and returns the answers.
func play(t *testing.T, c *wiretest.Client, statements []string) (answers []said) {
	t.Helper()
	must(t, c, "DROP KEYSPACE IF EXISTS bodies")
	must(t, c, "CREATE KEYSPACE bodies WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, text := range statements {
		answers = append(answers, say("QUERY "+text, do(t, c, wire.OpQuery, query(text))))
		if first, _, _ := strings.Cut(text, " "); first == "USE" || first == "CREATE" {
			continue
		}
		r := do(t, c, wire.OpPrepare, &wire.Prepare{Text: text})
		answers = append(answers, say("PREPARE "+text, r))
		if res, err := r.Result(); err == nil {
			answers = append(answers, say("EXECUTE "+text, do(t, c, wire.OpExecute, execute(res.Prepared))))
		}
	}
	return append(answers, extras(t, c)...)
}

// extras are requests that say more than a statement's text.
func extras(t *testing.T, c *wiretest.Client) (answers []said) {
	t.Helper()
	v := c.Version
	ask := func(what string, op wire.Opcode, m wire.Body) *wiretest.Response {
		r := do(t, c, op, m)
		answers = append(answers, say(what, r))
		return r
	}
	value := func(b ...byte) wire.Value { return wire.Value{Bytes: b} }
	one, two := value(0, 0, 0, 1), value(0, 0, 0, 2)

	insert := prepare(t, c, "INSERT INTO bodies.t (p, c, v) VALUES (?, ?, ?)")
	for i := byte(1); i < 8; i++ {
		m := execute(insert, one, value(0, 0, 0, i), value('v', i))
		m.Params.HasTimestamp, m.Params.Timestamp = true, 2000
		ask("EXECUTE with a timestamp", wire.OpExecute, m)
	}
	ask("too few values", wire.OpExecute, execute(insert, one))
	ask("too many values", wire.OpExecute, execute(insert, one, two, value('x'), one))
	ask("a value of a wrong length", wire.OpExecute, execute(insert, value(1), two, value('x')))
	ask("null in the key", wire.OpExecute, execute(insert, wire.Value{}, two, value('x')))
	if v >= wire.V4 {
		ask("unset", wire.OpExecute, execute(insert, one, two, wire.Value{Unset: true}))
		ask("unset in the key", wire.OpExecute, execute(insert, wire.Value{Unset: true}, two, value('x')))
	}

	scan := prepare(t, c, "SELECT c, v FROM bodies.t WHERE p = ?")
	m := execute(scan, one)
	m.Params.PageSize = 3
	for range 4 {
		res, err := ask("EXECUTE of a page", wire.OpExecute, m).Result()
		if err != nil || res.Rows.PagingState == nil {
			break
		}
		m.Params.PagingState = res.Rows.PagingState
	}
	m.Params.PagingState = []byte("nonsense")
	ask("a page state that is none", wire.OpExecute, m)
	m = execute(scan, one)
	m.Params.SkipMetadata = true
	ask("without metadata", wire.OpExecute, m)
	m.Params.Consistency = 2
	ask("more replicas than there are", wire.OpExecute, m)
	m.Params.Consistency = 8
	ask("SERIAL", wire.OpExecute, m)

	q := query("INSERT INTO bodies.t (p, c, v) VALUES (:p, :c, :v)")
	q.Params.Names, q.Params.Values = [][]byte{[]byte("v"), []byte("c"), []byte("p")}, []wire.Value{value('n'), two, two}
	ask("names", wire.OpQuery, q)
	q.Params.Names[0] = []byte("w")
	ask("a missing name", wire.OpQuery, q)
	q = query("SELECT * FROM bodies.t WHERE p = ?")
	q.Params.Values = []wire.Value{two}
	ask("QUERY with values", wire.OpQuery, q)
	q = query("UPDATE bodies.t SET v = 'x' WHERE p = 1 AND c = 1 IF v = 'y'")
	q.Params.SerialConsistency = 9
	ask("LOCAL_SERIAL", wire.OpQuery, q)
	q.Params.SerialConsistency = 4
	ask("a serial consistency that is none", wire.OpQuery, q)
	if v >= wire.V5 {
		q = query("SELECT p, ttl(v) FROM t WHERE p = 3")
		q.Params.HasKeyspace, q.Params.Keyspace = true, "bodies"
		ask("a keyspace", wire.OpQuery, q)
		q.Params.Keyspace = "nosuch"
		ask("an unknown keyspace", wire.OpQuery, q)
		q = query("INSERT INTO bodies.t (p, c, v) VALUES (3, 3, 'ttl') USING TTL 100")
		q.Params.HasNowInSeconds, q.Params.NowInSeconds = true, 1_900_000_000
		ask("now in seconds", wire.OpQuery, q)
		q = query("SELECT p, ttl(v) FROM bodies.t WHERE p = 3")
		q.Params.HasNowInSeconds, q.Params.NowInSeconds = true, 1_900_000_040
		ask("later", wire.OpQuery, q)
		res, err := ask("PREPARE in a keyspace", wire.OpPrepare, &wire.Prepare{Text: "SELECT v FROM t WHERE p = 1", HasKeyspace: true, Keyspace: "bodies"}).Result()
		if err == nil {
			ask("EXECUTE of it", wire.OpExecute, execute(res.Prepared))
		}
	}

	for kind := uint8(0); kind < 3; kind++ {
		b := &wire.Batch{Kind: kind, Params: params()}
		b.Params.PageSize = -1
		b.Add(wire.BatchEntry{ID: insert.ID}, two, one, value('b'))
		b.Add(wire.BatchEntry{Text: "DELETE FROM bodies.t WHERE p = ? AND c = 7"}, one)
		b.Add(wire.BatchEntry{Text: "UPDATE t SET v = 'used' WHERE p = 2 AND c = 3"})
		ask(fmt.Sprint("BATCH of kind ", kind), wire.OpBatch, b)
	}
	b := &wire.Batch{Params: params()}
	b.Params.PageSize = -1
	b.Add(wire.BatchEntry{ID: insert.ID}, one)
	ask("BATCH with too few values", wire.OpBatch, b)
	b = &wire.Batch{Params: params()}
	b.Params.PageSize = -1
	b.Add(wire.BatchEntry{Text: "SELECT * FROM bodies.t"})
	ask("BATCH with a SELECT", wire.OpBatch, b)
	ask("SELECT *", wire.OpQuery, query("SELECT * FROM bodies.t"))
	if code(do(t, c, wire.OpExecute, &wire.Execute{ID: bytes.Repeat([]byte{7}, 16), ResultMetadataID: []byte{}, Params: params()})) != cqlerr.Unprepared {
		t.Error("an unknown id is not UNPREPARED")
	}
	return answers
}
