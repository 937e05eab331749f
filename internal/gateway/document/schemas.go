package document

import (
	"encoding/json"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/jsonschema"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// putSchema is PUT …/collections/{collection}/json-schema: documents that are
// written from now on are kept to the schema. It is kept in the table's comment.
func putSchema(c *call) error {
	v, err := c.payload("json schema not provided.", false)
	if err != nil {
		return err
	}
	text := v.AppendCompact(nil)
	if len(text) > maxSchema {
		return httpapi.BadRequest("A JSON schema must not have more than %d bytes.", maxSchema)
	}
	if _, err := c.existing(reading); err != nil {
		return err
	}
	stmt := &cql.AlterTable{Table: cql.QualifiedName{Keyspace: c.namespace, Name: c.collection}, Kind: cql.AlterWith}
	if err := c.who.Authorize(stmt, ""); err != nil {
		return err
	}
	if _, err := jsonschema.Compile(string(text)); err != nil {
		return c.pick(refused(err), httpapi.BadRequest("The provided JSON schema is invalid or malformed."))
	}
	comment := append(append([]byte(`{"schema":`), text...), '}')
	stmt.Properties = []cql.Property{{Name: "comment", Text: string(comment)}}
	if _, err := c.run(stmt); err != nil {
		return err
	}
	c.out = append(c.out, comment...)
	return c.answer(http.StatusOK)
}

// getSchema is GET …/collections/{collection}/json-schema.
func getSchema(c *call) error {
	on, err := c.existing(reading)
	if err != nil {
		return err
	}
	text, ok := schemaText(on.def)
	if !ok {
		return httpapi.NotFound("The JSON schema is not set for the collection.")
	}
	c.out = append(c.out, `{"schema":`...)
	c.out = append(append(c.out, text...), '}')
	return c.answer(http.StatusOK)
}

// validate refuses a document that the collection's JSON schema, if it has one,
// does not allow.
func (on *collection) validate(document cell.Value) error {
	if on.schema == nil {
		return nil
	}
	schema, err := on.schema()
	if err != nil { // another server's, or written by CQL
		return refused(err)
	}
	return refused(schema.Validate(json.RawMessage(document)))
}

// refuseParts refuses to write a part of a document where a JSON schema would
// have to be checked on the whole of it.
func (on *collection) refuseParts() error {
	if on.schema == nil {
		return nil
	}
	return httpapi.BadRequest("When a collection has a JSON schema, partial updates of documents are disallowed for performance reasons.")
}
