package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// plainRoutes find the handlers of patterns that are a path alone – no method, no
// host, no wildcard – for the paths that nothing else could be meant by. They are
// what leads to the doors, for each request; a ServeMux takes ten times as long, and
// allocates. It answers where this finds nothing, and always finds the same.
type plainRoutes struct {
	// exact are the patterns that stand for one path. Those with a method have no
	// handler here: they are the ServeMux's.
	exact map[string]http.Handler
	// subtrees are those that end with a slash, longest first: the first that a path
	// begins with is the most specific.
	subtrees []subtree
	// prefixes are what paths begin with that are not for plainRoutes.
	prefixes []string
}

type subtree struct {
	prefix  string
	handler http.Handler
}

// add registers a pattern of a ServeMux.
func (p *plainRoutes) add(pattern string, h http.Handler) {
	method, path, found := strings.Cut(pattern, " ")
	if !found {
		method, path = "", pattern
	}
	path = path[max(0, strings.IndexByte(path, '/')):] // without a host
	literal, wildcard, wild := strings.Cut(path, "{")
	switch {
	case wildcard == "$}" || !wild && !strings.HasSuffix(path, "/"):
		if p.exact == nil {
			p.exact = map[string]http.Handler{}
		}
		if known, ok := p.exact[literal]; path != pattern || wild || ok && known == nil {
			h = nil
		}
		p.exact[literal] = h
	case wild || method != "" || path != pattern:
		p.prefixes = append(p.prefixes, literal)
	default:
		p.subtrees = append(p.subtrees, subtree{path, h})
		slices.SortStableFunc(p.subtrees, func(a, b subtree) int { return len(b.prefix) - len(a.prefix) })
	}
}

// find returns the handler of a path and its pattern, nil for a path that a
// ServeMux has to look at: it may be another's, or no clean one, which is answered
// with a redirect.
func (p *plainRoutes) find(u *url.URL) (http.Handler, string) {
	path := u.Path
	if u.RawPath != "" || !isClean(path) {
		return nil, ""
	}
	for _, prefix := range p.prefixes {
		if strings.HasPrefix(path, prefix) || isSubtreeOf(path, prefix) {
			return nil, ""
		}
	}
	if h, ok := p.exact[path]; h != nil {
		return h, path
	} else if ok {
		return nil, ""
	}
	for i := range p.subtrees {
		s := &p.subtrees[i]
		if isSubtreeOf(path, s.prefix) {
			return nil, ""
		}
		if strings.HasPrefix(path, s.prefix) {
			return s.handler, s.prefix
		}
	}
	return nil, ""
}

// isSubtreeOf reports whether prefix is path and a slash: a ServeMux answers path
// with a redirect there.
func isSubtreeOf(path, prefix string) bool {
	return len(prefix) == len(path)+1 && prefix[:len(path)] == path
}

// isClean reports whether a path begins with a slash and has no segment that is
// empty, or begins with a dot, which may be one that a ServeMux takes out.
func isClean(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 1; i < len(path); i++ {
		if path[i-1] == '/' && (path[i] == '/' || path[i] == '.') {
			return false
		}
	}
	return true
}
