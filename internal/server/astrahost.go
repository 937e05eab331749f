package server

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// Astra's APIs are at https://{database id}-{region}.<domain>/api/…. Any other
// host name is as good here; but who asks for another database by its name must
// not write into this one.

// uuidLength is that of a UUID's text.
const uuidLength = 36

// astraHost refuses requests for another database than this server's.
func astraHost(next http.Handler, database func() access.Database) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, region, ok := databaseOf(r.Host)
		if here := database(); ok && (id != here.ID || !strings.EqualFold(region, here.Region)) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_ = json.NewEncoder(w).Encode(map[string]any{ // the client has gone: nobody to tell
				"description": "There is no database " + id.String() + " in region " + region + " here.", "code": http.StatusNotFound,
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// databaseOf takes {database id}-{region}.<domain>[:port] apart.
func databaseOf(host string) (id uuid.UUID, region string, ok bool) {
	if len(host) < uuidLength || host[8] != '-' { // the quick way for most
		return uuid.Nil, "", false
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	label, _, found := strings.Cut(host, ".")
	if !found || len(label) < uuidLength+2 || label[uuidLength] != '-' {
		return uuid.Nil, "", false
	}
	id, err := uuid.Parse(label[:uuidLength])
	return id, label[uuidLength+1:], err == nil
}
