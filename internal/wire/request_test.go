package wire

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

var versions = []Version{V3, V4, V5}

func drawBytes(t *rapid.T, label string) []byte {
	return rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, label)
}

func drawValue(t *rapid.T, v Version) Value {
	switch rapid.IntRange(0, 3).Draw(t, "value") {
	case 0:
		return Value{}
	case 1:
		return Value{Unset: v >= V4} // before, there is only null
	default:
		return Value{Bytes: drawBytes(t, "bytes")}
	}
}

func drawParams(t *rapid.T, v Version) QueryParams {
	p := QueryParams{
		Consistency:       rapid.Uint16Range(0, maxConsistency).Draw(t, "consistency"),
		SkipMetadata:      rapid.Bool().Draw(t, "skip"),
		PageSize:          rapid.Int32Range(-1, 1<<30).Draw(t, "page"),
		SerialConsistency: rapid.Uint16Range(8, 9).Draw(t, "serial"),
		HasTimestamp:      rapid.Bool().Draw(t, "has timestamp"),
	}
	for range rapid.IntRange(0, 5).Draw(t, "values") {
		p.Values = append(p.Values, drawValue(t, v))
	}
	if len(p.Values) > 0 && rapid.Bool().Draw(t, "named") {
		for range p.Values {
			p.Names = append(p.Names, []byte(rapid.String().Draw(t, "name")))
		}
	}
	if rapid.Bool().Draw(t, "paging") {
		p.PagingState = drawBytes(t, "state")
	}
	if p.HasTimestamp {
		p.Timestamp = rapid.Int64Range(-1<<62, 1<<62).Draw(t, "timestamp")
	}
	if v >= V5 {
		if p.HasKeyspace = rapid.Bool().Draw(t, "has keyspace"); p.HasKeyspace {
			p.Keyspace = rapid.String().Draw(t, "keyspace")
		}
		if p.HasNowInSeconds = rapid.Bool().Draw(t, "has now"); p.HasNowInSeconds {
			p.NowInSeconds = rapid.Int32().Draw(t, "now")
		}
	}
	return p
}

// TestRequestsRoundTrip: what was decoded is appended as it came, and a message
// that is decoded into again remembers nothing. (That the layout is the
// specification's, the exchanges recorded with Cassandra show.)
func TestRequestsRoundTrip(t *testing.T) {
	var query Query
	var execute Execute
	var batch Batch
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(versions).Draw(t, "version")
		q := Query{Text: rapid.String().Draw(t, "text"), Params: drawParams(t, v)}
		again(t, &q, &query, query.Decode, v)
		e := Execute{ID: drawBytes(t, "id"), Params: drawParams(t, v)}
		if v >= V5 {
			e.ResultMetadataID = drawBytes(t, "metadata id")
		}
		again(t, &e, &execute, execute.Decode, v)
		b := Batch{Kind: rapid.Uint8Range(0, maxBatchKind).Draw(t, "kind"), Params: drawParams(t, v)}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			entry := BatchEntry{Text: rapid.String().Draw(t, "text")}
			if rapid.Bool().Draw(t, "prepared") {
				entry = BatchEntry{ID: drawBytes(t, "id")}
			}
			var values []Value
			for range rapid.IntRange(0, 3).Draw(t, "values") {
				values = append(values, drawValue(t, v))
			}
			b.Add(entry, values...)
		}
		again(t, &b, &batch, batch.Decode, v)
		p := Prepare{Text: rapid.String().Draw(t, "text")}
		if p.HasKeyspace = v >= V5 && rapid.Bool().Draw(t, "has keyspace"); p.HasKeyspace {
			p.Keyspace = rapid.String().Draw(t, "keyspace")
		}
		var prepare Prepare
		again(t, &p, &prepare, prepare.Decode, v)
	})
}

// again decodes what sent appends and compares what the decoded message appends.
func again(t *rapid.T, sent, received Body, decode func([]byte, Version) *cqlerr.Error, v Version) {
	body := sent.AppendBody(nil, v)
	if err := decode(body, v); err != nil {
		t.Fatalf("%T v%d %x: %v", sent, v, body, err)
	}
	if got := received.AppendBody(nil, v); !bytes.Equal(got, body) {
		t.Fatalf("%T v%d:\nsent %x\n got %x", sent, v, body, got)
	}
}

// TestTruncatedRequests: every proper prefix of a body is an error, never a
// panic, as long as its last field is needed.
func TestTruncatedRequests(t *testing.T) {
	for _, v := range versions {
		params := QueryParams{Values: []Value{{Bytes: []byte("value")}}, Names: [][]byte{[]byte("name")}, PageSize: 10,
			PagingState: []byte("state"), SerialConsistency: 9, HasTimestamp: true, Timestamp: 1}
		query := Query{Text: "text", Params: params}
		execute := Execute{ID: []byte("id"), ResultMetadataID: []byte("mid"), Params: params}
		batch := Batch{Params: params}
		batch.Add(BatchEntry{Text: "text"}, Value{Bytes: []byte("v")})
		batch.Add(BatchEntry{ID: []byte("id")}, Value{})
		prefixes(t, v, &query, func(b []byte) *cqlerr.Error { return new(Query).Decode(b, v) })
		prefixes(t, v, &execute, func(b []byte) *cqlerr.Error { return new(Execute).Decode(b, v) })
		prefixes(t, v, &batch, func(b []byte) *cqlerr.Error { return new(Batch).Decode(b, v) })
	}
}

func prefixes(t *testing.T, v Version, m Body, decode func([]byte) *cqlerr.Error) {
	t.Helper()
	body := m.AppendBody(nil, v)
	if err := decode(body); err != nil {
		t.Errorf("%T v%d: %v", m, v, err)
	}
	for n := range body {
		if decode(body[:n:n]) == nil {
			t.Errorf("%T v%d: %d of %d bytes were decoded", m, v, n, len(body))
		}
	}
}
