package native

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// Authenticator checks the credentials of a connection. Errors are
// *cqlerr.Error, BadCredentials for wrong ones.
type Authenticator interface {
	Login(ctx context.Context, user, password string) (Session, error)
}

// Session is whom a connection logged in as. It is used by several requests at
// a time.
type Session interface {
	// Caller is whom its statements run for: with each of them it goes to the back end.
	Caller() backend.Caller
	// Authorize returns nil if the role may run stmt, whose unqualified names
	// belong to keyspace, or a *cqlerr.Error (Unauthorized).
	Authorize(stmt cql.Statement, keyspace string) error
	// Sees returns nil if the role may be told how stmt fits the schema, before it
	// is authorized, or a *cqlerr.Error (Unauthorized).
	Sees(stmt cql.Statement, keyspace string) error
	// Hides reports whether the role may not be told that stmt, which it was
	// refused, was prepared by somebody.
	Hides(stmt cql.Statement, keyspace string) bool
}

// anonymous is everybody's session on a server without an Authenticator
// (AllowAllAuthenticator).
type anonymous struct{}

func (anonymous) Caller() backend.Caller                { return backend.Caller{Name: "anonymous"} }
func (anonymous) Authorize(cql.Statement, string) error { return nil }
func (anonymous) Sees(cql.Statement, string) error      { return nil }
func (anonymous) Hides(cql.Statement, string) bool      { return false }
