package graphql

import (
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// What of a request's variables and its document's strings is larger than any value
// may be is left out of the body while it is read (package elide). The guardrail
// refuses the statement then, in the words of the whole value.

// readBody reads the whole body into c.body. values: what it holds are values of
// columns; text: it is a document, not JSON.
func (c *call) readBody(values, text bool) (err error) {
	if !values {
		c.body, c.held, err = c.door.bodies.Read(c.w, c.r, c.body)
		return err
	}
	c.body, c.held, c.cuts, err = c.door.bodies.ReadValues(c.w, c.r, c.body, c.who.Caller().Name, c.door.most,
		func(s *elide.Shared, most int64) httpapi.Elider {
			if text {
				return elide.NewGraphQL(s, most)
			}
			return elide.NewJSON(s, most, 0, stringsOf)
		})
	c.ctx = elide.Context(c.ctx, c.cuts)
	return err
}

// stringsOf says how the strings of a member of the request are values.
func stringsOf(member []byte) elide.Strings {
	switch string(member) {
	case "query":
		return elide.Document
	case "variables":
		return 0
	}
	return elide.Whole
}
