package rest

import (
	"context"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// Authenticator knows application tokens.
type Authenticator interface {
	// Token returns whom the token stands for. An unknown, bad or expired one
	// is a *cqlerr.Error with code BadCredentials.
	Token(ctx context.Context, token string) (Session, error)
}

// Session is what one token may do. It is asked anew for each request.
type Session interface {
	// Caller is whom its statements run for: with each of them it goes to the back end.
	Caller() backend.Caller
	// Authorize returns nil when stmt may run, else a *cqlerr.Error with code
	// Unauthorized. keyspace is what unqualified names belong to.
	Authorize(stmt cql.Statement, keyspace string) error
	// Visible reports whether the definition of a table may be read; table "" is
	// the keyspace itself.
	Visible(keyspace, table string) bool
}

// authenticate finds out who calls.
func (c *call) authenticate() error {
	token := c.r.Header[httpapi.TokenHeader]
	if len(token) == 0 {
		return c.pick(httpapi.MissingToken(), httpapi.MissingTokenV1())
	}
	who, err := c.door.auth.Token(c.ctx, token[0])
	if httpapi.RetryAfter(c.w.Header(), err) {
		return httpapi.TooManyAttempts(err)
	}
	if err != nil {
		e := cqlerr.From(err)
		if e.Code == cqlerr.BadCredentials {
			return c.pick(cqlerr.New(cqlerr.BadCredentials, "Invalid token"), httpapi.BadTokenV1(token[0], err))
		}
		return e
	}
	c.who = who
	return nil
}

// visible refuses to tell about what the session must not see.
func (c *call) visible(keyspace, table string) error {
	switch {
	case c.who.Visible(keyspace, table):
		return nil
	case table == "":
		return &failure{Status: http.StatusUnauthorized, Description: "Unauthorized keyspace: " + keyspace}
	default:
		return &failure{Status: http.StatusUnauthorized, Description: "Unauthorized table: " + keyspace + "." + table}
	}
}
