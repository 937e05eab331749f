package access

import (
	"errors"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// TestRowsOfViews: a materialized view, which a cluster may have, that does not show
// whose its rows are shows them to nobody who is kept to some; nor does a table that
// is not known.
func TestRowsOfViews(t *testing.T) {
	k := &schema.Keyspace{Name: "shop", Tables: map[string]*schema.Table{}}
	add := func(name, base string, columns ...string) {
		table := &schema.Table{Keyspace: "shop", Name: name, Base: base, Columns: map[string]*schema.Column{}}
		for i, c := range columns {
			kind := schema.Regular
			if i == 0 {
				kind = schema.PartitionKey
			}
			table.Columns[c] = &schema.Column{Name: c, Kind: kind, Type: cqltype.TypeText}
		}
		k.Tables[name] = table
	}
	add("notes", "", "id", "userid", "note")
	add("by_user", "notes", "userid", "id", "note")
	add("by_note", "notes", "note", "id")
	add("free", "", "id", "note")
	add("by_free", "free", "note", "id")
	add("orphan", "gone", "note", "id")
	catalog := &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{"shop": k}}
	who := &Principal{store: &Store{}, webToken: &jwt.Token{Columns: map[string]string{"userid": "9876"}}}
	for text, want := range map[string]error{
		`SELECT * FROM shop.by_user WHERE userid = '9876'`:  nil,
		`SELECT * FROM shop.by_user WHERE userid = '1234'`:  nil, // its rows are looked at
		`SELECT id FROM shop.by_user WHERE userid = '1234'`: errNotThisRow,
		`SELECT * FROM shop.by_note WHERE note = 'x'`:       errNotThisRow,
		`SELECT * FROM shop.by_free WHERE note = 'x'`:       nil,
		`SELECT * FROM shop.orphan WHERE note = 'x'`:        errNotThisRow,
		`SELECT * FROM shop.unknown`:                        errNotThisRow,
	} {
		parsed, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		c := who.Caller()
		g, err := newRowGuard(&c, catalog)
		if err == nil {
			err = g.check(&backend.Prepared{Statement: parsed.Statement}, nil)
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, wanted %v", text, err, want)
		}
	}
	if _, err := newRowGuard(&backend.Caller{Rows: "rows"}, catalog); !errors.Is(err, errNotThisRow) {
		t.Errorf("rows that nobody knows: %v", err)
	}
}
