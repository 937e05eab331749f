package wire

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// recording is one line of testdata/recorded.
type recording struct {
	version Version
	body    []byte
}

func recordings(t *testing.T) map[string]recording {
	t.Helper()
	text, err := os.ReadFile("testdata/recorded")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]recording{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSpace(line), "\t")
		v, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		body, err := hex.DecodeString(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		all[fields[0]+" v"+fields[1]] = recording{Version(v), body}
	}
	return all
}

func idOf(body []byte) StatementID { return StatementID(body[6:22]) }

// The columns of the recorded tables, as a back end describes them.
func wt(table string, columns ...any) []Column {
	var all []Column
	for i := 0; i < len(columns); i += 2 {
		all = append(all, Column{"wt", table, columns[i].(string), columns[i+1].(*cqltype.Type)})
	}
	return all
}

func allTypes() []Column {
	addr := func(frozen bool) *cqltype.Type {
		return &cqltype.Type{Kind: cqltype.UDT, Frozen: frozen, Keyspace: "wt", Name: "addr",
			FieldNames: []string{"street", "no"}, Elems: []*cqltype.Type{cqltype.TypeText, cqltype.TypeInt}}
	}
	ints := cqltype.NewList(cqltype.TypeInt, true)
	return wt("types", "a", cqltype.TypeAscii, "b", cqltype.TypeBigint, "i", cqltype.TypeInt,
		"aa", cqltype.NewList(cqltype.NewTuple(cqltype.TypeDate, cqltype.TypeDuration), false),
		"bb", cqltype.NewVector(ints, 2), "c", cqltype.TypeBlob, "cc", cqltype.NewSet(cqltype.TypeSmallint, true),
		"d", cqltype.TypeBoolean, "dd", cqltype.NewVector(addr(true), 1), "e", cqltype.TypeDecimal, "f", cqltype.TypeDouble,
		"g", cqltype.TypeFloat, "h", cqltype.TypeInet, "j", cqltype.TypeSmallint, "k", cqltype.TypeText,
		"l", cqltype.TypeTime, "m", cqltype.TypeTimestamp, "n", cqltype.TypeTimeuuid, "o", cqltype.TypeTinyint,
		"p", cqltype.TypeUuid, "q", cqltype.TypeVarint, "r", cqltype.TypeDate, "s", cqltype.TypeDuration,
		"t", cqltype.NewList(cqltype.TypeInt, false), "u", cqltype.NewSet(cqltype.TypeText, false),
		"v", cqltype.NewMap(cqltype.TypeText, ints, false), "w", cqltype.NewTuple(cqltype.TypeInt, cqltype.TypeText),
		"x", addr(true), "y", addr(false), "z", cqltype.NewVector(cqltype.TypeFloat, 3))
}

// TestRecordedBodies builds the messages that Cassandra sent and compares the bytes.
func TestRecordedBodies(t *testing.T) {
	kv := wt("kv", "k", cqltype.TypeInt, "v", cqltype.TypeText)
	insert := wt("types", "a", cqltype.TypeAscii, "b", cqltype.TypeBigint, "i", cqltype.TypeInt, "z", cqltype.NewVector(cqltype.TypeFloat, 3))
	none := NewMetadataID(nil)
	all := recordings(t)
	prepared := func(name string, m Prepared) Body {
		m.ID = idOf(all[name].body)
		return &m
	}
	cases := map[string]Body{
		"result set type created v4": &SchemaChangeResult{SchemaChange{Change: "CREATED", Target: TargetType, Keyspace: "wt", Name: "addr"}},
		"result table created v4":    &SchemaChangeResult{SchemaChange{Change: "CREATED", Target: TargetTable, Keyspace: "wt", Name: "types"}},
		"result table updated v4":    &SchemaChangeResult{SchemaChange{Change: "UPDATED", Target: TargetTable, Keyspace: "wt", Name: "c"}},
		"result function created v4": &SchemaChangeResult{SchemaChange{Change: "CREATED", Target: TargetFunction, Keyspace: "wt", Name: "f", Args: []string{"int", "text"}}},
		"event type created v4":      &SchemaChangeEventBody{SchemaChange{Change: "CREATED", Target: TargetType, Keyspace: "wt", Name: "addr"}},
		"result void v4":             Void{},
		"rows applied v4":            &Rows{Columns: wt("kv", "[applied]", cqltype.TypeBoolean), Count: 1, Data: []byte{0, 0, 0, 1, 1}},
		"rows first page v4": &Rows{Columns: kv, Count: 1, PagingState: []byte{4, 0, 0, 0, 1, 0, 0xf0, 0x7f, 0xff, 0xff, 0xfe, 0},
			Data: []byte("\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x03one")},
		"rows all v4": &Rows{Columns: kv, Count: 3, Data: []byte("\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x03one" +
			"\x00\x00\x00\x04\x00\x00\x00\x02\xff\xff\xff\xff\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00\x05three")},
		"prepared insert v3": prepared("prepared insert v3", Prepared{Bind: insert, PartitionKey: []uint16{0, 1}, ResultMetadataID: none}),
		"prepared insert v4": prepared("prepared insert v4", Prepared{Bind: insert, PartitionKey: []uint16{0, 1}, ResultMetadataID: none}),
		"prepared insert v5": prepared("prepared insert v5", Prepared{Bind: insert, PartitionKey: []uint16{0, 1}, ResultMetadataID: none}),
		"prepared named v4": prepared("prepared named v4", Prepared{PartitionKey: []uint16{0},
			Bind: wt("kv", "key", cqltype.TypeInt, "val", cqltype.TypeText, "[timestamp]", cqltype.TypeBigint, "[ttl]", cqltype.TypeInt)}),
		"prepared batch v4": prepared("prepared batch v4", Prepared{PartitionKey: []uint16{0}, Bind: append(kv[:2:2],
			wt("types", "a", cqltype.TypeAscii, "b", cqltype.TypeBigint, "i", cqltype.TypeInt)...)}),
		"prepared other order v4": prepared("prepared other order v4", Prepared{PartitionKey: []uint16{1, 0},
			Bind: wt("types", "b", cqltype.TypeBigint, "a", cqltype.TypeAscii, "i", cqltype.TypeInt)}),
		"prepared all types v3": prepared("prepared all types v3", Prepared{Result: allTypes()}),
		"prepared all types v4": prepared("prepared all types v4", Prepared{Result: allTypes()}),
		// The id is taken from the recording: the table's clustering order is in it.
		"prepared all types v5": prepared("prepared all types v5", Prepared{Result: allTypes(),
			ResultMetadataID: MetadataID(all["prepared all types v5"].body[24:40])}),
		"prepared select v5": prepared("prepared select v5", Prepared{Bind: kv[:1], PartitionKey: []uint16{0}, Result: kv,
			ResultMetadataID: NewMetadataID(kv)}),
	}
	for name, r := range all {
		m, ok := cases[name]
		if !ok {
			t.Errorf("%s: recorded but not built", name)
			continue
		}
		if got := m.AppendBody(nil, r.version); !bytes.Equal(got, r.body) {
			t.Errorf("%s:\n got %x\nwant %x", name, got, r.body)
		}
	}
	if len(all) != len(cases) {
		t.Errorf("%d recordings, %d cases", len(all), len(cases))
	}
}

// TestStatementID compares with ids that Cassandra 5.0.9 gave.
func TestStatementID(t *testing.T) {
	for _, c := range []struct{ keyspace, text, want string }{
		{"", "SELECT key FROM system.local WHERE key=?", "d15d8252b56269cae9e3a8e5921caee6"},
		{"system", "SELECT key FROM local WHERE key=?", "a92b1a2dca4ff6c8502c95d22846470b"},
	} {
		id := NewStatementID(c.keyspace, c.text)
		if got := hex.EncodeToString(id[:]); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.keyspace, c.text, got, c.want)
		}
	}
}

// frame is one line of testdata/frames.jsonl: a request and its answer, as
// recorded from a Stargate coordinator.
type frame struct {
	Name     string `json:"name"`
	Request  string `json:"request_hex"`
	Response struct {
		Version, Flags, Opcode int
		Stream                 int16
		Body                   string `json:"body_hex"`
	} `json:"response"`
}

// TestRecordedFrames reads real frames of both directions and writes them again.
func TestRecordedFrames(t *testing.T) {
	f, err := os.Open("testdata/frames.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	rewritten := 0
	for lines.Scan() {
		var fr frame
		if err := json.Unmarshal(lines.Bytes(), &fr); err != nil {
			t.Fatal(err)
		}
		request, err := hex.DecodeString(fr.Request)
		if err != nil {
			t.Fatal(err)
		}
		if got := parseHeader(request).Append(nil); !bytes.Equal(got, request[:HeaderSize]) {
			t.Errorf("%s: header %x became %x", fr.Name, request[:HeaderSize], got)
		}
		body, err := hex.DecodeString(fr.Response.Body)
		if err != nil {
			t.Fatal(err)
		}
		m := decodeResponse(t, fr.Name, Opcode(fr.Response.Opcode), body, Version(fr.Response.Version))
		if m == nil {
			continue
		}
		rewritten++
		if got := m.AppendBody(nil, Version(fr.Response.Version)); !bytes.Equal(got, body) {
			t.Errorf("%s:\n got %x\nwant %x", fr.Name, got, body)
		}
	}
	if rewritten < 30 {
		t.Errorf("only %d answers were rewritten", rewritten)
	}
}

// decodeResponse turns a body into the message that writes it.
func decodeResponse(t *testing.T, name string, op Opcode, body []byte, v Version) Body {
	switch op {
	case OpError:
		e, err := DecodeError(body, v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return Error{e}
	case OpAuthSuccess:
		m, err := DecodeAuthToken(body, v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	case OpAuthenticate:
		r := NewReader(body, v)
		return Authenticate{r.String()}
	case OpReady:
		return Empty{}
	case OpResult:
		m, err := DecodeResult(body, v)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return resultBody(m, v)
	}
	return nil
}

// resultBody is the message that m was decoded from.
func resultBody(m Result, v Version) Body {
	switch m.Kind {
	case ResultVoid:
		return Void{}
	case ResultSetKeyspace:
		return &SetKeyspace{m.Keyspace}
	case ResultSchemaChange:
		return &SchemaChangeResult{m.SchemaChange}
	case ResultPrepared:
		p := &Prepared{ID: StatementID(m.Prepared.ID), Bind: m.Prepared.Bind.Columns, PartitionKey: m.Prepared.PartitionKey,
			Result: m.Prepared.Result.Columns}
		if v >= V5 {
			p.ResultMetadataID = MetadataID(m.Prepared.ResultMetadataID)
		}
		return p
	default:
		rows := &Rows{Columns: m.Rows.Columns, PagingState: m.Rows.PagingState, Count: len(m.Rows.Rows)}
		for _, row := range m.Rows.Rows {
			for _, cell := range row {
				rows.Data = AppendBytes(rows.Data, cell)
			}
		}
		return rows
	}
}
