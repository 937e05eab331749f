package access

import (
	"cmp"
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// Backend returns the back end that the store is kept in, with the statements
// about roles and permissions added: no back end knows them. It also keeps
// permissions in step with the schema: who makes a keyspace or table gets all
// permissions on it, and those on what is dropped go. And it keeps callers to their
// rows (rowGuard).
func (s *Store) Backend() backend.Backend { return &roleBackend{s.back, s} }

type roleBackend struct {
	backend.Backend
	store *Store
}

// Unwrap returns the back end inside, for what it can do beyond the interface.
func (b *roleBackend) Unwrap() backend.Backend { return b.Backend }

// Prepare implements backend.Backend.
func (b *roleBackend) Prepare(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	if !aboutRoles(stmt) {
		return b.Backend.Prepare(ctx, stmt, markers, keyspace)
	}
	if err := b.checkFunction(stmt); err != nil {
		return nil, err
	}
	return &backend.Prepared{Statement: stmt, Markers: markers, Keyspace: keyspace}, nil
}

// PrepareOnce implements backend.Once, which the back end inside may have.
func (b *roleBackend) PrepareOnce(ctx context.Context, stmt cql.Statement, markers []string, keyspace string) (*backend.Prepared, error) {
	if aboutRoles(stmt) {
		return b.Prepare(ctx, stmt, markers, keyspace)
	}
	return backend.PrepareOnce(ctx, b.Backend, stmt, markers, keyspace)
}

// aboutRoles reports whether stmt is one that this package runs.
func aboutRoles(stmt cql.Statement) bool {
	switch stmt.(type) {
	case *cql.CreateRole, *cql.AlterRole, *cql.DropRole, *cql.GrantRole, *cql.Grant, *cql.ListRoles, *cql.ListPermissions,
		*cql.AddIdentity, *cql.DropIdentity:
		return true
	}
	return false
}

// checkFunction refuses functions in GRANT, REVOKE and LIST. There are none but
// the built-in ones, on which nothing can be granted; Cassandra looks for the
// others while it parses, and this is how that ends.
func (b *roleBackend) checkFunction(stmt cql.Statement) error {
	var r *cql.Resource
	switch s := stmt.(type) {
	case *cql.Grant:
		r = &s.Resource
	case *cql.ListPermissions:
		r = s.Resource
	}
	switch {
	case r == nil || r.Kind != cql.FunctionResource && r.Kind != cql.KeyspaceFunctions:
	case r.Keyspace == "":
		return cqlerr.Invalidf("In this context function name must be explictly qualified by a keyspace")
	case r.Keyspace == schema.SystemKeyspace:
		return cqlerr.Invalidf("Altering permissions on builtin functions is not supported")
	case r.Kind == cql.KeyspaceFunctions:
	case b.Schema().Keyspaces[r.Keyspace] == nil:
		return cqlerr.Configf("Keyspace %s doesn't exist", r.Keyspace)
	default:
		return cqlerr.Syntaxf("Failed parsing statement: [%s] reason: NoSuchElementException No value present", cql.Print(stmt))
	}
	return nil
}

// Execute implements backend.Backend.
func (b *roleBackend) Execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if aboutRoles(p.Statement) {
		return b.run(ctx, p, q)
	}
	if showsSchema(p) {
		shown := *q
		shown.Visible = b.store.caller(q.Caller.Name).visible
		q = &shown
	}
	r, err := b.execute(ctx, p, q)
	if err == nil && r.Kind == backend.SchemaChange {
		err = b.follow(ctx, r.Change, q.Caller.Name)
	}
	return r, err
}

// execute runs a statement on the back end inside; for who is kept to some rows, if
// it is about those alone.
func (b *roleBackend) execute(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if q.Caller.Rows == nil {
		return b.Backend.Execute(ctx, p, q)
	}
	g, err := newRowGuard(&q.Caller, b.Schema())
	if err == nil {
		err = g.check(p, q.Values)
	}
	if err != nil {
		return nil, err
	}
	r, err := b.Backend.Execute(ctx, p, q)
	return g.checked(r, err)
}

// ExecuteBatch implements backend.Backend.
func (b *roleBackend) ExecuteBatch(ctx context.Context, batch *backend.Batch) (*backend.Result, error) {
	if batch.Query.Caller.Rows == nil {
		return b.Backend.ExecuteBatch(ctx, batch)
	}
	g, err := newRowGuard(&batch.Query.Caller, b.Schema())
	for i := 0; i < len(batch.Entries) && err == nil; i++ {
		err = g.check(batch.Entries[i].Prepared, batch.Entries[i].Values)
	}
	if err != nil {
		return nil, err
	}
	r, err := b.Backend.ExecuteBatch(ctx, batch)
	return g.checked(r, err)
}

// showsSchema reports whether a statement may tell what keyspaces and tables
// there are.
func showsSchema(p *backend.Prepared) bool {
	switch s := p.Statement.(type) {
	case *cql.Describe:
		return true
	case *cql.Select:
		return schema.IsSystem(cmp.Or(s.Table.Keyspace, p.Keyspace))
	}
	return false
}

// run runs a statement about roles.
func (b *roleBackend) run(ctx context.Context, p *backend.Prepared, q *backend.Query) (*backend.Result, error) {
	if err := b.store.catchUpAlone(ctx); err != nil {
		return nil, err
	}
	s, c := b.store, b.store.caller(q.Caller.Name)
	c.keyspace = p.Keyspace
	r := &backend.Result{Kind: backend.Void}
	var err error
	switch stmt := p.Statement.(type) {
	case *cql.CreateRole:
		err = s.createRole(ctx, c, stmt)
	case *cql.AlterRole:
		err = s.alterRole(ctx, stmt)
	case *cql.DropRole:
		err = s.dropRole(ctx, c, stmt)
	case *cql.GrantRole:
		err = s.grantRole(ctx, stmt)
	case *cql.Grant:
		r.Warnings, err = s.grant(ctx, c, stmt)
	case *cql.AddIdentity:
		err = s.addIdentity(ctx, stmt)
	case *cql.DropIdentity:
		err = s.dropIdentity(ctx, stmt)
	case *cql.ListRoles:
		return c.listRoles(stmt)
	case *cql.ListPermissions:
		return c.listPermissions(stmt, b.Schema())
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// caller is who a statement runs as, by the name that its session has.
func (s *Store) caller(name string) *decision {
	st := s.state.Load()
	d := &decision{state: st, name: name, back: s.back}
	if token := st.tokens[name]; token != nil {
		d.role = st.roles[token.Role]
	} else {
		d.role = st.byName[name]
	}
	return d
}

// follow adapts permissions to a change of the schema.
func (b *roleBackend) follow(ctx context.Context, change *schema.Change, name string) error {
	s := b.store
	keyspace := object{kind: cql.KeyspaceResource, keyspace: change.Keyspace}
	table := object{kind: cql.TableResource, keyspace: change.Keyspace, name: change.Name}
	switch {
	case change.Target == "KEYSPACE" && change.Kind == schema.Created:
		return s.creator(ctx, name, keyspace, object{kind: cql.KeyspaceFunctions, keyspace: change.Keyspace})
	case change.Target == "TABLE" && change.Kind == schema.Created:
		return s.creator(ctx, name, table)
	case change.Target == "KEYSPACE" && change.Kind == schema.Dropped:
		return s.revokeAll(ctx, func(o object) bool { return o.keyspace == change.Keyspace && change.Keyspace != "" })
	case change.Target == "TABLE" && change.Kind == schema.Dropped:
		return s.revokeAll(ctx, func(o object) bool { return o == table })
	}
	return nil
}

func (s *Store) creator(ctx context.Context, name string, made ...object) error {
	s.write.Lock()
	defer s.write.Unlock()
	return s.grantCreator(ctx, s.caller(name), made...)
}
