package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/rest/cell"
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

// grpcStatus is a status of the back end's, which in the reference is behind
// gRPC: its name, its HTTP status, and what the API calls it.
type grpcStatus struct {
	name   string
	http   int
	prefix string
}

// grpcStatuses says which status each error of the back end has.
var grpcStatuses = map[cqlerr.Code]grpcStatus{
	cqlerr.Invalid: invalidArgument,
	cqlerr.Syntax:  invalidArgument,
	// A bad paging state is the one protocol error that a client of this door
	// can make. (The reference answers it with 500.)
	cqlerr.Protocol:        invalidArgument,
	cqlerr.Config:          failedPrecondition,
	cqlerr.FunctionFailure: failedPrecondition,
	cqlerr.AlreadyExists:   {"ALREADY_EXISTS", http.StatusConflict, "Resource already exists"},
	cqlerr.Unauthorized:    {"PERMISSION_DENIED", http.StatusUnauthorized, "Unauthorized gRPC operation"},
	cqlerr.BadCredentials:  {"UNAUTHENTICATED", http.StatusUnauthorized, "Unauthenticated gRPC operation"},
	cqlerr.Unavailable:     unavailable,
	cqlerr.Bootstrapping:   unavailable,
	cqlerr.ReadTimeout:     deadlineExceeded,
	cqlerr.WriteTimeout:    deadlineExceeded,
	cqlerr.Overloaded:      unhandled("RESOURCE_EXHAUSTED"),
	cqlerr.TruncateError:   unhandled("ABORTED"),
	cqlerr.ReadFailure:     unhandled("ABORTED"),
	cqlerr.WriteFailure:    unhandled("ABORTED"),
	cqlerr.CDCWriteFailure: unhandled("ABORTED"),
	cqlerr.CASWriteUnknown: unhandled("ABORTED"),
}

var (
	invalidArgument    = grpcStatus{"INVALID_ARGUMENT", http.StatusBadRequest, "Invalid argument for gRPC operation"}
	failedPrecondition = grpcStatus{"FAILED_PRECONDITION", http.StatusBadRequest, "Invalid state or argument(s) for gRPC operation"}
	unavailable        = grpcStatus{"UNAVAILABLE", http.StatusBadGateway, "gRPC service unavailable"}
	deadlineExceeded   = grpcStatus{"DEADLINE_EXCEEDED", http.StatusGatewayTimeout, "gRPC service timeout"}
)

func unhandled(name string) grpcStatus {
	return grpcStatus{name, http.StatusInternalServerError, "Unhandled gRPC failure"}
}

// failureOf converts what an endpoint returned.
func failureOf(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	e := cqlerr.From(err)
	status, ok := grpcStatuses[e.Code]
	switch {
	case ok:
	case errors.Is(err, context.DeadlineExceeded):
		status = deadlineExceeded
	default:
		status = unhandled("INTERNAL")
	}
	return &failure{status: status.http, grpcStatus: status.name,
		description: fmt.Sprintf("%s (Status.Code.%s->%d): %s: %s", status.prefix, status.name, status.http, status.name, e.Message)}
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
