package document

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// Strings of documents that are larger than any value may be are left out of bodies
// while they are read (package elide). The guardrail refuses the document then, in
// the words of the whole string.

// readBody reads the whole body into c.body; values: it holds those of a document.
func (c *call) readBody(values bool) (err error) {
	if !values {
		c.body, c.held, err = c.door.bodies.Read(c.w, c.r, c.body)
		return err
	}
	c.body, c.held, c.cuts, err = c.door.bodies.ReadValues(c.w, c.r, c.body, c.who.Caller().Name, c.door.most,
		func(s *elide.Shared, most int64) httpapi.Elider { return elide.NewJSONOfTexts(s, most) })
	c.ctx = elide.Context(c.ctx, c.cuts)
	return err
}

// validate refuses a document that the collection's JSON schema, if it has one,
// does not allow. Of a string that is not whole the schema can't be asked: such a
// document is refused anyway, when it is to be written.
func (c *call) validate(on *collection, document cell.Value) error {
	if on.schema != nil && c.cuts.In(document) {
		if err := c.shred(nil, document); err != nil {
			return err
		}
		if slices.ContainsFunc(c.shredder.Leaves, c.shortened) {
			return nil
		}
	}
	return on.validate(document)
}

// shortened reports whether something was left out of a leaf. What was left out of
// the first of two members of one name is in none.
func (c *call) shortened(l shred.Leaf) bool {
	return c.cuts.In(l.Text) || slices.ContainsFunc(l.Path, c.cuts.In)
}
