package native

import (
	"context"

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
	// Name is the role's name, for LIST and for error texts.
	Name() string
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

func (anonymous) Name() string                          { return "anonymous" }
func (anonymous) Authorize(cql.Statement, string) error { return nil }
func (anonymous) Sees(cql.Statement, string) error      { return nil }
func (anonymous) Hides(cql.Statement, string) bool      { return false }
