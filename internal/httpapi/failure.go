// Package httpapi is what the HTTP doors of Stargate's second generation share:
// who calls, the bounded reading of bodies, and errors in the form
//
//	{"description","code","grpcStatus","internalTxId"}
//
// that REST and documents answer. It knows no door.
package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Failure is an error answer.
type Failure struct {
	// Status is the HTTP status and "code".
	Status      int
	Description string
	// GRPCStatus is "" for null.
	GRPCStatus string
	// Bare: the answer has no body.
	Bare bool
	// Framework: it comes from the HTTP framework below the API, which in
	// Stargate's first generation has a form of its own.
	Framework bool
	// More are further members of the answer, as JSON with a comma before each.
	More string
}

// Error returns the description.
func (f *Failure) Error() string { return f.Description }

// BadRequest makes a 400.
func BadRequest(format string, args ...any) error {
	return &Failure{Status: http.StatusBadRequest, Description: fmt.Sprintf(format, args...)}
}

// NotFound makes a 404.
func NotFound(format string, args ...any) error {
	return &Failure{Status: http.StatusNotFound, Description: fmt.Sprintf(format, args...)}
}

// OfStatus makes an error that only says what its status means.
func OfStatus(status int) *Failure {
	return &Failure{Status: status, Description: fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)), Framework: true}
}

// NoEndpoint is the answer to a path that there is nothing at.
func NoEndpoint() *Failure {
	return &Failure{Status: http.StatusNotFound, Description: "Unable to find matching target resource method", Framework: true}
}

// grpcStatus is what the APIs make of a status of the back end's, which in the
// reference is behind gRPC: its HTTP status, and what it is called.
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

// FailureOf converts what an endpoint returned.
func FailureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	name := cqlerr.GRPCStatus(err)
	status, ok := grpcStatuses[name]
	if !ok {
		status = grpcStatus{http.StatusInternalServerError, "Unhandled gRPC failure"}
	}
	if cqlerr.From(err).Unreachable { // the reference has no such thing
		status.http = http.StatusServiceUnavailable
	}
	return &Failure{Status: status.http, GRPCStatus: name,
		Description: fmt.Sprintf("%s (Status.Code.%s->%d): %s: %s", status.prefix, name, status.http, name, cqlerr.From(err).Message)}
}

// JSONType is a shared header value: setting it allocates nothing.
var JSONType = []string{"application/json;charset=UTF-8"}

// Write writes f's answer, using the memory of out, and returns it.
func (f *Failure) Write(w http.ResponseWriter, out []byte) []byte {
	if f.Bare {
		w.WriteHeader(f.Status)
		return out
	}
	out = f.appendRest(f.AppendDescription(out))
	w.Header()["Content-Type"] = JSONType
	w.WriteHeader(f.Status)
	_, _ = w.Write(out) // a client that is gone misses nothing
	return out
}

// AppendDescription appends the beginning of the answer, its description and
// code.
func (f *Failure) AppendDescription(out []byte) []byte {
	out = append(out, `{"description":`...)
	out = cell.AppendString(out, strings.ToValidUTF8(f.Description, "\uFFFD"))
	out = append(out, `,"code":`...)
	return strconv.AppendInt(out, int64(f.Status), 10)
}

// appendRest appends what the description and code are followed by.
func (f *Failure) appendRest(out []byte) []byte {
	out = append(out, `,"grpcStatus":`...)
	if f.GRPCStatus == "" {
		out = append(out, "null"...)
	} else {
		out = cell.AppendString(out, f.GRPCStatus)
	}
	out = append(out, `,"internalTxId":null`...)
	return append(append(out, f.More...), '}')
}
