package native

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// traced begins the request's trace if it asks for one and the back end keeps
// them; a back end that does not may trace by itself (backend.Query.Tracing).
func (r *request) traced() {
	if r.header.Flags&wire.FlagTracing == 0 || r.c.s.traces == nil {
		return
	}
	trace, err := backend.NewTrace(traceRequests[r.header.Opcode], r.c.address())
	if err != nil { // no clock: the request is served without
		r.c.s.log.Error("native protocol: no trace", "error", err)
		return
	}
	r.trace = trace
}

// traceRequests is what each request is called in system_traces.sessions.
var traceRequests = map[wire.Opcode]string{
	wire.OpQuery:   "Execute CQL3 query",
	wire.OpPrepare: "Preparing CQL3 query",
	wire.OpExecute: "Execute CQL3 prepared query",
	wire.OpBatch:   "Execute batch of CQL3 queries",
}

// keepTrace ends the trace and hands it to the back end, so that it can be read
// when the client has the answer.
func (r *request) keepTrace() {
	if r.trace == nil || r.extras.TracingID != nil { // the back end traced by itself
		return
	}
	r.trace.Duration = time.Since(r.trace.Started)
	r.c.s.traces.KeepTrace(r.trace)
	r.extras.TracingID = (*[16]byte)(&r.trace.ID)
}

// traceQuery notes a statement's text and the parameters of the request.
func (r *request) traceQuery(text string, params *wire.QueryParams) {
	if r.trace == nil {
		return
	}
	if text != "" {
		r.trace.Parameters["query"] = cutText(backend.HidePassword(text))
	}
	if params == nil {
		return
	}
	if params.PageSize > 0 {
		r.trace.Parameters["page_size"] = strconv.Itoa(int(params.PageSize))
	}
	r.trace.Parameters["consistency_level"] = backend.Consistency(params.Consistency).String()
	serial := backend.Consistency(params.SerialConsistency)
	if serial != backend.LocalSerial {
		serial = backend.Serial // what counts without one
	}
	r.trace.Parameters["serial_consistency_level"] = serial.String()
}

// maxTracedValue is how long a value may be to be told as a literal, and
// maxTracedLiteral how many characters of the literal are kept.
const (
	maxTracedValue   = 1 << 20
	maxTracedLiteral = 1000
)

// traceValues notes the values bound, as CQL literals.
func (r *request) traceValues(variables []backend.Column) {
	if r.trace == nil {
		return
	}
	for i, v := range r.values {
		text := "null"
		switch {
		case i >= len(variables):
			return
		case v.Unset:
			text = "<unset>"
		case len(v.Bytes) > maxTracedValue:
			text = "<" + strconv.Itoa(len(v.Bytes)) + " bytes>"
		case v.Bytes != nil && variables[i].Type.Validate(v.Bytes) == nil:
			text = string(variables[i].Type.AppendLiteral(nil, v.Bytes))
		case v.Bytes != nil:
			text = "<invalid>"
		}
		r.trace.Parameters["bound_var_"+strconv.Itoa(i)+"_"+variables[i].Name] = cutLiteral(text)
		if i == backend.MaxTraceEvents {
			return
		}
	}
}

// cutLiteral shortens the literal of a bound value as Cassandra does, which takes
// every long one for a text.
func cutLiteral(s string) string {
	n := 0
	for i := range s {
		if n == maxTracedLiteral {
			return s[:i] + "...'"
		}
		n++
	}
	return s
}

// cutText shortens a text without leaving half a character.
func cutText(s string) string {
	s = strings.Clone(backend.CutTraceText(s))
	if !utf8.ValidString(s) {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// address is the client's, invalid when it is not an IP address.
func (c *conn) address() netip.Addr { return c.addressPort().Addr() }

func (c *conn) addressPort() netip.AddrPort {
	if a, ok := c.nc.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort()
	}
	return netip.AddrPort{}
}
