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
	pageSize, ttl         number
	pageState             string
	where, fields         string
	idPath                string
	hasIDPath             bool
	seen                  map[string]bool
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
		p.set(name, value)
	}
	return nil
}

func (p *params) set(name, value string) {
	switch name {
	case "raw":
		p.raw = strings.EqualFold(value, "true")
	case "profile":
		p.profile = strings.EqualFold(value, "true")
	case "ttl-auto":
		p.ttlAuto = strings.EqualFold(value, "true")
	case "page-size":
		p.pageSize.parse(value)
	case "ttl":
		p.ttl.parse(value)
	case "page-state":
		p.pageState = strings.ReplaceAll(value, " ", "+") // a + that was not escaped
	case "where":
		p.where = value
	case "fields":
		p.fields = value
	case "id-path":
		p.idPath, p.hasIDPath = value, value != ""
	}
}

// number is a parameter that is one. A text that is none is a 404, as JAX-RS says
// it, of endpoints that have the parameter.
type number struct {
	n          int32
	given, bad bool
}

func (p *number) parse(text string) {
	if text == "" {
		return
	}
	wide, err := strconv.ParseInt(text, 10, 32)
	*p = number{n: int32(wide), given: true, bad: err != nil}
}

// check refuses what is no number, and with the text low what is less than 1.
func (p *number) check(low string) error {
	switch {
	case p.bad:
		return httpapi.OfStatus(http.StatusNotFound)
	case p.given && p.n < 1:
		return httpapi.BadRequest("%s", low)
	}
	return nil
}
