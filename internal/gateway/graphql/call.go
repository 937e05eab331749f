package graphql

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// call is one request being answered, with the memory that it needs. Calls are
// used again for later requests.
type call struct {
	door   *Handler
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	run    *exec.Run
	status int
	held   int64
	// cuts are what was left out of the body, nil for nothing.
	cuts *elide.Cuts
	body []byte
	out  []byte
	buf  []byte
	// who calls, or why that is not known.
	who      exec.Session
	whoError error
	request  request
	// answered is how the answer reaches the client.
	answered httpapi.Answer
}

func (c *call) begin(h *Handler, w http.ResponseWriter, r *http.Request) {
	c.door, c.w, c.r, c.ctx, c.status = h, w, r, r.Context(), 0
	c.answered.Begin(h.answers, w, c.ctx)
	c.body, c.out = c.body[:0], c.out[:0]
}

// finish runs the mutations whose caller does not wait for them. He has his
// answer; this goroutine, which the server waits for when it stops, has not.
func (c *call) finish() {
	if c.run == nil || !c.run.HasLater() {
		return
	}
	c.answered.Flush() // where that can't be done he waits
	c.answered.Release()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), asyncTimeout)
	defer cancel()
	c.run.Finish(ctx)
}

func (c *call) end() {
	c.door.bodies.Release(c.held)
	c.held = 0
	c.answered.End()
	c.door, c.w, c.r, c.ctx, c.run, c.cuts, c.who, c.whoError, c.request = nil, nil, nil, nil, nil, nil, nil, nil, request{}
	for _, b := range []*[]byte{&c.body, &c.out, &c.buf} {
		if cap(*b) > maxPooled {
			*b = nil
		}
	}
}

// identify finds out who calls.
func (c *call) identify() error {
	token := c.r.Header[httpapi.TokenHeader]
	if len(token) == 0 {
		return c.door.refusal(httpapi.MissingToken())
	}
	who, err := c.door.auth.Token(c.r.Context(), token[0])
	if httpapi.RetryAfter(c.w.Header(), err) {
		return httpapi.TooManyAttempts(err)
	}
	if err != nil {
		if e := cqlerr.From(err); e.Code != cqlerr.BadCredentials {
			return e
		}
		err = cqlerr.New(cqlerr.BadCredentials, "Invalid token")
	}
	if err != nil && c.door.v1 {
		return errAuthentication
	}
	c.who, c.whoError = who, err
	return nil
}

// errAuthentication is what Stargate v1 says to whoever it does not know.
var errAuthentication = errors.New("Authentication required")

// refusal is f, or what the older profile says instead.
func (h *Handler) refusal(f *httpapi.Failure) error {
	if h.v1 {
		return errAuthentication
	}
	return f
}

// authenticate is identify for endpoints that have nothing for a bad token.
func (c *call) authenticate() error {
	if err := c.identify(); err != nil {
		return err
	}
	return c.whoError
}

// execute runs the request's document on a schema and answers.
func (c *call) execute(s *endpointSchema) error {
	document, failures, err := s.document(c.request.query, c.request.operation, c.cuts)
	var unknown *exec.UnknownOperation
	switch {
	case errors.As(err, &unknown):
		return &transportError{http.StatusBadRequest, err.Error()}
	case err != nil:
		return err
	case failures != nil:
		if denied := exec.Denied(s.Schema, c.who, c.request.query, c.cuts); denied != nil {
			failures = []*exec.Failure{denied}
		}
		c.out = exec.AppendFailures(c.out, failures)
		return c.answer()
	}
	if c.r.Method == http.MethodGet && document.Operation.Operation == ast.Mutation {
		c.w.Header().Set("Allow", "POST")
		return &transportError{http.StatusMethodNotAllowed, "A mutation must be a POST request"}
	}
	for {
		c.append(s, document)
		err := c.answered.Keep(len(c.out), !c.run.Mutation())
		if err == nil {
			break
		}
		c.out = nil
		if err := c.answered.AwaitRoom(); err != nil {
			return err
		}
	}
	c.door.metrics.operation(document, len(c.run.Failures) > 0)
	return c.answer()
}

// append runs the document and appends its answer to c.out.
func (c *call) append(s *endpointSchema, document *exec.Document) {
	c.run = &exec.Run{Context: c.ctx, Schema: s.Schema, Session: c.who, SessionError: c.whoError, Document: document, Buf: c.buf[:0]}
	if c.who == nil {
		c.run.Session = nil
	}
	start := time.Now()
	c.out = c.run.Append(c.out, c.request.variables)
	if tracer, ok := s.Resolver.(tracer); ok && c.r.Header.Get("apollo-federation-include-trace") == "ftv1" {
		c.out = tracer.AppendTrace(c.run, c.out, start)
	}
	if !c.run.HasLater() {
		c.buf = c.run.Buf
	}
}

// tracer adds a trace of the operation to an answer.
type tracer interface {
	AppendTrace(r *exec.Run, answer []byte, start time.Time) []byte
}

// answer writes c.out.
func (c *call) answer() error { return c.write(http.StatusOK, c.out) }

func (c *call) write(status int, body []byte) error {
	c.status = status
	if c.cuts != nil {
		body = []byte(c.cuts.Hide(string(body)))
	}
	header := c.w.Header()
	header["Content-Type"] = httpapi.JSONType
	if len(body) > 2000 || c.run != nil && c.run.HasLater() { // else net/http counts by itself
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.w.WriteHeader(status)
	if c.run == nil || !c.run.HasLater() {
		c.freeBody()
	}
	c.answered.WriteWhole(body)
	return nil
}

// freeBody gives back the room of a large body that is no longer needed, before the
// client reads the answer for as long as it likes.
func (c *call) freeBody() {
	if c.held > 0 {
		c.door.bodies.Release(c.held)
		c.held, c.body, c.request = 0, nil, request{}
	}
}

// transportError is an error of the request itself: {"errors":[{"message"}]}.
type transportError struct {
	status  int
	message string
}

// Error returns the message.
func (e *transportError) Error() string { return e.message }

// fail answers with err.
func (c *call) fail(err error) {
	var transport *transportError
	if errors.As(err, &transport) {
		c.out = append(c.out[:0], `{"errors":[{"message":`...)
		c.out = cell.AppendString(c.out, strings.ToValidUTF8(transport.message, "\uFFFD"))
		_ = c.write(transport.status, append(c.out, "}]}"...)) // it never fails
		return
	}
	if errors.Is(err, errAuthentication) {
		_ = c.write(http.StatusUnauthorized, append(c.out[:0], `{"errors":["Authentication required"]}`...)) // it never fails
		return
	}
	f := httpapi.FailureOf(err)
	c.status = f.Status
	c.out = f.Write(c.w, c.out[:0])
}
