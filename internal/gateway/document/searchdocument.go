package document

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/where"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// place is where a search in a document looks: each part of the document at a
// path that matches is a result of its own.
type place struct {
	pattern path.Pattern
	// fields are what of a result is shown, from the document's root.
	fields []path.Pattern
}

// searchDocument answers with the parts of a document that where is true of,
// each as a document that has nothing else.
func (c *call) searchDocument(on *collection) error {
	below, err := path.PatternOf(c.path)
	if err != nil {
		return refused(err)
	}
	e, err := where.Parse(c.params.where, below)
	if err != nil {
		return refused(err)
	}
	in, err := c.searchPlace(below, e)
	if err != nil {
		return err
	}
	after, err := c.resultState(on)
	if err != nil {
		return err
	}
	size := defaultResults
	if c.params.pageSize.given {
		size = int(c.params.pageSize.n)
	}
	leaves, err := c.load(on, []byte(c.id), fixed(in.pattern), "GetFullDocument")
	if err != nil {
		return err
	}
	return c.results(on, in, e, leaves, after, size)
}

// searchPlace finds out what the results are parts of, and what of them is
// shown. Without fields it is the field of the condition; those are relative to
// what holds it.
func (c *call) searchPlace(below path.Pattern, e where.Expr) (place, error) {
	fields, err := c.fields()
	if err != nil {
		return place{}, err
	}
	paths := where.Paths(e)
	if len(paths) > 1 {
		found := len(paths)
		if c.door.v1 {
			found = 0 // so it says, whatever there is
		}
		return place{}, httpapi.BadRequest("Conditions across multiple fields are not yet supported. Found: %d.", found)
	}
	if len(paths) == 0 {
		return place{below, fieldsBelow(below, fields)}, nil
	}
	last := len(paths[0]) - 1
	holder := paths[0][:last:last]
	if len(fields) == 0 {
		return place{holder, paths}, nil
	}
	if !slices.ContainsFunc(fields, paths[0][last:].Equal) {
		return place{}, httpapi.BadRequest("When selecting `fields`, the field referenced by `where` must be in the selection.")
	}
	return place{holder, fieldsBelow(holder, fields)}, nil
}

func fieldsBelow(below path.Pattern, fields []path.Pattern) []path.Pattern {
	for i, field := range fields {
		fields[i] = append(below[:len(below):len(below)], field...)
	}
	return fields
}

// fixed is the beginning of a pattern that has no wildcards.
func fixed(p path.Pattern) []string {
	var segments []string
	for _, e := range p {
		name, ok := e.Literal()
		if !ok {
			break
		}
		segments = append(segments, name)
	}
	return segments
}

// results answers with a page of results; without any with 204.
func (c *call) results(on *collection, in place, e where.Expr, leaves []shred.Leaf, after [][]byte, size int) error {
	depth := len(in.pattern)
	data := append(c.out, '[')
	count := 0
	var last [][]byte
	more := false
	for start := 0; start < len(leaves); {
		end := partEnd(leaves, start, depth)
		part := leaves[start:end]
		start = end
		if !in.pattern.MatchesPrefix(part[0].Path) || !behind(part[0].Path[:depth], after) || !e.Matches(part) {
			continue
		}
		shown := selected(part, in.fields)
		if len(shown) == 0 {
			continue
		}
		if count == size || len(data) >= maxAnswer {
			more = true
			break
		}
		if count > 0 {
			data = append(data, ',')
		}
		count++
		last = part[0].Path[:depth]
		var err error
		if data, err = appendDocument(data, shown, 0, true); err != nil {
			return err
		}
	}
	if count == 0 {
		return c.noContent()
	}
	data = append(data, ']')
	if c.params.raw {
		c.out = data
		return c.answer(http.StatusOK)
	}
	answer := append([]byte(nil), `{"documentId":`...)
	answer = append(cell.AppendString(answer, c.id), ',')
	if more {
		answer = append(c.appendPageState(answer, on, appendSegments(nil, last)), ',')
	}
	answer = append(append(answer, `"data":`...), data...)
	c.out = append(c.appendProfile(answer), '}')
	return c.answer(http.StatusOK)
}

// partEnd returns the end of the leaves that share their first depth segments
// with the one at start.
func partEnd(leaves []shred.Leaf, start, depth int) int {
	first := leaves[start].Path
	end := start + 1
	for len(first) >= depth && end < len(leaves) && len(leaves[end].Path) >= depth && slices.EqualFunc(leaves[end].Path[:depth], first[:depth], bytes.Equal) {
		end++
	}
	return end
}

// behind reports whether a result comes behind the last one of the page before.
func behind(at, after [][]byte) bool {
	return after == nil || slices.CompareFunc(at, after, bytes.Compare) > 0
}

// appendSegments appends a path in the form that page states hold.
func appendSegments(dst []byte, segments [][]byte) []byte {
	dst = append(dst, byte(len(segments)))
	for _, segment := range segments {
		dst = binary.AppendUvarint(dst, uint64(len(segment)))
		dst = append(dst, segment...)
	}
	return dst
}

// resultState returns the path of the last result of the page before, nil for
// the first page.
func (c *call) resultState(on *collection) ([][]byte, error) {
	state, err := c.pageState(on)
	if err != nil || state == nil {
		return nil, err
	}
	segments := [][]byte{}
	for rest := state[1:]; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		if size <= 0 || n > uint64(len(rest)-size) {
			return nil, cqlerr.New(cqlerr.Protocol, "Invalid value for the paging state")
		}
		segments, rest = append(segments, rest[size:size+int(n)]), rest[size+int(n):]
	}
	return segments, nil
}
