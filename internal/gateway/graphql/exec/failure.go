package exec

import (
	"errors"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The classifications of failures (graphql.ErrorType).
const (
	InvalidSyntax    = "InvalidSyntax"
	ValidationError  = "ValidationError"
	DataFetching     = "DataFetchingException"
	NullValue        = "NullValueInNonNullableField"
	ExecutionAborted = "ExecutionAborted"
)

// Failure is one entry of "errors".
type Failure struct {
	Message        string
	Classification string
	// Line and Column from 1; 0 for none.
	Line, Column int
	// Path is JSON, "" for none.
	Path string
	// Extensions are further members of "extensions" as JSON, each with a comma
	// behind it.
	Extensions string
}

// Error returns the message.
func (f *Failure) Error() string { return f.Message }

// Extended is an error with members of its own for "extensions".
type Extended interface {
	error
	// Extensions are JSON members, each with a comma behind it.
	Extensions() string
}

// failureAt makes a failure at a place of a document, whose places are p.
func failureAt(classification, message string, at *ast.Position, p *places) *Failure {
	f := &Failure{Message: message, Classification: classification}
	if at != nil {
		f.Line, f.Column = at.Line, p.column(at.Line, at.Column)
	}
	return f
}

// Append appends f as JSON.
func (f *Failure) Append(dst []byte) []byte {
	dst = append(dst, `{"message":`...)
	dst = cell.AppendString(dst, strings.ToValidUTF8(f.Message, "\uFFFD"))
	if f.Line > 0 {
		dst = append(dst, `,"locations":[{"line":`...)
		dst = strconv.AppendInt(dst, int64(f.Line), 10)
		dst = append(dst, `,"column":`...)
		dst = strconv.AppendInt(dst, int64(f.Column), 10)
		dst = append(dst, `}]`...)
	}
	if f.Path != "" {
		dst = append(dst, `,"path":`...)
		dst = append(dst, f.Path...)
	}
	dst = append(dst, `,"extensions":{`...)
	dst = append(dst, f.Extensions...)
	dst = append(dst, `"classification":"`...)
	dst = append(dst, f.Classification...)
	return append(dst, `"}}`...)
}

// fail adds the failure of a field: what a resolver returned.
func (r *Run) fail(f *Field, err error) {
	failure := failureAt(DataFetching, "Exception while fetching data ("+r.slashPath()+") : "+causeText(err), f.Position, r.Document.places)
	failure.Path = r.jsonPath()
	var extended Extended
	if errors.As(err, &extended) {
		failure.Extensions = extended.Extensions()
	}
	r.Failures = append(r.Failures, failure)
}

// causeText is an error as the reference shows it: one of the back end's has the
// name of its gRPC status before it.
func causeText(err error) string {
	var e *cqlerr.Error
	if errors.As(err, &e) {
		return cqlerr.GRPCStatus(err) + ": " + e.Message
	}
	return err.Error()
}

func (r *Run) slashPath() string {
	var b strings.Builder
	for _, s := range r.path {
		if s.key == "" {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		}
		b.WriteString("/" + s.key)
	}
	return b.String()
}

func (r *Run) jsonPath() string {
	dst := []byte{'['}
	for i, s := range r.path {
		if i > 0 {
			dst = append(dst, ',')
		}
		if s.key == "" {
			dst = strconv.AppendInt(dst, int64(s.index), 10)
			continue
		}
		dst = cell.AppendString(dst, s.key)
	}
	return string(append(dst, ']'))
}
