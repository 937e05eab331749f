package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// TokenHeader is where the application token is, in the canonical form of
// net/http.
const TokenHeader = "X-Cassandra-Token"

// MissingToken is the answer to a request without a token.
func MissingToken() *Failure {
	return &Failure{Status: http.StatusUnauthorized, Description: "Role unauthorized for operation: Missing token, expecting one in the X-Cassandra-Token header."}
}

// AcceptsJSON reports whether an Accept header lets us answer in JSON.
func AcceptsJSON(accept []string) bool {
	if len(accept) == 0 {
		return true
	}
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			mediaType, _, _ := strings.Cut(item, ";")
			switch strings.ToLower(strings.TrimSpace(mediaType)) {
			case "*/*", "application/*", "application/json", "":
				return true
			}
		}
	}
	return false
}

// NotAcceptable is the answer to a client that takes no JSON.
func NotAcceptable() *Failure {
	return &Failure{Status: http.StatusNotAcceptable, Description: "The accept header value did not match the value in @Produces", Framework: true}
}

// CheckContentType refuses a body of another media type. None at all is
// accepted.
func CheckContentType(r *http.Request, want string) error {
	header := r.Header["Content-Type"]
	if len(header) == 0 {
		return nil
	}
	mediaType, _, _ := strings.Cut(header[0], ";")
	if mediaType = strings.TrimSpace(mediaType); mediaType == "" || strings.EqualFold(mediaType, want) {
		return nil
	}
	return &Failure{Status: http.StatusUnsupportedMediaType, Description: "The content-type header value did not match the value in @Consumes", Framework: true}
}

// JoinSlashes returns r with one slash in its path where there are several in a
// row, as Stargate takes them: clients that put a base and a path together send
// them. ServeMux would answer a redirect, which turns their POST into a GET.
// Slashes that a client has encoded (%2F) belong to a name or a key and stay.
func JoinSlashes(r *http.Request) *http.Request {
	if r.URL.RawPath == "" && isClean(r.URL.Path) {
		return r
	}
	path := r.URL.EscapedPath()
	return withPath(r, path, joinSlashes(path))
}

// IsTidy reports whether TidySlashes leaves a path as it is, and nothing in it is
// escaped that separates or could be taken out: its segments are what they say.
func IsTidy(u *url.URL) bool {
	return u.RawPath == "" && isClean(u.Path) && u.Path[len(u.Path)-1] != '/'
}

// TidySlashes is JoinSlashes, and takes those at the end away.
func TidySlashes(r *http.Request) *http.Request {
	if IsTidy(r.URL) {
		return r
	}
	path := r.URL.EscapedPath()
	tidied := joinSlashes(path)
	if len(tidied) > 1 {
		tidied = strings.TrimSuffix(tidied, "/")
	}
	return withPath(r, path, tidied)
}

func joinSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// withPath is r with another path than it has, both given escaped.
func withPath(r *http.Request, now, escaped string) *http.Request {
	if escaped == now {
		return r
	}
	path, err := url.PathUnescape(escaped)
	if err != nil { // a part of what EscapedPath gives is always valid
		return r
	}
	same := *r
	same.URL = new(url.URL)
	*same.URL = *r.URL
	same.URL.Path, same.URL.RawPath = path, escaped
	return &same
}
