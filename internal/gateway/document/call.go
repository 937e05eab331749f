package document

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/path"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document/shred"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// call is one request being answered, with the memory that it needs. Calls are
// used again for later requests: an endpoint keeps nothing of one.
type call struct {
	door *Handler
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context
	who  Session
	// The names in the path: path holds the segments below a document, as the
	// client wrote them.
	namespace, collection, id string
	path                      []string
	// status that is answered, 0 before that is known. postponed: the answer is not to
	// be written yet.
	status    int
	postponed bool
	// held is how much of the door's budget for bodies the call has, in bytes.
	held int64
	// cuts are what was left out of the body, nil for nothing.
	cuts    *elide.Cuts
	params  params
	profile *profile // nil: not asked for
	// answered is how the answer reaches the client.
	answered httpapi.Answer

	body     []byte
	out      []byte
	shredder shred.Shredder
	reader   shred.Reader
	batch    batch
	values   []backend.Value
	query    backend.Query
}

func (c *call) begin(h *Handler, w http.ResponseWriter, r *http.Request) {
	c.door, c.w, c.r, c.ctx, c.status = h, w, r, r.Context(), 0
	c.body, c.out, c.values, c.path = c.body[:0], c.out[:0], c.values[:0], c.path[:0]
	c.namespace, c.collection, c.id = "", "", ""
	c.profile, c.postponed = nil, false
	c.answered.Begin(h.answers, w, c.ctx)
}

// end lets go of everything that belongs to the request.
func (c *call) end() {
	c.door.bodies.Release(c.held)
	c.held = 0
	c.answered.End()
	c.door, c.w, c.r, c.ctx, c.who, c.params, c.query, c.profile, c.cuts = nil, nil, nil, nil, nil, params{}, backend.Query{}, nil, nil
	for _, b := range []*[]byte{&c.body, &c.out} {
		if cap(*b) > maxPooled {
			*b = nil
		}
	}
	if cap(c.shredder.Leaves) > maxPooledRows {
		c.shredder = shred.Shredder{}
	}
	c.shredder.Reset()
	c.reader.Forget(maxPooledRows)
	c.batch.forget()
	clear(c.values[:cap(c.values)])
	clear(c.path[:cap(c.path)])
}

// serve runs e for whom the token stands for.
func (c *call) serve(e endpoint) error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if !httpapi.AcceptsJSON(c.r.Header["Accept"]) {
		return httpapi.NotAcceptable()
	}
	if err := c.params.parse(c.r.URL.RawQuery); err != nil {
		return err
	}
	if c.params.profile {
		c.profile = &profile{}
	}
	return c.answered.Make(func() error { return e(c) }, c.again)
}

// again lets go of what an endpoint has made, which then makes it anew.
func (c *call) again() {
	c.out, c.values = nil, c.values[:0]
	c.reader.Forget(0)
	if c.profile != nil {
		c.profile = &profile{}
	}
}

// authenticate finds out who calls.
func (c *call) authenticate() error {
	token := c.r.Header[httpapi.TokenHeader]
	if len(token) == 0 {
		return c.pick(httpapi.MissingToken(), httpapi.MissingTokenV1())
	}
	who, err := c.door.auth.Token(c.ctx, token[0])
	if httpapi.RetryAfter(c.w.Header(), err) {
		return httpapi.TooManyAttempts(err)
	}
	if err != nil {
		e := cqlerr.From(err)
		if e.Code == cqlerr.BadCredentials {
			return c.pick(cqlerr.New(cqlerr.BadCredentials, "Invalid token"), httpapi.BadTokenV1(token[0], err))
		}
		return e
	}
	c.who = who
	return nil
}

// payload reads a body of JSON, of a document or a part of one where values says so.
// Without one, missing is the answer. What stands behind the value is ignored, as by
// the reference, whose tests rely on it.
func (c *call) payload(missing string, values bool) (cell.Value, error) {
	if err := httpapi.CheckContentType(c.r, "application/json"); err != nil && c.r.ContentLength != 0 {
		return nil, err
	}
	if err := c.readBody(values); err != nil {
		return nil, err
	}
	if len(c.body) == 0 {
		return nil, c.invalid(missing)
	}
	v, err := cell.Parse(c.body, cell.Options{Depth: maxNesting, Prefix: true})
	var syntax *cell.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.TooDeep:
		return nil, refused(path.ErrDepth)
	case err != nil:
		return nil, httpapi.OfStatus(http.StatusBadRequest)
	}
	return v, nil
}

// refused makes a 400 of an error of the packages below.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return httpapi.BadRequest("%s", err)
}

// fail answers with err.
func (c *call) fail(err error) {
	f := c.failureOf(err).Unmarked(c.cuts)
	c.status = f.Status
	c.out = c.door.write(c.w, f, c.out[:0])
}

// answer writes c.out with a status, now or when the call is ready for it.
func (c *call) answer(status int) error {
	c.status = status
	if c.postponed {
		return nil
	}
	return c.answerNow()
}

// answerNow writes what answer was called for.
func (c *call) answerNow() error {
	c.postponed = false
	// The client reads for as long as it likes: what is made into the answer may go.
	if len(c.out) > maxPooled {
		c.reader.Forget(0)
	}
	if c.held > 0 {
		c.door.bodies.Release(c.held)
		c.held, c.body = 0, nil
		c.shredder.Reset()
	}
	if err := c.answered.Keep(len(c.out), c.r.Method == http.MethodGet); err != nil {
		return err
	}
	header := c.w.Header()
	if len(c.out) > 0 {
		header["Content-Type"] = httpapi.JSONType
	}
	if len(c.out) > 2000 { // below, net/http counts by itself
		header["Content-Length"] = []string{strconv.Itoa(len(c.out))}
	}
	c.w.WriteHeader(c.status)
	c.answered.WriteWhole(c.out)
	return nil
}

// noContent answers 204.
func (c *call) noContent() error {
	c.out = c.out[:0]
	return c.answer(http.StatusNoContent)
}

// location sets where what was created is, as an absolute address below the base
// that was asked.
func (c *call) location(path string) {
	scheme := "http"
	if c.r.TLS != nil || c.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	if strings.HasPrefix(c.r.URL.Path, bases[1]+"/") {
		path = bases[1] + path
	}
	c.w.Header().Set("Location", scheme+"://"+c.r.Host+path)
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
	return c.door.backend.Execute(c.ctx, prepared, &c.query)
}

// execute runs a prepared statement that has been authorized.
func (c *call) execute(p *backend.Prepared, values []backend.Value, pageSize int, state []byte) (*backend.Result, error) {
	c.query = backend.Query{Values: values, Consistency: backend.LocalQuorum, PageSize: pageSize, PagingState: state, Caller: c.who.Caller()}
	return c.door.backend.Execute(c.ctx, p, &c.query)
}
