package document

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// createDocument is POST …/collections/{collection}: a new document with an id
// of its own.
func createDocument(c *call) error {
	on, err := c.wholeDocument()
	if err != nil {
		return err
	}
	c.id = uuid.NewString()
	if err := c.insert(on, c.id, c.params.ttl.n); err != nil {
		return err
	}
	c.location("/v2/namespaces/" + c.namespace + "/collections/" + c.collection + "/" + url.PathEscape(c.id))
	return c.written(http.StatusCreated)
}

// insert writes the leaves that were shred as a document that can't be there yet.
func (c *call) insert(on *collection, id string, ttl int32) error {
	if err := c.start(on, id, ttl); err != nil {
		return err
	}
	c.writeLeaves()
	return c.commit("ASYNC INSERT")
}
