package console

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// pages serves the built client: its files, and index.html for every other
// path below /console/.
func (h *Handler) pages() http.Handler {
	files := http.StripPrefix("/console", http.FileServerFS(h.options.Pages))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/console/")
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // names carry a hash
			files.ServeHTTP(w, r)
			return
		}
		if info, err := fs.Stat(h.options.Pages, name); err == nil && !info.IsDir() && name != "index.html" {
			files.ServeHTTP(w, r)
			return
		}
		index, err := fs.ReadFile(h.options.Pages, "index.html")
		if err != nil {
			http.Error(w, "The console's pages are not built into this binary: run `make web` and build again.", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(index) // the client has gone: nobody to tell
	})
}
