package native

import (
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// currentKeyspace is the keyspace of USE, "" before.
func (c *conn) currentKeyspace() string {
	if k := c.keyspace.Load(); k != nil {
		return *k
	}
	return ""
}

// keyspaceFor is the keyspace that unqualified names of a request belong to:
// that of the request (v5), which must exist, or else of the connection.
func (c *conn) keyspaceFor(given bool, name string) (string, error) {
	if !given {
		return c.currentKeyspace(), nil
	}
	if err := (*c.session.Load()).Sees(&cql.Use{Keyspace: name}, ""); err != nil {
		return "", err
	}
	if c.s.backend.Schema().Keyspaces[name] == nil {
		return "", cqlerr.Invalidf("Keyspace '%s' does not exist", name)
	}
	return name, nil
}

// warnUse adds, once a connection, the warning about prepared statements whose
// meaning hangs on USE (ClientState.warnAboutUseWithPreparedStatements).
func (r *request) warnUse(used, prepared string, st *statement) {
	if !r.c.warned.Swap(true) {
		r.warnKeyspace(used, prepared, st)
	}
}

// warnKeyspace adds that warning.
func (r *request) warnKeyspace(used, prepared string, st *statement) {
	null := func(s string) string {
		if s == "" {
			return "null"
		}
		return s
	}
	r.warnings = append(r.warnings, fmt.Sprintf("`USE <keyspace>` with prepared statements is considered to be an anti-pattern due to ambiguity in non-qualified table names. "+
		"Please consider removing instances of `Session#setKeyspace(<keyspace>)`, `Session#execute(\"USE <keyspace>\")` and `cluster.newSession(<keyspace>)` from your code, and "+
		"always use fully qualified table names (e.g. <keyspace>.<table>). "+
		"Keyspace used: %s, statement keyspace: %s, statement id: %x", null(used), null(prepared), st.id))
}
