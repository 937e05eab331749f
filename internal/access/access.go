// Package access holds organizations, databases, roles and application tokens,
// and answers the one question that every door asks: may this principal do
// this to that resource?
//
//	token or login --Authenticate--> *Principal --Authorize(statement)--> nil or cqlerr 0x2100
//	its Caller, with the statement and its values --Backend--> only rows that are its own
//	CREATE ROLE, GRANT, LIST ... --Backend--> Store --> the tables, and their copy
//
// There is one kind of role. Astra's built-in and custom roles have policies of
// (resource, actions), roles of CREATE ROLE have what GRANT gave them; both can
// be granted to one another and given to tokens, and one function, state.allows,
// decides for all.
//
// Everything is kept in ordinary tables of keyspace "astrolabe", through the
// back-end interface, so that it works alike on the embedded engine and on a
// cluster. A copy in memory, replaced whole on each change, serves the
// decisions; nothing on a request's path reads the tables.
package access

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
)

// Keyspace is where this package keeps its tables. No door lets a client
// touch it.
const Keyspace = "astrolabe"

// Organization owns databases, roles and tokens (Astra's unit of the same name).
type Organization struct {
	ID   uuid.UUID
	Name string
}

// Database is what a client connects to (Astra's unit: id, name, region).
type Database struct {
	ID     uuid.UUID
	Name   string
	Region string
}

// Store is the access control of one server. Its methods are safe for
// concurrent use.
type Store struct {
	back backend.Backend
	// now is the clock of token creation times.
	now func() time.Time

	write sync.Mutex // held while the tables and state change; readers use state
	state atomic.Pointer[state]
	// shared is set when other servers keep their access control in the same tables.
	shared *shared
	// following is closed when nobody follows the tables; stop ends who does.
	following chan struct{}
	stop      context.CancelFunc
	// passwords holds when the password of a role was last set (passwordPeriod).
	passwords map[uuid.UUID]time.Time

	sessions sessions
	attempts *attempts
	// audit is nil when nothing is told.
	audit atomic.Pointer[audit]
	// webTokens checks JSON Web Tokens; nil where they are no tokens.
	webTokens atomic.Pointer[jwt.Verifier]
}

// Organization returns the organization of this server.
func (s *Store) Organization() Organization { return s.state.Load().organization }

// Database returns the database of this server.
func (s *Store) Database() Database { return s.state.Load().database }
