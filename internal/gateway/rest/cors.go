package rest

import "net/http"

// Shared header values: setting them allocates nothing.
var (
	jsonType     = []string{"application/json;charset=UTF-8"}
	varyOrigin   = []string{"Origin"}
	valueTrue    = []string{"true"}
	exposed      = []string{"Date"}
	allowMethods = []string{"POST,GET,OPTIONS,PUT,DELETE,PATCH"}
	maxAge       = []string{"1800"}
)

// allowOrigin lets a page of any origin read the answer. That is safe although
// the origin is echoed and credentials are allowed: the only credential that
// counts here is a header which the page must have been given, never a cookie
// that a browser adds by itself.
func allowOrigin(header http.Header, r *http.Request) {
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

// preflight answers OPTIONS: what a page may send.
func preflight(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Header["Origin"] != nil {
		header["Access-Control-Allow-Methods"] = allowMethods
		header["Access-Control-Allow-Headers"] = r.Header["Access-Control-Request-Headers"]
		header["Access-Control-Max-Age"] = maxAge
	}
	header["Allow"] = allowMethods
	w.WriteHeader(http.StatusOK)
}
