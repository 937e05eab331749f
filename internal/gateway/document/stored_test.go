package document

import (
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// leafRow is the INSERT of a row as another server writes it.
func leafRow(table, key, leaf, value string, time int, segments ...string) string {
	columns, values := "key", "'"+key+"'"
	for i, name := range pathColumns {
		segment := ""
		if i < len(segments) {
			segment = segments[i]
		}
		columns += ", " + name
		values += ", '" + segment + "'"
	}
	name, value, _ := strings.Cut(value, " ")
	if name == "null" {
		return fmt.Sprintf("INSERT INTO %s (%s, leaf) VALUES (%s, '%s') USING TIMESTAMP %d", table, columns, values, leaf, time)
	}
	return fmt.Sprintf("INSERT INTO %s (%s, leaf, %s) VALUES (%s, '%s', %s) USING TIMESTAMP %d", table, columns, name, values, leaf, value, time)
}

// TestOthersDocuments: what another server has written is read as it meant it:
// the marker of old servers, and shapes that a later write replaced without
// deleting them.
func TestOthersDocuments(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(h, "POST", "/v2/namespaces/ns/collections", `{"name":"c"}`)
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"marker": {[]string{
			leafRow("ns.c", "marker", "DOCROOT-a9fb1f04-0394-4c74-b77b-49b4e0ef7900", "null", 10),
			leafRow("ns.c", "marker", "a", "dbl_value 4.0", 10, "a"),
		}, `{"a":4}`},
		"scalar, then object": {[]string{leafRow("ns.c", "scalar, then object", "a", "dbl_value 1", 10, "a"), leafRow("ns.c", "scalar, then object", "b", "text_value 'x'", 20, "a", "b")}, `{"a":{"b":"x"}}`},
		"object, then scalar": {[]string{leafRow("ns.c", "object, then scalar", "a", "bool_value true", 20, "a"), leafRow("ns.c", "object, then scalar", "b", "text_value 'x'", 10, "a", "b")}, `{"a":true}`},
		"object, then array":  {[]string{leafRow("ns.c", "object, then array", "b", "null", 10, "a", "b"), leafRow("ns.c", "object, then array", "[000001]", "dbl_value 2.5", 20, "a", "[000001]")}, `{"a":[null,2.5]}`},
		"array, then object":  {[]string{leafRow("ns.c", "array, then object", "Z", "null", 20, "a", "Z"), leafRow("ns.c", "array, then object", "[000001]", "dbl_value 2.5", 10, "a", "[000001]")}, `{"a":{"Z":null}}`},
		"object, array, object": {[]string{
			leafRow("ns.c", "object, array, object", "x", "dbl_value 1", 10, "a", "x"), leafRow("ns.c", "object, array, object", "[000000]", "dbl_value 2", 20, "a", "[000000]"),
			leafRow("ns.c", "object, array, object", "y", "dbl_value 3", 30, "a", "y"),
		}, `{"a":{"y":3}}`},
		"stale exact text": {[]string{
			leafRow("ns.c", "stale exact text", "a", "dbl_value 9007199254740992", 20, "a"),
			leafRow("ns.c", "stale exact text", "DOCROOT-a9fb1f04-0394-4c74-b77b-49b4e0ef7900", "text_value '9007199254740993'", 10, "a", "[000000]exact"),
		}, `{"a":9007199254740992}`},
		"no number": {[]string{
			leafRow("ns.c", "no number", "a", "dbl_value 5", 20, "a"),
			leafRow("ns.c", "no number", "DOCROOT-a9fb1f04-0394-4c74-b77b-49b4e0ef7900", "text_value '5}'", 20, "a", "[000000]exact"),
		}, `{"a":5}`},
	} {
		for _, row := range c.rows {
			run(t, h, row)
		}
		if w := ask(h, "GET", "/v2/namespaces/ns/collections/c/"+url.PathEscape(name)+"?raw=true", ""); w.Code != 200 || w.Body.String() != c.want {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, c.want)
		}
	}
}

// TestRowsAreTheReferences: a document is stored as Stargate stores it.
func TestRowsAreTheReferences(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	ask(h, "PUT", "/v2/namespaces/ns/collections/c/x", `{"n":1.5,"l":["a",{}],"o":{"t":true,"z":null},"e":[]}`)
	result := run(t, h, `SELECT p0, p1, p2, p63, leaf, text_value, dbl_value, bool_value FROM ns.c WHERE key = 'x'`)
	cursor := result.Cursor()
	var got []string
	for range result.RowCount {
		row := ""
		for i := range result.Columns {
			cell := cursor.Next()
			row += result.Columns[i].Name + "=" + string(result.Columns[i].Type.AppendLiteral(nil, cell)) + " "
		}
		got = append(got, row)
	}
	want := []string{
		`p0='e' p1='' p2='' p63='' leaf='e' text_value='EMPTYARRAY-9df4802a-c135-42d6-8be3-d23d9520a4e7' dbl_value=null bool_value=null `,
		`p0='l' p1='[000000]' p2='' p63='' leaf='[000000]' text_value='a' dbl_value=null bool_value=null `,
		`p0='l' p1='[000001]' p2='' p63='' leaf='[000001]' text_value='EMPTYOBJ-bccbeee1-6173-4120-8492-7d7bafaefb1f' dbl_value=null bool_value=null `,
		`p0='n' p1='' p2='' p63='' leaf='n' text_value=null dbl_value=1.5 bool_value=null `,
		`p0='o' p1='t' p2='' p63='' leaf='t' text_value=null dbl_value=null bool_value=true `,
		`p0='o' p1='z' p2='' p63='' leaf='z' text_value=null dbl_value=null bool_value=null `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if indexes := h.backend.Schema().Table("ns", "c").Indexes; len(indexes) != 4 {
		t.Errorf("%d indexes", len(indexes))
	}
}

// TestTinyBooleans: collections as Astra has them, with booleans as tinyint.
func TestTinyBooleans(t *testing.T) {
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	columns, key := "key text", "key"
	for _, name := range pathColumns {
		columns, key = columns+", "+name+" text", key+", "+name
	}
	run(t, h, "CREATE TABLE ns.c ("+columns+", leaf text, text_value text, dbl_value double, bool_value tinyint, PRIMARY KEY ("+key+"))")
	for _, column := range []string{"leaf", "text_value", "dbl_value", "bool_value"} {
		run(t, h, "CREATE CUSTOM INDEX ON ns.c ("+column+") USING 'StorageAttachedIndex'")
	}
	ask(h, "PUT", "/v2/namespaces/ns/collections/c/x", `{"a":true,"b":[false],"n":7}`)
	for target, want := range map[string]string{
		"c/x?raw=true": `{"a":true,"b":[false],"n":7}`,
		"c?raw=true&where=" + url.QueryEscape(`{"a":{"$eq":true}}`):      `{"x":{"a":true,"b":[false],"n":7}}`,
		"c?raw=true&where=" + url.QueryEscape(`{"b.[0]":{"$eq":false}}`): `{"x":{"a":true,"b":[false],"n":7}}`,
		"c?raw=true&where=" + url.QueryEscape(`{"n":{"$gt":6}}`):         `{"x":{"a":true,"b":[false],"n":7}}`,
	} {
		if w := ask(h, "GET", "/v2/namespaces/ns/collections/"+target, ""); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// searched is how many documents TestSearchMemory searches; the figures for a
// million are in docs/document.md.
const searched = 2000

// TestSearchMemory: a search that looks at all documents and finds few holds few
// of them.
func TestSearchMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes thousands of documents")
	}
	// Little garbage beside what is held, however long this takes to look.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	h := onEngine(t)
	ask(h, "POST", "/v2/schemas/namespaces", `{"name":"ns"}`)
	filler := strings.Repeat("x", 2000)
	for i := 0; i < searched; i += 500 {
		var body strings.Builder
		for j := range 500 {
			fmt.Fprintf(&body, `%c{"id":"d%d","n":%d,"even":%v,"filler":"%s"}`, "[,"[min(j, 1)], i+j, i+j, (i+j)%2 == 0, filler)
		}
		if w := ask(h, "POST", "/v2/namespaces/ns/collections/c/batch?id-path=id", body.String()+"]"); w.Code != 202 {
			t.Fatalf("%d %.200s", w.Code, w.Body)
		}
	}
	for _, where := range []string{
		fmt.Sprintf(`{"even":{"$eq":true},"n":{"$gte":%d}}`, searched-2), // by an index, most candidates fail
		fmt.Sprintf(`{"n":{"$nin":[1]},"id":{"$eq":"d%d"}}`, searched-2),
		fmt.Sprintf(`{"nope":{"$ne":1},"n":{"$gt":%d}}`, searched-3),
		`{"id":{"$exists":false}}`, // by no index: all documents are read
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := watch()
		w := ask(h, "GET", "/v2/namespaces/ns/collections/c?page-size=20&where="+url.QueryEscape(where), "")
		highest := peak()
		runtime.ReadMemStats(&after)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", where, w.Code, w.Body)
		}
		t.Logf("%s: %d bytes of answer, heap at most %d KiB above the beginning", where, w.Body.Len(), (int64(highest)-int64(before.HeapAlloc))/1024)
		if highest > before.HeapAlloc+32<<20 {
			t.Errorf("%s: %d MiB above what was in use before", where, (highest-before.HeapAlloc)>>20)
		}
	}
}

// watch collects garbage and notes the live heap until the function that it
// returns is called, which returns the highest.
func watch() func() uint64 {
	stop, highest := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				highest <- most
				return
			default:
			}
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}()
	return func() uint64 { close(stop); return <-highest }
}
