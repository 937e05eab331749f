package access_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/jwt/jwttest"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// shopTables have column userid in each place that a column can be in. Rows of
// other users hold the word theirs, and nothing else does. Static columns are of all
// users that have rows in a partition.
var shopTables = []string{
	`CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
	`CREATE TABLE shop.carts (userid text PRIMARY KEY, items int, note text)`,
	`CREATE TABLE shop.parts (userid text, region text, note text, about text static, n int, PRIMARY KEY ((userid, region), n))`,
	`CREATE TABLE shop.orders (shop int, userid text, n int, note text, about text static, PRIMARY KEY (shop, userid, n))`,
	`CREATE TABLE shop.notes (id int PRIMARY KEY, userid text, note text, size int)`,
	`CREATE TABLE shop.tagged (id int, n int, userid text, note text, about text static, size int, PRIMARY KEY (id, n))`,
	`CREATE INDEX ON shop.tagged (userid)`,
	`CREATE INDEX ON shop.tagged (size)`,
	`CREATE TABLE shop.boards (board int, n int, userid text static, note text, PRIMARY KEY (board, n))`,
	`CREATE TABLE shop.folded (id int PRIMARY KEY, userid text, note text)`,
	`CREATE CUSTOM INDEX ON shop.folded (userid) USING 'StorageAttachedIndex' WITH OPTIONS = {'case_sensitive': 'false'}`,
	`CREATE TABLE shop.numbers (id int PRIMARY KEY, userid int)`,
	`CREATE TABLE shop.ascii (id int PRIMARY KEY, userid ascii)`,
	`CREATE TABLE shop.sets (id int PRIMARY KEY, userid set<text>)`,
	`CREATE TABLE shop.counts (userid text, page int, hits counter, PRIMARY KEY (userid, page))`,
	`CREATE TABLE shop.free (id int PRIMARY KEY, note text)`,

	`INSERT INTO shop.carts (userid, items, note) VALUES ('98ab', 1, 'mine')`,
	`INSERT INTO shop.carts (userid, items, note) VALUES ('98AB', 2, 'theirs')`,
	`INSERT INTO shop.carts (userid, items, note) VALUES ('other', 3, 'theirs')`,
	`INSERT INTO shop.parts (userid, region, n, note, about) VALUES ('98ab', 'north', 1, 'mine', 'mine')`,
	`INSERT INTO shop.parts (userid, region, n, note, about) VALUES ('other', 'north', 1, 'theirs', 'theirs')`,
	`INSERT INTO shop.orders (shop, userid, n, note) VALUES (1, '98ab', 1, 'mine')`,
	`INSERT INTO shop.orders (shop, userid, n, note) VALUES (1, 'other', 1, 'theirs')`,
	`INSERT INTO shop.orders (shop, userid, n, note, about) VALUES (2, '98ab', 1, 'mine', 'shared')`,
	`INSERT INTO shop.orders (shop, userid, n, note) VALUES (3, 'other', 1, 'theirs')`,
	`UPDATE shop.orders SET about = 'shared' WHERE shop = 3`,
	`INSERT INTO shop.notes (id, userid, note, size) VALUES (1, '98ab', 'mine', 1)`,
	`INSERT INTO shop.notes (id, userid, note, size) VALUES (2, 'other', 'theirs', 5)`,
	`INSERT INTO shop.notes (id, note, size) VALUES (3, 'theirs', 7)`,
	`INSERT INTO shop.tagged (id, n, userid, note, size) VALUES (1, 1, '98ab', 'mine', 1)`,
	`INSERT INTO shop.tagged (id, n, userid, note, size) VALUES (1, 2, 'other', 'theirs', 2)`,
	`INSERT INTO shop.tagged (id, n, userid, note, size) VALUES (2, 1, 'other', 'theirs', 2)`,
	`UPDATE shop.tagged SET about = 'shared' WHERE id = 2`,
	`INSERT INTO shop.tagged (id, n, userid, note, size) VALUES (3, 1, '98ab', 'mine', 3)`,
	`INSERT INTO shop.boards (board, n, userid, note) VALUES (1, 1, '98ab', 'mine')`,
	`INSERT INTO shop.boards (board, n, userid, note) VALUES (2, 1, 'other', 'theirs')`,
	`INSERT INTO shop.folded (id, userid, note) VALUES (1, '98ab', 'mine')`,
	`INSERT INTO shop.folded (id, userid, note) VALUES (2, '98AB', 'theirs')`,
	`UPDATE shop.counts SET hits = hits + 1 WHERE userid = 'other' AND page = 1`,
	`INSERT INTO shop.free (id, note) VALUES (1, 'free')`,
	`CREATE ROLE web_user WITH PASSWORD = 'p' AND LOGIN = true`,
	`GRANT ALL PERMISSIONS ON ALL KEYSPACES TO web_user`,
	`GRANT ALL PERMISSIONS ON ALL ROLES TO web_user`,
}

// shopping is a store with those tables, and role web_user kept to its rows.
type shopping struct {
	testing.TB
	store *access.Store
	admin *access.Principal
	user  *access.Principal
}

func newShopping(t *testing.T, tables []string, columns ...string) *shopping {
	t.Helper()
	s, _ := openStore(t, t.TempDir())
	x := &shopping{TB: t, store: s, admin: s.Operator()}
	mustSay(t, s, x.admin, tables...)
	key := jwttest.RSA("k")
	s.UseWebTokens(jwttest.New(t, key).Open(t))
	var err error
	if x.user, err = s.Token(t.Context(), jwttest.Sign(t, key, jwttest.Claims("web_user", columns...))); err != nil {
		t.Fatal(err)
	}
	return x
}

// run runs a statement as a door does, with the values of its markers; in a batch
// message if batch is set.
func (x *shopping) run(p *access.Principal, batch bool, text string, values ...any) (*backend.Result, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	back := x.store.Backend()
	if err := p.Authorize(parsed.Statement, ""); err != nil {
		return nil, err
	}
	prepared, err := back.Prepare(x.Context(), parsed.Statement, parsed.Markers, "")
	if err != nil {
		return nil, err
	}
	q := backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial, Caller: p.Caller()}
	for _, v := range values {
		q.Values = append(q.Values, shopValue(v))
	}
	if batch {
		entry := backend.BatchEntry{Prepared: prepared, Values: q.Values}
		q.Values = nil
		return back.ExecuteBatch(x.Context(), &backend.Batch{Kind: cql.Unlogged, Entries: []backend.BatchEntry{entry}, Query: q})
	}
	return back.Execute(x.Context(), prepared, &q)
}

// unset is the value of a marker that is not set.
type unset struct{}

func shopValue(v any) backend.Value {
	switch v := v.(type) {
	case int:
		return backend.Value{Bytes: schema.Int(int32(v))}
	case string:
		return backend.Value{Bytes: []byte(v)}
	case []string:
		list := schema.Int(int32(len(v)))
		for _, s := range v {
			list = backend.AppendCell(list, []byte(s))
		}
		return backend.Value{Bytes: list}
	case unset:
		return backend.Value{Unset: true}
	}
	return backend.Value{}
}

// theirs are all rows of other users.
func (x *shopping) theirs() string {
	x.Helper()
	var all strings.Builder
	for _, table := range []string{"carts", "parts", "orders", "notes", "tagged", "boards", "folded"} {
		for _, statement := range []string{`SELECT JSON * FROM shop.` + table, `SELECT COUNT(*) FROM shop.counts WHERE userid = 'other'`} {
			r, err := x.run(x.admin, false, statement)
			if err != nil {
				x.Fatal(err)
			}
			rows := r.Cursor()
			for range r.RowCount {
				if row := string(rows.Next()); strings.Contains(row, "theirs") || strings.Contains(statement, "COUNT") {
					fmt.Fprintf(&all, "%s %q\n", table, row)
				}
			}
		}
	}
	return all.String()
}

const (
	own     = ""
	refused = "Not allowed to access this resource"
	noText  = "Column must be of type text to be used for authorization"
)

// TestRows: a token that is kept to rows with userid 98ab reads and writes these
// alone (spec case 27), whatever it tries. What is allowed must not show or change
// a row of others, either; own means that it was answered.
func TestRows(t *testing.T) {
	x := newShopping(t, shopTables, "userid", "98ab")
	for _, c := range []struct {
		text   string
		values []any
		want   string
	}{
		// Reads whose WHERE says whose rows are wanted.
		{text: `SELECT * FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT note FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT count(*) FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT max(items) FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT JSON note FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT writetime(note) FROM shop.carts WHERE userid = '98ab'`},
		{text: `SELECT * FROM shop.carts WHERE userid = ?`, values: []any{"98ab"}},
		{text: `SELECT * FROM shop.carts WHERE userid IN ('98ab')`},
		{text: `SELECT * FROM shop.carts WHERE userid IN ('98ab', ?)`, values: []any{"98ab"}},
		{text: `SELECT note FROM shop.carts WHERE userid IN ?`, values: []any{[]string{"98ab", "98ab"}}},
		{text: `SELECT note FROM shop.orders WHERE shop = 1 AND userid = '98ab'`},
		{text: `SELECT note, about FROM shop.orders WHERE shop = 2 AND (userid, n) = ('98ab', 1)`},
		{text: `SELECT note FROM shop.orders WHERE userid = '98ab' ALLOW FILTERING`},
		{text: `SELECT count(*) FROM shop.orders WHERE userid = '98ab' AND note = 'theirs' ALLOW FILTERING`},
		{text: `SELECT note FROM shop.notes WHERE userid = '98ab' ALLOW FILTERING`},
		{text: `SELECT note FROM shop.notes WHERE id = 2 AND userid = '98ab' ALLOW FILTERING`},
		{text: `SELECT note FROM shop.tagged WHERE userid = '98ab'`},
		{text: `SELECT count(*) FROM shop.tagged WHERE userid = '98ab' AND size > 0 ALLOW FILTERING`},
		{text: `SELECT DISTINCT userid, region FROM shop.parts WHERE userid = '98ab' AND region = 'north'`},
		{text: `SELECT note FROM shop.boards WHERE userid = '98ab' ALLOW FILTERING`},
		{text: `SELECT hits FROM shop.counts WHERE userid = '98ab'`},
		{text: `SELECT * FROM shop.free`},
		{text: `SELECT count(*) FROM shop.free`},

		// Reads by key whose rows show whose they are.
		{text: `SELECT * FROM shop.notes WHERE id = 1`},
		{text: `SELECT userid, note FROM shop.notes WHERE id = 1`},
		{text: `SELECT note, userid AS u FROM shop.notes WHERE id = 1`},
		{text: `SELECT * FROM shop.notes WHERE id = 100`},
		{text: `SELECT * FROM shop.tagged WHERE id = 1 AND n = 1`},
		{text: `SELECT * FROM shop.tagged WHERE id = 3 AND n > 0 ORDER BY n DESC`},
		{text: `SELECT * FROM shop.orders WHERE shop = 2`},
		{text: `SELECT * FROM shop.boards WHERE board = 1`},
		{text: `SELECT * FROM shop.folded WHERE id = 1`},

		// Rows of others.
		{text: `SELECT * FROM shop.carts WHERE userid = 'other'`, want: refused},
		{text: `SELECT * FROM shop.carts WHERE userid = '98AB'`, want: refused},
		{text: `SELECT * FROM shop.carts WHERE userid = ?`, values: []any{"other"}, want: refused},
		{text: `SELECT note FROM shop.carts WHERE userid IN ('98ab', 'other')`, want: refused},
		{text: `SELECT note FROM shop.carts WHERE userid IN ('98ab', ?)`, values: []any{"other"}, want: refused},
		{text: `SELECT note FROM shop.carts WHERE userid IN ?`, values: []any{[]string{"98ab", "other"}}, want: refused},
		{text: `SELECT note FROM shop.carts WHERE userid IN ?`, values: []any{[]string{}}, want: refused},
		{text: `SELECT note FROM shop.carts WHERE userid IN ()`, want: refused},
		{text: `SELECT * FROM shop.carts`, want: refused},
		{text: `SELECT note FROM shop.carts`, want: refused},
		{text: `SELECT note AS userid FROM shop.carts`, want: refused},
		{text: `SELECT (text)'98ab' AS userid, note FROM shop.carts`, want: refused},
		{text: `SELECT DISTINCT userid FROM shop.carts`, want: refused},
		{text: `SELECT count(*) FROM shop.carts`, want: refused},
		{text: `SELECT userid, count(*) FROM shop.carts`, want: refused},
		{text: `SELECT max(userid) FROM shop.carts`, want: refused},
		{text: `SELECT userid, note FROM shop.orders WHERE shop = 1 GROUP BY userid`, want: refused},
		{text: `SELECT JSON * FROM shop.carts`, want: refused},
		{text: `SELECT toJson(userid) FROM shop.carts`, want: refused},
		{text: `SELECT * FROM shop.carts LIMIT 1`, want: refused},
		{text: `SELECT * FROM shop.carts WHERE token(userid) > 0`, want: refused},
		{text: `SELECT * FROM shop.carts WHERE token(userid) = token('other')`, want: refused},
		{text: `SELECT note FROM shop.carts WHERE token(userid) = token('98ab')`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE shop = 1`, want: refused},
		{text: `SELECT * FROM shop.orders WHERE shop = 1`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE shop = 1 AND userid > '98ab'`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE shop = 1 AND userid >= '98ab' AND userid <= '98ab'`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE shop = 1 AND (userid, n) > ('98ab', 1)`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE shop = 1 AND (userid, n) IN (('98ab', 1), ('other', 1))`, want: refused},
		{text: `SELECT note FROM shop.orders WHERE note = 'theirs' ALLOW FILTERING`, want: refused},
		{text: `SELECT about FROM shop.orders WHERE shop = 3`, want: refused},
		{text: `SELECT DISTINCT shop, about FROM shop.orders`, want: refused},
		{text: `SELECT * FROM shop.notes WHERE id = 2`, want: refused},
		{text: `SELECT * FROM shop.notes WHERE id = 3`, want: refused},
		{text: `SELECT note FROM shop.notes WHERE id = 1`, want: refused},
		{text: `SELECT note AS userid FROM shop.notes WHERE id = 2`, want: refused},
		{text: `SELECT userid, note, writetime(note) FROM shop.notes WHERE id = 1`, want: refused},
		// Whether it is refused must not tell what is in a row.
		{text: `SELECT * FROM shop.notes WHERE size > 4 ALLOW FILTERING`, want: refused},
		{text: `SELECT * FROM shop.notes WHERE size > 100 ALLOW FILTERING`, want: refused},
		{text: `SELECT * FROM shop.notes WHERE id = 2 AND note = 'wrong' ALLOW FILTERING`, want: refused},
		{text: `SELECT * FROM shop.tagged WHERE size = 9`, want: refused},
		{text: `SELECT * FROM shop.tagged WHERE userid = 'nobody'`, want: refused},
		{text: `SELECT note FROM shop.tagged WHERE id = 1 AND n = 2`, want: refused},
		{text: `SELECT * FROM shop.tagged WHERE id = 1`, want: refused},
		{text: `SELECT about FROM shop.tagged WHERE id = 2`, want: refused},
		{text: `SELECT note FROM shop.boards WHERE board = 2`, want: refused},
		{text: `SELECT * FROM shop.boards WHERE board = 2`, want: refused},
		// An index that takes upper for lower case.
		{text: `SELECT note FROM shop.folded WHERE userid = '98ab'`, want: refused},
		{text: `SELECT count(*) FROM shop.folded WHERE userid = '98ab'`, want: refused},
		{text: `SELECT * FROM shop.folded WHERE userid = '98ab'`, want: refused},
		{text: `SELECT hits FROM shop.counts WHERE userid = 'other'`, want: refused},

		// Writes of own rows.
		{text: `INSERT INTO shop.carts (userid, items) VALUES ('98ab', 4)`},
		{text: `INSERT INTO shop.carts (userid, items) VALUES (?, ?)`, values: []any{"98ab", 4}},
		{text: `INSERT INTO shop.carts (userid, items) VALUES ('98ab', 4) IF NOT EXISTS`},
		{text: `INSERT INTO shop.carts (userid, items) VALUES ('98ab', 4) USING TTL 1000`},
		{text: `INSERT INTO shop.carts JSON '{"userid": "98ab", "items": 4}'`},
		{text: `INSERT INTO shop.carts JSON ?`, values: []any{`{"USERID": "98ab", "items": 4}`}},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid = '98ab'`},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid = ? IF items = ?`, values: []any{"98ab", 17}},
		{text: `DELETE items FROM shop.carts WHERE userid = '98ab'`},
		{text: `INSERT INTO shop.parts (userid, region, n, note, about) VALUES ('98ab', 'south', 1, 'mine', 'mine')`},
		{text: `UPDATE shop.parts SET about = 'm' WHERE userid = '98ab' AND region = 'south'`},
		{text: `DELETE FROM shop.parts WHERE userid = '98ab' AND region = 'south'`},
		{text: `INSERT INTO shop.orders (shop, userid, n, note) VALUES (1, '98ab', 2, 'mine')`},
		{text: `UPDATE shop.orders SET note = 'm' WHERE shop = 1 AND userid = '98ab' AND n IN (2, 3)`},
		{text: `UPDATE shop.orders SET note = 'm' WHERE shop = 2 AND userid = '98ab' AND n = 1 IF about = 'x'`},
		{text: `DELETE FROM shop.orders WHERE shop = 1 AND userid = '98ab' AND n > 1`},
		{text: `DELETE FROM shop.orders WHERE shop = 1 AND (userid, n) = ('98ab', 9)`},
		{text: `INSERT INTO shop.notes (id, userid, note) VALUES (4, '98ab', 'mine') IF NOT EXISTS`},
		{text: `INSERT INTO shop.notes (id, userid, note) VALUES (4, '98ab', 'again') IF NOT EXISTS`},
		{text: `UPDATE shop.notes SET note = 'm' WHERE id = 4 IF userid = '98ab'`},
		{text: `UPDATE shop.notes SET note = 'm', userid = ? WHERE id = 4 IF userid = ? AND note = 'm'`, values: []any{"98ab", "98ab"}},
		{text: `UPDATE shop.notes SET note = 'm' WHERE id = 400 IF userid = '98ab'`},
		{text: `DELETE FROM shop.notes WHERE id = 4 IF userid = '98ab'`},
		{text: `UPDATE shop.boards SET note = 'm' WHERE board = 1 AND n = 2 IF userid = '98ab'`},
		{text: `UPDATE shop.counts SET hits = hits + 1 WHERE userid = '98ab' AND page = 1`},
		{text: `INSERT INTO shop.free (id, note) VALUES (2, 'free')`},
		{text: `BEGIN BATCH INSERT INTO shop.carts (userid, items) VALUES ('98ab', ?); UPDATE shop.carts SET note = 'mine' WHERE userid = ?; INSERT INTO shop.free (id) VALUES (?) APPLY BATCH`, values: []any{4, "98ab", 7}},
		{text: `TRUNCATE shop.free`},

		// Writes of others' rows, and of rows of which it isn't known whose they are.
		{text: `INSERT INTO shop.carts (userid, items) VALUES ('other', 4)`, want: refused},
		{text: `INSERT INTO shop.carts (userid, items) VALUES (?, 4)`, values: []any{"other"}, want: refused},
		{text: `INSERT INTO shop.carts (userid, items) VALUES (?, 4)`, values: []any{unset{}}, want: refused},
		{text: `INSERT INTO shop.carts (userid, items) VALUES (?, 4)`, values: []any{nil}, want: refused},
		{text: `INSERT INTO shop.carts (userid, items) VALUES (fromJson('"98ab"'), 4)`, want: refused},
		{text: `INSERT INTO shop.carts (userid, items) VALUES ('other', 4) IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.carts JSON '{"userid": "other"}'`, want: refused},
		{text: `INSERT INTO shop.carts JSON '{"userid": "98ab", "userid": "other"}'`, want: refused},
		{text: `INSERT INTO shop.carts JSON '{"userid": "other", "userid": "98ab"}'`}, // the last counts
		{text: `INSERT INTO shop.carts JSON ?`, values: []any{`{"USERID": "other", "\"userid\"": "98ab"}`}, want: refused},
		{text: `INSERT INTO shop.carts JSON ?`, values: []any{`{"userid": "\u0039\u0038AB"}`}, want: refused},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid = 'other'`, want: refused},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid IN ('98ab', 'other')`, want: refused},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid IN ?`, values: []any{[]string{"98ab", "other"}}, want: refused},
		{text: `UPDATE shop.carts SET items = 5 WHERE userid = 'other' IF note = 'theirs'`, want: refused},
		{text: `DELETE FROM shop.carts WHERE userid = 'other'`, want: refused},
		{text: `DELETE FROM shop.carts WHERE userid IN ('98ab', 'other')`, want: refused},
		{text: `DELETE FROM shop.carts WHERE userid = 'other' IF EXISTS`, want: refused},
		{text: `TRUNCATE shop.carts`, want: refused},
		{text: `TRUNCATE shop.notes`, want: refused},
		{text: `INSERT INTO shop.orders (shop, userid, n) VALUES (1, 'other', 1)`, want: refused},
		{text: `DELETE FROM shop.orders WHERE shop = 1`, want: refused},
		{text: `DELETE FROM shop.orders WHERE shop = 1 AND userid > '0'`, want: refused},
		{text: `DELETE FROM shop.orders WHERE shop = 1 AND userid >= '98ab' AND userid <= 'z'`, want: refused},
		{text: `DELETE FROM shop.orders WHERE shop = 1 AND (userid, n) >= ('98ab', 1)`, want: refused},
		{text: `UPDATE shop.orders SET note = 'x' WHERE shop = 1 AND userid = 'other' AND n = 1`, want: refused},
		// What the rows of a partition share is not one user's.
		{text: `INSERT INTO shop.orders (shop, userid, n, about) VALUES (3, '98ab', 1, 'x')`, want: refused},
		{text: `INSERT INTO shop.orders (shop, about) VALUES (3, 'x')`, want: refused},
		{text: `INSERT INTO shop.orders JSON '{"shop": 3, "userid": "98ab", "n": 1}'`, want: refused},
		{text: `UPDATE shop.orders SET about = 'x' WHERE shop = 3`, want: refused},
		{text: `UPDATE shop.orders SET about = 'x' WHERE shop = 3 IF about = 'y'`, want: refused},
		{text: `UPDATE shop.orders SET note = 'm', about = 'x' WHERE shop = 3 AND userid = '98ab' AND n = 1`, want: refused},
		{text: `DELETE about FROM shop.orders WHERE shop = 3`, want: refused},
		{text: `UPDATE shop.tagged SET about = 'x', note = 'm' WHERE id = 3 AND n = 1 IF userid = '98ab'`, want: refused},
		// A column outside of the key: whose row is there already?
		{text: `INSERT INTO shop.notes (id, userid) VALUES (2, '98ab')`, want: refused},
		{text: `INSERT INTO shop.notes (id, userid) VALUES (5, '98ab')`, want: refused},
		{text: `INSERT INTO shop.notes (id, userid) VALUES (2, '98ab') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.notes (id, userid) VALUES (3, '98ab') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.notes (id, userid) VALUES (5, 'other') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.notes (id, note) VALUES (5, 'x') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.notes JSON '{"id": 2, "userid": "98ab"}'`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 2`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 2 IF EXISTS`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 2 IF userid = 'other'`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 3 IF userid = null`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 2 IF userid != '98ab'`, want: refused},
		{text: `UPDATE shop.notes SET userid = '98ab' WHERE id = 2 IF userid IN ('98ab', 'other')`, want: refused},
		{text: `UPDATE shop.notes SET note = 'x' WHERE id = 2`, want: refused},
		{text: `UPDATE shop.notes SET note = 'x' WHERE id = 2 IF userid = '98ab'`, want: refused},
		{text: `UPDATE shop.notes SET note = 'x' WHERE id = 2 IF note = 'theirs'`, want: refused},
		{text: `UPDATE shop.notes SET userid = 'other' WHERE id = 1 IF userid = '98ab'`, want: refused},
		{text: `UPDATE shop.notes SET userid = null WHERE id = 1 IF userid = '98ab'`, want: refused},
		{text: `DELETE userid FROM shop.notes WHERE id = 1 IF userid = '98ab'`, want: refused},
		{text: `DELETE FROM shop.notes WHERE id = 2`, want: refused},
		{text: `DELETE FROM shop.notes WHERE id = 1`, want: refused},
		{text: `DELETE FROM shop.notes WHERE id = 2 IF userid = '98ab'`, want: refused},
		{text: `INSERT INTO shop.boards (board, userid) VALUES (2, '98ab')`, want: refused},
		{text: `INSERT INTO shop.boards (board, userid) VALUES (2, '98ab') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.boards (board, n, userid) VALUES (2, 7, '98ab') IF NOT EXISTS`, want: refused},
		{text: `INSERT INTO shop.boards (board, n, note) VALUES (2, 7, 'x')`, want: refused},
		{text: `UPDATE shop.boards SET note = 'x' WHERE board = 2 AND n = 1`, want: refused},
		{text: `UPDATE shop.boards SET note = 'x' WHERE board = 2 AND n = 1 IF userid = '98ab'`, want: refused},
		{text: `UPDATE shop.counts SET hits = hits + 1 WHERE userid = 'other' AND page = 1`, want: refused},
		{text: `BEGIN BATCH INSERT INTO shop.carts (userid, items) VALUES ('98ab', 4); INSERT INTO shop.carts (userid, items) VALUES ('other', 4) APPLY BATCH`, want: refused},
		{text: `BEGIN BATCH UPDATE shop.tagged SET note = 'm' WHERE id = 1 AND n = 1 IF userid = '98ab'; UPDATE shop.tagged SET note = 'x' WHERE id = 1 AND n = 2 APPLY BATCH`, want: refused},

		// Columns that are not text.
		{text: `SELECT * FROM shop.numbers`, want: noText},
		{text: `SELECT * FROM shop.numbers WHERE id = 1`, want: noText},
		{text: `INSERT INTO shop.numbers (id) VALUES (1)`, want: noText},
		{text: `DELETE FROM shop.numbers WHERE id = 1`, want: noText},
		{text: `TRUNCATE shop.numbers`, want: noText},
		{text: `SELECT * FROM shop.ascii`, want: noText},
		{text: `SELECT * FROM shop.sets`, want: noText},

		// The server's own tables: what drivers read, and nothing that tells of rows.
		{text: `SELECT * FROM system.local`},
		{text: `SELECT * FROM system.peers_v2`},
		{text: `SELECT * FROM system_schema.columns`},
		{text: `DESCRIBE TABLE shop.carts`},
		{text: `SELECT * FROM system_traces.events`, want: refused},
		{text: `SELECT * FROM system_traces.sessions`, want: refused},
		{text: `SELECT * FROM system_auth.roles`, want: "no SELECT permission"},
		{text: `SELECT * FROM system_views.clients`, want: "no SELECT permission"},

		// Roles: with a password it could log in as who it is without its token.
		{text: `LIST ROLES OF web_user`},
		{text: `ALTER ROLE web_user WITH PASSWORD = 'x'`, want: refused},
		{text: `CREATE ROLE x WITH PASSWORD = 'x' AND LOGIN = true`, want: refused},
		{text: `GRANT SELECT ON shop.carts TO web_user`, want: refused},
		{text: `REVOKE SELECT ON shop.carts FROM web_user`, want: refused},

		// Definitions are the grants' matter.
		{text: `CREATE TABLE shop.new (id int PRIMARY KEY)`},
		{text: `ALTER TABLE shop.new ADD v int`},
	} {
		for _, batch := range []bool{false, true} {
			first, _, _ := strings.Cut(c.text, " ")
			if batch && !slices.Contains([]string{"INSERT", "UPDATE", "DELETE"}, first) {
				continue
			}
			before := x.theirs()
			r, err := x.run(x.user, batch, c.text, c.values...)
			var e *cqlerr.Error
			switch {
			case c.want == own && err != nil, c.want != own && (!errors.As(err, &e) || e.Code != cqlerr.Unauthorized || !strings.Contains(e.Message, c.want)):
				t.Errorf("%s %v\n got %v\nwant %s", c.text, c.values, err, c.want)
			}
			if r != nil && strings.Contains(string(r.Data), "theirs") {
				t.Errorf("%s %v\nshows a row of others", c.text, c.values)
			}
			if after := x.theirs(); after != before {
				t.Fatalf("%s %v\nrows of others were\n%s\nand are\n%s", c.text, c.values, before, after)
			}
		}
	}
}
