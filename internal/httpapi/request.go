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

// TidySlashes returns r with slashes that separate nothing taken out of its
// path: clients put them at the end, and between the parts of a base URL.
func TidySlashes(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	if !strings.Contains(path, "//") && (len(path) < 2 || path[len(path)-1] != '/') {
		return r
	}
	u := *r.URL
	if u.RawPath == "" {
		u.Path = joinSegments(u.Path)
	} else {
		// An escaped slash is part of a segment: join before unescaping.
		u.RawPath = joinSegments(path)
		unescaped, err := url.PathUnescape(u.RawPath)
		if err != nil {
			return r
		}
		u.Path = unescaped
	}
	tidied := *r
	tidied.URL = &u
	return &tidied
}

func joinSegments(path string) string {
	if path == "" {
		return ""
	}
	var b strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" {
			b.WriteByte('/')
			b.WriteString(segment)
		}
	}
	return b.String()
}
