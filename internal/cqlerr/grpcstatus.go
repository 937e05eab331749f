package cqlerr

import (
	"context"
	"errors"
)

// GRPCStatus returns the name of the gRPC status that Stargate gives to an
// error (io.stargate.grpc.service.ExceptionHandler), which is part of the texts
// of its HTTP APIs, too: INVALID_ARGUMENT, ALREADY_EXISTS, …
func GRPCStatus(err error) string {
	e := From(err)
	if e != nil && e.Unreachable { // to Stargate it would be the bridge that is not there
		return "UNAVAILABLE"
	}
	if status, ok := grpcStatuses[e.Code]; ok {
		return status
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "DEADLINE_EXCEEDED"
	}
	return "INTERNAL"
}

var grpcStatuses = map[Code]string{
	Invalid: "INVALID_ARGUMENT",
	Syntax:  "INVALID_ARGUMENT",
	// A bad paging state is the one protocol error that a client of an HTTP API
	// can make. (The reference answers it with 500.)
	Protocol:        "INVALID_ARGUMENT",
	Config:          "FAILED_PRECONDITION",
	FunctionFailure: "FAILED_PRECONDITION",
	AlreadyExists:   "ALREADY_EXISTS",
	Unauthorized:    "PERMISSION_DENIED",
	BadCredentials:  "UNAUTHENTICATED",
	Unavailable:     "UNAVAILABLE",
	Bootstrapping:   "UNAVAILABLE",
	ReadTimeout:     "DEADLINE_EXCEEDED",
	WriteTimeout:    "DEADLINE_EXCEEDED",
	Overloaded:      "RESOURCE_EXHAUSTED",
	TruncateError:   "ABORTED",
	ReadFailure:     "ABORTED",
	WriteFailure:    "ABORTED",
	CDCWriteFailure: "ABORTED",
	CASWriteUnknown: "ABORTED",
}
