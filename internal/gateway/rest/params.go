package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// params are the query parameters of all endpoints. Of one that is given
// twice the first counts; unknown ones are ignored.
type params struct {
	raw       bool
	ifExists  bool
	pageSize  int // 0: not given
	pageState string
	fields    string
	sort      string
	where     string
	keyspace  string
	maps      string
	options   rowOptions

	seen uint32
}

func (p *params) parse(query string) error {
	*p = params{}
	if len(query) > maxQuery {
		return httpFailure(http.StatusRequestURITooLong)
	}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return httpFailure(http.StatusBadRequest)
		}
		if value, err = url.QueryUnescape(value); err != nil || !utf8.ValidString(value) {
			return httpFailure(http.StatusBadRequest)
		}
		if err := p.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (p *params) set(name, value string) error {
	switch name {
	case "raw":
		p.flag(0, &p.raw, value)
	case "ifExists":
		p.flag(1, &p.ifExists, value)
	case "page-state":
		p.text(2, &p.pageState, value)
	case "fields":
		p.text(3, &p.fields, value)
	case "sort":
		p.text(4, &p.sort, value)
	case "where":
		p.text(5, &p.where, value)
	case "keyspace":
		p.text(6, &p.keyspace, value)
	case "compactMapData":
		p.text(7, &p.maps, value)
	case "page-size":
		if p.first(8) && value != "" {
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return httpFailure(http.StatusNotFound) // as JAX-RS says that it is no number
			}
			p.pageSize = int(n)
		}
	default:
		return p.options.set(p, name, value)
	}
	return nil
}

// first reports whether parameter number i is there for the first time.
func (p *params) first(i int) bool {
	was := p.seen
	p.seen |= 1 << i
	return was != p.seen
}

func (p *params) text(i int, to *string, value string) {
	if p.first(i) {
		*to = value
	}
}

func (p *params) flag(i int, to *bool, value string) {
	if p.first(i) {
		*to = strings.EqualFold(value, "true")
	}
}

// compactMaps says what JSON a map is: compactMapData, or byDefault without it.
func (p *params) compactMaps(byDefault bool) bool {
	if p.maps == "" {
		return byDefault
	}
	return strings.EqualFold(p.maps, "true")
}
