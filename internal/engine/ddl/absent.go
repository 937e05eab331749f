package ddl

import (
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

const (
	errViewsDisabled     = "Materialized views are disabled. Enable in cassandra.yaml to use."
	errFunctionsDisabled = "User-defined functions are disabled in cassandra.yaml - set user_defined_functions_enabled=true to enable"
	errBothDirectives    = "Cannot use both 'OR REPLACE' and 'IF NOT EXISTS' directives"
)

// absent answers statements about materialized views, functions, aggregates
// and triggers as a Cassandra in its default configuration does: such objects
// can't be made, and so there is none to alter or drop. Which checks come
// first is each statement's business (CreateViewStatement, CreateFunctionStatement,
// DropFunctionStatement, ...).
func (e *edit) absent(o *cql.Unsupported) error {
	switch o.What {
	case "CREATE MATERIALIZED VIEW":
		return e.createView(o)
	case "CREATE TRIGGER":
		return e.createTrigger(o)
	case "CREATE FUNCTION":
		return e.createFunction(o)
	case "CREATE AGGREGATE":
		return e.createAggregate(o)
	case "DROP TRIGGER":
		return e.dropTrigger(o)
	case "DROP FUNCTION":
		return e.dropFunction("Function", o)
	case "DROP AGGREGATE":
		return e.dropFunction("Aggregate", o)
	}
	if !strings.HasSuffix(o.What, " MATERIALIZED VIEW") {
		return cqlerr.Unsupportedf("%s", o.What)
	}
	keyspace, err := e.absentIn(o.Name)
	if err != nil || o.IfExists {
		return err
	}
	return cqlerr.Invalidf("Materialized view '%s.%s' doesn't exist", keyspace, o.Name.Name)
}

// absentIn is the keyspace of an object, which must not be one of the server's
// own.
func (e *edit) absentIn(name cql.QualifiedName) (string, error) {
	keyspace, err := e.keyspaceOf(name)
	if err != nil {
		return "", err
	}
	return keyspace, checkName(keyspace)
}

func (e *edit) createView(o *cql.Unsupported) error {
	keyspace, err := e.keyspaceOf(o.Name)
	if err != nil {
		return err
	}
	if o.Table.Keyspace != "" && o.Table.Keyspace != keyspace {
		return cqlerr.Invalidf("Cannot create a materialized view on a table in a different keyspace")
	}
	if err := admit(alter, keyspace, tableResource(keyspace, o.Table.Name)); err != nil {
		return err
	}
	return cqlerr.Invalidf(errViewsDisabled)
}

func (e *edit) createTrigger(o *cql.Unsupported) error {
	keyspace, err := e.absentIn(o.Table)
	if err != nil {
		return err
	}
	k, err := e.keyspace(keyspace)
	if err != nil {
		return err
	}
	if k.Tables[o.Table.Name] == nil {
		return cqlerr.Invalidf("Table '%s' doesn't exist", o.Table.Name)
	}
	return cqlerr.Invalidf("Trigger class '%s' couldn't be loaded", o.Class)
}

func (e *edit) dropTrigger(o *cql.Unsupported) error {
	keyspace, err := e.absentIn(o.Table)
	if err != nil || o.IfExists {
		return err
	}
	return cqlerr.Invalidf("Trigger '%s' on '%s.%s' doesn't exist", o.Name.Name, keyspace, o.Table.Name)
}

func (e *edit) createFunction(o *cql.Unsupported) error {
	if _, err := e.absentIn(o.Name); err != nil {
		return err
	}
	if o.OrReplace && o.IfNotExists {
		return cqlerr.Invalidf(errBothDirectives)
	}
	return cqlerr.Invalidf(errFunctionsDisabled)
}

func (e *edit) createAggregate(o *cql.Unsupported) error {
	keyspace, err := e.absentIn(o.Name)
	if err != nil {
		return err
	}
	if o.OrReplace && o.IfNotExists {
		return cqlerr.Invalidf(errBothDirectives)
	}
	if e.before.Keyspaces[keyspace] == nil {
		return cqlerr.Configf("Keyspace %s doesn't exist", keyspace)
	}
	args, err := e.argumentTypes(o.Args, keyspace)
	if err != nil {
		return err
	}
	state, err := e.argumentTypes([]cql.TypeName{o.StateType}, keyspace)
	if err != nil {
		return err
	}
	all := strings.Join(append(state, args...), ", ")
	return cqlerr.Invalidf("State function %s.%s(%s) doesn't exist", keyspace, o.StateFunction, all)
}

// dropFunction is DROP FUNCTION or DROP AGGREGATE, as what says.
func (e *edit) dropFunction(what string, o *cql.Unsupported) error {
	keyspace, err := e.absentIn(o.Name)
	if err != nil {
		return err
	}
	name := keyspace + "." + o.Name.Name
	if o.HasArgs {
		args, err := e.argumentTypes(o.Args, keyspace)
		if err != nil {
			return err
		}
		name += "(" + strings.Join(args, ", ") + ")"
	}
	if o.IfExists {
		return nil
	}
	return cqlerr.Invalidf("%s '%s' doesn't exist", what, name)
}

// argumentTypes are the types of arguments as errors show them: never frozen
// by name.
func (e *edit) argumentTypes(names []cql.TypeName, keyspace string) ([]string, error) {
	texts := make([]string, len(names))
	for i, n := range names {
		t, err := e.typeOf(n, keyspace)
		if err != nil {
			return nil, err
		}
		if n.Name == "frozen" && len(n.Args) == 1 && t.Kind != cqltype.Tuple {
			return nil, cqlerr.Invalidf("Argument '%s' cannot be frozen; remove frozen<> modifier from '%s'", t, t)
		}
		texts[i] = typeText(n, keyspace)
	}
	return texts, nil
}
