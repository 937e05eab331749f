// Package cqlerr holds every error the product answers, once: the CQL error
// code of the native protocol, and what it is in HTTP and gRPC terms.
//
// A layer that detects a mistake returns *Error; a door converts it exactly
// once, on its way out. Codes follow native_protocol_v5.spec section 9.
package cqlerr

import (
	"errors"
	"fmt"
)

// Code is a native protocol error code (native_protocol_v5.spec §9).
type Code int32

// The error codes of the native protocol.
const (
	ServerError     Code = 0x0000
	Protocol        Code = 0x000A
	BadCredentials  Code = 0x0100
	Unavailable     Code = 0x1000
	Overloaded      Code = 0x1001
	Bootstrapping   Code = 0x1002
	TruncateError   Code = 0x1003
	WriteTimeout    Code = 0x1100
	ReadTimeout     Code = 0x1200
	ReadFailure     Code = 0x1300
	FunctionFailure Code = 0x1400
	WriteFailure    Code = 0x1500
	CDCWriteFailure Code = 0x1600
	CASWriteUnknown Code = 0x1700
	Syntax          Code = 0x2000
	Unauthorized    Code = 0x2100
	Invalid         Code = 0x2200
	Config          Code = 0x2300
	AlreadyExists   Code = 0x2400
	Unprepared      Code = 0x2500
)

// Error is an error with its protocol code and the extra fields that the
// ERROR message of that code carries. Fields that a code does not use are zero.
type Error struct {
	Code    Code
	Message string

	// Unavailable, timeouts and failures (§9).
	Consistency uint16
	Received    int32
	BlockFor    int32 // also "required" of Unavailable
	Alive       int32
	DataPresent bool
	WriteType   string
	Contentions uint16            // WriteTimeout of a CAS (v5)
	Failures    map[string]uint16 // failed replica address -> reason code

	// Warnings go along with the error.
	Warnings []string

	// AlreadyExists: Table is empty when a keyspace exists already.
	Keyspace string
	Table    string

	// FunctionFailure: Keyspace, Function and the CQL types of its arguments.
	Function string
	ArgTypes []string

	// Unprepared: the id that the server does not know.
	ID []byte

	// Unreachable, of Overloaded: nobody is there to execute the request, and
	// nothing of it was executed. CQL has no code of its own for that – with this
	// one drivers go to another gateway –, but HTTP has: 503.
	Unreachable bool
}

// Error returns the message as a client sees it.
func (e *Error) Error() string { return e.Message }

// New returns an error of the given code.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Newf is New with a format.
func Newf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Unreachablef returns the error of a request that nobody is there to execute.
func Unreachablef(format string, args ...any) *Error {
	e := Newf(Overloaded, format, args...)
	e.Unreachable = true
	return e
}

// OutOfService reports whether err is of a database that can't serve for now:
// nobody is there to execute a request, or not enough replicas.
func OutOfService(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Unreachable || e.Code == Unavailable)
}

// Invalidf returns an InvalidRequestException (0x2200).
func Invalidf(format string, args ...any) *Error { return Newf(Invalid, format, args...) }

// Syntaxf returns a SyntaxException (0x2000).
func Syntaxf(format string, args ...any) *Error { return Newf(Syntax, format, args...) }

// Configf returns a ConfigurationException (0x2300).
func Configf(format string, args ...any) *Error { return Newf(Config, format, args...) }

// Unauthorizedf returns an UnauthorizedException (0x2100).
func Unauthorizedf(format string, args ...any) *Error { return Newf(Unauthorized, format, args...) }

// Unsupportedf returns the error of a statement or option that this server
// does not support (yet); the message names it.
func Unsupportedf(format string, args ...any) *Error {
	return Newf(Invalid, format+" is not supported", args...)
}

// KeyspaceExists returns AlreadyExistsException for a keyspace.
func KeyspaceExists(keyspace string) *Error {
	return &Error{Code: AlreadyExists, Message: fmt.Sprintf("Cannot add existing keyspace \"%s\"", keyspace), Keyspace: keyspace}
}

// TableExists returns AlreadyExistsException for a table.
func TableExists(keyspace, table string) *Error {
	return &Error{Code: AlreadyExists, Message: fmt.Sprintf("Cannot add already existing table \"%s\" to keyspace \"%s\"", table, keyspace), Keyspace: keyspace, Table: table}
}

// From returns err as an *Error; an error of another kind becomes a
// ServerError (0x0000) that carries its text. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: ServerError, Message: err.Error()}
}
