package httpapi

import "net/http"

// Routes is a ServeMux that knows who may ask for what: each route is registered
// as one that asks for credentials itself, as one that anybody may ask for, or as
// a refusal. A test looks at what all of the second kind tell (internal/server).
type Routes struct {
	mux    *http.ServeMux
	plain  plainRoutes
	public []string
}

// NewRoutes returns routes without any.
func NewRoutes() *Routes { return &Routes{mux: http.NewServeMux()} }

// Guarded registers what asks for credentials itself.
func (r *Routes) Guarded(pattern string, h http.Handler) { r.handle(pattern, h) }

// Public registers what anybody may ask for.
func (r *Routes) Public(pattern string, h http.Handler) {
	r.handle(pattern, h)
	r.public = append(r.public, pattern)
}

// Refusal registers an answer that is an error whoever asks: there is no such
// path, or no such method.
func (r *Routes) Refusal(pattern string, h http.Handler) { r.handle(pattern, h) }

func (r *Routes) handle(pattern string, h http.Handler) {
	r.mux.Handle(pattern, h)
	r.plain.add(pattern, h)
}

// PublicPatterns are those that were registered with Public.
func (r *Routes) PublicPatterns() []string { return r.public }

// Pattern is the pattern of the route that a request takes.
func (r *Routes) Pattern(request *http.Request) string {
	_, pattern := r.mux.Handler(request)
	return pattern
}

// ServeHTTP implements http.Handler.
func (r *Routes) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if h, pattern := r.plain.find(request.URL); h != nil {
		request.Pattern = pattern
		h.ServeHTTP(w, request)
		return
	}
	r.mux.ServeHTTP(w, request)
}
