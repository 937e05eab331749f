// Package cors lets pages of any origin call the HTTP APIs. That is safe
// although the origin is echoed and credentials are allowed: the only
// credential that counts at those doors is a header which the page must have
// been given, never a cookie that a browser adds by itself. (Stargate v1 and
// Astra answered in this way.)
package cors

import "net/http"

// Shared header values: setting them allocates nothing.
var (
	varyOrigin   = []string{"Origin"}
	valueTrue    = []string{"true"}
	exposed      = []string{"Date"}
	allowMethods = []string{"POST,GET,OPTIONS,PUT,DELETE,PATCH"}
	maxAge       = []string{"1800"}
	none         = []string{""}
)

// Allow lets a page of any origin read the answer to r.
func Allow(header http.Header, r *http.Request) {
	origin := r.Header["Origin"]
	if len(origin) == 0 {
		return
	}
	header["Access-Control-Allow-Origin"] = origin[:1:1]
	header["Vary"] = varyOrigin
	header["Access-Control-Allow-Credentials"] = valueTrue
	if r.Method != http.MethodOptions {
		header["Access-Control-Expose-Headers"] = exposed
	}
}

// Preflight sets the headers of the answer to OPTIONS: what a page may send.
func Preflight(header http.Header, r *http.Request) {
	if r.Header["Origin"] != nil {
		header["Access-Control-Allow-Methods"] = allowMethods
		header["Access-Control-Max-Age"] = maxAge
		header["Access-Control-Allow-Headers"] = none
		if asked := r.Header["Access-Control-Request-Headers"]; len(asked) > 0 {
			header["Access-Control-Allow-Headers"] = asked
		}
	}
	header["Allow"] = allowMethods
}
