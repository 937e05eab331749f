package rest

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// within puts what was attempted before the text of a refusal. The back end's
// errors and those about the request as a whole stay as they are.
func within(what string, err error) error {
	var f *failure
	if !errors.As(err, &f) || f.GRPCStatus != "" || f.Status != http.StatusBadRequest {
		return err
	}
	return badRequest("%s%s", what, f.Description)
}

// unmappable is the error of bind value number i, an ascii column's that is not
// ASCII, as the reference's back end says it.
func unmappable(i int) error {
	return cqlerr.Invalidf("Invalid argument at position %d: %v", i+1, cell.ErrUnmappable)
}

// modify runs a shape that modifies with c.values, at the consistency of all row
// calls.
func (c *call) modify(s *shape) error {
	c.query = backend.Query{Values: c.values, Consistency: backend.LocalQuorum, SerialConsistency: backend.LocalSerial, Caller: c.who.Caller()}
	result, err := c.door.backend.Execute(c.ctx, s.prepared, &c.query)
	if err != nil {
		return err
	}
	return c.applied(result)
}

// list runs a shape that selects, and answers with a page of rows.
func (c *call) list(s *shape) error {
	c.query = backend.Query{Values: c.values, Consistency: backend.LocalQuorum, Caller: c.who.Caller()}
	if err := c.page(); err != nil {
		return err
	}
	if c.lines {
		return c.export(s)
	}
	result, err := c.read(s.prepared)
	if err != nil {
		return err
	}
	err = c.answerPage(result, s.namesOf(result))
	done(result)
	return err
}

// done gives the memory of rows back that have been written to the answer.
func done(result *backend.Result) {
	if result.Recycle != nil {
		result.Recycle(result.Data)
	}
}

// read runs a statement and holds room for its rows, until the call ends or reads
// the next.
func (c *call) read(p *backend.Prepared) (*backend.Result, error) {
	return c.answered.Execute(c.ctx, c.door.backend, p, &c.query, &c.answered)
}

// namesOf returns the beginnings of a row's members for a result of s.
func (s *shape) namesOf(result *backend.Result) [][]byte {
	if sameColumns(result.Columns, s.prepared.Result) {
		return s.names
	}
	return memberNames(result.Columns)
}

// sameColumns reports whether a result has the columns that were prepared; the
// schema may have changed in between.
func sameColumns(a, b []backend.Column) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 0 || &a[0] == &b[0] {
		return true
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

// page sets what page of the rows c.query asks for.
func (c *call) page() error {
	c.query.PageSize = defaultPageSize
	if c.params.pageSize > maxPageSize {
		return badRequest("Request invalid: 'page-size' must not be greater than %d.", maxPageSize)
	}
	if c.params.pageSize > 0 {
		c.query.PageSize = c.params.pageSize
	}
	if c.params.pageState == "" {
		return nil
	}
	given := strings.ReplaceAll(c.params.pageState, " ", "+") // a + that was not escaped
	if c.v1 {
		given = strings.NewReplacer("-", "+", "_", "/").Replace(given)
	}
	state, err := cell.AppendBase64(nil, []byte(given))
	if err != nil {
		return badRequest("%v", err)
	}
	c.query.PagingState = state
	return nil
}

// pageStates is how page states are written.
func (c *call) pageStates() *base64.Encoding {
	if c.v1 {
		return base64.URLEncoding
	}
	return base64.StdEncoding
}

// answerPage answers {"count":n,"pageState":s,"data":[rows]}, or raw, the array
// alone. A long answer goes out in parts while it is being made.
func (c *call) answerPage(result *backend.Result, names [][]byte) error {
	if !c.params.raw {
		c.out = append(c.out, `{"count":`...)
		c.out = strconv.AppendInt(c.out, int64(result.RowCount), 10)
		if len(result.PagingState) > 0 {
			c.out = append(c.out, `,"pageState":"`...)
			c.out = c.pageStates().AppendEncode(c.out, result.PagingState)
			c.out = append(c.out, '"')
		}
		if c.rows {
			c.out = append(c.out, `,"rows":`...)
		} else {
			c.out = append(c.out, `,"data":`...)
		}
	}
	c.out = append(c.out, '[')
	cursor := result.Cursor()
	for row := range result.RowCount {
		if row > 0 {
			c.out = append(c.out, ',')
		}
		c.sendRow(result, names, &cursor)
		if len(c.out) >= partSize {
			if err := c.part(jsonType); err != nil {
				return nil // the client is gone
			}
		}
	}
	c.out = append(c.out, ']')
	if !c.params.raw {
		c.out = append(c.out, '}')
	}
	if c.status != 0 {
		_ = c.part(jsonType) // a client that is gone misses nothing
		return nil
	}
	return c.answer(http.StatusOK)
}

// appendRow appends the next row of a result as an object.
func (c *call) appendRow(out []byte, result *backend.Result, names [][]byte, cursor *backend.Cursor) []byte {
	for i := range result.Columns {
		out = c.appendCell(append(out, names[i]...), result.Columns[i].Type, cursor.Next())
	}
	return append(out, '}')
}

func (c *call) appendCell(out []byte, t *cqltype.Type, value []byte) []byte {
	if c.v1 {
		return cell.AppendJSONv1(out, t, value)
	}
	return cell.AppendJSON(out, t, value, c.decode.CompactMaps)
}

// sendRow is appendRow to c.out, of which parts go out where a value is large.
func (c *call) sendRow(result *backend.Result, names [][]byte, cursor *backend.Cursor) {
	for i := range result.Columns {
		c.out = append(c.out, names[i]...)
		t, value := result.Columns[i].Type, cursor.Next()
		if len(value) > partSize && (t.Kind == cqltype.Text || t.Kind == cqltype.Ascii || t.Kind == cqltype.Blob) {
			c.sendLarge(t, value) // both profiles write these alike
		} else {
			c.out = c.appendCell(c.out, t, value)
		}
	}
	c.out = append(c.out, '}')
}

// sendLarge sends what there is of an answer and a large value in parts: as one
// text it would be in memory twice.
func (c *call) sendLarge(t *cqltype.Type, value []byte) {
	contentType := jsonType
	if c.lines {
		contentType = ndjsonType
	}
	c.out = append(c.out, '"')
	for len(value) > 0 {
		n := min(len(value), largePart)
		if t.Kind == cqltype.Blob {
			c.out = base64.StdEncoding.AppendEncode(c.out, value[:n])
		} else {
			c.out = cell.AppendEscaped(c.out, value[:n])
		}
		value = value[n:]
		_ = c.part(contentType) // a client that is gone misses nothing
	}
	c.out = append(c.out, '"')
}

// part sends what there is of an answer with status 200 and more to come.
func (c *call) part(contentType []string) error {
	if c.status == 0 {
		c.status = http.StatusOK
		c.w.Header()["Content-Type"] = contentType
		c.w.WriteHeader(http.StatusOK)
	}
	_, err := c.answered.Write(c.out)
	c.out = c.out[:0]
	return err
}

// selection describes what fields and sort ask for, as the end of c.shape.
func (c *call) selection() {
	c.shape = binary.BigEndian.AppendUint32(c.shape, uint32(len(c.params.fields)))
	c.shape = append(c.shape, c.params.fields...)
	c.shape = append(c.shape, c.params.sort...)
}

// selectFrom makes the SELECT of fields, in the order of sort.
func (c *call) selectFrom(name cql.QualifiedName, where []cql.Relation, order []cql.Ordering) *cql.Select {
	s := &cql.Select{Table: name, Where: where, OrderBy: order}
	seen := map[string]bool{}
	for field := range strings.SplitSeq(c.params.fields, ",") {
		if field = strings.TrimSpace(field); field != "" && !seen[field] {
			seen[field] = true
			s.Selectors = append(s.Selectors, cql.Selector{X: &cql.Column{Name: field}})
		}
	}
	return s
}

// order reads sort: {"column":"asc"|"desc",…}. Only desc itself is descending.
func (c *call) order() ([]cql.Ordering, error) {
	if c.params.sort == "" {
		return nil, nil
	}
	v, err := cell.Parse([]byte(c.params.sort), cell.Options{})
	if err != nil {
		return nil, badRequest("Invalid 'sort' parameter, problem: Invalid 'sort' argument, not valid JSON (%s): %s", c.params.sort, err)
	}
	if v.Kind() != cell.Object {
		return nil, badRequest("Invalid 'sort' parameter, problem: Invalid 'sort' argument, not JSON Object (%s)", c.params.sort)
	}
	var order []cql.Ordering
	for m := v.Members(); m.Next(); {
		order = append(order, cql.Ordering{Column: string(m.Key(nil)), Desc: string(m.Value) == `"desc"`})
	}
	return order, nil
}
