package cassandra

import (
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// readSchema reads all of system_schema, and of system_virtual_schema where
// there is one, from one node.
func (l *live) readSchema(ctx context.Context, host string) (*schema.Snapshot, error) {
	r := newReader(l, host, "")
	r.readTables(ctx)
	if !olderThan(l.release, 4, 0) {
		r.read(ctx, "system_virtual_schema.keyspaces", r.virtualKeyspace)
		r.read(ctx, "system_virtual_schema.tables", r.virtualTable)
		r.read(ctx, "system_virtual_schema.columns", r.column)
	}
	r.finish()
	return r.snapshot, r.err
}

// readKeyspace reads one keyspace of system_schema from one node. The snapshot
// has it, or none if there is none.
func (l *live) readKeyspace(ctx context.Context, host, keyspace string) (*schema.Snapshot, error) {
	r := newReader(l, host, keyspace)
	r.readTables(ctx)
	r.finish()
	return r.snapshot, r.err
}

func newReader(l *live, host, keyspace string) *reader {
	return &reader{session: l.session, host: host, only: keyspace, snapshot: &schema.Snapshot{Keyspaces: map[string]*schema.Keyspace{}}}
}

func (r *reader) readTables(ctx context.Context) {
	r.read(ctx, "system_schema.keyspaces", r.keyspace)
	r.read(ctx, "system_schema.types", r.userType)
	r.resolveTypes()
	r.read(ctx, "system_schema.tables", r.table)
	r.read(ctx, "system_schema.views", r.view)
	r.read(ctx, "system_schema.columns", r.column)
	r.read(ctx, "system_schema.dropped_columns", r.dropped)
	r.read(ctx, "system_schema.indexes", r.index)
}

// reader collects a snapshot; after an error it does nothing more.
type reader struct {
	session  *gocql.Session
	host     string
	only     string // the one keyspace that is read, "" for all
	snapshot *schema.Snapshot
	types    map[string][]typeRow // by keyspace, not yet resolved
	columns  map[*schema.Table][]*schema.Column
	err      error
}

// typeRow is a row of system_schema.types.
type typeRow struct {
	name              string
	fieldNames, types []string
}

// schemaPage is how many rows of the schema are read at once.
const schemaPage = 1000

// read calls f with each row of a table.
func (r *reader) read(ctx context.Context, table string, f func(row) error) {
	var state []byte
	for r.err == nil {
		text, values := "SELECT * FROM "+table, []any(nil)
		if r.only != "" {
			text, values = text+" WHERE keyspace_name = ?", []any{r.only}
		}
		query := r.session.Query(text, values...).Consistency(gocql.One).SetHostID(r.host).
			PageSize(schemaPage).PageState(state).NoSkipMetadata()
		page, err := resultOf(query.IterContext(ctx), nil)
		if err != nil {
			r.err = fmt.Errorf("%s: %w", table, err)
			return
		}
		if err := eachRow(page, f); err != nil {
			r.err = fmt.Errorf("%s: %w", table, err)
			return
		}
		if state = page.PagingState; state == nil {
			return
		}
	}
}

func (r *reader) keyspace(row row) error {
	name := row.text("keyspace_name")
	r.snapshot.Keyspaces[name] = &schema.Keyspace{
		Name: name, Replication: row.textMap("replication"), DurableWrites: row.boolean("durable_writes"),
		System: schema.IsSystem(name), Tables: map[string]*schema.Table{}, Types: map[string]*cqltype.Type{},
	}
	return nil
}

func (r *reader) virtualKeyspace(row row) error {
	name := row.text("keyspace_name")
	r.snapshot.Keyspaces[name] = &schema.Keyspace{
		Name: name, Virtual: true, System: true, DurableWrites: true, Tables: map[string]*schema.Table{}, Types: map[string]*cqltype.Type{},
	}
	return nil
}

func (r *reader) userType(row row) error {
	if r.types == nil {
		r.types = map[string][]typeRow{}
	}
	k := row.text("keyspace_name")
	r.types[k] = append(r.types[k], typeRow{row.text("type_name"), row.textList("field_names"), row.textList("field_types")})
	return nil
}

// resolveTypes makes the user types, each after those that it uses.
func (r *reader) resolveTypes() {
	for name, rows := range r.types {
		k := r.snapshot.Keyspaces[name]
		if k == nil || r.err != nil {
			continue
		}
		byName := make(map[string]typeRow, len(rows))
		for _, t := range rows {
			byName[t.name] = t
		}
		for _, t := range rows {
			if _, err := resolveType(k, byName, t.name, 0); err != nil {
				r.err = fmt.Errorf("type %s.%s: %w", name, t.name, err)
				return
			}
		}
	}
}

// resolveType makes the named type of k, and first those in its fields.
func resolveType(k *schema.Keyspace, rows map[string]typeRow, name string, depth int) (*cqltype.Type, error) {
	if t := k.Types[name]; t != nil {
		return t, nil
	}
	row, ok := rows[name]
	if !ok || depth > cqltype.MaxDepth {
		return nil, fmt.Errorf("type %s is not known, or nested too deep", name)
	}
	t := &cqltype.Type{Kind: cqltype.UDT, Keyspace: k.Name, Name: name, FieldNames: row.fieldNames}
	for _, text := range row.types {
		var inner error
		field, err := cqltype.ParseString(text, func(_, used string) *cqltype.Type {
			u, err := resolveType(k, rows, used, depth+1)
			inner = err
			return u
		})
		if inner != nil {
			return nil, inner
		}
		if err != nil {
			return nil, err
		}
		t.Elems = append(t.Elems, field)
	}
	k.Types[name] = t
	return t, nil
}

// parseType reads the type of a column of k.
func parseType(k *schema.Keyspace, text string) (*cqltype.Type, error) {
	return cqltype.ParseString(text, func(_, name string) *cqltype.Type { return k.Types[name] })
}
