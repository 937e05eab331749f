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
	most, ok := int64(0), false
	if values {
		most, ok = httpapi.LargestValue(c.r, c.who.Caller().Name, c.door.most)
	}
	if !ok {
		c.body, c.held, err = c.door.bodies.Read(c.w, c.r, c.body)
		return err
	}
	var shared elide.Shared
	var elider httpapi.Elider = elide.NewJSON(&shared, most, 0, stringsOf)
	if text {
		elider = elide.NewGraphQL(&shared, most)
	}
	c.body, c.held, err = c.door.bodies.ReadElided(c.w, c.r, c.body, elider)
	c.cuts = shared.Cuts()
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
