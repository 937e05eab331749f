package engine

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// refuse answers statements about materialized views, functions, aggregates and
// triggers as a Cassandra does whose configuration does not allow them, which
// is the default: none can be made, so that there are none.
func refuse(snapshot *schema.Snapshot, u *cql.Unsupported, keyspace string) (*backend.Result, error) {
	name, table := u.Name, u.Table
	if name.Keyspace == "" {
		name.Keyspace = keyspace
	}
	if table.Keyspace == "" {
		table.Keyspace = keyspace
	}
	if name.Keyspace == "" && table.Keyspace == "" {
		return nil, cqlerr.Invalidf("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
	}
	var err *cqlerr.Error
	switch u.What {
	case "CREATE MATERIALIZED VIEW":
		err = cqlerr.Invalidf("Materialized views are disabled. Enable in cassandra.yaml to use.")
	case "ALTER MATERIALIZED VIEW", "DROP MATERIALIZED VIEW":
		err = missing(u, "Materialized view '%s.%s' doesn't exist", name.Keyspace, name.Name)
	case "CREATE FUNCTION", "CREATE AGGREGATE":
		err = refuseFunction(snapshot, u, name)
	case "DROP FUNCTION":
		return dropFunction(snapshot, u, name, "Function")
	case "DROP AGGREGATE":
		return dropFunction(snapshot, u, name, "Aggregate")
	case "CREATE TRIGGER":
		err = refuseTrigger(snapshot, u, table)
	case "DROP TRIGGER":
		err = missing(u, "Trigger '%s' on '%s.%s' doesn't exist", name.Name, table.Keyspace, table.Name)
	default:
		err = cqlerr.Unsupportedf("%s", u.What)
	}
	if err != nil {
		return nil, err
	}
	return &backend.Result{Kind: backend.Void}, nil
}

// missing is the error of something that is not there, nil with IF EXISTS.
func missing(u *cql.Unsupported, format string, args ...any) *cqlerr.Error {
	if u.IfExists {
		return nil
	}
	return cqlerr.Invalidf(format, args...)
}

func refuseFunction(snapshot *schema.Snapshot, u *cql.Unsupported, name cql.QualifiedName) *cqlerr.Error {
	switch {
	case u.OrReplace && u.IfNotExists:
		return cqlerr.Invalidf("Cannot use both 'OR REPLACE' and 'IF NOT EXISTS' directives")
	case u.What == "CREATE FUNCTION":
		return cqlerr.Invalidf("User-defined functions are disabled in cassandra.yaml - set user_defined_functions_enabled=true to enable")
	case snapshot.Keyspaces[name.Keyspace] == nil:
		return cqlerr.Configf("Keyspace %s doesn't exist", name.Keyspace)
	}
	types := append([]cql.TypeName{u.StateType}, u.Args...)
	return cqlerr.Invalidf("State function %s.%s(%s) doesn't exist", name.Keyspace, u.StateFunction, typeList(types))
}

func dropFunction(snapshot *schema.Snapshot, u *cql.Unsupported, name cql.QualifiedName, what string) (*backend.Result, error) {
	if schema.IsLocalSystem(name.Keyspace) {
		return nil, cqlerr.Invalidf("System keyspace '%s' is not user-modifiable", name.Keyspace)
	}
	signature := name.Keyspace + "." + name.Name
	if u.HasArgs {
		pc := &plan.Context{Schema: snapshot, Keyspace: name.Keyspace}
		for _, t := range u.Args {
			if _, err := pc.Type(t, name.Keyspace); err != nil {
				return nil, err
			}
		}
		signature += "(" + typeList(u.Args) + ")"
	}
	if err := missing(u, "%s '%s' doesn't exist", what, signature); err != nil {
		return nil, err
	}
	return &backend.Result{Kind: backend.Void}, nil
}

func refuseTrigger(snapshot *schema.Snapshot, u *cql.Unsupported, table cql.QualifiedName) *cqlerr.Error {
	switch {
	case snapshot.Keyspaces[table.Keyspace] == nil:
		return cqlerr.Invalidf("Keyspace '%s' doesn't exist", table.Keyspace)
	case snapshot.Table(table.Keyspace, table.Name) == nil:
		return cqlerr.Invalidf("Table '%s' doesn't exist", table.Name)
	}
	return cqlerr.Invalidf("Trigger class '%s' couldn't be loaded", u.Class)
}

func typeList(types []cql.TypeName) string {
	texts := make([]string, len(types))
	for i, t := range types {
		texts[i] = t.String()
	}
	return strings.Join(texts, ", ")
}
