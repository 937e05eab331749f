package document

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/jsonschema"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// keyColumn is the partition key of a collection's table: the document's id.
const keyColumn = "key"

// pathColumns are its clustering columns.
var pathColumns = func() (names [path.MaxDepth]string) {
	for i := range names {
		names[i] = "p" + strconv.Itoa(i)
	}
	return names
}()

// generation is what the door knows for one version of the schema. All of it
// is forgotten when the schema changes.
type generation struct {
	snapshot    *schema.Snapshot
	collections sync.Map // *schema.Table -> *collection
}

// generation returns what there is for the current schema.
func (h *Handler) generation() *generation {
	snapshot := h.backend.Schema()
	g := h.cache.Load()
	if g == nil || g.snapshot != snapshot {
		g = &generation{snapshot: snapshot}
		h.cache.Store(g) // two at once: one of them is thrown away, no harm
	}
	return g
}

// collection is a table that documents are in.
type collection struct {
	table cql.QualifiedName
	def   *schema.Table
	// tinyBooleans: bool_value is a tinyint, as where every index is storage
	// attached (Astra).
	tinyBooleans bool
	schema       func() (*jsonschema.Schema, error) // nil without one
	statements   statements
	// accesses are what the session is asked about.
	reading, writing, deleting cql.Statement
}

// isCollection reports whether a table has the layout of a collection
// (io.stargate.sgv2.docsapi.service.schema.CollectionManager): nothing else can
// be read as documents.
func isCollection(def *schema.Table) bool {
	if len(def.PartitionKey) != 1 || def.PartitionKey[0].Name != keyColumn || len(def.Clustering) != path.MaxDepth ||
		len(def.Regular) != len(shred.Columns) || def.PartitionKey[0].Type.Kind != cqltype.Text {
		return false
	}
	for i, column := range def.Clustering {
		if column.Name != pathColumns[i] || column.Type.Kind != cqltype.Text || column.Desc {
			return false
		}
	}
	kinds := map[string]cqltype.Kind{"leaf": cqltype.Text, "text_value": cqltype.Text, "dbl_value": cqltype.Double, "bool_value": cqltype.Boolean}
	for _, column := range def.Regular {
		kind, known := kinds[column.Name]
		if !known || column.Type.Kind != kind && !(column.Name == "bool_value" && column.Type.Kind == cqltype.Tinyint) {
			return false
		}
	}
	return true
}

// find returns a collection, or nil.
func (g *generation) find(namespace, name string) (*collection, error) {
	def := g.snapshot.Table(namespace, name)
	if def == nil {
		return nil, nil
	}
	if known, ok := g.collections.Load(def); ok {
		return known.(*collection), nil
	}
	if !isCollection(def) {
		return nil, httpapi.BadRequest("The database table %s.%s is not a Documents collection. Accessing arbitrary tables via the Documents API is not permitted.", namespace, name)
	}
	table := cql.QualifiedName{Keyspace: namespace, Name: name}
	made := &collection{table: table, def: def, tinyBooleans: def.Columns["bool_value"].Type.Kind == cqltype.Tinyint,
		reading: &cql.Select{Table: table}, writing: &cql.Insert{Table: table}, deleting: &cql.Delete{Table: table}}
	if text, ok := schemaText(def); ok {
		made.schema = sync.OnceValues(func() (*jsonschema.Schema, error) { return jsonschema.Compile(text) })
	}
	actual, _ := g.collections.LoadOrStore(def, made)
	return actual.(*collection), nil
}

// access is what an endpoint does to a collection.
type access uint8

const (
	reading access = iota
	writing
	deleting
)

// existing returns the collection of the request's path, which must be there.
func (c *call) existing(a access) (*collection, error) {
	found, err := c.find(a)
	if err != nil || found != nil {
		return found, err
	}
	if c.door.v1 {
		return nil, c.noCollectionV1()
	}
	if err := c.existingNamespace(); err != nil {
		return nil, err
	}
	return nil, httpapi.NotFound("Collection '%s' not found.", c.collection)
}

// find returns the collection of the request's path, or nil, when the session
// may access it so. That is found out before anything is said about it.
func (c *call) find(a access) (*collection, error) {
	g := c.door.generation()
	found, err := g.find(c.namespace, c.collection)
	if err != nil && c.who.Visible(c.namespace, c.collection) {
		return nil, err
	}
	table := cql.QualifiedName{Keyspace: c.namespace, Name: c.collection}
	var stmt cql.Statement
	switch {
	case found != nil:
		stmt = [...]cql.Statement{found.reading, found.writing, found.deleting}[a]
	case a == reading:
		stmt = &cql.Select{Table: table}
	case a == writing:
		stmt = &cql.Insert{Table: table}
	default:
		stmt = &cql.Delete{Table: table}
	}
	if denied := c.who.Authorize(stmt, ""); denied != nil {
		return nil, denied
	}
	return found, err
}

// existingNamespace refuses a namespace that is not there.
func (c *call) existingNamespace() error {
	if c.door.backend.Schema().Keyspaces[c.namespace] == nil {
		return httpapi.NotFound("Unknown namespace %s, you must create it first.", c.namespace)
	}
	return nil
}

// ensured returns the collection of the request's path, which is made if it is
// not there.
func (c *call) ensured() (*collection, error) {
	found, err := c.find(writing)
	if err != nil || found != nil {
		return found, err
	}
	if err := c.existingNamespace(); err != nil {
		return nil, err
	}
	if err := c.create(c.collection); err != nil {
		return nil, err
	}
	return c.existing(writing)
}

// create makes a collection's table and its indexes. Who makes it at the same
// time does no harm.
func (c *call) create(name string) error {
	if !isName(name) {
		return httpapi.BadRequest("Could not create collection %s, it has invalid characters. Valid characters are alphanumeric and underscores.", name)
	}
	table := cql.QualifiedName{Keyspace: c.namespace, Name: name}
	text := func(name string) cql.ColumnDef { return cql.ColumnDef{Name: name, Type: cql.TypeName{Name: "text"}} }
	columns := []cql.ColumnDef{text(keyColumn)}
	for _, name := range pathColumns {
		columns = append(columns, text(name))
	}
	columns = append(columns, text("leaf"), text("text_value"), cql.ColumnDef{Name: "dbl_value", Type: cql.TypeName{Name: "double"}},
		cql.ColumnDef{Name: "bool_value", Type: cql.TypeName{Name: "boolean"}})
	all := []cql.Statement{&cql.CreateTable{Table: table, IfNotExists: true, Columns: columns, PartitionKey: []string{keyColumn},
		Clustering: pathColumns[:], PrimaryKeys: 1}}
	for _, column := range shred.Columns {
		all = append(all, &cql.CreateIndex{Table: table, IfNotExists: true, Targets: []cql.IndexTargetDef{{Column: column}}})
	}
	for _, stmt := range all { // before the first of them: nothing is left half-made
		if err := c.who.Authorize(stmt, ""); err != nil {
			return err
		}
	}
	for _, stmt := range all {
		if _, err := c.run(stmt); err != nil {
			return err
		}
	}
	return nil
}

// visible refuses to tell about what the session must not see.
func (c *call) visible(table string) error {
	switch {
	case c.who.Visible(c.namespace, table):
		return nil
	case table == "":
		return &httpapi.Failure{Status: http.StatusUnauthorized, Description: "Unauthorized keyspace: " + c.namespace}
	default:
		return &httpapi.Failure{Status: http.StatusUnauthorized, Description: "Unauthorized table: " + c.namespace + "." + table}
	}
}

// prepare returns a statement of the collection, made by build the first time.
func (c *call) prepare(on *collection, key statementKey, build func(cql.QualifiedName) cql.Statement) (*backend.Prepared, error) {
	if p := on.statements.get(key); p != nil {
		return p, nil
	}
	p, err := c.door.backend.Prepare(c.ctx, build(on.table), nil, "")
	if err == nil {
		on.statements.put(key, p)
	}
	return p, err
}

// schemaText returns the JSON schema in a table's comment.
func schemaText(def *schema.Table) (string, bool) {
	comment := strings.TrimSpace(def.Options.Comment)
	if !strings.HasPrefix(comment, "{") {
		return "", false
	}
	return jsonschema.FromComment(comment)
}
