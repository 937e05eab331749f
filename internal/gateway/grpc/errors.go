package grpc

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protowire"
	pb "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// failure is an error of the door's own.
type failure struct {
	code codes.Code
	text string
}

// Error returns the text.
func (f *failure) Error() string { return f.text }

func invalid(text string) error { return &failure{codes.InvalidArgument, text} }

// statusCodes says which status each error of the back end has.
var statusCodes = map[cqlerr.Code]codes.Code{
	cqlerr.ServerError:     codes.Internal,
	cqlerr.Protocol:        codes.Internal,
	cqlerr.Unprepared:      codes.Internal,
	cqlerr.Invalid:         codes.InvalidArgument,
	cqlerr.Syntax:          codes.InvalidArgument,
	cqlerr.TruncateError:   codes.Aborted,
	cqlerr.CDCWriteFailure: codes.Aborted,
	cqlerr.BadCredentials:  codes.Unauthenticated,
	cqlerr.Unauthorized:    codes.PermissionDenied,
	cqlerr.Unavailable:     codes.Unavailable,
	cqlerr.Bootstrapping:   codes.Unavailable,
	cqlerr.Overloaded:      codes.ResourceExhausted,
	cqlerr.WriteTimeout:    codes.DeadlineExceeded,
	cqlerr.ReadTimeout:     codes.DeadlineExceeded,
	cqlerr.ReadFailure:     codes.Aborted,
	cqlerr.WriteFailure:    codes.Aborted,
	cqlerr.CASWriteUnknown: codes.Aborted,
	cqlerr.FunctionFailure: codes.FailedPrecondition,
	cqlerr.Config:          codes.FailedPrecondition,
	cqlerr.AlreadyExists:   codes.AlreadyExists,
}

// outcome is an error as a client sees it.
type outcome struct {
	code codes.Code
	text string
	// own: it is an error of the door, not of the back end.
	own bool
	// detail goes into the trailer, nil for none.
	detail pb.Message
}

// outcomeOf converts what a call returned.
func outcomeOf(err error) outcome {
	var f *failure
	var e *cqlerr.Error
	switch {
	case errors.As(err, &f):
		return outcome{code: f.code, text: cut(f.text), own: true}
	case errors.As(err, &e):
		code, ok := statusCodes[e.Code]
		if !ok {
			code = codes.Unknown
		}
		return outcome{code: code, text: cut(e.Message), detail: detail(e)}
	case errors.Is(err, context.Canceled):
		return outcome{code: codes.Canceled, text: "The call was cancelled", own: true}
	case errors.Is(err, context.DeadlineExceeded):
		return outcome{code: codes.DeadlineExceeded, text: "The call's deadline was exceeded", own: true}
	}
	return outcome{code: codes.Internal, text: cut(err.Error())}
}

// cut bounds a text and makes it one that can travel.
func cut(text string) string {
	if len(text) > maxErrorText {
		text = text[:maxErrorText-3]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
		text += "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// detail is the message that an error has in the trailer, nil for none.
func detail(e *cqlerr.Error) pb.Message {
	consistency := proto.Consistency(e.Consistency)
	switch e.Code {
	case cqlerr.Unavailable:
		return &proto.Unavailable{Consistency: consistency, Required: e.BlockFor, Alive: e.Alive}
	case cqlerr.WriteTimeout:
		return &proto.WriteTimeout{Consistency: consistency, Received: e.Received, BlockFor: e.BlockFor, WriteType: e.WriteType}
	case cqlerr.ReadTimeout:
		return &proto.ReadTimeout{Consistency: consistency, Received: e.Received, BlockFor: e.BlockFor, DataPresent: e.DataPresent}
	case cqlerr.ReadFailure:
		return &proto.ReadFailure{Consistency: consistency, Received: e.Received, BlockFor: e.BlockFor, NumFailures: int32(len(e.Failures)), DataPresent: e.DataPresent}
	case cqlerr.WriteFailure:
		return &proto.WriteFailure{Consistency: consistency, Received: e.Received, BlockFor: e.BlockFor, NumFailures: int32(len(e.Failures)), WriteType: e.WriteType}
	case cqlerr.FunctionFailure:
		return &proto.FunctionFailure{Keyspace: e.Keyspace, Function: e.Function, ArgTypes: e.ArgTypes}
	case cqlerr.AlreadyExists:
		return &proto.AlreadyExists{Keyspace: e.Keyspace, Table: e.Table}
	case cqlerr.CASWriteUnknown:
		return &proto.CasWriteUnknown{Consistency: consistency, Received: e.Received, BlockFor: e.BlockFor}
	}
	return nil
}

// trailer holds the detail under its protobuf name, nil for none.
func (o outcome) trailer() metadata.MD {
	if o.detail == nil {
		return nil
	}
	value, err := pb.Marshal(o.detail)
	if err != nil { // a text in it is not UTF-8: the status says all that matters
		return nil
	}
	return metadata.Pairs(string(o.detail.ProtoReflect().Descriptor().FullName())+"-bin", string(value))
}

// codeNames are the codes as the reference, which is Java, writes them.
var codeNames = map[codes.Code]string{
	codes.Canceled: "CANCELLED", codes.Unknown: "UNKNOWN", codes.InvalidArgument: "INVALID_ARGUMENT", codes.DeadlineExceeded: "DEADLINE_EXCEEDED",
	codes.NotFound: "NOT_FOUND", codes.AlreadyExists: "ALREADY_EXISTS", codes.PermissionDenied: "PERMISSION_DENIED",
	codes.ResourceExhausted: "RESOURCE_EXHAUSTED", codes.FailedPrecondition: "FAILED_PRECONDITION", codes.Aborted: "ABORTED",
	codes.Internal: "INTERNAL", codes.Unavailable: "UNAVAILABLE", codes.Unauthenticated: "UNAUTHENTICATED",
}

// appendStatus appends a google.rpc.Status, what a message of a stream is
// answered with. The reference's text of an error of its own, though not of one
// of the back end, has the code in it already.
func (o outcome) appendStatus(dst []byte) ([]byte, error) {
	name := codeNames[o.code]
	reason := o.text
	if o.own {
		reason = name + ": " + reason
	}
	info, err := anypb.New(&errdetails.ErrorInfo{Reason: reason})
	if err != nil {
		return dst, err
	}
	return pb.MarshalOptions{}.MarshalAppend(dst, &statuspb.Status{Code: int32(o.code), Message: name + ": " + reason, Details: []*anypb.Any{info}})
}

// The tags of StreamingResponse.
const (
	tagResponse = byte(1<<3 | protowire.BytesType)
	tagStatus   = byte(2<<3 | protowire.BytesType)
)
