package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// failure is an error answer: {"description","code","grpcStatus","internalTxId"}.
type failure struct {
	// status is the HTTP status and "code".
	status      int
	description string
	// grpcStatus is "" for null.
	grpcStatus string
	// bare: the answer has no body.
	bare bool
	// framework: it comes from the HTTP framework below the API, which in the
	// older profile has a form of its own.
	framework bool
	// more are further members of the answer, as JSON with a comma before each.
	more string
}

// Error returns the description.
func (f *failure) Error() string { return f.description }

// badRequest makes a 400.
func badRequest(format string, args ...any) error {
	return &failure{status: http.StatusBadRequest, description: fmt.Sprintf(format, args...)}
}

// notFound makes a 404.
func notFound(format string, args ...any) error {
	return &failure{status: http.StatusNotFound, description: fmt.Sprintf(format, args...)}
}

// httpFailure makes an error that only says what its status means.
func httpFailure(status int) *failure {
	return &failure{status: status, description: fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)), framework: true}
}

// grpcStatus is what the API makes of a status of the back end's, which in the
// reference is behind gRPC: its HTTP status, and what the API calls it.
type grpcStatus struct {
	http   int
	prefix string
}

// grpcStatuses by name (cqlerr.GRPCStatus); the others are 500s.
var grpcStatuses = map[string]grpcStatus{
	"INVALID_ARGUMENT":    {http.StatusBadRequest, "Invalid argument for gRPC operation"},
	"FAILED_PRECONDITION": {http.StatusBadRequest, "Invalid state or argument(s) for gRPC operation"},
	"ALREADY_EXISTS":      {http.StatusConflict, "Resource already exists"},
	"PERMISSION_DENIED":   {http.StatusUnauthorized, "Unauthorized gRPC operation"},
	"UNAUTHENTICATED":     {http.StatusUnauthorized, "Unauthenticated gRPC operation"},
	"UNAVAILABLE":         {http.StatusBadGateway, "gRPC service unavailable"},
	"DEADLINE_EXCEEDED":   {http.StatusGatewayTimeout, "gRPC service timeout"},
}

// failureOf converts what an endpoint returned.
func failureOf(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	name := cqlerr.GRPCStatus(err)
	status, ok := grpcStatuses[name]
	if !ok {
		status = grpcStatus{http.StatusInternalServerError, "Unhandled gRPC failure"}
	}
	return &failure{status: status.http, grpcStatus: name,
		description: fmt.Sprintf("%s (Status.Code.%s->%d): %s: %s", status.prefix, name, status.http, name, cqlerr.From(err).Message)}
}

// fail answers with err.
func (c *call) fail(err error) {
	f := c.failureOf(err)
	c.status = f.status
	c.out = writeFailure(c.w, f, c.out[:0], c.v1)
}

// failureOf converts what an endpoint returned into the words of the call's
// profile.
func (c *call) failureOf(err error) *failure {
	if c.v1 {
		return failureV1(err)
	}
	return failureOf(err)
}

// writeFailure writes f's answer, using the memory of out, and returns it.
func writeFailure(w http.ResponseWriter, f *failure, out []byte, v1 bool) []byte {
	if f.bare {
		w.WriteHeader(f.status)
		return out
	}
	switch {
	case v1 && f.framework:
		out = append(out, `{"code":`...)
		out = strconv.AppendInt(out, int64(f.status), 10)
		out = append(out, `,"message":`...)
		out = append(cell.AppendString(out, frameworkText(f)), '}')
	case v1:
		out = appendDescription(out, f)
		out = append(append(out, f.more...), '}')
	default:
		out = appendFailure(appendDescription(out, f), f)
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(f.status)
	_, _ = w.Write(out) // a client that is gone misses nothing
	return out
}

func appendDescription(out []byte, f *failure) []byte {
	out = append(out, `{"description":`...)
	out = cell.AppendString(out, strings.ToValidUTF8(f.description, "\uFFFD"))
	out = append(out, `,"code":`...)
	return strconv.AppendInt(out, int64(f.status), 10)
}

// appendFailure appends what the description and code of the newer profile are
// followed by.
func appendFailure(out []byte, f *failure) []byte {
	out = append(out, `,"grpcStatus":`...)
	if f.grpcStatus == "" {
		out = append(out, "null"...)
	} else {
		out = cell.AppendString(out, f.grpcStatus)
	}
	out = append(out, `,"internalTxId":null`...)
	return append(append(out, f.more...), '}')
}
