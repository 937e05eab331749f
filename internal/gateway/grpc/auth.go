package grpc

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Authenticator knows application tokens.
type Authenticator interface {
	// Token returns whom the token stands for. An unknown, bad or expired one
	// is a *cqlerr.Error with code BadCredentials.
	Token(ctx context.Context, token string) (Session, error)
}

// Session is what one token may do. It is asked anew for each statement.
type Session interface {
	// Caller is whom its statements run for: with each of them it goes to the back end.
	Caller() backend.Caller
	// Authorize returns nil when stmt may run, else a *cqlerr.Error with code
	// Unauthorized. keyspace is what unqualified names belong to.
	Authorize(stmt cql.Statement, keyspace string) error
	// Sees returns nil if the token may be told how stmt fits the schema, before it
	// is authorized, or a *cqlerr.Error (Unauthorized).
	Sees(stmt cql.Statement, keyspace string) error
}

// tokenKey is the metadata that holds the token.
const tokenKey = "x-cassandra-token"

// authenticate finds out who calls.
func (s *Server) authenticate(ctx context.Context) (Session, error) {
	token := metadata.ValueFromIncomingContext(ctx, tokenKey)
	if len(token) == 0 {
		return nil, &failure{codes.Unauthenticated, "No token provided"}
	}
	if p, ok := peer.FromContext(ctx); ok && s.client != nil {
		ctx = s.client(ctx, p.Addr)
	}
	who, err := s.auth.Token(ctx, token[0])
	if err == nil {
		return who, nil
	}
	var tooMany interface{ RetryAfter() time.Duration }
	if errors.As(err, &tooMany) {
		return nil, &failure{codes.Unauthenticated, cqlerr.From(err).Message}
	}
	if cqlerr.From(err).Code == cqlerr.BadCredentials {
		return nil, &failure{codes.Unauthenticated, "Invalid token"}
	}
	return nil, err
}
