package jwt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	// maxKeySet bounds a key set, in bytes.
	maxKeySet = 1 << 20
	// readTimeout bounds one reading of a key set from its provider.
	readTimeout = 5 * time.Second
	// maxRedirects is how often a provider may send the reader elsewhere.
	maxRedirects = 3
)

// source is where a key set is read from.
type source interface {
	read(ctx context.Context) ([]byte, error)
	// remote: it may be away for a while.
	remote() bool
}

// newSource reads what Options.Keys means.
func newSource(o *Options) (source, error) {
	scheme, _, isURL := strings.Cut(o.Keys, "://")
	switch {
	case o.Keys == "":
		return nil, errors.New("no key set is named")
	case !isURL:
		return file(o.Keys), nil
	case scheme != "https" && scheme != "http":
		return nil, fmt.Errorf("%q is neither an https:// or http:// URL nor the path of a file", o.Keys)
	}
	u, err := url.Parse(o.Keys)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not a URL", o.Keys)
	}
	p := &provider{url: u}
	p.client = &http.Client{Transport: o.Transport, Timeout: readTimeout, CheckRedirect: p.follow}
	return p, nil
}

// provider is a key set behind a URL.
type provider struct {
	url    *url.URL
	client *http.Client
}

func (p *provider) remote() bool { return true }

// follow refuses to be sent from TLS to plain text, where anybody on the way
// could put in keys of their own.
func (p *provider) follow(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("it sent us elsewhere more than %d times", maxRedirects)
	}
	if r.URL.Scheme != "https" && (r.URL.Scheme != "http" || via[len(via)-1].URL.Scheme != "http") {
		return fmt.Errorf("it sent us from TLS to %s://%s", r.URL.Scheme, r.URL.Host)
	}
	return nil
}

func (p *provider) read(ctx context.Context) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", p.url.Redacted(), answer.Status)
	}
	return bounded(answer.Body)
}

// file is a key set in a file.
type file string

func (f file) remote() bool { return false }

func (f file) read(context.Context) ([]byte, error) {
	open, err := os.Open(string(f))
	if err != nil {
		return nil, err
	}
	defer open.Close()
	return bounded(open)
}

func bounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKeySet+1))
	if err == nil && len(text) > maxKeySet {
		err = fmt.Errorf("the key set is larger than %d bytes", maxKeySet)
	}
	return text, err
}
