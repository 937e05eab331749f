package function

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// The cases in testdata/*.txt hold what Apache Cassandra's own functions
// answer; testdata/record says how they are recorded.

type vector struct {
	at   string
	f    *Function
	err  error // of finding the function
	args [][]byte
	want string
}

func vectors(t *testing.T, file string) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		in := strings.SplitN(line, " | ", 4)
		if len(in) != 4 {
			t.Fatalf("%s:%d: %d fields", file, i+1, len(in))
		}
		v := vector{at: fmt.Sprintf("%s:%d: %s(%s)(%s)", file, i+1, in[0], in[1], in[2]), want: in[3]}
		var types []*cqltype.Type
		for _, name := range strings.Split(in[1], "; ") {
			typ, err := cqltype.ParseString(name, nil)
			if err != nil {
				t.Fatalf("%s: %v", v.at, err)
			}
			types = append(types, typ)
		}
		v.f, v.err = ForTypes(in[0], types...)
		for _, s := range strings.Fields(in[2]) {
			v.args = append(v.args, value(t, s))
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		t.Fatalf("%s has no cases", file)
	}
	return list
}

func value(t *testing.T, s string) []byte {
	t.Helper()
	if s == "null" {
		return nil
	}
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func show(f *Function, wire []byte, err error) string {
	var e *cqlerr.Error
	switch {
	case errors.As(err, &e):
		return "error: " + e.Message
	case err != nil:
		return "not a client's error: " + err.Error()
	case wire == nil:
		return f.Return.String() + " null"
	}
	if x, bits := cqltype.FloatValue(wire); x != x && (f.Return.Kind == cqltype.Float || f.Return.Kind == cqltype.Double) {
		return f.Return.String() + " NaN of " + fmt.Sprint(bits)
	}
	return f.Return.String() + " 0x" + hex.EncodeToString(wire)
}

func (v vector) check(t *testing.T, wire []byte, err error) {
	t.Helper()
	want := v.want
	switch want { // the sign of a NaN is the processor's business
	case "float 0xffc00000", "float 0x7fc00000":
		want = "float NaN of 32"
	case "double 0xfff8000000000000", "double 0x7ff8000000000000":
		want = "double NaN of 64"
	}
	if got := show(v.f, wire, err); got != want {
		t.Errorf("%s\n got %s\nwant %s", v.at, got, v.want)
	}
}

func TestCallVectors(t *testing.T) {
	for _, v := range vectors(t, "call.txt") {
		if v.err != nil {
			v.check(t, nil, v.err)
			continue
		}
		wire, err := v.f.Call(&Env{}, v.args)
		v.check(t, wire, err)
	}
}

func TestAggregateVectors(t *testing.T) {
	for _, v := range vectors(t, "aggregate.txt") {
		if v.err != nil {
			t.Errorf("%s: %v", v.at, v.err)
			continue
		}
		state := v.f.NewState()
		for range 2 { // the second time to see that Reset forgets the first
			state.Reset()
			for _, row := range v.args {
				if err := state.Add([][]byte{row}); err != nil {
					t.Errorf("%s: %v", v.at, err)
				}
			}
			wire, err := state.Result()
			v.check(t, wire, err)
		}
	}
}
