package rest

import (
	"context"
	"net/http"
	"strconv"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

var jsonType = httpapi.JSONType

// call is one request being answered, with the memory that it needs. Calls are
// used again for later requests: an endpoint keeps nothing of one.
type call struct {
	door *Handler
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context
	who  Session
	// target are the keyspace and the table of the path, "" where it has none.
	target cql.QualifiedName
	// status that was answered, 0 before that.
	status int
	// lines: the answer is one row a line. cut: the connection must be cut, for
	// the answer is not whole.
	lines, cut bool
	// v1: the call has the older profile. rows: it is of the REST API v1, whose
	// lists of rows are called so.
	v1, rows bool
	// held is how much of the door's budget for bodies the call has, in bytes.
	held int64
	// cuts are what was left out of the body, nil for nothing.
	cuts *elide.Cuts
	// answered is how the answer reaches the client.
	answered httpapi.Answer
	params   params

	decode cell.Decoder
	body   []byte
	out    []byte
	shape  []byte
	// values by bind variable, cells by column ordinal with present saying which.
	values  []backend.Value
	cells   []backend.Value
	present []bool
	where   []condition
	query   backend.Query
}

func (c *call) begin(rt *route, w http.ResponseWriter, r *http.Request, target cql.QualifiedName) {
	c.v1, c.rows, c.target = rt.v1, false, target
	c.door, c.w, c.r, c.ctx, c.status = rt.door, w, r, r.Context(), 0
	c.answered.Begin(rt.door.answers, w, c.ctx)
	c.decode.Buf, c.body, c.out, c.shape = c.decode.Buf[:0], c.body[:0], c.out[:0], c.shape[:0]
	c.values, c.where = c.values[:0], c.where[:0]
	c.lines, c.cut = false, false
}

// end lets go of everything that belongs to the request.
func (c *call) end() {
	c.door.bodies.Release(c.held)
	c.held = 0
	c.answered.End()
	c.door, c.w, c.r, c.ctx, c.who, c.target, c.cuts = nil, nil, nil, nil, nil, cql.QualifiedName{}, nil
	c.params, c.query = params{}, backend.Query{}
	for _, b := range []*[]byte{&c.decode.Buf, &c.body, &c.out, &c.shape} {
		if cap(*b) > maxPooled {
			*b = nil
		}
	}
	clear(c.values[:cap(c.values)])
	clear(c.cells[:cap(c.cells)])
	clear(c.where[:cap(c.where)])
}

// serve runs e for whom the token stands for.
func (c *call) serve(e endpoint) error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if !httpapi.AcceptsJSON(c.r.Header["Accept"]) {
		c.lines = wantsLines(c.r)
	}
	if !c.lines && !httpapi.AcceptsJSON(c.r.Header["Accept"]) {
		return httpapi.NotAcceptable()
	}
	if err := c.params.parse(c.r.URL.RawQuery); err != nil {
		return err
	}
	c.decode.CompactMaps = c.params.compactMaps(!c.door.arrayMaps)
	return c.answered.Make(func() error { return e(c) }, c.again)
}

// again lets go of what an endpoint has made, which then makes it anew.
func (c *call) again() {
	c.out, c.shape, c.values, c.where = nil, c.shape[:0], c.values[:0], c.where[:0]
}

// readBody reads the whole body, which must be of that media type ("" for any), into
// c.body, growing it as bytes come in. elider, if not nil, makes what leaves out of
// it what is too large for a value.
func (c *call) readBody(mediaType string, elider makeElider) error {
	if mediaType != "" {
		if err := httpapi.CheckContentType(c.r, mediaType); err != nil {
			return err
		}
	}
	var err error
	if elider == nil {
		c.body, c.held, err = c.door.bodies.Read(c.w, c.r, c.body)
		return err
	}
	c.body, c.held, c.cuts, err = c.door.bodies.ReadValues(c.w, c.r, c.body, c.who.Caller().Name, c.door.most,
		func(s *elide.Shared, most int64) httpapi.Elider { return elider(c, s, most) })
	c.ctx = elide.Context(c.ctx, c.cuts)
	return err
}

// freeBody gives back the room of a large body that is no longer needed, before the
// client reads the answer for as long as it likes.
func (c *call) freeBody() {
	if c.held > 0 {
		c.door.bodies.Release(c.held)
		c.held, c.body = 0, nil
	}
}

// answer writes c.out with a status.
func (c *call) answer(status int) error {
	// Rows hold room of their own, and leave in parts.
	if err := c.answered.Keep(len(c.out), c.r.Method == http.MethodGet); err != nil {
		return err
	}
	return c.write(status, c.out)
}

func (c *call) write(status int, body []byte) error {
	c.status = status
	header := c.w.Header()
	if len(body) > 0 {
		header["Content-Type"] = jsonType
	}
	if len(body) > 2000 { // below, net/http counts by itself
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.w.WriteHeader(status)
	c.freeBody()
	c.answered.WriteWhole(body)
	return nil
}

// run authorizes and runs a statement that has no bind variables.
func (c *call) run(stmt cql.Statement) (*backend.Result, error) {
	if err := c.who.Authorize(stmt, ""); err != nil {
		return nil, err
	}
	prepared, err := backend.PrepareOnce(c.ctx, c.door.backend, stmt, nil, "")
	if err != nil {
		return nil, err
	}
	c.query = backend.Query{Consistency: backend.LocalQuorum, Caller: c.who.Caller()}
	r, err := c.door.backend.Execute(c.ctx, prepared, &c.query)
	return r, c.unknownTypeV1(err)
}
