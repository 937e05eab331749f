package schemafirst

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Where deployed schemas are stored (io.stargate.sgv2.graphql's SchemaSourceDao).
const (
	Keyspace    = "stargate_graphql"
	sourceTable = "schema_source"
	// keptVersions is how many versions of a keyspace's schema are kept.
	keptVersions = 10
)

// Source is one deployed version of a keyspace's schema.
type Source struct {
	Keyspace string
	Version  uuid.UUID
	Contents string
}

// Deployed is when it was deployed.
func (s *Source) Deployed() time.Time {
	seconds, nanos := s.Version.Time().UnixTime()
	return time.Unix(seconds, nanos).UTC()
}

// Sources reads and writes deployed schemas. It does so in its own name: who may
// deploy is asked before.
type Sources struct{ Backend backend.Backend }

var source = cql.QualifiedName{Keyspace: Keyspace, Name: sourceTable}

// Exist reports whether any schema was ever deployed.
func (s Sources) Exist() bool { return s.Backend.Schema().Table(Keyspace, sourceTable) != nil }

func (s Sources) run(ctx context.Context, stmt cql.Statement, values ...[]byte) (*backend.Result, error) {
	p, err := s.Backend.Prepare(ctx, stmt, nil, "")
	if err != nil {
		return nil, cqlerr.From(err)
	}
	q := backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.Serial}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	result, err := s.Backend.Execute(ctx, p, &q)
	if err != nil {
		return nil, cqlerr.From(err)
	}
	return result, nil
}

// create makes the table, if it is not there. replication is that of the keyspace
// whose schema is deployed first.
func (s Sources) create(ctx context.Context, replication map[string]string) error {
	if s.Exist() {
		return nil
	}
	property := cql.Property{Name: "replication", IsMap: true}
	for name, value := range replication {
		property.Map = append(property.Map, cql.PropertyEntry{Key: name, Value: value})
	}
	slices.SortFunc(property.Map, func(a, b cql.PropertyEntry) int {
		if a.Key == "class" {
			return -1
		}
		return 1
	})
	if _, err := s.run(ctx, &cql.CreateKeyspace{Name: Keyspace, IfNotExists: true, Properties: []cql.Property{property}}); err != nil {
		return err
	}
	column := func(name, t string, static bool) cql.ColumnDef {
		return cql.ColumnDef{Name: name, Type: cql.TypeName{Name: t}, Static: static}
	}
	_, err := s.run(ctx, &cql.CreateTable{Table: source, IfNotExists: true, PrimaryKeys: 1,
		PartitionKey: []string{"keyspace_name"}, Clustering: []string{"version"},
		Columns: []cql.ColumnDef{column("keyspace_name", "text", false), column("version", "timeuuid", false), column("contents", "text", false),
			column("latest_version", "timeuuid", true), column("deployment_in_progress", "boolean", true)}})
	return err
}

func columns(names ...string) []cql.Selector {
	list := make([]cql.Selector, len(names))
	for i, name := range names {
		list[i].X = &cql.Column{Name: name}
	}
	return list
}

func equals(column string, index int) cql.Relation {
	return cql.Relation{Columns: []string{column}, Op: cql.Eq, Value: &cql.BindMarker{Index: index}}
}

// state is the static row of a keyspace.
type state struct {
	latest     []byte // nil: nothing is deployed
	inProgress bool
	// progress is the cell itself.
	progress []byte
}

func (s Sources) state(ctx context.Context, keyspace string) (state, error) {
	if !s.Exist() {
		return state{}, nil
	}
	result, err := s.run(ctx, &cql.Select{Table: source, Distinct: true, Selectors: columns("keyspace_name", "latest_version", "deployment_in_progress"),
		Where: []cql.Relation{equals("keyspace_name", 0)}}, []byte(keyspace))
	if err != nil || result.RowCount == 0 {
		return state{}, err
	}
	cursor := result.Cursor()
	cursor.Next()
	st := state{latest: cursor.Next()}
	st.progress = cursor.Next()
	st.inProgress = len(st.progress) == 1 && st.progress[0] != 0
	return st, nil
}

// Latest returns the version that is deployed, nil for none.
func (s Sources) Latest(ctx context.Context, keyspace string) (*Source, error) {
	st, err := s.state(ctx, keyspace)
	if err != nil || st.latest == nil {
		return nil, err
	}
	return s.Version(ctx, keyspace, st.latest)
}

// Version returns one version, nil when it is not there (any more).
func (s Sources) Version(ctx context.Context, keyspace string, version []byte) (*Source, error) {
	if !s.Exist() {
		return nil, nil
	}
	result, err := s.run(ctx, &cql.Select{Table: source, Selectors: columns("version", "contents"),
		Where: []cql.Relation{equals("keyspace_name", 0), equals("version", 1)}}, []byte(keyspace), version)
	if err != nil {
		return nil, err
	}
	all := sourcesOf(keyspace, result)
	if len(all) == 0 {
		return nil, nil
	}
	return &all[0], nil
}

// All returns the versions that are kept, the newest first.
func (s Sources) All(ctx context.Context, keyspace string) ([]Source, error) {
	if !s.Exist() {
		return nil, nil
	}
	result, err := s.run(ctx, &cql.Select{Table: source, Selectors: columns("version", "contents"), Where: []cql.Relation{equals("keyspace_name", 0)}}, []byte(keyspace))
	if err != nil {
		return nil, err
	}
	all := sourcesOf(keyspace, result)
	slices.Reverse(all)
	return all, nil
}

func sourcesOf(keyspace string, result *backend.Result) (all []Source) {
	cursor := result.Cursor()
	for range result.RowCount {
		version, contents := cursor.Next(), cursor.Next()
		if len(version) == 16 { // else a static row alone
			all = append(all, Source{keyspace, uuid.UUID(version), string(contents)})
		}
	}
	return all
}

var errRace = errors.New("It looks like someone else is deploying a new schema, please check the latest version and try again. This can also happen if a previous deployment was interrupted unexpectedly. In that case, you can use the 'force' argument to bypass this check.")

// lock begins a deployment: nobody else may have begun one since st was read.
func (s Sources) lock(ctx context.Context, keyspace string, st state) error {
	marker := func(i int) *cql.BindMarker { return &cql.BindMarker{Index: i} }
	result, err := s.run(ctx, &cql.Update{Table: source, Assignments: []cql.Assignment{{Column: "deployment_in_progress", Value: marker(0)}},
		Where: []cql.Relation{equals("keyspace_name", 1)},
		If:    []cql.Condition{{Column: "latest_version", Op: cql.Eq, Value: marker(2)}, {Column: "deployment_in_progress", Op: cql.Eq, Value: marker(3)}}},
		[]byte{1}, []byte(keyspace), st.latest, st.progress)
	if err != nil {
		return err
	}
	cursor := result.Cursor()
	if result.RowCount > 0 {
		if applied := cursor.Next(); len(applied) == 1 && applied[0] != 0 {
			return nil
		}
	}
	return errRace
}

// unlock ends a deployment that failed.
func (s Sources) unlock(ctx context.Context, keyspace string) error {
	_, err := s.run(ctx, &cql.Update{Table: source, Assignments: []cql.Assignment{{Column: "deployment_in_progress", Value: &cql.BindMarker{}}},
		Where: []cql.Relation{equals("keyspace_name", 1)}}, []byte{0}, []byte(keyspace))
	return err
}

// finish ends a deployment: version, nil for none, is the latest then.
func (s Sources) finish(ctx context.Context, keyspace string, version []byte) error {
	marker := func(i int) *cql.BindMarker { return &cql.BindMarker{Index: i} }
	_, err := s.run(ctx, &cql.Update{Table: source, Assignments: []cql.Assignment{{Column: "latest_version", Value: marker(0)}, {Column: "deployment_in_progress", Value: marker(1)}},
		Where: []cql.Relation{equals("keyspace_name", 2)}}, version, []byte{0}, []byte(keyspace))
	return err
}

// store keeps a new version, and forgets the oldest ones.
func (s Sources) store(ctx context.Context, keyspace, contents string) (uuid.UUID, error) {
	version, err := uuid.NewUUID()
	if err != nil {
		return version, err
	}
	stmt := &cql.Insert{Table: source, Columns: []string{"keyspace_name", "version", "contents"}}
	for i := range stmt.Columns {
		stmt.Values = append(stmt.Values, &cql.BindMarker{Index: i})
	}
	if _, err := s.run(ctx, stmt, []byte(keyspace), version[:], []byte(contents)); err != nil {
		return version, err
	}
	if err := s.finish(ctx, keyspace, version[:]); err != nil {
		return version, err
	}
	all, err := s.All(ctx, keyspace)
	if err != nil {
		return version, err
	}
	for _, old := range all[min(len(all), keptVersions):] {
		if _, err := s.run(ctx, &cql.Delete{Table: source, Where: []cql.Relation{equals("keyspace_name", 0), equals("version", 1)}}, []byte(keyspace), old.Version[:]); err != nil {
			return version, err
		}
	}
	return version, nil
}
