package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// listTypes is GET /v2/schemas/keyspaces/{ks}/types. A keyspace that is not
// there has none.
func listTypes(c *call) error {
	name := c.target.Keyspace
	if err := c.visible(name, ""); err != nil {
		return err
	}
	var types []*cqltype.Type
	if k := c.door.backend.Schema().Keyspaces[name]; k != nil {
		for _, t := range k.Types {
			types = append(types, t)
		}
	}
	slices.SortFunc(types, func(a, b *cqltype.Type) int { return strings.Compare(a.Name, b.Name) })
	c.opened()
	c.out = appendList(c.out, types, appendUserType)
	return c.closed()
}

// getType is GET /v2/schemas/keyspaces/{ks}/types/{type}.
func getType(c *call) error {
	keyspace, name := c.target.Keyspace, c.r.PathValue("type")
	if err := c.visible(keyspace, ""); err != nil {
		return err
	}
	var t *cqltype.Type
	if k := c.door.backend.Schema().Keyspaces[keyspace]; k != nil {
		t = k.Types[name]
	}
	if t == nil {
		return c.pick(notFound("No definition found for UDT '%s' (keyspace '%s')", name, keyspace),
			notFound("Resource not found: type '%s' not found in the keyspace '%s'", name, keyspace))
	}
	c.opened()
	c.out = appendUserType(c.out, t)
	return c.closed()
}

// appendUserType appends {"name","keyspace","fields"}. Its fields' types are the
// plain CQL of system_schema.types, unlike those of columns.
func appendUserType(dst []byte, t *cqltype.Type) []byte {
	dst = append(dst, `{"name":`...)
	dst = cell.AppendString(dst, t.Name)
	dst = append(dst, `,"keyspace":`...)
	dst = cell.AppendString(dst, t.Keyspace)
	dst = append(dst, `,"fields":[`...)
	for i, name := range t.FieldNames {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"name":`...)
		dst = cell.AppendString(dst, name)
		dst = append(dst, `,"typeDefinition":`...)
		dst = append(cell.AppendString(dst, t.Elems[i].String()), '}')
	}
	return append(dst, "]}"...)
}

// dropType is DELETE /v2/schemas/keyspaces/{ks}/types/{type}. One that is not
// there is no error but in the older profile.
func dropType(c *call) error {
	name := cql.QualifiedName{Keyspace: c.target.Keyspace, Name: c.r.PathValue("type")}
	k := c.door.backend.Schema().Keyspaces[name.Keyspace]
	there := k != nil && k.Types[name.Name] != nil
	if _, err := c.run(&cql.DropType{Type: name, IfExists: true}); err != nil {
		return err
	}
	if c.v1 && !there {
		return badRequest("Bad request: User type %s.%s does not exists", name.Keyspace, name.Name)
	}
	return c.write(http.StatusNoContent, nil)
}

// userType is the body of POST and PUT of types.
type userType struct {
	name        string
	ifNotExists bool
	fields      []newColumn
	added       []newColumn
	renamed     []cql.Renaming
}

// createType is POST /v2/schemas/keyspaces/{ks}/types.
func createType(c *call) error {
	if err := c.readBody("application/json", nil); err != nil {
		return err
	}
	v, err := cell.Parse(c.body, cell.Options{})
	if err == nil && v.Kind() != cell.Object {
		err = fmt.Errorf("must be JSON Object: %s", v.AppendCompact(nil))
	}
	if err != nil {
		return c.pick(badRequest("Invalid JSON payload: %s", err), httpFailure(http.StatusBadRequest))
	}
	def := &userType{}
	if err := objectOf(v, def.member); err != nil {
		return badRequest("Invalid JSON payload: a member has another type than it should: %s", v.AppendCompact(nil))
	}
	switch keyspace := c.target.Keyspace; {
	case def.name == "":
		return c.pick(badRequest("typeName must be provided"), badRequest("Type name must be provided"))
	case c.v1 && len(def.fields) == 0:
		return badRequest("Fields must be provided")
	case c.v1 && c.door.backend.Schema().Keyspaces[keyspace] == nil:
		return badRequest("keyspace does not exists")
	}
	fields, err := c.fieldsOf(def.fields)
	if err != nil {
		return err
	}
	name := cql.QualifiedName{Keyspace: c.target.Keyspace, Name: def.name}
	_, err = c.run(&cql.CreateType{Type: name, IfNotExists: def.ifNotExists, Fields: fields})
	if err != nil {
		if c.v1 {
			return c.alreadyV1(err, "A type named %s.%s already exists", cql.QuoteIdentifier(name.Keyspace), cql.QuoteIdentifier(name.Name))
		}
		if e := cqlerr.From(err); strings.Contains(e.Message, "already exists") {
			return badRequest("Bad request: %s", e.Message)
		}
		return err
	}
	return c.named(http.StatusCreated, def.name)
}

// updateType is PUT /v2/schemas/keyspaces/{ks}/types: fields are added one by
// one, then renamed all at once.
func updateType(c *call) error {
	body, err := c.typedBody()
	if err != nil {
		return err
	}
	def := &userType{}
	if err := objectOf(body, def.member); err != nil {
		return err
	}
	switch {
	case def.name == "":
		return c.pick(badRequest("typeName must be provided"), badRequest("Type name must be provided"))
	case len(def.added) == 0 && len(def.renamed) == 0:
		const nothing = "addFields and/or renameFields is required to update an UDT"
		return c.pick(badRequest(nothing), badRequest(nothing+"."))
	}
	name := cql.QualifiedName{Keyspace: c.target.Keyspace, Name: def.name}
	if len(def.added) > 0 {
		fields, err := c.fieldsOf(def.added)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if _, err := c.run(&cql.AlterType{Type: name, Add: []cql.FieldDef{f}}); err != nil {
				return err
			}
		}
	}
	if len(def.renamed) > 0 {
		if _, err := c.run(&cql.AlterType{Type: name, Rename: def.renamed}); err != nil {
			return err
		}
	}
	return c.write(http.StatusOK, nil)
}

// member reads one member of the body.
func (def *userType) member(name string, v cell.Value) (err error) {
	columns := func(to *[]newColumn) error {
		return listOf(v, func(e cell.Value) error {
			column, err := columnOf(e)
			*to = append(*to, column)
			return err
		})
	}
	switch name {
	case "name":
		def.name, err = textOf(v)
	case "ifNotExists":
		def.ifNotExists, err = boolOf(v)
	case "fields":
		err = columns(&def.fields)
	case "addFields":
		err = columns(&def.added)
	case "renameFields":
		err = listOf(v, func(e cell.Value) error {
			var r cql.Renaming
			err := objectOf(e, func(name string, v cell.Value) (err error) {
				switch name {
				case "from":
					r.From, err = textOf(v)
				case "to":
					r.To, err = textOf(v)
				}
				return err
			})
			def.renamed = append(def.renamed, r)
			return err
		})
	}
	return err
}

// fieldsOf makes the fields of a type.
func (c *call) fieldsOf(columns []newColumn) ([]cql.FieldDef, error) {
	var fields []cql.FieldDef
	for _, column := range columns {
		if column.name == "" || column.typeDefinition == "" {
			return nil, c.pick(badRequest("Field 'name' and 'typeDefinition' must be provided"), badRequest("Type name and definition must be provided."))
		}
		t, err := parseType(column.typeDefinition)
		if err != nil {
			return nil, err
		}
		fields = append(fields, cql.FieldDef{Name: column.name, Type: t})
	}
	if len(fields) == 0 {
		return nil, badRequest("There should be at least one field defined")
	}
	return fields, nil
}
