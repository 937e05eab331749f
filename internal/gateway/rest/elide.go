package rest

import (
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// What is larger than any value may be is left out of the bodies that hold values
// while they are read (package elide). The guardrail refuses the request then, in
// the words of the whole value.

// makeElider makes what reads a call's body; values have most bytes at most.
type makeElider func(c *call, s *elide.Shared, most int64) httpapi.Elider

// elideRow reads an object of columns.
func elideRow(c *call, s *elide.Shared, most int64) httpapi.Elider {
	return elide.NewJSON(s, most, 0, c.strings)
}

// elideRows reads an array of them.
func elideRows(c *call, s *elide.Shared, most int64) httpapi.Elider {
	return elide.NewJSON(s, most, 1, c.strings)
}

// elideColumns reads an object with an array of columns, which the member named
// has the name of.
func elideColumns(named string) makeElider {
	return func(c *call, s *elide.Shared, most int64) httpapi.Elider {
		return elide.NewJSONNamedBy(s, most, 2, named, c.strings)
	}
}

// elideText reads CQL.
func elideText(_ *call, s *elide.Shared, most int64) httpapi.Elider {
	return elide.NewText(s, most)
}

// strings says how the strings of a column are values. The table is looked up
// without asking whether the caller may know it: nothing is told of it.
func (c *call) strings(column []byte) elide.Strings {
	t := c.door.generation().table(c.target.Keyspace, c.target.Name)
	if t == nil {
		return 0 // whatever it is, it will be refused
	}
	i, ok := t.ordinal[string(column)]
	if !ok { // no column, or one whose name has an escape sequence
		return elide.Literal | elide.Literals
	}
	return stringsOf(t.columns[i].Type, c.v1)
}

// stringsOf says how the strings of a column of type t are values.
func stringsOf(t *cqltype.Type, v1 bool) (how elide.Strings) {
	if !hasBlob(t) {
		how = elide.Texts
	}
	if len(t.Elems) > 0 {
		how |= elide.Literal
	}
	if v1 && slices.ContainsFunc(t.Elems, func(e *cqltype.Type) bool { return len(e.Elems) > 0 }) {
		how |= elide.Literals
	}
	return how
}

func hasBlob(t *cqltype.Type) bool {
	return t.Kind == cqltype.Blob || slices.ContainsFunc(t.Elems, hasBlob)
}

// parseOptions are those of a body.
func (c *call) parseOptions() cell.Options {
	if c.cuts == nil {
		return cell.Options{}
	}
	return cell.Options{Missing: c.cuts.Columns}
}

// refuseUnused refuses a row when something was left out of its body and not of its
// values, as of the first of two members of one name: the answer would repeat it.
func (c *call) refuseUnused() error {
	if c.cuts == nil || slices.ContainsFunc(c.values, func(v backend.Value) bool { return c.cuts.In(v.Bytes) }) {
		return nil
	}
	return badRequest("The request has a value that is larger than any may be (%d bytes)", c.door.most(c.who.Caller().Name))
}
