package rest

import (
	"net/http"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// directRoutes find the endpoints of rows, which nearly all requests are for, by
// method. A ServeMux that goes through the tree of all routes finds the same and
// allocates nine times; it has what is not here.
type directRoutes struct {
	// rows are those of rowsPath, row those of rowPath.
	rows, row map[string]*route
}

// add takes a route in that is one of rows.
func (d *directRoutes) add(method, path string, rt *route) {
	if d.rows == nil {
		d.rows, d.row = map[string]*route{}, map[string]*route{}
	}
	switch path {
	case rowsPath:
		d.rows[method] = rt
	case rowPath:
		d.row[method] = rt
	}
}

// directRoute returns the route of a request for rows, and the table's name, or nil.
func (h *Handler) directRoute(r *http.Request) (*route, cql.QualifiedName) {
	if !httpapi.IsTidy(r.URL) {
		return nil, cql.QualifiedName{}
	}
	path, base := strings.CutPrefix(r.URL.Path, bases[1])
	routes := &h.direct[0]
	if base {
		routes = &h.direct[1]
	}
	path, ok := strings.CutPrefix(path, "/v2/keyspaces/")
	keyspace, path, more := strings.Cut(path, "/")
	if !ok || !more {
		return nil, cql.QualifiedName{}
	}
	table, key, more := strings.Cut(path, "/")
	name := cql.QualifiedName{Keyspace: keyspace, Name: table}
	switch {
	case !more:
		return routes.rows[r.Method], name
	case key == "rows": // all of the table's
		return nil, name
	}
	return routes.row[r.Method], name
}
