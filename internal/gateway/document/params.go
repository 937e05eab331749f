package document

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// params are the query parameters of all endpoints. Of one that is given twice
// the first counts; unknown ones are ignored.
type params struct {
	raw, profile, ttlAuto bool
	// pageSize and ttl are only good when they are given.
	pageSize, ttl       int32
	hasPageSize, hasTTL bool
	pageState           string
	where, fields       string
	idPath              string
	hasIDPath           bool
	seen                map[string]bool
}

func (p *params) parse(query string) error {
	*p = params{}
	if len(query) > maxQuery {
		return httpapi.OfStatus(http.StatusRequestURITooLong)
	}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return httpapi.OfStatus(http.StatusBadRequest)
		}
		if value, err = url.QueryUnescape(value); err != nil || !utf8.ValidString(value) {
			return httpapi.OfStatus(http.StatusBadRequest)
		}
		if p.seen[name] {
			continue
		}
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		p.seen[name] = true
		if err := p.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (p *params) set(name, value string) (err error) {
	switch name {
	case "raw":
		p.raw = strings.EqualFold(value, "true")
	case "profile":
		p.profile = strings.EqualFold(value, "true")
	case "ttl-auto":
		p.ttlAuto = strings.EqualFold(value, "true")
	case "page-size":
		p.pageSize, p.hasPageSize, err = number(value)
	case "ttl":
		p.ttl, p.hasTTL, err = number(value)
	case "page-state":
		p.pageState = strings.ReplaceAll(value, " ", "+") // a + that was not escaped
	case "where":
		p.where = value
	case "fields":
		p.fields = value
	case "id-path":
		p.idPath, p.hasIDPath = value, value != ""
	}
	return err
}

// number reads a number. A text that is none is a 404, as JAX-RS says it.
func number(text string) (n int32, given bool, err error) {
	if text == "" {
		return 0, false, nil
	}
	wide, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, false, httpapi.OfStatus(http.StatusNotFound)
	}
	return int32(wide), true, nil
}
