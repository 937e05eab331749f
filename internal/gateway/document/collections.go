package document

import (
	"net/http"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// listCollections is GET …/namespaces/{namespace}/collections: the tables that
// have the layout of a collection.
func listCollections(c *call) error {
	if err := c.visible(""); err != nil {
		return err
	}
	if err := c.existingNamespace(); err != nil {
		return c.pick(err, httpapi.NotFound("Resource not found: keyspace '%s' not found", c.namespace))
	}
	var names []string
	for _, def := range c.door.backend.Schema().Keyspaces[c.namespace].Tables {
		if !schema.IsSystem(c.namespace) && isCollection(def) && c.who.Visible(c.namespace, def.Name) {
			names = append(names, def.Name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	c.openData()
	c.out = append(c.out, '[')
	for i, name := range names {
		if i > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, `{"name":`...)
		c.out = cell.AppendString(c.out, name)
		c.out = append(c.out, `,"upgradeAvailable":false}`...)
	}
	c.out = append(c.out, ']')
	return c.closeData()
}

// createCollection is POST …/namespaces/{namespace}/collections.
func createCollection(c *call) error {
	var def struct {
		Name *string `json:"name"`
	}
	if _, err := c.typedBody(&def); err != nil {
		return err
	}
	if def.Name == nil || *def.Name == "" {
		return c.invalid("`name` is required to create a collection.")
	}
	name := *def.Name
	if err := c.who.Authorize(&cql.CreateTable{Table: cql.QualifiedName{Keyspace: c.namespace, Name: name}}, ""); err != nil {
		return err
	}
	if err := c.existingNamespace(); err != nil {
		return err
	}
	if c.door.backend.Schema().Table(c.namespace, name) != nil {
		return &httpapi.Failure{Status: http.StatusConflict, Description: "Create failed: collection " + name + " already exists."}
	}
	if err := c.create(name); err != nil {
		return err
	}
	c.location("/v2/namespaces/" + c.namespace + "/collections/" + name)
	return c.answer(http.StatusCreated)
}

// dropCollection is DELETE …/collections/{collection}.
func dropCollection(c *call) error {
	on, err := c.door.generation().find(c.namespace, c.collection)
	if c.door.v1 {
		err = nil // a table of another kind is none
	}
	if err != nil && c.who.Visible(c.namespace, c.collection) {
		return err // before the right to drop it, which nobody has to a system table
	}
	stmt := &cql.DropTable{Table: cql.QualifiedName{Keyspace: c.namespace, Name: c.collection}}
	if err := c.who.Authorize(stmt, ""); err != nil {
		return err
	}
	if err := c.existingNamespace(); err != nil && !c.door.v1 {
		return err
	}
	if err != nil {
		return err
	}
	if on == nil {
		return httpapi.NotFound("Collection '%s' not found.", c.collection)
	}
	stmt.IfExists = true
	if _, err := c.run(stmt); err != nil {
		return err
	}
	return c.noContent()
}

// upgradeCollection is POST …/collections/{collection}/upgrade. There is nothing
// to upgrade to: no collection is of an old layout.
func upgradeCollection(c *call) error {
	var def struct {
		UpgradeType *string `json:"upgradeType"`
	}
	if _, err := c.typedBody(&def); err != nil {
		return err
	}
	switch {
	case def.UpgradeType == nil:
		return c.invalid("`upgradeType` is required to upgrade a collection.")
	case *def.UpgradeType != "SAI_INDEX_UPGRADE":
		return &httpapi.Failure{Status: http.StatusBadRequest, Bare: true, Description: "unknown upgradeType"}
	}
	if found, err := c.find(reading); err == nil && found == nil && c.door.v1 {
		return httpapi.NotFound("Collection %s not found.", c.collection)
	}
	if _, err := c.existing(reading); err != nil {
		return err
	}
	return httpapi.BadRequest("The collection cannot be upgraded in given manner.")
}
