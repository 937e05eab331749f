package ddl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// createType is CREATE TYPE (CreateTypeStatement).
func (e *edit) createType(s *cql.CreateType) error {
	keyspace, err := e.keyspaceOf(s.Type)
	if err != nil {
		return err
	}
	if err := admit(create, keyspace, tablesResource(keyspace)); err != nil {
		return err
	}
	k, err := e.keyspace(keyspace)
	if err != nil {
		return err
	}
	if k.Types[s.Type.Name] != nil {
		if s.IfNotExists {
			return nil
		}
		return cqlerr.Invalidf("A user type with name '%s' already exists", s.Type.Name)
	}
	t := &cqltype.Type{Kind: cqltype.UDT, Keyspace: keyspace, Name: s.Type.Name}
	for _, f := range s.Fields {
		if slices.Contains(t.FieldNames, f.Name) {
			return cqlerr.Invalidf("Duplicate field name '%s' in type '%s'", f.Name, s.Type.Name)
		}
		t.FieldNames = append(t.FieldNames, f.Name)
	}
	for _, f := range s.Fields {
		if err := checkField(f.Type); err != nil {
			return err
		}
	}
	for _, f := range s.Fields {
		typ, err := e.typeOf(f.Type, keyspace)
		if err != nil {
			return err
		}
		t.Elems = append(t.Elems, typ)
	}
	e.done(k.WithType(t), schema.Created, "TYPE", t.Name)
	return nil
}

// checkField refuses the types, as written, that no field may have.
func checkField(n cql.TypeName) error {
	if !isUserType(n) {
		if n.Name == "counter" {
			return cqlerr.Invalidf("A user type cannot contain counters")
		}
		return nil
	}
	return cqlerr.Invalidf("A user type cannot contain non-frozen UDTs")
}

// isUserType reports whether a type as written can only be a user type.
func isUserType(n cql.TypeName) bool {
	if n.Quoted || n.Keyspace != "" {
		return true
	}
	return n.Class == "" && len(n.Args) == 0 && cqltype.Native(n.Name) == nil
}

// alterType is ALTER TYPE (AlterTypeStatement).
func (e *edit) alterType(s *cql.AlterType) error {
	keyspace, err := e.keyspaceOf(s.Type)
	if err != nil {
		return err
	}
	if err := admit(alter, keyspace, tablesResource(keyspace)); err != nil {
		return err
	}
	k := e.before.Keyspaces[keyspace]
	if k == nil || k.Types[s.Type.Name] == nil {
		if s.IfExists {
			return nil
		}
		return cqlerr.Invalidf("Type %s.%s doesn't exist", keyspace, s.Type.Name)
	}
	t := k.Types[s.Type.Name]
	var altered *cqltype.Type
	switch {
	case s.Alter != nil:
		return cqlerr.Invalidf("Altering field types is no longer supported")
	case s.Rename != nil:
		altered, err = renameFields(t, s)
	default:
		altered, err = e.addFields(k, t, s)
	}
	if err != nil || altered == t {
		return err
	}
	e.done(k.WithAlteredType(altered), schema.Updated, "TYPE", t.Name)
	return nil
}

func (e *edit) addFields(k *schema.Keyspace, t *cqltype.Type, s *cql.AlterType) (*cqltype.Type, error) {
	name := t.Keyspace + "." + t.Name
	altered := t
	for _, f := range s.Add {
		if err := checkField(f.Type); err != nil {
			return nil, err
		}
		if slices.Contains(altered.FieldNames, f.Name) {
			if s.IfField {
				continue
			}
			return nil, cqlerr.Invalidf("Cannot add field %s to type %s: a field with name %s already exists", f.Name, name, f.Name)
		}
		typ, err := e.typeOf(f.Type, k.Name)
		if err != nil {
			return nil, err
		}
		if schema.ReferencesType(typ, t.Name) {
			return nil, cqlerr.Invalidf("Cannot add new field %s of type %s to user type %s as it would create a circular reference",
				f.Name, typeText(f.Type, k.Name), name)
		}
		if tables := keyedBy(k, t.Name); tables != "" {
			return nil, cqlerr.Invalidf("Cannot add new field %s of type %s to user type %s as the type is being used in partition key by the following tables: %s",
				f.Name, typeText(f.Type, k.Name), name, tables)
		}
		next := *altered
		next.FieldNames = append(slices.Clip(altered.FieldNames), f.Name)
		next.Elems = append(slices.Clip(altered.Elems), typ)
		altered = &next
	}
	return altered, nil
}

// keyedBy returns the names of the tables with the user type in their
// partition key, "" for none.
func keyedBy(k *schema.Keyspace, name string) string {
	var tables []string
	for _, t := range k.TablesUsing(name) {
		if slices.ContainsFunc(t.PartitionKey, func(c *schema.Column) bool { return schema.ReferencesType(c.Type, name) }) {
			tables = append(tables, t.String())
		}
	}
	return strings.Join(tables, ", ")
}

// typeText is a type as written, with its user types qualified
// (CQL3Type.Raw.toString).
func typeText(n cql.TypeName, keyspace string) string { return typeTextIn(n, keyspace, false) }

// typeTextIn is typeText of a part of a type, which is frozen with what is around
// it.
func typeTextIn(n cql.TypeName, keyspace string, frozen bool) string {
	switch {
	case n.Class != "":
		return "'" + n.Class + "'"
	case n.Name == "frozen" && len(n.Args) > 0:
		return typeTextIn(n.Args[0], keyspace, true)
	case isUserType(n):
		if n.Keyspace != "" {
			keyspace = n.Keyspace
		}
		return frozenText(keyspace+"."+n.Name, frozen)
	case len(n.Args) == 0:
		return n.Name
	}
	// Tuples are frozen without saying so.
	tuple := n.Name == "tuple"
	args := make([]string, len(n.Args), len(n.Args)+1)
	for i, a := range n.Args {
		args[i] = typeTextIn(a, keyspace, frozen || tuple)
	}
	if n.Dimension > 0 {
		args = append(args, strconv.Itoa(n.Dimension))
	}
	return frozenText(n.Name+"<"+strings.Join(args, ", ")+">", frozen && !tuple)
}

func frozenText(text string, frozen bool) string {
	if frozen {
		return "frozen<" + text + ">"
	}
	return text
}

func renameFields(t *cqltype.Type, s *cql.AlterType) (*cqltype.Type, error) {
	next := *t
	next.FieldNames = slices.Clone(t.FieldNames)
	for _, r := range s.Rename {
		i := slices.Index(t.FieldNames, r.From)
		if i < 0 {
			if s.IfField {
				continue
			}
			return nil, cqlerr.Invalidf("Unkown field %s in user type %s.%s", r.From, t.Keyspace, t.Name)
		}
		next.FieldNames[i] = r.To
	}
	for i, name := range next.FieldNames {
		if slices.Contains(next.FieldNames[:i], name) {
			return nil, cqlerr.Invalidf("Duplicate field name %s in type %s", name, t.Keyspace)
		}
	}
	if slices.Equal(next.FieldNames, t.FieldNames) {
		return t, nil
	}
	return &next, nil
}

// dropType is DROP TYPE (DropTypeStatement).
func (e *edit) dropType(s *cql.DropType) error {
	keyspace, err := e.keyspaceOf(s.Type)
	if err != nil {
		return err
	}
	if err := admit(drop, keyspace, tablesResource(keyspace)); err != nil {
		return err
	}
	k := e.before.Keyspaces[keyspace]
	if k == nil || k.Types[s.Type.Name] == nil {
		if s.IfExists {
			return nil
		}
		return cqlerr.Invalidf("Type '%s.%s' doesn't exist", keyspace, s.Type.Name)
	}
	if types := k.TypesUsing(s.Type.Name); types != nil {
		return cqlerr.Invalidf("Cannot drop user type '%s.%s' as it is still used by user types %s", keyspace, s.Type.Name, strings.Join(types, ", "))
	}
	if tables := k.TablesUsing(s.Type.Name); tables != nil {
		names := make([]string, len(tables))
		for i, t := range tables {
			names[i] = t.Name
		}
		return cqlerr.Invalidf("Cannot drop user type '%s.%s' as it is still used by tables %s", keyspace, s.Type.Name, strings.Join(names, ", "))
	}
	e.done(k.WithoutType(s.Type.Name), schema.Dropped, "TYPE", s.Type.Name)
	return nil
}
