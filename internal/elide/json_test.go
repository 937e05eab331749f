package elide_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/elide"
)

const limit = 6000

// inPieces gives text to f in pieces.
func inPieces(random *rand.Rand, text string, f func(out, p []byte) []byte) (out []byte) {
	for text != "" {
		n := 1 + random.IntN(min(len(text), 1+random.IntN(3000)))
		out = f(out, []byte(text[:n]))
		text = text[n:]
	}
	return out
}

// TestJSON: strings up to the limit pass unchanged, however the text is cut into
// pieces; longer ones become short, and what they lack is known exactly.
func TestJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "ü", "€", "😀", `\n`, `\"`, `\\`, `\u00fc`, `\u20AC`, `\ud83d\ude00`, "'", "$", "{", ",", ":"}
	for range 300 {
		var text strings.Builder
		text.WriteString(`{"none": [1, {"two": "x"}], "list": [`)
		for i := range 1 + random.IntN(4) {
			if i > 0 {
				text.WriteString(", ")
			}
			text.WriteString(`"-`)
			for range random.IntN(4 * limit) {
				if random.IntN(4) == 0 {
					text.WriteString(alphabet[random.IntN(len(alphabet))])
				} else {
					text.WriteByte('-')
				}
			}
			text.WriteByte('"')
		}
		text.WriteString(`], "last": null}`)
		compareJSON(t, random, text.String())
	}
}

func compareJSON(t *testing.T, random *rand.Rand, text string) {
	t.Helper()
	var shared elide.Shared
	kept := inPieces(random, text, elide.NewJSON(&shared, limit, 0, nil).Append)
	var want, got struct{ List []string }
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(kept, &got); err != nil {
		t.Fatalf("%v in %s", err, kept)
	}
	for i, s := range want.List {
		dropped := shared.Cuts().Dropped([]byte(got.List[i]))
		switch {
		case len(s) <= limit && got.List[i] != s:
			t.Errorf("a string of %d bytes was changed", len(s))
		case len(s) > limit && len(got.List[i]) > 200:
			t.Errorf("of a string of %d bytes %d were kept", len(s), len(got.List[i]))
		case int64(len(got.List[i]))+dropped != int64(len(s)):
			t.Errorf("a string of %d bytes is %d and %d dropped", len(s), len(got.List[i]), dropped)
		case len(s) > limit != shared.Cuts().In([]byte(got.List[i])):
			t.Errorf("a string of %d bytes: cut is %v", len(s), len(s) <= limit)
		}
	}
}

// TestNotations: a string that may stand for bytes may be as long as the limit's
// bytes need, and where it is longer the value lacks what its bytes do.
func TestNotations(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	base64Value := func(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }
	rawBase64Value := func(s string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(s) }
	escaped := strings.NewReplacer("/", `\/`, "+", `\u002b`, "=", `\u003d`, "'", `\u0027`).Replace
	quotedValue := func(s string) ([]byte, error) { return rawBase64Value(strings.TrimRight(strings.Trim(s, "'"), "=")) }
	hexValue := func(s string) ([]byte, error) { return hex.DecodeString(strings.TrimPrefix(s, "0x")) }
	for _, size := range []int{limit - 1, limit, limit + 1, limit + 2, limit + 3, limit + 4, 3 * limit} {
		value := make([]byte, size)
		for i := range value {
			value[i] = byte(random.Uint32())
		}
		for name, c := range map[string]struct {
			text   string
			decode func(string) ([]byte, error)
		}{
			"Base64":                                 {base64.StdEncoding.EncodeToString(value), base64Value},
			"Base64 without padding":                 {base64.RawStdEncoding.EncodeToString(value), rawBase64Value},
			"Base64 in quotes":                       {"'" + base64.StdEncoding.EncodeToString(value) + "'", quotedValue},
			"Base64 with escape sequences":           {escaped(base64.StdEncoding.EncodeToString(value)), base64Value},
			"Base64 in quotes with escape sequences": {escaped("'" + base64.StdEncoding.EncodeToString(value) + "'"), quotedValue},
			"a hexadecimal":                          {"0x" + hex.EncodeToString(value), hexValue},
		} {
			var shared elide.Shared
			text := `{"v":"` + c.text + `"}`
			kept := inPieces(random, text, elide.NewJSON(&shared, limit, 0, nil).Append)
			var row struct{ V string }
			if err := json.Unmarshal(kept, &row); err != nil {
				t.Fatal(err)
			}
			got, err := c.decode(row.V)
			if err != nil {
				t.Fatalf("%s of %d bytes: %v", name, size, err)
			}
			if n := int64(len(got)) + shared.Cuts().Dropped(got); n != int64(size) {
				t.Errorf("%s of %d bytes is %d", name, size, n)
			}
			if size <= limit && string(kept) != text || size == 3*limit && len(got) > 100 {
				t.Errorf("%s of %d bytes: %d characters were kept", name, size, len(row.V))
			}
		}
	}
}

// TestTexts: where a member is known to be text, its strings are no longer than
// the limit, at any depth in it.
func TestTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	texts := func(member []byte) elide.Strings {
		if string(member) == "text" {
			return elide.Texts
		}
		return 0
	}
	long := strings.Repeat("x", limit+1)
	for row, depth := range map[string]int{`{"text":%[1]s,"other":%[2]s,"a":1}`: 0, `[{"other":%[2]s,"text":%[1]s}]`: 1} {
		for _, form := range []string{`"%s"`, `["a",["%s"]]`, `{"other":"%s"}`} {
			value := fmt.Sprintf(form, long)
			var shared elide.Shared
			kept := string(inPieces(random, fmt.Sprintf(row, value, value), elide.NewJSON(&shared, limit, depth, texts).Append))
			if n := strings.Count(kept, long); n != 1 || len(kept) > limit+300 {
				t.Errorf("%s of %s: %d strings are whole in %d bytes", form, row, n, len(kept))
			}
		}
	}
}

// TestLiterals: a string that is a collection's literal is as long as it likes,
// its elements are not; what is in arrays is where that is said.
func TestLiterals(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	of := func(member []byte) elide.Strings {
		return map[string]elide.Strings{"own": elide.Texts | elide.Literal, "all": elide.Literals, "whole": elide.Whole}[string(member)]
	}
	long, short := strings.Repeat("-", limit+1), strings.Repeat("-", limit/2)
	for _, c := range []struct {
		member, value string
		cut           bool
	}{
		{"own", `"['%[2]s','%[2]s','%[2]s']"`, false},
		{"own", `"{%[2]s,%[2]s,%[2]s}"`, false},
		{"own", `"[\u0027%[2]s\u0027,\u0027%[2]s','%[2]s\u0027]"`, false},
		{"own", `"['%[2]s\n',\"%[2]s\",'%[2]s']"`, false},
		{"own", `"['%[2]s',ü'%[2]s','%[2]s']"`, false},
		{"own", `"['%[2]s,%[2]s,%[2]s']"`, true},
		{"own", `"['a','%[1]s','b']"`, true},
		{"own", `"[a,%[1]s,b]"`, true},
		{"own", `["['%[2]s','%[2]s','%[2]s']"]`, true},
		{"all", `["['%[2]s','%[2]s','%[2]s']"]`, false},
		{"all", `["['%[1]s']"]`, true},
		{"whole", `["%[1]s"]`, false},
		{"other", `"['%[2]s','%[2]s','%[2]s']"`, true},
	} {
		value := fmt.Sprintf(c.value, long, short)
		for _, row := range []struct {
			text, namedBy string
			depth         int
		}{
			{`{"first":"a","` + c.member + `":` + value + `,"last":1}`, "", 0},
			{`{"rows":[{"name":"first","value":"a"},{"name":"` + c.member + `","value":` + value + `}]}`, "name", 2},
		} {
			var shared elide.Shared
			e := elide.NewJSON(&shared, limit, row.depth, of)
			if row.namedBy != "" {
				e = elide.NewJSONNamedBy(&shared, limit, row.depth, row.namedBy, of)
			}
			kept := string(e.Finish(inPieces(random, row.text, e.Append)))
			if cut := kept != row.text; cut != c.cut || cut && len(kept) > len(row.text)-limit/2 || !json.Valid([]byte(kept)) {
				t.Errorf("%.20s %s: cut is %v, %d bytes of %d", c.member, c.value, cut, len(kept), len(row.text))
			}
			if n := shared.Cuts().Dropped([]byte(kept)); n != int64(len(row.text)-len(kept)) {
				t.Errorf("%.20s %s: %d bytes were dropped, not %d", c.member, c.value, n, len(row.text)-len(kept))
			}
		}
	}
}

// TestNested: a string that is a collection in JSON is as long as it likes where
// nobody knows what it is for, its elements are not.
func TestNested(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	long, short := strings.Repeat("-", limit+1), strings.Repeat("-", limit/2)
	for _, c := range []struct {
		value any // in JSON it is the string
		cut   bool
	}{
		{[]string{short, short, short}, false},
		{map[string]any{short: short, "a": []string{short, short}}, false},
		{[]string{"a", long, "b", long}, true},
		{map[string]string{"a" + long: long, "b": "c"}, true},
		{[]string{short + "\n" + short + "'" + short}, false}, // it might be shorter than the limit
		{[]string{long + "\n\"\\", long}, true},
		{[]string{`a"b\`, `\\"`, `"`, short, "\\" + short}, false},
		{[]any{1, "it's", true, short}, false},
	} {
		inner, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(map[string]string{"l": string(inner), "a": "b"})
		if err != nil {
			t.Fatal(err)
		}
		var shared elide.Shared
		e := elide.NewJSON(&shared, limit, 0, nil)
		kept := e.Finish(inPieces(random, string(text), e.Append))
		var row struct{ L string }
		if err := json.Unmarshal(kept, &row); err != nil || !json.Valid([]byte(row.L)) {
			t.Fatalf("%.50s: %v, %s", inner, err, kept)
		}
		if cut := string(kept) != string(text); cut != c.cut || cut && len(kept) > len(text)-limit/2 {
			t.Errorf("%.50s: cut is %v, %d bytes of %d", inner, cut, len(kept), len(text))
		}
		if n := int64(len(row.L)) + shared.Cuts().Dropped([]byte(row.L)); n != int64(len(inner)) {
			t.Errorf("%.50s: %d bytes, not %d", inner, n, len(inner))
		}
	}
}

// TestUnfinished: of a text that ends in a string what is missing is known, too.
func TestUnfinished(t *testing.T) {
	var shared elide.Shared
	e := elide.NewJSON(&shared, limit, 0, nil)
	text := `{"a":"` + strings.Repeat("-", 2*limit)
	kept := e.Finish(e.Append(nil, []byte(text)))
	if n := shared.Cuts().Dropped(kept); n != int64(len(text)-len(kept)) {
		t.Errorf("%d bytes were dropped, not %d", n, len(text)-len(kept))
	}
}

// TestManyCuts: each cut of a request is known apart.
func TestManyCuts(t *testing.T) {
	var text strings.Builder
	text.WriteByte('[')
	const many = 300
	for i := range many {
		fmt.Fprintf(&text, `%s"%s"`, ","[:min(i, 1)], strings.Repeat("-", limit+1+i))
	}
	text.WriteByte(']')
	var shared elide.Shared
	kept := elide.NewJSON(&shared, limit, 0, nil).Append(nil, []byte(text.String()))
	var list []string
	if err := json.Unmarshal(kept, &list); err != nil {
		t.Fatal(err)
	}
	for i, s := range list {
		if n := int64(len(s)) + shared.Cuts().Dropped([]byte(s)); n != int64(limit+1+i) {
			t.Errorf("string %d has %d bytes", i, n)
		}
	}
	if n := shared.Cuts().Dropped(kept); n != int64(text.Len()-len(kept)) {
		t.Errorf("%d bytes were dropped of all, not %d", n, text.Len()-len(kept))
	}
}

// TestHide: who reads a text that repeats a shortened value sees no mark.
func TestHide(t *testing.T) {
	var shared elide.Shared
	long := strings.Repeat("-", limit+1)
	kept := elide.NewJSON(&shared, limit, 0, nil).Append(nil, []byte(`["`+long+`","`+long+`"]`))
	start := strings.Repeat("-", 64)
	for text, want := range map[string]string{string(kept): `["` + start + `…","` + start + `…"]`, "a": "a", "": "", string(kept[:len(kept)-5]): `["` + start + `…","` + start + "…"} {
		if got := shared.Cuts().Hide(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := (*elide.Cuts)(nil).Hide("a"); got != "a" {
		t.Errorf("nothing was left out: %q", got)
	}
}

// FuzzJSON: what is no JSON passes, too, and nothing grows.
func FuzzJSON(f *testing.F) {
	f.Add(`{"a":"`+strings.Repeat("x", 5000)+`","b":"\u12`, uint64(1))
	f.Add(`]]]"""\\\"`, uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		var shared elide.Shared
		random := rand.New(rand.NewPCG(seed, 0))
		kept := inPieces(random, text, elide.NewJSON(&shared, 0, 0, nil).Append)
		if shared.Cuts() == nil && string(kept) != text || len(kept) > len(text) {
			t.Errorf("%q became %q", text, kept)
		}
	})
}
