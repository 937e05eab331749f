package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/elide"
)

const elideLimit = 5000

// elided is a value in a request of a test: what it is, in its form.
type elided struct {
	form  elide.Form
	value []byte
}

// drawElided draws a value of any form, one or several of whose parts may be too
// large.
func drawElided(t *rapid.T) elided {
	size := rapid.OneOf(rapid.IntRange(0, 50), rapid.IntRange(elideLimit-2, elideLimit+2), rapid.IntRange(elideLimit, 30*elideLimit))
	part := func() []byte {
		return bytes.Repeat([]byte{byte(rapid.IntRange('a', 'z').Draw(t, "byte"))}, size.Draw(t, "size"))
	}
	form := elide.Form(rapid.IntRange(int(elide.AnySize), int(elide.Row)).Draw(t, "form"))
	value := part()
	switch form {
	case elide.Elements, elide.Fields:
		value = nil
		n := rapid.IntRange(0, 3).Draw(t, "parts")
		if form == elide.Elements {
			value = binary.BigEndian.AppendUint32(nil, uint32(n))
		}
		for range n {
			value = AppendBytes(value, part())
		}
		if rapid.IntRange(0, 3).Draw(t, "null") == 0 {
			value = AppendBytes(value, nil)
		}
	case elide.Row:
		value = fmt.Appendf(nil, `{"a": "%s", "b": ["%s"]}`, "-"+string(part()), "-"+string(part()))
	}
	return elided{form, value}
}

// check compares what is kept of v with it.
func (v elided) check(t *rapid.T, kept []byte, cuts *elide.Cuts) {
	parts, rest := [][]byte{v.value}, [][]byte{kept}
	switch v.form {
	case elide.Elements:
		parts, rest = wireParts(v.value[4:]), wireParts(kept[4:])
	case elide.Fields:
		parts, rest = wireParts(v.value), wireParts(kept)
	case elide.Row:
		parts, rest = jsonParts(t, v.value), jsonParts(t, kept)
	}
	if len(parts) != len(rest) {
		t.Fatalf("form %d: %d parts became %d", v.form, len(parts), len(rest))
	}
	for i, want := range parts {
		got, limit := rest[i], elideLimit
		if v.form == elide.Row {
			limit = cqltype.MaxPartitionKeyComponent
		}
		if v.form == elide.AnySize || len(want) <= limit {
			if !bytes.Equal(got, want) {
				t.Fatalf("form %d: part %d of %d bytes was changed", v.form, i, len(want))
			}
			continue
		}
		if len(got) > 200 || int64(len(got))+cuts.Dropped(got) != int64(len(want)) {
			t.Fatalf("form %d: part %d of %d bytes: %d were kept, %d dropped", v.form, i, len(want), len(got), cuts.Dropped(got))
		}
	}
}

func wireParts(b []byte) (parts [][]byte) {
	for r := NewReader(b, V5); r.Remaining() > 0; {
		parts = append(parts, r.Bytes())
	}
	return parts
}

func jsonParts(t *rapid.T, b []byte) [][]byte {
	var row struct {
		A string
		B []string
	}
	if err := json.Unmarshal(b, &row); err != nil {
		t.Fatal(err)
	}
	return [][]byte{[]byte(row.A), []byte(row.B[0])}
}

// TestElide: of a request the values that are too large come out short, with
// their sizes known, and everything else as it went in, in all framings.
func TestElide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]framing{{V3, NoCompression}, {V4, NoCompression}, {V5, NoCompression}, {V5, LZ4}}).Draw(t, "framing")
		var values []elided
		var bound []Value
		for range rapid.IntRange(0, 4).Draw(t, "values") {
			v := drawElided(t)
			values, bound = append(values, v), append(bound, Value{Bytes: v.value})
		}
		names := rapid.Bool().Draw(t, "named")
		form := func(index int, name []byte) elide.Form {
			if name != nil {
				index = int(name[0])
			}
			return values[index].form
		}
		literal := strings.Repeat("x", rapid.SampledFrom([]int{1, elideLimit + 1, cqltype.MaxPartitionKeyComponent, cqltype.MaxPartitionKeyComponent + 1, 20 * elideLimit}).Draw(t, "literal"))
		text := "INSERT INTO t (k) VALUES ('" + literal + "')"
		opts := ElideOptions{
			Limit:    elideLimit,
			Prepared: func([]byte) FormOf { return form },
			Text: func(got []byte, cuts *elide.Cuts) FormOf {
				if int64(len(got))+cuts.Dropped(got) != int64(len(text)) {
					t.Fatalf("a text of %d bytes, not of %d", len(got), len(text))
				}
				return form
			},
		}
		params := QueryParams{Values: bound, PageSize: 7, SerialConsistency: consistencySerial, HasTimestamp: true, Timestamp: 9, PagingState: []byte("state")}
		if names && len(values) > 0 {
			for i := range values {
				params.Names = append(params.Names, []byte{byte(i), 'n'})
			}
		}
		o := NewOutput()
		s := &Stream{Elide: func(h Header, _ int) *Elider { return NewElider(h, opts) }}
		if f.version.Segmented() {
			o.Compress(f.comp)
			o.Segment()
			s.Segment(f.comp == LZ4)
		}
		message, check := drawMessage(t, text, params, values)
		extras := &Extras{}
		if f.version >= V4 && rapid.Bool().Draw(t, "payload") {
			extras.CustomPayload = map[string][]byte{"key": []byte("payload"), "": nil}
		}
		o.Put(Header{Version: f.version, Opcode: message.opcode, Stream: 3}, extras, message.body)
		e := receiveOne(t, s, o.Take(nil), rapid.IntRange(1, 200_000).Draw(t, "piece"))
		payload, body, err := SplitRequest(e.Header, e.Body)
		if err != nil || len(payload) != len(extras.CustomPayload) {
			t.Fatalf("%v, %d payloads", err, len(payload))
		}
		if !e.Detached { // it was small
			return
		}
		check(body, f.version, e.Cuts)
	})
}

type drawnMessage struct {
	opcode Opcode
	body   Body
}

// drawMessage makes a message of any kind, and what checks it when it has come.
func drawMessage(t *rapid.T, text string, params QueryParams, values []elided) (drawnMessage, func(body []byte, v Version, cuts *elide.Cuts)) {
	checkText := func(got string, cuts *elide.Cuts) {
		if n := int64(len(got)) + cuts.Dropped([]byte(got)); n != int64(len(text)) || len(text) < cqltype.MaxPartitionKeyComponent && got != text || len(got) > cqltype.MaxPartitionKeyComponent+100 {
			t.Fatalf("a text of %d bytes became one of %d and %d", len(text), len(got), n-int64(len(got)))
		}
	}
	checkParams := func(got *QueryParams, cuts *elide.Cuts) {
		if len(got.Values) != len(values) || got.PageSize != 7 || got.Timestamp != 9 || string(got.PagingState) != "state" || len(got.Names) != len(params.Names) {
			t.Fatalf("other parameters: %d values", len(got.Values))
		}
		for i, v := range values {
			v.check(t, got.Values[i].Bytes, cuts)
		}
	}
	decoded := func(err *cqlerr.Error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return drawnMessage{OpQuery, &Query{Text: text, Params: params}}, func(body []byte, v Version, cuts *elide.Cuts) {
			var m Query
			decoded(m.Decode(body, v))
			checkText(m.Text, cuts)
			checkParams(&m.Params, cuts)
		}
	case 1:
		return drawnMessage{OpExecute, &Execute{ID: []byte("id"), ResultMetadataID: []byte("result"), Params: params}}, func(body []byte, v Version, cuts *elide.Cuts) {
			var m Execute
			decoded(m.Decode(body, v))
			if string(m.ID) != "id" {
				t.Fatalf("id %q", m.ID)
			}
			checkParams(&m.Params, cuts)
		}
	case 2:
		return drawnMessage{OpPrepare, &Prepare{Text: text}}, func(body []byte, v Version, cuts *elide.Cuts) {
			var m Prepare
			decoded(m.Decode(body, v))
			checkText(m.Text, cuts)
		}
	}
	var bound []Value
	for _, v := range values {
		bound = append(bound, Value{Bytes: v.value})
	}
	batch := &Batch{Params: QueryParams{PageSize: -1, SerialConsistency: consistencySerial, HasTimestamp: true, Timestamp: 5}}
	batch.Add(BatchEntry{Text: text}, bound...)
	batch.Add(BatchEntry{ID: []byte("id")}, bound...)
	return drawnMessage{OpBatch, batch}, func(body []byte, v Version, cuts *elide.Cuts) {
		var m Batch
		decoded(m.Decode(body, v))
		if len(m.Entries) != 2 || m.Params.Timestamp != 5 {
			t.Fatalf("%d entries", len(m.Entries))
		}
		checkText(m.Entries[0].Text, cuts)
		for i := range m.Entries {
			for j, v := range values {
				v.check(t, m.Values(i)[j].Bytes, cuts)
			}
		}
	}
}

// receiveOne feeds b to s in pieces and returns the only envelope.
func receiveOne(t *rapid.T, s *Stream, b []byte, piece int) Envelope {
	for {
		e, ok, fault := s.Next()
		switch {
		case fault != nil:
			t.Fatal(fault.Err)
		case ok:
			return e
		case len(b) == 0:
			t.Fatal("no envelope")
		}
		space := s.Space()
		n := copy(space[:min(len(space), piece)], b)
		s.Filled(n)
		b = b[n:]
	}
}

// TestElideMemory: of a request that is one value hardly anything is in memory,
// at any time, and the envelope still tells how large it was.
func TestElideMemory(t *testing.T) {
	for _, f := range []framing{{V4, NoCompression}, {V5, LZ4}} {
		o := NewOutput()
		s := &Stream{Elide: func(h Header, _ int) *Elider {
			return NewElider(h, ElideOptions{Limit: elideLimit, Prepared: func([]byte) FormOf { return func(int, []byte) elide.Form { return elide.OneValue } }})
		}}
		if f.version.Segmented() {
			o.Compress(f.comp)
			o.Segment()
			s.Segment(true)
		}
		const size = 9 << 20
		o.Put(Header{Version: f.version, Opcode: OpExecute}, &Extras{}, &Execute{ID: []byte("id"), Params: QueryParams{PageSize: -1, Values: []Value{{Bytes: noise(size, 1)}}}})
		for rest := o.Take(nil); ; {
			e, ok, fault := s.Next()
			if fault != nil {
				t.Fatal(fault.Err)
			}
			if ok {
				var m Execute
				if err := m.Decode(e.Body, f.version); err != nil || e.Size < size || int64(len(m.Params.Values[0].Bytes))+e.Cuts.Dropped(m.Params.Values[0].Bytes) != size {
					t.Errorf("%v: %v, %d bytes", f, err, e.Size)
				}
				break
			}
			n := copy(s.Space(), rest)
			s.Filled(n)
			rest = rest[n:]
			if held := cap(s.buf) + cap(s.large) + cap(s.scratch); held > 512<<10 {
				t.Fatalf("%v: %d bytes held", f, held)
			}
		}
	}
}

// TestElideText: the text of a statement is asked about once, where it stands, and
// only when one of its values is large.
func TestElideText(t *testing.T) {
	small, large := Value{Bytes: []byte("a")}, Value{Bytes: noise(2*elideLimit, 1)}
	for _, c := range []struct {
		values []Value
		asked  int
	}{{nil, 0}, {[]Value{small, small}, 0}, {[]Value{small, large, large, small}, 1}} {
		query := &Query{Text: "INSERT INTO t", Params: QueryParams{PageSize: -1, Values: c.values}}
		body := query.AppendBody(nil, V5)
		var texts []*byte
		e := NewElider(Header{Version: V5, Opcode: OpQuery}, ElideOptions{Limit: elideLimit, Text: func(text []byte, _ *elide.Cuts) FormOf {
			if string(text) != query.Text {
				t.Errorf("the text is %q", text)
			}
			texts = append(texts, &text[0])
			return func(int, []byte) elide.Form { return elide.OneValue }
		}})
		out := e.Append(make([]byte, 0, len(body)), body)
		if len(texts) != c.asked || c.asked > 0 && texts[0] != &out[4] {
			t.Errorf("%d values: asked %d times, or of a copy", len(c.values), len(texts))
		}
	}
}

// FuzzElide: what is no message passes, too, and nothing grows.
func FuzzElide(f *testing.F) {
	long := strings.Repeat("x", 2*elide.Least)
	params := QueryParams{PageSize: -1, SerialConsistency: consistencySerial, Values: []Value{{Bytes: []byte(long)}, {Unset: true}}, Names: [][]byte{{'n'}, {'m'}}}
	f.Add((&Query{Text: "INSERT INTO t (k) VALUES ('" + long + "')", Params: params}).AppendBody(nil, V5), byte(OpQuery), byte(V5), byte(elide.OneValue), 100)
	f.Add((&Execute{ID: []byte("id"), Params: params}).AppendBody(nil, V4), byte(OpExecute), byte(V4), byte(elide.Elements), 3)
	f.Add((&Batch{}).AppendBody(nil, V4), byte(OpBatch), byte(V4), byte(elide.Fields), 1)
	f.Fuzz(func(t *testing.T, body []byte, opcode, version, form byte, piece int) {
		form %= byte(elide.Row) + 1
		forms := func(int, []byte) elide.Form { return elide.Form(form) }
		e := NewElider(Header{Version: Version(version), Opcode: Opcode(opcode), Flags: Flags(version) & FlagCustomPayload}, ElideOptions{
			Prepared: func([]byte) FormOf { return forms }, Text: func([]byte, *elide.Cuts) FormOf { return forms },
		})
		var out []byte
		piece = max(1, min(piece, 1<<20))
		for rest := body; len(rest) > 0; rest = rest[min(len(rest), piece):] {
			out = e.Append(out, rest[:min(len(rest), piece)])
		}
		if len(out) > len(body) || e.Cuts() == nil && !bytes.HasPrefix(body, out) {
			t.Errorf("%d bytes became %d", len(body), len(out))
		}
	})
}
