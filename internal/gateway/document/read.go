package document

import (
	"bytes"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// load reads a document, or what is below a path of it, by one read of one
// partition. What it returns is valid until the next load.
func (c *call) load(on *collection, id []byte, below []string, description string) ([]shred.Leaf, error) {
	if len(below) == path.MaxDepth { // what is exact about it stands beside it
		leaves, err := c.load(on, id, below[:path.MaxDepth-1], description)
		return at(leaves, below), err
	}
	key := statementKey{kind: selectPart, depth: uint8(len(below))}
	p, err := c.prepare(on, key, func(table cql.QualifiedName) cql.Statement { return selectStatement(table, len(below)) })
	if err != nil {
		return nil, err
	}
	c.values = append(c.values[:0], backend.Value{Bytes: id})
	for _, segment := range below {
		c.values = append(c.values, backend.Value{Bytes: []byte(segment)})
	}
	rows, err := c.rows(p)
	if err != nil {
		return nil, err
	}
	c.step(description).add(p, rows.RowCount)
	cursor := rows.Cursor()
	return c.reader.Read(&cursor, rows.RowCount, skip), nil
}

// rows runs a SELECT of a document's rows with c.values. Most back ends answer
// all in one page. One that does not, by a limit on the size of pages, is asked
// until it has said the same twice: pages are not read at one moment.
func (c *call) rows(p *backend.Prepared) (*backend.Result, error) {
	var last *backend.Result
	for range readAttempts {
		all, err := c.execute(p, c.values, maxRows, nil)
		if err != nil {
			return nil, err
		}
		state := all.PagingState
		if len(state) == 0 {
			return all, nil
		}
		whole := backend.Result{Columns: all.Columns, RowCount: all.RowCount, Data: bytes.Clone(all.Data)}
		for len(state) > 0 {
			if whole.RowCount >= maxRows {
				return nil, httpapi.BadRequest("The document has more than %d values; read a part of it.", maxRows)
			}
			page, err := c.execute(p, c.values, maxRows, state)
			if err != nil {
				return nil, err
			}
			whole.RowCount, whole.Data, state = whole.RowCount+page.RowCount, append(whole.Data, page.Data...), page.PagingState
		}
		if last != nil && bytes.Equal(last.Data, whole.Data) {
			return last, nil
		}
		last = &whole
	}
	return nil, &httpapi.Failure{Status: http.StatusServiceUnavailable, Description: "The document is large and being changed; try again later"}
}

// at returns the leaves that stand at a path or below it, of those that are
// below some of it.
func at(leaves []shred.Leaf, below []string) []shred.Leaf {
	if len(below) == 0 {
		return leaves
	}
	first := 0
	for first < len(leaves) && !isBelow(&leaves[first], below) {
		first++
	}
	end := first
	for end < len(leaves) && isBelow(&leaves[end], below) {
		end++
	}
	return leaves[first:end]
}

func isBelow(l *shred.Leaf, below []string) bool {
	if len(l.Path) < len(below) {
		return false
	}
	for i, segment := range below {
		if string(l.Path[i]) != segment {
			return false
		}
	}
	return true
}

// selected keeps the leaves that are on one of the fields. No fields are all.
func selected(leaves []shred.Leaf, fields []path.Pattern) []shred.Leaf {
	if len(fields) == 0 {
		return leaves
	}
	kept := make([]shred.Leaf, 0, len(leaves))
	for i := range leaves {
		for _, field := range fields {
			if field.MatchesPrefix(leaves[i].Path) {
				kept = append(kept, leaves[i])
				break
			}
		}
	}
	return kept
}

// appendDocument appends what leaves make below depth segments; nothing is an
// empty object.
func appendDocument(dst []byte, leaves []shred.Leaf, depth int, arraysAsObjects bool) ([]byte, error) {
	if len(leaves) == 0 {
		return append(dst, "{}"...), nil
	}
	w := shred.Writer{AsObjects: arraysAsObjects}
	dst, err := w.AppendJSON(dst, leaves, depth)
	return dst, refused(err)
}

// timeToLive returns the seconds that a document's first row has left, 0 for
// one without an end or no document.
func (c *call) timeToLive(on *collection, id string) (int32, error) {
	p, err := c.prepare(on, statementKey{kind: selectTTL}, selectTTLStatement)
	if err != nil {
		return 0, err
	}
	if err := c.who.Authorize(on.reading, ""); err != nil {
		return 0, err
	}
	c.values = append(c.values[:0], backend.Value{Bytes: []byte(id)})
	result, err := c.execute(p, c.values, 0, nil)
	if err != nil || result.RowCount == 0 {
		return 0, err
	}
	c.step("TTL").add(p, result.RowCount)
	cursor := result.Cursor()
	cell := cursor.Next()
	if len(cell) != 4 {
		return 0, nil
	}
	return int32(cell[0])<<24 | int32(cell[1])<<16 | int32(cell[2])<<8 | int32(cell[3]), nil
}
