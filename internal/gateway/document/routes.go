package document

import (
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// bases are the paths that the API is served below: Stargate's and Astra's.
var bases = []string{"", "/api/rest"}

// endpoint answers one call. What it returns becomes the API's error answer; an
// endpoint that fails has written nothing.
type endpoint func(*call) error

// methods are the endpoints of one path, by HTTP method.
type methods map[string]endpoint

// route is one path with its endpoints.
type route struct {
	// template is how metrics and the OpenAPI document write the path.
	template string
	segments []string
	methods  methods
	metrics  map[string]*httpapi.RouteMetrics
	allow    string
}

// The paths. {path} stands for one or more segments; all else for one.
const (
	namespacesPath  = "/v2/schemas/namespaces"
	namespacePath   = namespacesPath + "/{namespace}"
	collectionsPath = "/v2/namespaces/{namespace}/collections"
	collectionPath  = collectionsPath + "/{collection}"
	documentPath    = collectionPath + "/{document}"
	partPath        = documentPath + "/{path}"
)

// register registers all endpoints. Of two routes for one path the first that
// has the method counts. Those of documents are found by serve: a ServeMux has no
// {path} in the middle.
func (h *Handler) register() {
	h.mux.Public("GET "+openAPIPath, http.HandlerFunc(document.Serve))
	h.mux.Guarded("/", http.HandlerFunc(h.serve))
	h.path(namespacesPath, methods{"GET": listNamespaces, "POST": createNamespace})
	h.path(namespacePath, methods{"GET": getNamespace, "DELETE": dropNamespace})
	if h.v1 {
		h.path(namespacePath+"/functions", methods{"GET": listFunctions})
	}
	h.path(collectionsPath, methods{"GET": listCollections, "POST": createCollection})
	h.path(collectionPath+"/upgrade", methods{"POST": upgradeCollection})
	h.path(collectionPath+"/json-schema", methods{"GET": getSchema, "PUT": putSchema})
	h.path(collectionPath+"/batch", methods{"POST": createDocuments})
	h.path(documentPath+"/function", methods{"POST": runFunction})
	h.path(partPath+"/function", methods{"POST": runFunction})
	h.path(collectionPath, methods{"GET": searchCollection, "POST": createDocument, "DELETE": dropCollection})
	h.path(documentPath, methods{"GET": getDocument, "PUT": putDocument, "PATCH": patchDocument, "DELETE": deleteDocument})
	h.path(partPath, methods{"GET": getDocument, "PUT": putPart, "PATCH": patchDocument, "DELETE": deleteDocument})
}

// path registers the endpoints of one path.
func (h *Handler) path(template string, m methods) {
	r := &route{template: template, segments: strings.Split(template[1:], "/"), methods: m, metrics: map[string]*httpapi.RouteMetrics{}}
	var allowed []string
	for method := range m {
		r.metrics[method] = h.metrics.Route(method, template)
		allowed = append(allowed, method)
	}
	sort.Strings(allowed)
	r.allow = strings.Join(append(allowed, "OPTIONS"), ", ")
	h.routes = append(h.routes, r)
}

// matches reports whether a path, in segments, is one of the route's.
func (r *route) matches(segments []string) bool {
	template := r.segments
	if n := len(segments) - len(template); n > 0 {
		// {path} takes what is too much: it is last, or before /function.
		at := len(template) - 1
		if at > 0 && template[at] == "function" {
			at--
		}
		if template[at] != "{path}" {
			return false
		}
		for i, want := range template[at+1:] {
			if segments[at+1+n+i] != want {
				return false
			}
		}
		template = template[:at]
	} else if n < 0 {
		return false
	}
	for i, want := range template {
		if want[0] != '{' && segments[i] != want {
			return false
		}
	}
	return true
}

// serve finds the endpoint of a request and runs it.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	escaped := r.URL.EscapedPath()
	if base := bases[1]; strings.HasPrefix(escaped, base+"/") {
		escaped = escaped[len(base):]
	}
	// The HTTP layer of Stargate v2 wants brackets escaped.
	if !h.v1 && strings.ContainsAny(escaped, "[]") {
		h.refuse(w, &httpapi.Failure{Status: http.StatusBadRequest, Bare: true})
		return
	}
	segments := split(escaped)
	var other *route
	for _, route := range h.routes {
		if !route.matches(segments) {
			continue
		}
		if e, ok := route.methods[r.Method]; ok {
			h.run(w, r, route, e, segments)
			return
		}
		other = route
	}
	if other != nil {
		w.Header().Set("Allow", other.allow)
		h.refuse(w, httpapi.OfStatus(http.StatusMethodNotAllowed))
		return
	}
	if !strings.HasPrefix(escaped, "/v2/") {
		h.refuse(w, httpapi.OfStatus(http.StatusNotFound))
		return
	}
	h.refuse(w, httpapi.NoEndpoint())
}

// split returns the segments of an escaped path, without empty ones.
func split(escaped string) []string {
	segments := make([]string, 0, 12)
	for segment := range strings.SplitSeq(escaped, "/") {
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return segments
}

// run runs an endpoint.
func (h *Handler) run(w http.ResponseWriter, r *http.Request, route *route, e endpoint, segments []string) {
	start := time.Now()
	c := h.calls.Get().(*call)
	c.begin(h, w, r)
	err := c.place(route, segments)
	if err == nil {
		err = c.serve(e)
	}
	if err != nil {
		c.fail(err)
	}
	route.metrics[r.Method].Observe(c.status, time.Since(start))
	c.end()
	h.calls.Put(c)
}

// place takes the names in the request's path.
func (c *call) place(route *route, segments []string) error {
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil || !utf8.ValidString(text) {
			return httpapi.OfStatus(http.StatusBadRequest)
		}
		template := "{path}"
		if i < len(route.segments) {
			template = route.segments[i]
		}
		switch template {
		case "{namespace}":
			c.namespace = text
		case "{collection}":
			c.collection = text
		case "{document}":
			c.id = text
		case "{path}", "function":
			c.path = append(c.path, text)
		}
	}
	if last := route.segments[len(route.segments)-1]; last == "function" {
		c.path = c.path[:len(c.path)-1]
	}
	if c.door.v1 {
		return nil // what is there is found out with the call
	}
	if c.namespace != "" && !isName(c.namespace) || c.collection != "" && !isName(c.collection) {
		return httpapi.NoEndpoint()
	}
	return nil
}

// isName reports whether a text may be the name of a namespace or collection.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return s != ""
}

// refuse answers a request that has no endpoint.
func (h *Handler) refuse(w http.ResponseWriter, f *httpapi.Failure) {
	h.write(w, f, nil)
	h.unrouted.Observe(f.Status, 0)
}
